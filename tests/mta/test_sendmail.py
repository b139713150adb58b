# SPDX-License-Identifier: Apache-2.0
"""A real Sendmail with mxward as its INPUT_MAIL_FILTER."""

import shutil
import tempfile
import unittest

from mta_case import readme_line, smtp
from case import DaemonCase

import sendmail
import support
from support import eventually

USER = "daemon@example.net"  # a user every Debian system has


@unittest.skipIf(sendmail.missing(), sendmail.missing())
class DefersThenDelivers(DaemonCase):
    def sendmail(self, milter, **options):
        server = sendmail.Sendmail(milter, **options)
        self.addCleanup(server.remove)
        return server.start()

    def unix_daemon(self):
        directory = tempfile.mkdtemp(prefix="mxward-", dir=sendmail.SAFE)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        return self.daemon(directory=directory)

    def assert_deferred(self, reply):
        code, text = reply
        self.assertEqual(code, 451, text)
        self.assertRegex(text, r"4\.7\.1 .*Greylisted, please try again in \d+ seconds?")

    def defers_then_delivers(self, server, subject):
        mail = {"recipient": USER, "subject": subject}
        self.assert_deferred(smtp.send(server.port, **mail))

        def retry():
            code, text = smtp.send(server.port, **mail)
            self.assertIn(code, (250, 451), text)
            return code == 250

        eventually(retry, 20, "accepted after the delay", every=0.25)
        eventually(lambda: [m for m in server.delivered("daemon") if subject in m], 20,
                   "the mail in the mailbox")
        self.assertEqual(smtp.send(server.port, recipient=USER, subject="known")[0], 250)

    def test_over_a_unix_socket(self):
        daemon = self.unix_daemon()
        server = self.sendmail(daemon.endpoint)
        self.defers_then_delivers(server, "sendmail-unix")
        line = daemon.expect_decision(action="defer", recipient=USER)
        self.assertEqual(line["client_address"], "127.0.0.1")

    def test_over_an_inet_socket(self):
        port = support.free_port()
        self.daemon(endpoint=f"inet:127.0.0.1:{port}")
        self.defers_then_delivers(self.sendmail(f"inet:{port}@127.0.0.1"), "sendmail-inet")

    def test_in_the_form_of_the_readme_and_mail_flows_while_the_filter_is_down(self):
        scheme, path, equates = readme_line(
            r"INPUT_MAIL_FILTER\(`mxward', `S=(\w+:)(/[^,]*), (.*)'\)")
        self.assertTrue(path.endswith("/milter.sock"), path)
        daemon = self.unix_daemon()
        server = self.sendmail(scheme + daemon.endpoint.removeprefix("unix:"), equates=equates)
        self.defers_then_delivers(server, "readme")
        daemon.kill()
        mail = {"sender": "down@example.org", "recipient": USER, "subject": "filter down"}
        self.assertEqual(smtp.send(server.port, **mail)[0], 250)
        eventually(lambda: [m for m in server.delivered("daemon") if "filter down" in m], 20,
                   "the mail in the mailbox")
        daemon.start()
        self.assert_deferred(smtp.send(server.port, **mail))

    def test_the_text_of_a_reply_with_per_cent_signs_arrives_whole(self):
        # Sendmail drops a text in which a single per cent sign is left.
        daemon = self.unix_daemon()
        server = self.sendmail(daemon.endpoint)
        self.assert_deferred(smtp.send(server.port, sender="100%off@example.org", recipient=USER))

    def test_a_null_sender_is_deferred_at_the_end_of_its_message(self):
        daemon = self.unix_daemon()
        server = self.sendmail(daemon.endpoint)
        with smtp.Client(server.port) as client:
            self.assertEqual(client.envelope("", USER)[0], 250)
            self.assert_deferred(client.content("a bounce"))

    def test_several_messages_in_one_session(self):
        daemon = self.unix_daemon()
        server = self.sendmail(daemon.endpoint)
        with smtp.Client(server.port) as client:
            self.assert_deferred(client.envelope("one@example.org", USER))
            client.reset()
            self.assert_deferred(client.envelope("two@example.org", USER))


if __name__ == "__main__":
    support.main()
