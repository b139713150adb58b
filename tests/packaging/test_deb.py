# SPDX-License-Identifier: Apache-2.0
"""The Debian package that packaging/build-deb made: lintian finds nothing, what is in it is what an
administrator expects, and packing it again gives the same bytes."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import installed
import support
from installed import ROOT, run

BUILT = ROOT / "build/deb"
DEBIAN = ROOT / "packaging/debian"


def the(pattern):
    found = [path for path in BUILT.glob(pattern) if "dbgsym" not in path.name]
    return found[0] if len(found) == 1 else None


DEB = the("mxward_*.deb")
# Debian has its units below / up to its 12, below /usr since.
UNIT = re.compile("(/usr)?/lib/systemd/system/mxward.service")


@unittest.skipUnless(DEB, "needs packages in build/deb, which packaging/build-deb makes")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name) / "root"
        cls.control = pathlib.Path(cls.folder.name) / "control"
        run("dpkg-deb", "-x", DEB, cls.root)
        run("dpkg-deb", "-e", DEB, cls.control)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def unit(self):
        found, = filter(UNIT.fullmatch, installed.files_below(self.root))
        return found

    @unittest.skipUnless(shutil.which("lintian"), "needs lintian")
    def test_lintian_finds_nothing(self):
        # Which standards are the latest depends on lintian's age.
        said = run("lintian", "--allow-root", "--pedantic", "--display-info", "--suppress-tags",
                   "newer-standards-version,out-of-date-standards-version", the("mxward_*.changes"))
        self.assertEqual(said, "")

    def test_what_is_in_it(self):
        self.assertEqual(
            sorted((self.control / "conffiles").read_text().split()),
            ["/etc/apparmor.d/usr.sbin.mxward", "/etc/logcheck/ignore.d.server/mxward",
             "/etc/mxward/mxward.toml"])
        files = installed.files_below(self.root)
        for path in ("/usr/sbin/mxward", "/usr/sbin/mxwardctl", self.unit(),
                     "/usr/lib/sysusers.d/mxward.conf", "/usr/lib/tmpfiles.d/mxward.conf",
                     "/usr/share/zsh/vendor-completions/_mxwardctl",
                     "/usr/share/doc/mxward/examples/fail2ban/mxward.conf",
                     "/usr/share/man/man5/mxward.toml.5.gz"):
            self.assertIn(path, files)
        # Settings are in one file, and nothing asks when it is installed.
        for folder in ("/etc/default/", "/etc/init.d/", "/etc/logrotate.d/"):
            self.assertFalse([path for path in files if path.startswith(folder)])
        self.assertFalse((self.control / "templates").exists())

    def test_the_unit_starts_what_is_in_it(self):
        unit = (self.root / self.unit()[1:]).read_text()
        for program in re.findall(r"(?m)^Exec(?:Start|Reload)=(\S+)", unit):
            self.assertTrue((self.root / program[1:]).exists(), program)

    def test_programs_are_hardened(self):
        for program in ("mxward", "mxwardctl"):
            said = run("readelf", "-W", "-h", "-l", "-d", "-s", self.root / "usr/sbin" / program)
            for sign in (r"Type: +DYN", "GNU_RELRO", "BIND_NOW", "__stack_chk_fail", r"__\w+_chk@"):
                self.assertRegex(said, sign, program)

    def test_only_the_mail_servers_that_it_can_guard_are_recommended(self):
        control = (self.control / "control").read_text()
        self.assertIn("\nRecommends: postfix | sendmail-bin\n", control)
        self.assertNotRegex(control, "(?m)^Depends:.*(postfix|sendmail)")

    def test_packing_it_again_gives_the_same_bytes(self):
        before = DEB.read_bytes()
        sources = next(path for path in BUILT.iterdir() if path.is_dir())
        # Of the first member of the archive, see ar(5).
        dated = before[24:36].decode().strip()
        prebuilt = BUILT / "prebuilt"
        again = {"MXWARD_PREBUILT": prebuilt.read_text().strip()} if prebuilt.exists() else {}
        run("fakeroot", "debian/rules", "binary", cwd=sources, umask=0o022, env={
            **os.environ, **again, "SOURCE_DATE_EPOCH": dated, "LC_ALL": "C.UTF-8", "TZ": "UTC"})
        self.assertEqual(hashlib.sha256(DEB.read_bytes()).digest(), hashlib.sha256(before).digest())


class Sources(unittest.TestCase):
    def test_the_database_s_format_is_known_to_the_package(self):
        """A new format without a new `readable_since` would let a downgrade break the daemon."""
        schema = re.search(r"kSchema = (\d+);", (ROOT / "lib/store/environment.h").read_text())[1]
        script = (DEBIAN / "mxward.prerm").read_text()
        self.assertIn(f"(lib/store, format {schema})", script)
        version = re.search(r"^mxward \(([\d.]+)-", (DEBIAN / "changelog").read_text())[1]
        since = re.search(r"(?m)^readable_since=([\d.]+)~$", script)[1]
        self.assertLessEqual(*([int(part) for part in each.split(".")] for each in (since, version)))

    def test_every_script_of_autopkgtest_is_there(self):
        control = (DEBIAN / "tests/control").read_text()
        names = re.findall(r"(?m)^Tests: (\S+)$", control)
        self.assertTrue(names)
        for name in names:
            self.assertTrue(os.access(DEBIAN / "tests" / name, os.X_OK), name)
        # They are told on the standard error how the tests get on, which alone would be a failure.
        self.assertEqual(control.count("allow-stderr, needs-root"), len(names))

    @unittest.skipUnless(shutil.which("dash"), "needs dash")
    def test_scripts_are_those_of_a_plain_shell(self):
        for script in DEBIAN.glob("mxward.p*"):
            run("dash", "-n", script)

    def test_apparmor_lets_it_read_what_it_reads_of_itself(self):
        profile = (ROOT / "packaging/apparmor/usr.sbin.mxward").read_text()
        read = {path for folder in ("lib", "milter") for file in (ROOT / folder).rglob("*.cc")
                for path in re.findall(r'"/proc/self/(\w+)"', file.read_text())}
        self.assertLessEqual({"fd", "task"}, read)
        for path in read:
            self.assertRegex(profile, rf"(?m)^  @{{PROC}}/@{{pid}}/{path}/? r,$")

    @unittest.skipUnless(shutil.which("apparmor_parser"), "needs apparmor_parser")
    def test_apparmor_understands_the_profile(self):
        profile = ROOT / "packaging/apparmor/usr.sbin.mxward"
        parse = ["apparmor_parser", "--skip-kernel-load", "--skip-cache"]
        run(*parse, profile)
        with tempfile.NamedTemporaryFile("w") as planted:
            planted.write(profile.read_text().replace("/usr/sbin/mxward mrix,", "/usr/sbin/mxward mqix,"))
            planted.flush()
            done = subprocess.run([*parse, planted.name], capture_output=True, text=True,
                                  check=False, timeout=support.allow(60))
            self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    support.main()
