"""The wheel: built by maturin, installed into an empty environment, and run there with nothing of the source tree in reach.

maturin asks cargo for this one package, which cargo would build anew with other features than the workspace's. Here it is
handed a cargo that builds the workspace as CI has built it, so that nothing is compiled twice.
"""

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import venv
import zipfile
from pathlib import Path

import built

CARGO = """#!{python}
import os, sys
args = sys.argv[1:]
for name in [name for name in os.environ if name.startswith("PYO3_")]:
    del os.environ[name]
if "rustc" in args or "build" in args:
    args = ["build", "--workspace", "--all-features", "--lib", "--bins", "--tests", "--message-format=json-render-diagnostics"]
os.environ.pop("CARGO", None)
os.execv({cargo!r}, [{cargo!r}, *args])
"""

SCRIPT = """
import json, sys, shortlist
assert "site-packages" in shortlist.__file__, shortlist.__file__
assert not any(name in sys.modules for name in ("numpy", "pandas", "polars", "pyarrow"))
with shortlist.Engine.in_memory() as engine:
    engine.build(sys.argv[1], progress=False, on_error="skip")
    engine.upsert({"id": "ada", "headline": "tax", "marketplace_status": "active", "is_verified": True})
    print(engine.search(text="tax", limit=1).total >= 1, len(engine.match_advisors()) > 0)
"""


@unittest.skipIf(importlib.util.find_spec("maturin") is None, "maturin is not installed")
@unittest.skipUnless("SHORTLIST_PYTHON_BUILT" in os.environ, "it is run where CI has built the workspace")
class Wheel(unittest.TestCase):
    def test_an_empty_environment_runs_what_the_wheel_brings(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            wheel = Path(os.environ["SHORTLIST_WHEEL"]) if "SHORTLIST_WHEEL" in os.environ else self.build(folder)
            self.assertRegex(wheel.name, r"^shortlist-[\d.]+-cp310-abi3-")
            with zipfile.ZipFile(wheel) as held:
                names = held.namelist()
            for needed in ("shortlist/__init__.py", "shortlist/py.typed", "shortlist/_native.pyi", "shortlist/_native.abi3.so"):
                self.assertIn(needed, names)
            venv.create(folder / "empty", with_pip=False, symlinks=True)
            python = folder / "empty" / "bin" / "python"
            environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "SHORTLIST_PYTHON_PATH")}
            self.run_tool([sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "--quiet", wheel], environment)
            said = self.run_tool([python, "-c", SCRIPT, built.SAMPLE / "profiles.jsonl"], environment, cwd=folder)
            self.assertEqual("True True\n", said)

    def build(self, folder):
        wrapper = folder / "cargo"
        wrapper.write_text(CARGO.format(python=sys.executable, cargo=shutil.which("cargo")), encoding="utf-8")
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        environment = {**os.environ, "CARGO": str(wrapper), "PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}
        command = [sys.executable, "-m", "maturin", "build", "--profile", "dev", "--out", folder, "-m", "bindings-python/Cargo.toml", "--compatibility", "linux"]
        self.run_tool(command, environment, cwd=built.ROOT)
        (wheel,) = folder.glob("*.whl")
        return wheel

    def run_tool(self, command, environment, **options):
        done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, **options)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout


if __name__ == "__main__":
    unittest.main()
