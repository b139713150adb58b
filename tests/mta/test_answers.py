# SPDX-License-Identifier: Apache-2.0
"""Real mail servers, and clients that go on after each verdict in every way that SMTP knows: they
hear a reply at once, the right one, and the rest of their session is filtered.

The servers are told to let mail through when the filter says nothing, as the README recommends, so
an answer that is owed shows as mail that passes."""

import itertools
import shutil
import tempfile
import time
import unittest

from mta_case import PostfixCase, smtp
from recording_filter import RecordingFilter
from case import DaemonCase

import protocol as p
import sendmail
import support

YES, LATER, NEVER = "daemon", "bin", "sys"  # users of every Debian system, for Sendmail
RULES = [{"name": "evil", "sender": ["evil@example.org"], "action": "reject"},
         {"name": "yes", "recipient": [f"{YES}@example.net"], "action": "accept"},
         {"name": "later", "recipient": [f"{LATER}@example.net"], "action": "defer"},
         {"name": "never", "recipient": [f"{NEVER}@example.net"], "action": "reject"}]
SETTINGS = {"rule": RULES, "greylist": {"apply": "off"}}
MAILBOXES = " ".join(f"{user}@example.net={user}/," for user in (YES, LATER, NEVER)).rstrip(",")

# A filter that owes an answer is waited for at least so long; no reply may take half of it.
PATIENCE = 20
SENDERS = ("a@example.org", "", "double-bounce@example.org")
STEPS = ("data", YES, LATER, NEVER, "bdat", "chunks", "rset", "ehlo", "mail")
MESSAGE = "Subject: test\r\n\r\nHello.\r\n"


class Dialogue:
    """A client that knows what it has to hear, as the beginning of the reply."""

    def __init__(self, client, sender):
        self.client, self.sender, self.said = client, sender, []
        self.begin()

    def begin(self):
        """A new transaction."""
        self.client.reset()
        self.say(f"MAIL FROM:<{self.sender}>", "2")
        self.open, self.recipients, self.passed, self.held = True, 0, 0, False

    def end(self):
        self.open = False

    def say(self, line, wanted, literal=""):
        """A command, or what is sent instead."""
        begun = time.monotonic()
        if literal:
            self.client.send(literal)
            code, text = self.client.getreply()
        else:
            code, text = self.client.docmd(line)
        took = time.monotonic() - begun
        self.said.append(f"{line!r}: {code} {text.decode('latin-1')}")
        assert took < support.allow(PATIENCE / 2), f"{took:.1f} s: {self.said}"
        assert str(code).startswith(wanted), f"{wanted} was wanted: {self.said}"
        return str(code)

    def recipient(self, user):
        if not self.open:
            return self.say(f"RCPT TO:<{user}@example.net>", "5")
        wanted = {YES: "2", LATER: "4", NEVER: "5"}[user]
        if user == LATER and self.recipients == 0 and self.sender != SENDERS[0]:
            self.held, wanted = True, "2"
        self.recipients += 1
        self.passed += wanted == "2"
        return self.say(f"RCPT TO:<{user}@example.net>", wanted)

    def message(self):
        """What the end of a message has to be told."""
        self.end()
        return "451" if self.held else "250"

    def step(self, name):
        if name in (YES, LATER, NEVER):
            self.recipient(name)
        elif name == "data":
            if self.open and self.passed:
                self.say("DATA", "354")
                self.say("a message", self.message(), MESSAGE + ".\r\n")
            else:
                self.say("DATA", "5")
        elif name in ("bdat", "chunks"):
            # Behind a refusal of BDAT the server is free to end the transaction.
            taken = self.open and self.passed
            size = len(MESSAGE)
            if name == "chunks":
                self.say("BDAT", "250" if taken else "5", f"BDAT {size}\r\n{MESSAGE}")
                if taken:
                    self.say("BDAT 0 LAST", self.message())
            else:
                self.say("BDAT LAST", self.message() if taken else "5",
                         f"BDAT {size} LAST\r\n{MESSAGE}")
            if not taken:
                self.begin()
        elif name == "rset":
            self.say("RSET", "250")
            self.end()
        elif name == "ehlo":
            self.say("EHLO again.example.org", "250")
            self.end()
        elif name == "mail":
            if self.open:
                self.say("MAIL FROM:<nested@example.org>", "503")
            else:
                self.begin()

    def assert_filtered(self):
        """A sender that is refused in any other session is so in this one."""
        self.client.reset()
        self.say("MAIL FROM:<evil@example.org>", "250")
        self.say(f"RCPT TO:<{YES}@example.net>", "550")


class Matrix:
    """Mixed into a case that has a client() for a server that is there."""

    def test_after_each_recipient_and_each_command_behind_it(self):
        with self.client() as client:
            steps = [step for step in STEPS
                     if client.has_extn("chunking") or step not in ("bdat", "chunks")]
        for sender, first, user in itertools.product(SENDERS, steps, (YES, LATER, NEVER)):
            with self.subTest(sender=sender, first=first, user=user):
                client = self.client()
                try:
                    for second in steps:
                        # Sendmail grows slow for who says EHLO more than three times.
                        if "ehlo" in (first, second):
                            client = self.renewed(client)
                        dialogue = Dialogue(client, sender)
                        for step in (user, first, second):
                            dialogue.step(step)
                        dialogue.assert_filtered()
                finally:
                    client.close()

    def renewed(self, client):
        client.docmd("QUIT")
        client.close()
        return self.client()


class AtConnect:
    """Mixed into a case that has limited(), which gives such a client(): sessions whose verdict was
    given at CONNECT."""

    def test_a_session_that_was_refused_at_connect_stays_so(self):
        for action in ("defer", "reject"):
            client_of = self.limited([{"name": "crowd", "count": "connections", "per": "client",
                                       "rate": "1/1h", "action": action, "at": "connect"}])
            with self.subTest(action):
                try:
                    client_of().close()  # or the one before it, that found out whether it listens
                    with client_of() as client:
                        self.go_through(client)
                except (smtp.smtplib.SMTPServerDisconnected, smtp.smtplib.SMTPConnectError):
                    pass  # a server may end such a session, and Postfix does for "reject"

    def go_through(self, client):
        said = []
        for line in ("MAIL FROM:<>", f"RCPT TO:<{YES}@example.net>", "DATA", "DATA", "RSET",
                     "EHLO again.example.org", "MAIL FROM:<a@example.org>",
                     f"RCPT TO:<{YES}@example.net>", "DATA"):
            begun = time.monotonic()
            code, text = client.command(line)
            said.append(f"{line}: {code} {text}")
            self.assertLess(time.monotonic() - begun, support.allow(PATIENCE / 2), said)
            if not line.startswith(("RSET", "EHLO")):
                self.assertGreaterEqual(code, 400, said)


class PostfixAnswers(PostfixCase, Matrix, AtConnect):
    protocol = "6"

    def server(self, settings=None, milters="unix:mxward/milter.sock"):
        server, daemon = self.guarded_postfix(
            {"smtpd_milters": milters, "milter_protocol": self.protocol,
             "milter_default_action": "accept", "milter_command_timeout": f"{PATIENCE}s",
             "milter_content_timeout": f"{PATIENCE}s",
             "smtpd_hard_error_limit": "10000", "smtpd_soft_error_limit": "10000",
             "smtpd_junk_command_limit": "10000", "virtual_mailbox_maps": f"inline:{{{MAILBOXES}}}"},
            settings or SETTINGS)
        self.addCleanup(lambda: self.assertNotIn("milter unix:", server.log()))
        return server, daemon

    def client(self):
        if not self.servers:
            self.server()
        return smtp.Client(self.servers[-1].port)

    def limited(self, limits):
        server, _ = self.server({"limit": limits, "greylist": {"apply": "off"}})
        return lambda: smtp.Client(server.port)

    def test_behind_a_filter_that_refuses_at_data(self):
        # The transaction goes on for the client, and for mxward.
        other = RecordingFilter(refused=p.DATA)
        self.addCleanup(other.close)
        self.server(milters=f"unix:mxward/milter.sock, inet:127.0.0.1:{other.port}")
        with self.client() as client:
            for sender in SENDERS:
                dialogue = Dialogue(client, sender)
                dialogue.recipient(LATER if sender != SENDERS[0] else YES)
                # Postfix of protocol 2 and 3 asks nobody at DATA.
                if self.protocol == "6":
                    dialogue.say("DATA", "451")
                    dialogue.say("DATA", "451")
                dialogue.recipient(NEVER)
                dialogue.recipient(YES)
                dialogue.assert_filtered()


class OldPostfixAnswers(PostfixAnswers):
    """What most instructions for OpenDKIM make of it."""

    protocol = "2"


@unittest.skipIf(sendmail.missing(), sendmail.missing())
class SendmailAnswers(DaemonCase, Matrix, AtConnect):
    def setUp(self):
        self.server = None

    def sendmail(self, settings, **options):
        directory = tempfile.mkdtemp(prefix="mxward-", dir=sendmail.SAFE)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        daemon = self.daemon(settings, directory=directory)
        # Without F= mail passes when the filter says nothing.
        equates = "T=C:{0}s;S:{0}s;R:{0}s;E:{0}s".format(PATIENCE)
        server = sendmail.Sendmail(daemon.endpoint, equates=equates, **options)
        self.addCleanup(server.remove)
        return server.start()

    def client(self):
        if self.server is None:
            self.server = self.sendmail(SETTINGS)
        return smtp.Client(self.server.port)

    def limited(self, limits):
        server = self.sendmail({"limit": limits, "greylist": {"apply": "off"}})
        return lambda: smtp.Client(server.port)


if __name__ == "__main__":
    support.main()
