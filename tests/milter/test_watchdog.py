# SPDX-License-Identifier: Apache-2.0
"""The service manager's watchdog: it hears from mxward as long as libmilter serves, and only then."""

import contextlib
import ctypes
import http.client
import os
import pathlib
import platform
import socket
import time
import unittest

import support
from case import DaemonCase
from support import allow, eventually

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17  # ptrace(2)
ANY_THREAD = 0x40000000  # __WALL
POLLS = {"x86_64": {7, 271}, "aarch64": {73}}.get(platform.machine(), set())
EVERY = 0.2  # mxward tells a sixth of what the service manager asks for

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")


@contextlib.contextmanager
def stopped(threads):
    """They stand still, and the rest of their process goes on."""
    seized = []
    try:
        for thread in threads:
            ptrace(SEIZE, thread)
            seized.append(thread)
            ptrace(INTERRUPT, thread)
            os.waitpid(thread, ANY_THREAD)
        yield
    finally:
        for thread in seized:
            ptrace(DETACH, thread)


class Watchdog(DaemonCase):
    def watched(self, endpoint=None):
        daemon = self.daemon(start=False, endpoint=endpoint)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(daemon.directory / "notify"))
        self.manager.setblocking(False)
        daemon.process_options = {"env": {**os.environ, "WATCHDOG_USEC": str(int(EVERY * 6e6)),
                                          "NOTIFY_SOCKET": str(daemon.directory / "notify")}}
        daemon.start()
        return daemon

    def told(self):
        """How often the watchdog has been told since the last call."""
        count = 0
        while True:
            try:
                count += self.manager.recv(4096) == b"WATCHDOG=1"
            except BlockingIOError:
                return count

    def assert_told(self, seconds):
        """All the time: whoever is told nothing for six times as long ends the service."""
        end = time.monotonic() + allow(seconds)
        self.told()
        while time.monotonic() < end:
            eventually(self.told, EVERY * 6, "the watchdog told")

    @staticmethod
    def libmilter_of(daemon):
        """Its listener, its pool's controller, and workers in the middle of a packet: they poll,
        mxward's own threads do not."""
        folder = pathlib.Path(f"/proc/{daemon.process.pid}/task")
        found = []
        for thread in folder.iterdir():
            call = (thread / "syscall").read_text().split()[0]
            if call.isdigit() and int(call) in POLLS:
                found.append(int(thread.name))
        return found

    @staticmethod
    def health(daemon):
        connection = http.client.HTTPConnection("localhost", timeout=allow(10))
        connection.sock = socket.socket(socket.AF_UNIX)
        with contextlib.closing(connection):
            connection.sock.connect(str(daemon.directory / "control.sock"))
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            return answer.status, answer.read()

    def test_nobody_comes(self):
        daemon = self.watched()
        self.assert_told(20 * EVERY)
        self.assertNotIn("libmilter", daemon.log())

    def test_a_crowd_that_says_nothing_or_half_a_word(self):
        daemon = self.watched(endpoint=f"inet:127.0.0.1:{support.free_port()}")
        with contextlib.ExitStack() as stack:
            for number in range(100):
                session = stack.enter_context(daemon.session())
                session.send((b"", b"\0\0\0\x0d", b"\0\0\0\x0dO\0\0")[number % 3])
            self.assert_told(20 * EVERY)
        self.assertNotIn("libmilter", daemon.log())

    @unittest.skipUnless(POLLS, "which system call is poll() here?")
    def test_a_pool_that_hangs(self):
        daemon = self.watched()
        eventually(self.told, 5, "the watchdog told")
        threads = self.libmilter_of(daemon)
        self.assertGreaterEqual(len(threads), 2)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(stopped(threads))
            except PermissionError:
                self.skipTest("may not stop threads here")
            daemon.expect_log("libmilter has not answered", within=20)
            self.told()
            # A moment in which it would be told many times.
            time.sleep(allow(6 * EVERY))
            self.assertEqual(self.told(), 0)
            self.assertEqual(self.health(daemon),
                             (503, b"milter: libmilter does not respond, and the mail server waits for it\n"))
        eventually(self.told, 10, "the watchdog told again")
        daemon.expect_log("libmilter answers again")
        self.assertEqual(self.health(daemon), (200, b"ok\n"))
        self.assertTrue(daemon.attempt().deferred)


if __name__ == "__main__":
    support.main()
