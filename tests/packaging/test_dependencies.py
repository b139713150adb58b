# SPDX-License-Identifier: Apache-2.0
"""What mxward depends on is written down in five places: docs/DEPENDENCIES.md, packaging/dependencies,
debian/control, the rpm spec, and, for what is linked, the programs. They say the same."""

import re
import subprocess
import unittest

import installed
import support

ROOT = installed.ROOT
PROGRAMS = ("milter/mxward", "cli/mxwardctl")
# Of the compiler and of the system.
EVERYWHERE = {"libstdc++", "libgcc_s", "libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64"}
# What the packages need for themselves: helpers, folders of systemd.
DEBIAN_ONLY = re.compile(r"debhelper-compat|dh-.*|systemd(-dev)?")
FEDORA_ONLY = {"systemd-rpm-macros"}
# In every build environment of Debian, so that debian/control does not name it.
BUILD_ESSENTIAL = {"g++"}


def tables(text):
    """Every table of a Markdown file as a list of rows, each a dictionary by column."""
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.M):
        rows = [[cell.strip() for cell in line.strip("|\n").split("|")]
                for line in block.splitlines()]
        found.append([dict(zip(rows[0], row)) for row in rows[2:]])
    return found


def names(cell):
    return set(re.split(r",\s*", cell))


def column(rows, name):
    return set().union(*(names(row[name]) for row in rows))


def bash_list(name):
    done = subprocess.run(
        ["bash", "-c", f'source packaging/dependencies; printf "%s\\n" "${{{name}[@]}}"'],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=support.allow(10))
    return set(re.split(r"[\s|]+", done.stdout.strip()))  # of alternatives all


def build_depends(control):
    field = re.search(r"^Build-Depends:((?:\n? .*)+)", control, re.M).group(1)
    for entry in filter(None, (entry.strip() for entry in field.split(","))):
        # The first of alternatives, without a version.
        yield re.sub(r"\s*[|(<].*", "", entry, flags=re.S)


def needed(program):
    done = subprocess.run(["readelf", "-d", str(installed.BUILD / program)], capture_output=True,
                          text=True, check=True, timeout=support.allow(10))
    for name in re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout):
        # "libevent_core-2.1.so.7" is libevent_core.
        yield re.sub(r"(-[\d.]+)?\.so(\..*)?$", "", name)


class Dependencies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = (ROOT / "docs/DEPENDENCIES.md").read_text(encoding="utf-8")
        cls.libraries, cls.tools, cls.tests = tables(text)
        cls.built_from = cls.libraries + cls.tools

    def check_same(self, listed, where, column_name):
        documented = column(self.built_from, column_name)
        self.assertEqual(listed - documented, set(), f"in {where}, not in docs/DEPENDENCIES.md")
        self.assertEqual(documented - listed, set(), f"in docs/DEPENDENCIES.md, not in {where}")

    def test_the_build_installs_what_the_table_says(self):
        self.check_same(bash_list("build_packages"), "packaging/dependencies", "Debian")

    def test_the_tests_install_what_the_table_says(self):
        wanted = bash_list("test_packages") | bash_list("deb_packages") | bash_list("rpm_packages")
        self.assertEqual(wanted, column(self.tests, "Debian package"))

    def test_the_debian_package_is_built_with_the_same(self):
        control = (ROOT / "packaging/debian/control").read_text(encoding="utf-8")
        listed = {name for name in build_depends(control) if not DEBIAN_ONLY.fullmatch(name)}
        self.check_same(listed | BUILD_ESSENTIAL, "debian/control", "Debian")

    def test_the_rpm_is_built_with_the_same(self):
        spec = (ROOT / "packaging/rpm/mxward.spec").read_text(encoding="utf-8")
        listed = set(re.findall(r"^BuildRequires:\s+(\S+)", spec, re.M))
        self.check_same(listed - FEDORA_ONLY, "mxward.spec", "Fedora")

    def test_the_programs_are_linked_to_what_the_table_says(self):
        linked = set().union(*(needed(program) for program in PROGRAMS)) - EVERYWHERE
        documented = column(self.libraries, "shared objects") - {"headers only"}
        self.assertEqual(linked, documented)

    def test_every_row_is_filled_in(self):
        for row in self.built_from + self.tests:
            self.assertNotIn("", row.values(), row)

    def test_the_rpm_names_the_licences_of_what_is_built_in(self):
        spec = (ROOT / "packaging/rpm/mxward.spec").read_text(encoding="utf-8")
        named = set(re.search(r"^License:\s+(.*)", spec, re.M).group(1).split(" AND "))
        built_in = {row["licence"] for row in self.libraries
                    if row["shared objects"] == "headers only"}
        self.assertLessEqual(built_in | {"Apache-2.0"}, named)


if __name__ == "__main__":
    support.main()
