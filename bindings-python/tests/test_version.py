"""The compiled module, loaded by a plain interpreter: `python3 -m unittest discover -s bindings-python/tests`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def cargo(*args):
    return subprocess.run(["cargo", *args], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def built_library():
    """The library cargo builds from this crate, or the ready one that SHORTLIST_PYTHON_BUILT names."""
    if ready := os.environ.get("SHORTLIST_PYTHON_BUILT"):
        return ready
    messages = cargo("build", "-p", "shortlist-python", "--message-format=json")
    for message in map(json.loads, messages.splitlines()):
        if message["reason"] == "compiler-artifact" and message["target"]["name"] == "shortlist_python":
            return next(name for name in message["filenames"] if name.endswith((".so", ".dylib", ".dll")))
    raise AssertionError("cargo built no shortlist_python")


def workspace_version():
    packages = json.loads(cargo("metadata", "--no-deps", "--format-version=1"))["packages"]
    return next(package["version"] for package in packages if package["name"] == "shortlist-core")


class Version(unittest.TestCase):
    def test_the_module_has_the_version_of_the_workspace(self):
        with tempfile.TemporaryDirectory() as directory:
            suffix = ".pyd" if sys.platform == "win32" else ".abi3.so"
            shutil.copy(built_library(), Path(directory, "shortlist" + suffix))
            script = "import shortlist; print(shortlist.__version__)"
            environment = {**os.environ, "PYTHONPATH": directory}
            output = subprocess.run(
                [sys.executable, "-c", script], env=environment, check=True, stdout=subprocess.PIPE, text=True
            ).stdout
        self.assertEqual(output.strip(), workspace_version())


if __name__ == "__main__":
    unittest.main()
