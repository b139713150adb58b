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

    def test_what_is_new_is_said_at_an_upgrade(self):
        news = (installed.ROOT / "packaging/debian/NEWS").read_text(encoding="utf-8")
        told = re.findall(r"^mxward \((.*)\) ", news, re.M)
        packed = re.findall(r"^mxward \((.*)\) ", (installed.ROOT / "packaging/debian/changelog").read_text(), re.M)
        self.assertEqual(told[0], packed[0])
        self.assertLessEqual(set(told), set(packed))
        for finding in ("tls-none", "unauthenticated", "spf-fail", "spf-softfail", "spf-permerror", "helo-verified"):
            self.assertIn(finding, news)
        for command in ("mxwardctl replay", "mxwardctl report", "mxwardctl evidence enable"):
            self.assertIn(command, news)

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
