# SPDX-License-Identifier: Apache-2.0
"""mxwardctl replay as it is used: logs through a pipe, the bar on a terminal, and an interrupt."""

import gzip
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest

import support
from daemon import CONTROL, need_control
from support import allow


def log(messages):
    """Of a nameless client that writes to another recipient each time."""
    lines = []
    for number in range(messages):
        second = number // 10
        when = (f"2026-01-05T{10 + second // 3600:02d}:{second // 60 % 60:02d}:"
                f"{second % 60:02d}Z mx postfix")
        queue_id = f"4F{number:08X}"
        client = "unknown[192.0.2.1]"
        lines += [f"{when}/smtpd[1]: connect from {client}",
                  f"{when}/smtpd[1]: {queue_id}: client={client}",
                  f"{when}/qmgr[2]: {queue_id}: from=<a@example.org>, size=1, nrcpt=1 (queue active)",
                  f"{when}/lmtp[3]: {queue_id}: to=<b{number}x@example.net>, relay=x, status=sent (ok)",
                  f"{when}/smtpd[1]: disconnect from {client}"]
    return ("\n".join(lines) + "\n").encode()


@need_control
class Replay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mxward-replay-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {**os.environ, "TMPDIR": folder.name, "TERM": "xterm"}
        self.words = [CONTROL, "--config", "/dev/null", "--format", "json", "replay"]

    def start(self, *words, **options):
        process = subprocess.Popen([*self.words, *words], env=self.environment, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_a_compressed_log_comes_through_a_pipe(self):
        done = subprocess.run([*self.words, "-"], input=gzip.compress(log(3)),
                              env=self.environment, capture_output=True, check=False,
                              timeout=allow(60))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        answer = json.loads(done.stdout)
        self.assertEqual(answer["tries"]["defer"], 3)
        self.assertEqual(answer["log"]["lines"], 15)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_bar_is_drawn_on_a_terminal_and_taken_away(self):
        path = self.folder / "mail.log"
        path.write_bytes(log(4000))
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = self.start(str(path), stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        self.addCleanup(process.stdout.close)
        answer = json.loads(process.stdout.read())
        self.assertEqual(process.wait(allow(60)), 0)
        self.assertEqual(answer["log"]["lines"], 20000)
        seen = b""
        while select.select([master], [], [], 0)[0]:
            try:
                some = os.read(master, 65536)
            except OSError:  # the other end is gone
                break
            seen += some
        self.assertRegex(seen, rb"\r\[#*\.*\] +\d+ %, \d+ lines\x1b\[K")
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-100:])

    def test_an_interrupt_leaves_nothing_behind(self):
        process = self.start("-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        # More than is read before anything is done with it.
        process.stdin.write(log(4000))
        process.stdin.flush()
        # The database is there, and has no name any more.
        end = time.monotonic() + allow(30)
        while not any(re.search(r"data\.mdb \(deleted\)$", target) for target in support.files_of(process)):
            self.assertLess(time.monotonic(), end, "no database")
            time.sleep(0.05)
        self.assertEqual(list(self.folder.iterdir()), [])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(allow(30)), -signal.SIGINT)
        self.assertEqual(list(self.folder.iterdir()), [])
        process.stdin.close()


if __name__ == "__main__":
    support.main()
