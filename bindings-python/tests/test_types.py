"""Types are checked: `mypy --strict` over the package and what uses it, and the stub against the built module."""

import importlib.util
import os
import subprocess
import sys
import unittest
from pathlib import Path

import built

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"


@unittest.skipIf(importlib.util.find_spec("mypy") is None, "mypy is not installed")
class Types(unittest.TestCase):
    def run_tool(self, *args):
        environment = {**os.environ, "MYPYPATH": os.pathsep.join([str(built.PLACE), str(HERE)])}
        cache = ["--cache-dir", str(built.PLACE / ".mypy_cache")] if args[0] == "mypy" else []
        done = subprocess.run([sys.executable, "-m", *args, *cache], cwd=built.PLACE, env=environment, capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_the_package_and_its_users_are_strictly_typed(self):
        self.run_tool("mypy", "--strict", "-p", "shortlist")
        self.run_tool("mypy", "--strict", str(HERE / "typed.py"), *map(str, sorted(EXAMPLES.glob("*.py"))))

    def test_the_stub_says_what_the_module_has(self):
        # A panic on purpose is not in releases, and what PyO3 lists of the module is everything.
        allowed = Path(built.PLACE, "allowed.txt")
        allowed.write_text("shortlist._native._panic\nshortlist._native.__all__\n", encoding="utf-8")
        options = ["--ignore-disjoint-bases", "--allowlist", str(allowed), "--ignore-unused-allowlist"]
        self.run_tool("mypy.stubtest", "shortlist._native", *options)

    def test_what_is_typed_also_runs(self):
        done = subprocess.run([sys.executable, HERE / "typed.py"], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
