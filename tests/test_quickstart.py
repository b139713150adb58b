# SPDX-License-Identifier: Apache-2.0
"""The README's first command, as somebody tries it: twice, the second time on a terminal."""

import os
import pathlib
import pty
import re
import select
import socket
import subprocess
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
QUICKSTART = str(ROOT / "packaging/quickstart")
LIMIT = 240.0
# In this order.
SHOWN = (r"\$ mxwardctl explain ", r"\$ mxwardctl probe ", r"451 4\.7\.1 Greylisted",
         r"\$ mxwardctl probe ", r"action=defer, reason=greylist-new",
         r"action=accept, reason=greylist-passed",
         r"\$ mxwardctl list", r"passed +192\.0\.2\.25 .* alice@example\.org",
         r"smtpd_milters = \{ inet:127\.0\.0\.1:\d+, .*default_action=accept \}",
         r"INPUT_MAIL_FILTER\(`mxward', `S=inet:\d+@127\.0\.0\.1")


class Quickstart(unittest.TestCase):
    def assert_shown(self, text):
        place = 0
        for pattern in SHOWN:
            found = re.compile(pattern).search(text, place)
            self.assertIsNotNone(found, f"no {pattern} where it belongs in:\n{text}")
            place = found.end()

    def assert_served_no_more(self, text):
        port = re.search(r"inet:127\.0\.0\.1:(\d+)", text).group(1)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(port)), 1.0)

    def test_it_ends_by_itself_and_again_on_a_terminal_with_ctrl_c(self):
        done = subprocess.run([QUICKSTART], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assert_shown(done.stdout)
        self.assert_served_no_more(done.stdout)

        status, text = self.on_a_terminal("serving until Ctrl-C")
        self.assertEqual(status, 0, text)
        self.assert_shown(re.sub(r"\r|\x1b\[[0-9;]*m", "", text))
        self.assert_served_no_more(text)

    def on_a_terminal(self, until):
        """Its exit status and what it wrote; Ctrl-C is typed when it says `until`."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(QUICKSTART, [QUICKSTART])
        text, typed, deadline = "", False, time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1.0)[0]:
                continue
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # its other side is closed
                piece = b""
            if not piece:
                break
            text += piece.decode(errors="replace")
            if not typed and until in text:
                os.write(terminal, b"\x03")
                typed = True
        else:
            os.kill(child, 9)
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


if __name__ == "__main__":
    unittest.main(verbosity=2)
