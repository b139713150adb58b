# SPDX-License-Identifier: Apache-2.0
"""Started by root or by a service manager: whose the files are, and who is told what."""

import os
import pathlib
import pwd
import socket
import unittest

import support
from case import DaemonCase


class Privileges(DaemonCase):
    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_root_becomes_the_configured_user_and_everything_belongs_to_it(self):
        daemon = self.daemon({"user": "nobody"})
        nobody = pwd.getpwnam("nobody")
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        for kind, number in (("Uid", nobody.pw_uid), ("Gid", nobody.pw_gid)):
            line = next(l for l in status.splitlines() if l.startswith(kind + ":"))
            self.assertEqual(line.split()[1:], [str(number)] * 4)
        self.assertEqual((daemon.store / "data.mdb").stat().st_uid, nobody.pw_uid)
        self.assertEqual(pathlib.Path(daemon.endpoint[5:]).stat().st_uid, nobody.pw_uid)
        self.assertTrue(daemon.attempt(sender="<p@example.org>").deferred)
        self.assertNotIn("runs as root", daemon.log())

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_a_store_that_root_made_is_handed_over(self):
        daemon = self.daemon()
        daemon.attempt(sender="<handed@example.org>")
        daemon.expect_log("runs as root")
        daemon.stop()
        daemon.configure({"user": "nobody"})
        daemon.start()
        self.assertTrue(daemon.accepted_after_delay(sender="<handed@example.org>").passed)

    def test_a_user_that_does_not_exist_is_refused(self):
        daemon = self.daemon({"user": "no-such-user"}, start=False)
        if os.geteuid() != 0:
            self.skipTest("only root looks for the user")
        daemon.launch()
        self.assertEqual(daemon.wait(), 78)
        self.assertIn('there is no user "no-such-user"', daemon.log())
        daemon.process = None


class ServiceManager(DaemonCase):
    def test_it_is_told_of_readiness_and_of_the_end(self):
        daemon = self.daemon(start=False)
        path = daemon.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(support.allow(15))
            os.environ["NOTIFY_SOCKET"] = str(path)
            try:
                daemon.start()
            finally:
                del os.environ["NOTIFY_SOCKET"]
            self.assertIn(b"READY=1", manager.recv(4096).split(b"\n"))
            self.assertEqual(daemon.stop(), 0)
            told = manager.recv(4096)
            while told == b"WATCHDOG=1":
                told = manager.recv(4096)
            self.assertEqual(told, b"STOPPING=1")


if __name__ == "__main__":
    support.main()
