"""The package as it will be installed: Python's part from the source tree, the compiled part as cargo built it.

`SHORTLIST_PYTHON_BUILT` names the ready library, else cargo builds it. Importing this module puts the package on the
path, in a folder of links below cargo's target folder.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "bindings-python" / "python" / "shortlist"
SAMPLE = ROOT / "data" / "sample"
GOLDEN = ROOT / "data" / "golden"


def cargo(*args: str) -> bytes:
    return subprocess.run(["cargo", *args], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def library() -> Path:
    if ready := os.environ.get("SHORTLIST_PYTHON_BUILT"):
        return Path(ready)
    messages = cargo("build", "-p", "shortlist-python", "--all-features", "--message-format=json")
    for message in map(json.loads, messages.splitlines()):
        if message["reason"] == "compiler-artifact" and message["target"]["name"] == "shortlist_python":
            return Path(next(name for name in message["filenames"] if name.endswith((".so", ".dylib", ".dll"))))
    raise AssertionError("cargo built no shortlist_python")


def lay_out() -> Path:
    """The folder that holds the package, and goes on the path."""
    if laid := os.environ.get("SHORTLIST_PYTHON_PATH"):
        return Path(laid)
    built = library()
    package = built.parent / "python" / "shortlist"
    shutil.rmtree(package, ignore_errors=True)
    package.mkdir(parents=True)
    for file in SOURCE.iterdir():
        if file.is_file():
            (package / file.name).symlink_to(file)
    suffix = ".pyd" if sys.platform == "win32" else ".abi3.so"
    try:
        os.link(built, package / f"_native{suffix}")
    except OSError:
        shutil.copy(built, package / f"_native{suffix}")
    # Other processes of the same run find it there, and do not lay it out anew.
    os.environ["SHORTLIST_PYTHON_PATH"] = str(package.parent)
    return package.parent


PLACE = lay_out()
sys.path.insert(0, str(PLACE))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PLACE), os.environ.get("PYTHONPATH")]))
