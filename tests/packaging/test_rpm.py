# SPDX-License-Identifier: Apache-2.0
"""The rpm package: the spec, what it makes, and what rpm makes of that. Compiled is not anew: what
`cmake --install` installs goes into the package (prebuilt.macros)."""

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
from installed import run
from rpm_root import Root
from test_install import EXPECTED

RPM = installed.ROOT / "packaging/rpm"
SPEC = RPM / "mxward.spec"
CONFIG = "/etc/mxward/mxward.toml"

need_rpm = unittest.skipUnless(shutil.which("rpmbuild") and shutil.which("dpkg-buildflags"),
                               "needs Debian's rpm and dpkg-dev")
need_rpmlint = unittest.skipUnless(shutil.which("rpmlint"), "needs rpmlint")

POSTFIX_SPEC = """Name: postfix
Version: 3
Release: 1
Summary: Stands in for Postfix
License: none
BuildArch: noarch
%description
It owns nothing.
%files
"""


def build(folder, tree, *options):
    """The package of an install tree, made below folder."""
    run(installed.ROOT / "packaging/build-rpm", "--into", folder, "--load",
        pathlib.Path(__file__).with_name("prebuilt.macros"), "--define", f"prebuilt {tree}",
        *options)
    return next(pathlib.Path(folder).glob("RPMS/*/*.rpm"))


def query(package, what):
    return run("rpm", "-qp", "--nosignature", "--qf", what, package)


def lint(*files):
    done = subprocess.run(["rpmlint", "-c", RPM / "rpmlint.toml", *files], capture_output=True,
                          text=True, check=False, timeout=support.allow(120))
    return re.findall(r"^\S+ [EW]: .*", done.stdout, re.M), done.stdout + done.stderr


@need_rpm
class Spec(unittest.TestCase):
    def expanded(self, spec):
        return run("rpmspec", "--load", RPM / "debian.macros", "--define",
                   f"_sourcedir {installed.ROOT}/packaging/systemd", "-P", spec)

    @need_rpmlint
    def test_rpmlint_has_nothing_to_say(self):
        found, said = lint(SPEC)
        self.assertEqual(found, [], said)
        self.assertIn("0 errors, 0 warnings", said)

    def test_every_macro_is_defined(self):
        unknown = re.compile(r"%\{|%[a-z_]*(cmake|systemd|sysusers|setup|dir\b(?! ))")
        self.assertNotRegex(self.expanded(SPEC), unknown)
        with tempfile.TemporaryDirectory() as folder:
            planted = pathlib.Path(folder) / "mxward.spec"
            planted.write_text(SPEC.read_text() + "- %systemd_somehow %{_no_such}\n")
            self.assertRegex(self.expanded(planted), unknown)


class Readme(unittest.TestCase):
    def test_its_lines_are_those_of_the_doctor(self):
        text = (RPM / "README.Fedora").read_text(encoding="utf-8")
        for listen, wanted in (
                ("unix:/var/spool/postfix/mxward/milter.sock", "smtpd_milters = .*"),
                ("unix:/run/mxward/milter.sock", "INPUT_MAIL_FILTER.*"),
                ("inet:127.0.0.1:8899", r"inet:[\d.:]+(?=,)"),
                ("inet:127.0.0.1:8899", r"S=inet:[\d@.]+(?=,)")):
            with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
                config.write(f'[milter]\nlisten = "{listen}"\n')
                config.flush()
                said = run(os.environ["MXWARDCTL"], "--config", config.name, "doctor", "--lines")
            self.assertIn(re.search(wanted, said).group(), text)


@need_rpm
@installed.need_git
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.top = pathlib.Path(cls.folder.name)
        installed.install(cls.top / "tree")
        cls.package = build(cls.top / "rpm", cls.top / "tree", "-ba")
        cls.sources = next((cls.top / "rpm/SRPMS").glob("*.rpm"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def files(self, what, of=None):
        """{path: what} of all files."""
        lines = query(of or self.package, f"[%{{FILENAMES}}\\t{what}\\n]").splitlines()
        return dict(line.split("\t") for line in lines)

    def test_it_holds_what_is_installed_and_the_configuration(self):
        expected = {re.sub(r"(/man/.*)", r"\1.gz", path) for path in EXPECTED}
        expected.remove("/usr/share/doc/mxward/examples/etc/mxward.toml")
        expected |= {CONFIG, "/usr/share/doc/mxward/README.Fedora",
                     "/usr/share/licenses/mxward/LICENSE"}
        modes = self.files("%{FILEMODES:perms}")
        self.assertEqual({path for path, mode in modes.items() if mode[0] != "d"}, expected)
        self.assertIn("/etc/mxward", modes)
        self.assertIn("/usr/share/doc/mxward", modes)

    def test_modes_and_owners(self):
        special = {CONFIG: "-rw-r-----:root:mxward", "/var/lib/mxward": "drwxr-x---:mxward:mxward"}
        for path, found in self.files("%{FILEMODES:perms}:%{FILEUSERNAME}:%{FILEGROUPNAME}").items():
            mode = ("-rwxr-xr-x" if path.startswith("/usr/sbin/") else
                    "drwxr-xr-x" if found[0] == "d" else "-rw-r--r--")
            self.assertEqual(found, special.get(path, f"{mode}:root:root"), path)

    def test_rpm_knows_configuration_licence_and_documentation(self):
        flags = self.files("%{FILEFLAGS:fflags}")
        self.assertEqual(flags[CONFIG], "cn")  # %config(noreplace)
        self.assertEqual(flags["/usr/share/licenses/mxward/LICENSE"], "l")
        self.assertEqual(flags["/usr/share/doc/mxward/README.Fedora"], "d")
        self.assertEqual(flags["/usr/sbin/mxward"], "")

    def test_it_requires_every_library_of_the_programs(self):
        required = run("rpm", "-qp", "--nosignature", "--requires", self.package)
        for program in ("mxward", "mxwardctl"):
            linked = run("readelf", "-d", self.top / "tree/usr/sbin" / program)
            for name in re.findall(r"\(NEEDED\).*\[(.*)\]", linked):
                self.assertRegex(required, rf"(?m)^{re.escape(name)}\(")

    def test_the_sources_are_the_archive_and_the_users(self):
        self.assertEqual(set(self.files("%{FILEMD5S}", self.sources)),
                         {"mxward.spec", "mxward.sysusers",
                          f"mxward-{query(self.sources, '%{VERSION}')}.tar.gz"})

    @need_rpmlint
    def test_rpmlint_has_nothing_to_say(self):
        found, said = lint(self.package, self.sources)
        self.assertEqual(found, [], said)
        self.assertIn("2 packages", said)

    def test_the_same_commit_gives_the_same_bytes(self):
        before = [path.read_bytes() for path in (self.package, self.sources)]
        # In the same folder, which a source package names.
        build(self.top / "rpm", self.top / "tree", "-ba")
        for path, content in zip((self.package, self.sources), before):
            self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(),
                             hashlib.sha256(content).hexdigest(), path.name)

    @support.need_root("rpm changes its root")
    @unittest.skipUnless(shutil.which("systemd-sysusers"), "needs systemd-sysusers")
    def test_installed_upgraded_and_removed(self):
        root = Root(self.top / "root")
        config = root.path / CONFIG[1:]
        self.assertEqual(root.rpm("-i", self.package),
                         ["systemctl --no-reload preset mxward.service"])
        self.assertEqual(root.owner(CONFIG[1:]), ("0o640", "root", "mxward"))
        self.assertEqual(root.owner("var/lib/mxward"), ("0o750", "mxward", "mxward"))
        (root.path / "var/lib/mxward/data.mdb").touch()
        config.write_text('mode = "observe"\n')

        # An upgrade with another default.
        newer = self.top / "newer"
        shutil.copytree(self.top / "tree", newer)
        with open(newer / "usr/share/doc/mxward/examples/etc/mxward.toml", "a", encoding="utf-8") as default:
            default.write("# One line more.\n")
        upgrade = build(self.top / "upgrade", newer, "--define", "dist .2", "-bb")
        self.assertEqual(root.rpm("-U", upgrade), ["systemctl try-restart mxward.service"])
        self.assertEqual(config.read_text(), 'mode = "observe"\n')
        self.assertIn("One line more", config.with_name("mxward.toml.rpmnew").read_text())
        self.assertEqual(root.owner("etc/mxward/mxward.toml.rpmnew"), ("0o640", "root", "mxward"))

        self.check_postfix_comes(root)

        self.assertEqual(root.rpm("-e", "mxward"),
                         ["systemctl --no-reload disable --now mxward.service"])
        self.assertEqual({path for path in installed.files_below(root.path) if "mxward" in path},
                         {f"{CONFIG}.rpmsave", f"{CONFIG}.rpmnew", "/var/lib/mxward/data.mdb"})
        self.assertEqual((root.path / "etc/mxward/mxward.toml.rpmsave").read_text(),
                         'mode = "observe"\n')
        self.assertFalse((root.path / "var/spool/postfix/mxward").exists())

    def check_postfix_comes(self, root):
        spec = self.top / "postfix.spec"
        spec.write_text(POSTFIX_SPEC)
        run("rpmbuild", "--quiet", "--define", f"_topdir {self.top}/postfix", "-bb", spec)
        postfix = next((self.top / "postfix").glob("RPMS/*/*.rpm"))
        queue = root.path / "var/spool/postfix"
        queue.mkdir(parents=True)
        # No running system, nothing to do.
        self.assertEqual(root.rpm("-i", postfix), [])
        (root.path / "run/systemd/system").mkdir(parents=True)
        comes = ["systemd-tmpfiles --create mxward.conf", "systemctl try-restart mxward.service"]
        self.assertEqual(root.rpm("-i", "--replacepkgs", postfix), comes)
        # The folder is there: only Postfix has changed.
        (queue / "mxward").mkdir()
        (queue / "mxward/milter.sock").touch()
        (queue / "mxward/milter.sock.lock").touch()
        self.assertEqual(root.rpm("-i", "--replacepkgs", postfix), [])


if __name__ == "__main__":
    support.main()
