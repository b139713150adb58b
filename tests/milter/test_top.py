# SPDX-License-Identifier: Apache-2.0
"""mxwardctl top in a real terminal: what it draws, and how it leaves it behind."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import support
from case import DaemonCase
from daemon import CONTROL, need_control
from support import allow

ENTER = b"\x1b[?1049h"
LEAVE = b"\x1b[?25h\x1b[?1049l"


class Terminal:
    """A terminal with mxwardctl in it."""

    def __init__(self, daemon, *words, rows=24, columns=80, **variables):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        environment = {**os.environ, "TERM": "xterm", **variables}
        self.process = subprocess.Popen(
            [CONTROL, "--config", str(daemon.config), "top", "--every", "200ms", *words],
            stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.slave = slave
        self.seen = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, within=0.1):
        if select.select([self.master], [], [], within)[0]:
            self.seen += os.read(self.master, 65536)
        return self.seen

    def expect(self, pattern, within=10.0):
        end = time.monotonic() + allow(within)
        while not re.search(pattern, self.read()):
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"{pattern} not in {self.seen[-2000:]}")

    def end(self):
        """The exit status, and what it said on its standard error."""
        end = time.monotonic() + allow(10.0)
        while self.process.poll() is None and time.monotonic() < end:
            self.read()
        status = self.process.wait(allow(1.0))
        while select.select([self.master], [], [], 0)[0]:
            self.read(0)
        return status, self.process.stderr.read().decode()

    def settings(self):
        return termios.tcgetattr(self.slave)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)


@need_control
class Top(DaemonCase):
    def open(self, daemon, *words, **options):
        terminal = Terminal(daemon, *words, **options)
        self.addCleanup(terminal.close)
        terminal.expect(rb"verdicts")
        return terminal

    def check_restored(self, terminal):
        self.assertTrue(terminal.seen.startswith(ENTER))
        self.assertTrue(terminal.seen.endswith(LEAVE), terminal.seen[-100:])
        self.assertEqual(terminal.settings(), terminal.before)

    def test_q_ends_it_and_the_terminal_is_as_before(self):
        daemon = self.daemon()
        terminal = self.open(daemon)
        self.assertNotEqual(terminal.settings(), terminal.before)
        daemon.attempt(address="192.0.2.33")
        terminal.expect(rb"192\.0\.2\.33")
        os.write(terminal.master, b"xq")
        self.assertEqual(terminal.end(), (0, ""))
        self.check_restored(terminal)

    def test_a_signal_ends_it_and_the_terminal_is_as_before(self):
        daemon = self.daemon()
        for end in ("ctrl-c", signal.SIGTERM, signal.SIGHUP):
            with self.subTest(end):
                terminal = self.open(daemon)
                if end == "ctrl-c":
                    os.write(terminal.master, b"\x03")
                else:
                    terminal.process.send_signal(end)
                self.assertEqual(terminal.end(), (0, ""))
                self.check_restored(terminal)

    def test_the_end_of_the_daemon_ends_it_with_trouble(self):
        daemon = self.daemon()
        terminal = self.open(daemon)
        daemon.kill()
        status, said = terminal.end()
        self.assertEqual(status, 2)
        self.assertIn("stopped responding", said)
        self.check_restored(terminal)

    def test_a_screen_fits_the_terminal_however_it_is_resized(self):
        terminal = self.open(self.daemon(), rows=5, columns=30, NO_COLOR="1")

        def frames():
            return [re.sub(rb"\x1b\[[?0-9]*[A-Za-z]|\r", b"", frame).split(b"\n")
                    for frame in terminal.seen.split(b"\x1b[H")[1:-1]]

        terminal.expect(rb"(?s)\x1b\[H.*\x1b\[H.*\x1b\[H")
        for frame in frames():
            self.assertEqual(len(frame), 5)
            self.assertLessEqual(max(map(len, frame)), 30)
        terminal.seen = b""
        terminal.resize(2, 100)
        terminal.process.send_signal(signal.SIGWINCH)
        terminal.expect(rb"refused by the MTA")
        terminal.expect(rb"(?s)\x1b\[H.*\x1b\[H.*\x1b\[H")
        self.assertEqual(len(frames()[-1]), 2)
        self.assertNotRegex(terminal.seen, rb"\x1b\[[0-9;]*m", "NO_COLOR")
        os.write(terminal.master, b"q")
        self.assertEqual(terminal.end()[0], 0)

    def test_once_prints_one_screen_without_escape_codes(self):
        daemon = self.daemon()
        terminal = Terminal(daemon, "--once")
        self.addCleanup(terminal.close)
        self.assertEqual(terminal.end(), (0, ""))
        self.assertNotIn(b"\x1b", terminal.seen)
        self.assertEqual(terminal.seen.count(b"verdicts"), 1)
        # Without a terminal it does the same.
        done = daemon.control("top", "--every", "200ms")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout)
        self.assertEqual(done.stdout.count("verdicts"), 1)

    def test_without_a_daemon_the_screen_is_left_alone(self):
        terminal = Terminal(self.daemon(start=False))
        self.addCleanup(terminal.close)
        status, said = terminal.end()
        self.assertEqual(status, 2)
        self.assertIn("not running", said)
        self.assertEqual(terminal.seen, b"")


if __name__ == "__main__":
    support.main()
