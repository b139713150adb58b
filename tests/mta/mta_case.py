# SPDX-License-Identifier: Apache-2.0
"""The base of the tests with real mail servers."""

import os
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "milter"))

from case import DaemonCase  # noqa: E402
from daemon import ROOT  # noqa: E402
from support import eventually  # noqa: E402

import smtp  # noqa: E402
from postfix import Postfix  # noqa: E402


def readme_line(pattern):
    """The groups of the one line of README.md's that the pattern matches."""
    lines = [found for line in (ROOT / "README.md").read_text().splitlines()
             if (found := re.fullmatch(pattern, line.strip()))]
    assert len(lines) == 1, f"README.md has {len(lines)} lines of {pattern}"
    return lines[0].groups()


@unittest.skipUnless(os.geteuid() == 0, "needs root: a mail server changes users")
@unittest.skipUnless(shutil.which("postfix"), "needs Postfix")
class PostfixCase(DaemonCase):
    def run(self, result=None):
        self.servers = []
        result = result or self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        try:
            super().run(result)
        finally:
            for server in self.servers:
                if len(result.failures) + len(result.errors) > before:
                    print(f"--- {self.id()}: log of {server.directory}\n{server.log()}",
                          file=sys.stderr)
                server.remove()
        return result

    def postfix(self, settings=None, start=True, **options):
        server = Postfix(settings, **options)
        self.servers.append(server)
        return server.start() if start else server

    def guarded_postfix(self, settings=None, daemon_settings=None, **options):
        """A Postfix and a daemon behind a unix socket, as the README says."""
        server = self.postfix(start=False, **options)
        # Where smtpd, chrooted, finds it: mxward/ under the queue directory, group postfix.
        folder = server.queue / "mxward"
        folder.mkdir()
        shutil.chown(folder, group="postfix")
        folder.chmod(0o2750)
        daemon = self.daemon(daemon_settings, endpoint=f"unix:{folder}/milter.sock")
        server.configure({"smtpd_milters": "unix:mxward/milter.sock",
                          "milter_default_action": "tempfail", **(settings or {})})
        return server.start(), daemon

    def assert_deferred(self, reply):
        code, text = reply
        self.assertEqual(code, 451, text)
        self.assertRegex(text, r"4\.7\.1.*[Gg]reylisted")

    def accepted_after_delay(self, server, **mail):
        def retry():
            code, text = smtp.send(server.port, **mail)
            self.assertIn(code, (250, 451), text)
            return code == 250
        eventually(retry, 20, f"{mail} accepted", every=0.25)

    def arrived(self, server, subject, user="user"):
        return eventually(lambda: [m for m in server.delivered(user) if subject in m], 30,
                          f"{subject} in the mailbox", every=0.1)
