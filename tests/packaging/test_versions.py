# SPDX-License-Identifier: Apache-2.0
"""One version, everywhere it is written."""

import os
import re
import subprocess
import unittest

import installed
import support


def first(pattern, path):
    """What the pattern's group holds where it first matches in a file of ours."""
    text = (installed.ROOT / path).read_text(encoding="utf-8")
    found = re.search(pattern, text, re.M)
    if not found:
        raise AssertionError(f"{path}: nothing like {pattern}")
    return found.group(1)


class Versions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.version = first(r"^project\(mxward VERSION (\S+)", "CMakeLists.txt")

    def test_it_has_three_numbers(self):
        self.assertRegex(self.version, r"^\d+\.\d+\.\d+$")

    def test_the_debian_package_has_it(self):
        self.assertEqual(first(r"\Amxward \((.*)-[^-]+\)", "packaging/debian/changelog"),
                         self.version)

    def test_the_rpm_has_it(self):
        spec = "packaging/rpm/mxward.spec"
        self.assertEqual(first(r"^Version:\s+(\S+)$", spec), self.version)
        self.assertEqual(first(r"^\* .* - (\S+)-[^-]+$", spec), self.version)

    def test_the_changelog_has_it_or_is_not_released(self):
        newest = first(r"^## (\S+)", "CHANGELOG.md")
        if newest != "Unreleased":
            self.assertEqual(newest, self.version)

    def test_the_programs_say_it(self):
        for program in ("MXWARD", "MXWARDCTL"):
            done = subprocess.run([os.environ[program], "--version"], capture_output=True, text=True,
                                  check=True, timeout=support.allow(10))
            self.assertEqual(done.stdout.split()[1:], [self.version])


if __name__ == "__main__":
    support.main()
