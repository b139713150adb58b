# SPDX-License-Identifier: Apache-2.0
"""The archive of sources: `cmake --build build/release --target dist`."""

import hashlib
import os
import pathlib
import re
import tarfile
import tempfile
import unittest

import installed
import support
from installed import CMAKE, run

# As of a distribution whose LMDB and Sendmail bring no .pc files.
PKG_CONFIG = """#!/bin/sh
for word; do
  case $word in lmdb | milter) echo "$word" >>"$0.refused"; exit 1 ;; esac
done
exec pkg-config "$@"
"""


def git(*arguments):
    return run("git", "-C", installed.ROOT, *arguments)


def dist():
    """The path of the archive, made anew."""
    run(CMAKE, "--build", installed.BUILD, "--target", "dist")
    version = re.search(r"^project\(mxward VERSION (\S+)",
                        (installed.ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)
    return installed.ROOT / f"build/mxward-{version.group(1)}.tar.gz"


@installed.need_git
class Tarball(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bytes = dist().read_bytes()
        cls.path = dist()
        cls.name = cls.path.name[:-len(".tar.gz")]
        with tarfile.open(cls.path) as archive:
            cls.members = archive.getmembers()

    def test_the_same_commit_gives_the_same_bytes(self):
        self.assertEqual(hashlib.sha256(self.path.read_bytes()).digest(),
                         hashlib.sha256(self.bytes).digest())

    def test_nothing_of_the_machine_that_made_it_is_in_it(self):
        # RFC 1952, 2.3: no file name (FLG), no time (MTIME).
        self.assertEqual(self.bytes[3:8], bytes(5))
        for member in self.members:
            self.assertEqual((member.uid, member.gid), (0, 0), member.name)

    def test_it_holds_what_is_committed_and_nothing_made_from_it(self):
        committed = git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")[:-1]
        self.assertEqual(sorted(member.name for member in self.members if not member.isdir()),
                         sorted(f"{self.name}/{name}" for name in committed))
        for name in committed:
            # Samples of what others write.
            if name.startswith("tests/data/"):
                continue
            self.assertNotRegex(name, r"(^|/)(build|__pycache__|CMakeFiles|CMakeCache\.txt)(/|$)"
                                r"|\.(o|a|so|pyc|gz)$")

    def configure(self, folder, *options):
        """The sources configured where there is no git."""
        with tarfile.open(self.path) as archive:
            archive.extractall(folder)
        said = run(CMAKE, "-G", "Ninja", "-S", f"{folder}/{self.name}", "-B", f"{folder}/build",
                   *options, env={**os.environ, "GIT_DIR": "/nowhere"})
        self.assertIn("Generating done", said)

    def test_its_sources_configure_outside_of_git(self):
        with tempfile.TemporaryDirectory() as folder:
            self.configure(folder)

    def test_they_configure_where_libraries_have_no_pc_files(self):
        with tempfile.TemporaryDirectory() as folder:
            wrapper = pathlib.Path(folder) / "pkg-config"
            wrapper.write_text(PKG_CONFIG, encoding="utf-8")
            wrapper.chmod(0o755)
            self.configure(folder, f"-DPKG_CONFIG_EXECUTABLE={wrapper}", "-DMXWARD_TESTS=OFF")
            refused = (pathlib.Path(folder) / "pkg-config.refused").read_text(encoding="utf-8")
            self.assertEqual(set(refused.split()), {"lmdb", "milter"})


if __name__ == "__main__":
    support.main()
