# SPDX-License-Identifier: Apache-2.0
"""The socket vanishes under the running daemon: a cleaner, or a mail server that was installed again."""

import pathlib
import socket
import urllib.error
import urllib.request

import support
from case import DaemonCase
from daemon import need_control

NOTICED = 10.0
GIVES_UP = 45.0  # half a minute, and a look every five seconds


class Socket(DaemonCase):
    def health(self, port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    @need_control
    def test_one_that_is_gone_is_told_and_then_a_new_start_is_asked_for(self):
        port = support.free_port()
        daemon = self.daemon({"metrics": {"listen": f"127.0.0.1:{port}"}})
        path = daemon.endpoint.removeprefix("unix:")
        moved = path + ".moved"
        pathlib.Path(path).rename(moved)
        daemon.expect_log("is gone, and the mail server does not reach", within=support.allow(NOTICED))
        status, text = self.health(port)
        self.assertEqual(status, 503)
        self.assertIn("does not reach", text)
        self.assertTrue(any("does not reach" in warning for warning in daemon.ask("status")["warnings"]))
        # Back in time, nothing has happened.
        pathlib.Path(moved).rename(path)
        daemon.expect_log("is there again", within=support.allow(NOTICED))
        self.assertEqual(self.health(port), (200, "ok\n"))
        self.assertTrue(daemon.attempt().deferred)
        pathlib.Path(path).unlink()
        self.assertEqual(daemon.process.wait(timeout=support.allow(GIVES_UP)), 75)
        self.assertRegex(daemon.log(), "exiting with status 75: .* is gone")

    def test_one_that_is_replaced_is_told_and_left_alone(self):
        daemon = self.daemon()
        path = daemon.endpoint.removeprefix("unix:")
        pathlib.Path(path).unlink()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            daemon.expect_log("is not mxward's any more", within=support.allow(NOTICED))
            self.assertEqual(daemon.stop(), 0)
            self.assertTrue(pathlib.Path(path).is_socket())


if __name__ == "__main__":
    support.main()
