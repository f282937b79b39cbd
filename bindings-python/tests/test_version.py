"""The compiled module has the version of the workspace."""

import json
import unittest

import built
import shortlist


class Version(unittest.TestCase):
    def test_the_package_has_the_version_of_the_workspace(self):
        packages = json.loads(built.cargo("metadata", "--no-deps", "--format-version=1"))["packages"]
        expected = next(package["version"] for package in packages if package["name"] == "shortlist-core")
        self.assertEqual(shortlist.__version__, expected)


if __name__ == "__main__":
    unittest.main()
