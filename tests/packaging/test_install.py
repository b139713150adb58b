# SPDX-License-Identifier: Apache-2.0
"""`cmake --install` puts everything where a distribution's package has it, and nothing else."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import installed
import support

EXPECTED = """
/usr/lib/systemd/system/mxward.service
/usr/lib/sysusers.d/mxward.conf
/usr/lib/tmpfiles.d/mxward.conf
/usr/sbin/mxward
/usr/sbin/mxwardctl
/usr/share/bash-completion/completions/mxwardctl
/usr/share/doc/mxward/API.md
/usr/share/doc/mxward/CHANGELOG.md
/usr/share/doc/mxward/README.md
/usr/share/doc/mxward/examples/etc/mxward.toml
/usr/share/doc/mxward/examples/fail2ban/mxward.conf
/usr/share/doc/mxward/examples/grafana/mxward.json
/usr/share/doc/mxward/examples/prometheus/mxward.rules.yml
/usr/share/doc/mxward/examples/systemd/mxward.socket
/usr/share/doc/mxward/mxward.toml
/usr/share/fish/vendor_completions.d/mxwardctl.fish
/usr/share/man/man5/mxward.toml.5
/usr/share/man/man8/mxward.8
/usr/share/man/man8/mxwardctl.8
/usr/share/zsh/site-functions/_mxwardctl
""".split()


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        installed.install(cls.root)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_every_file_is_in_its_place_and_there_is_no_other(self):
        self.assertEqual(sorted(installed.files_below(self.root)), sorted(EXPECTED))

    def test_programs_run_and_can_be_read_by_anybody(self):
        for path in self.root.rglob("*"):
            if path.is_file():
                program = path.parent.name in ("bin", "sbin")
                self.assertEqual(path.stat().st_mode & 0o7777, 0o755 if program else 0o644, path)
        for program in ("sbin/mxward", "sbin/mxwardctl"):
            done = subprocess.run([self.root / "usr" / program, "--version"], capture_output=True,
                                  text=True, check=False, timeout=support.allow(10))
            self.assertRegex(done.stdout, r"^mxward(ctl)? \d+\.\d+\.\d+\n$")

    def test_the_configuration_to_begin_with_is_all_defaults_and_its_examples_load(self):
        short = self.root / "usr/share/doc/mxward/examples/etc/mxward.toml"
        mxwardctl = str(self.root / "usr/sbin/mxwardctl")
        self.assertEqual(installed.run(mxwardctl, "--config", short, "dump-config", "--changed"), "")
        filled = self.root / "filled.toml"
        filled.write_text(re.sub(r"(?m)^#(?=[a-z\[])", "", short.read_text()))
        self.addCleanup(filled.unlink)
        changed = installed.run(mxwardctl, "--config", filled, "dump-config", "--changed")
        for option in ("mode", "[trust]", "[reply]", "[[dnsbl]]", "[metrics]"):
            self.assertIn(option, changed)

    def test_programs_carry_no_path_of_the_build(self):
        for program in ("sbin/mxward", "sbin/mxwardctl"):
            done = subprocess.run(["readelf", "-d", self.root / "usr" / program],
                                  capture_output=True, text=True, check=True,
                                  timeout=support.allow(10))
            self.assertNotRegex(done.stdout, "RPATH|RUNPATH")

    def test_the_unit_starts_what_was_installed(self):
        for line in (self.root / "usr/lib/systemd/system/mxward.service").read_text().splitlines():
            name, _, command = line.partition("=")
            if name in ("ExecStart", "ExecReload"):
                self.assertTrue((self.root / command.split()[0][1:]).exists(), line)


if __name__ == "__main__":
    support.main()
