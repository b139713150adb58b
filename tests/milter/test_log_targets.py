# SPDX-License-Identifier: Apache-2.0
"""Where log lines go: the journal, and syslog where there is none. Each daemon has a /run and a /dev
of its own, with the sockets that this test reads."""

import ctypes
import os
import pathlib
import re
import socket

import support
from case import DaemonCase

CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18
JOURNAL, SYSLOG = "/run/systemd/journal/socket", "/dev/log"
MAIL_INFO = 2 << 3 | 6


def datagrams():
    """A socket that is bound later, by the daemon's process before it is the daemon."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.settimeout(support.allow(10))
    return sock


def private_mounts(bound):
    """Run between fork and exec: tmpfs on /run and /dev, and the sockets bound there."""
    libc = ctypes.CDLL(None, use_errno=True)

    def check(status):
        if status != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    check(libc.unshare(CLONE_NEWNS))
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
    for place in (b"/run", b"/dev"):
        check(libc.mount(b"tmpfs", place, b"tmpfs", 0, None))
    for path, sock in bound.items():
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        sock.bind(path)


def can_mount():
    child = os.fork()
    if child == 0:
        try:
            private_mounts({})
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


@support.need_root("mounts of its own")
class LogTargets(DaemonCase):
    def setUp(self):
        super().setUp()
        if not can_mount():
            self.skipTest("this machine allows no mount namespaces")

    def logging_daemon(self, target, bound):
        return self.daemon({"log": {"target": target}},
                           process={"preexec_fn": lambda: private_mounts(bound)})

    def line(self, sock, pattern):
        """The next datagram that the pattern matches."""
        while True:
            text = sock.recv(65536).decode()
            if re.search(pattern, text):
                return text

    def test_the_journal_gets_fields(self):
        journal, syslog = datagrams(), datagrams()
        with journal, syslog:
            daemon = self.logging_daemon("journal", {JOURNAL: journal, SYSLOG: syslog})
            daemon.attempt(recipient="<joe@example.net>")
            fields = self.line(journal, "action=defer").splitlines()
            for field in ("PRIORITY=6", "SYSLOG_FACILITY=2", "SYSLOG_IDENTIFIER=mxward",
                          f"SYSLOG_PID={daemon.process.pid}"):
                self.assertIn(field, fields)
            message = [each for each in fields if each.startswith("MESSAGE=")]
            self.assertEqual(len(message), 1, fields)
            self.assertIn("recipient=<joe@example.net>", message[0])
            syslog.setblocking(False)
            with self.assertRaises(BlockingIOError, msg="it was told twice"):
                syslog.recv(1)

    def test_a_journal_that_is_started_anew_goes_on_getting_lines(self):
        journal = datagrams()
        daemon = self.logging_daemon("journal", {JOURNAL: journal})
        self.line(journal, "listens on")
        journal.close()
        daemon.attempt(recipient="<lost@example.net>")
        inside = pathlib.Path(f"/proc/{daemon.process.pid}/root{JOURNAL}")
        inside.unlink()
        with datagrams() as journal:
            journal.bind(str(inside))
            daemon.attempt(recipient="<kept@example.net>")
            self.line(journal, "recipient=<kept@example.net>")

    def test_without_a_journal_it_is_syslog_of_the_facility_mail(self):
        for target in ("journal", "syslog"):
            with self.subTest(target), datagrams() as syslog:
                daemon = self.logging_daemon(target, {SYSLOG: syslog})
                daemon.attempt(recipient="<joe@example.net>")
                text = self.line(syslog, "action=defer")
                self.assertRegex(text, rf"^<{MAIL_INFO}>.* mxward\[{daemon.process.pid}\]: ")
                self.assertIn("recipient=<joe@example.net>", text)


if __name__ == "__main__":
    support.main()
