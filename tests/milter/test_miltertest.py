# SPDX-License-Identifier: Apache-2.0
"""Runs greylist.lua: miltertest speaks for another implementation of the MTA's side."""

import pathlib
import shutil
import subprocess
import unittest

import support
from case import DaemonCase

HERE = pathlib.Path(__file__).resolve().parent


@unittest.skipUnless(shutil.which("miltertest"), "needs miltertest")
class Miltertest(DaemonCase):
    def test_the_dialogues_of_greylist_lua(self):
        port = support.free_port()
        # miltertest knows no unix sockets. Loopback stays trusted: "unspec" is local.
        daemon = self.daemon({"trust": {"networks": ["loopback"]}, "greylist": {"delay": "2s"}},
                             endpoint=f"inet:127.0.0.1:{port}")
        done = subprocess.run(
            ["miltertest", "-D", f"socket=inet:{port}@127.0.0.1", "-D", "delay=2",
             "-s", str(HERE / "greylist.lua")],
            capture_output=True, text=True, timeout=support.allow(60), check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIsNone(daemon.process.poll())


if __name__ == "__main__":
    support.main()
