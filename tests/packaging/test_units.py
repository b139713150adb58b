# SPDX-License-Identifier: Apache-2.0
"""The systemd unit: systemd itself finds nothing wrong with it, it is as closed as we say, and what
the daemon needs is left open. That it works under a live systemd, packaging/debian/tests shows."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import installed
import support

UNIT = "usr/lib/systemd/system/mxward.service"
SOCKET = installed.ROOT / "packaging/systemd/mxward.socket"
# The exposure that is allowed, in tenths.
THRESHOLD = 15

# What glibc makes of the calls by which the daemon starts the check of a damaged database, and by
# which that limits itself (milter/store_child.cc). Of alternatives, in a tuple, one must be allowed.
# Where setrlimit(2) itself is refused, prlimit64 does the same.
CALLS_OF_THE_CHECK = {
    "posix_spawn": [("clone3", "clone", "vfork"), "execve", "dup2"],
    "pipe2": ["pipe2"],
    "poll": [("poll", "ppoll")],
    "waitpid": ["wait4"],
    "kill": ["kill"],
    "close_range": ["close_range"],
    "prctl": ["prctl"],
    "setrlimit": ["prlimit64"],
    "alarm": [("alarm", "setitimer")],
    "signal": ["rt_sigaction"],
}

need_systemd = unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        installed.install(cls.root)
        cls.settings = {}
        for line in (cls.root / UNIT).read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                cls.settings.setdefault(name, []).append(value)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_systemd(self, *arguments):
        return subprocess.run(arguments, capture_output=True, text=True, check=False,
                              timeout=support.allow(60))

    def analysed(self, text, *arguments):
        """systemd-analyze about this unit, its programs as they lie below our folder."""
        here = re.sub(r"^(Exec\w+=)(/\S*mxward\S*)", rf"\1{self.root}\2", text, flags=re.M)
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "mxward.service"
            unit.write_text(here)
            shutil.copy(SOCKET, folder)
            return self.run_systemd("systemd-analyze", *arguments, str(unit))

    @need_systemd
    def test_systemd_understands_every_line(self):
        text = (self.root / UNIT).read_text()
        done = self.analysed(text, "verify", "--man=no")
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        planted = self.analysed(text + "[Service]\nProtectEverything=yes\n", "verify", "--man=no")
        self.assertIn("ProtectEverything", planted.stderr)

    @need_systemd
    def test_the_socket_unit_is_understood(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(SOCKET, folder)
            unit = pathlib.Path(folder) / "mxward.service"
            unit.write_text("[Service]\nExecStart=/bin/true\n")
            done = self.run_systemd("systemd-analyze", "verify", "--man=no",
                                    f"{folder}/mxward.socket")
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    @need_systemd
    def test_the_sandbox_is_as_closed_as_we_say(self):
        text = (self.root / UNIT).read_text()
        arguments = ("security", "--offline=true", f"--threshold={THRESHOLD}")
        done = self.analysed(text, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        opened = self.analysed(text.replace("CapabilityBoundingSet=\n", ""), *arguments)
        self.assertNotEqual(opened.returncode, 0)

    def system_calls(self, *filters):
        """All calls that the unit's filter lets through, its lines taken in their order."""
        groups, name = {}, ""
        for line in self.run_systemd("systemd-analyze", "syscall-filter", "--no-pager").stdout.splitlines():
            if line.startswith("@"):
                name = line.strip()
            elif name and line.strip() and not line.strip().startswith("#"):
                groups.setdefault(name, set()).add(line.strip())

        def expanded(word):
            if not word.startswith("@"):
                return {word}
            return set().union(*map(expanded, groups[word]))

        allowed = set()
        for line in filters:
            calls = set().union(*map(expanded, line.lstrip("~").split()))
            allowed = allowed - calls if line.startswith("~") else allowed | calls
        return allowed

    @need_systemd
    def test_the_check_of_a_damaged_database_may_do_what_it_does(self):
        # A child that the sandbox ends would look like one that the damage has ended.
        code = (installed.ROOT / "milter/store_child.cc").read_text()
        allowed = self.system_calls(*self.settings["SystemCallFilter"])
        for function, calls in CALLS_OF_THE_CHECK.items():
            self.assertRegex(code, rf"\b{function}\(", "it is not called any more")
            for call in calls:
                names = call if isinstance(call, tuple) else (call,)
                self.assertTrue(allowed.intersection(names), f"{function}: {call} is refused")
        # What is refused fails, and does not end the process.
        self.assertEqual(self.settings["SystemCallErrorNumber"], ["EPERM"])
        self.assertNotIn("setrlimit", self.system_calls("@system-service", "~@resources"))
        self.assertNotIn("prctl", self.system_calls("@system-service", "~@process"))

    def test_nothing_restarts_a_wrong_configuration(self):
        self.assertEqual(self.settings["Restart"], ["on-failure"])
        self.assertEqual(self.settings["RestartPreventExitStatus"], ["64 78"])

    def test_it_starts_before_the_mail_servers(self):
        before = " ".join(self.settings["Before"]).split()
        for server in ("postfix.service", "postfix@-.service", "sendmail.service"):
            self.assertIn(server, before)

    def test_the_watchdog_is_patient_enough_for_the_daemon(self):
        code = (installed.ROOT / "milter/daemon.cc").read_text()
        every = int(re.search(r"kWatchdogEvery\{(\d+)\}", code).group(1)) / 1000
        self.assertGreaterEqual(int(self.settings["WatchdogSec"][0]), 3 * every)

    def test_it_may_ask_the_kernel_for_its_own_addresses(self):
        # getifaddrs(3) speaks netlink; without it trust.networks = "self" would be empty.
        self.assertIn("AF_NETLINK", self.settings["RestrictAddressFamilies"][0].split())

    def test_it_may_write_where_the_defaults_write(self):
        self.assertEqual(self.settings["StateDirectory"], ["mxward"])
        self.assertEqual(self.settings["RuntimeDirectory"], ["mxward"])
        folder = "/var/spool/postfix/mxward"
        self.assertEqual(self.settings["ReadWritePaths"], ["-" + folder])
        lines = (self.root / "usr/lib/tmpfiles.d/mxward.conf").read_text().splitlines()
        self.assertIn(f"d {folder} 2750 mxward postfix -", lines)


class UsersAndFolders(unittest.TestCase):
    """systemd-sysusers and systemd-tmpfiles on an empty root."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        installed.install(self.root)
        (self.root / "etc").mkdir()

    def systemd(self, program):
        return subprocess.run([program, f"--root={self.root}", *(
            ["--create"] if program == "systemd-tmpfiles" else []), "mxward.conf"],
            capture_output=True, text=True, check=False, timeout=support.allow(60))

    @support.need_root("the files get owners")
    @unittest.skipUnless(shutil.which("systemd-tmpfiles") and shutil.which("systemd-sysusers"),
                         "needs systemd-sysusers and systemd-tmpfiles")
    def test_the_folder_appears_when_there_is_a_postfix(self):
        done = self.systemd("systemd-sysusers")
        self.assertEqual(done.returncode, 0, done.stderr)
        user = next(line for line in (self.root / "etc/passwd").read_text().splitlines()
                    if line.startswith("mxward:")).split(":")
        self.assertEqual(user[5:], ["/var/lib/mxward", "/usr/sbin/nologin"])
        queue = self.root / "var/spool/postfix"
        self.systemd("systemd-tmpfiles")
        self.assertFalse((queue / "mxward").exists())
        with open(self.root / "etc/group", "a", encoding="utf-8") as groups:
            groups.write("postfix:x:4711:\n")
        queue.mkdir(parents=True)
        done = self.systemd("systemd-tmpfiles")
        self.assertEqual(done.returncode, 0, done.stderr)
        made = (queue / "mxward").stat()
        self.assertEqual((oct(made.st_mode & 0o7777), made.st_uid, made.st_gid),
                         ("0o2750", int(user[2]), 4711))


if __name__ == "__main__":
    support.main()
