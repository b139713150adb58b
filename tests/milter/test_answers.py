# SPDX-License-Identifier: Apache-2.0
"""No answer is owed: whatever an MTA says behind whatever verdict, it hears the right reply at once,
and the rest of the session is judged."""

import itertools

import protocol as p
import support
from case import SharedDaemonCase

RULES = [{"name": "evil", "sender": ["evil@example.org"], "action": "reject"},
         {"name": "yes", "recipient": ["yes@example.net"], "action": "accept"},
         {"name": "later", "recipient": ["later@example.net"], "action": "defer"},
         {"name": "never", "recipient": ["never@example.net"], "action": "reject"}]
SENDERS = ("<a@example.org>", "<>", "<double-bounce@example.org>")
# What an MTA that offers so much sends behind RCPT. Those of version 2 and 3 know no DATA.
OFFERS = {2: p.VERSION_2, 3: p.VERSION_2 | p.NR_HEADER | p.NO_UNKNOWN, 4: 0x3FF, 6: p.EVERYTHING}
STEPS = ("yes", "later", "never", "refused", "eom", "abort", "mail", "helo")
TAKEN = {"{rcpt_mailer}": "virtual", "{rcpt_host}": "example.net", "{rcpt_addr}": "user"}
REFUSED = {"{rcpt_mailer}": "error", "{rcpt_host}": "5.1.1", "{rcpt_addr}": "unknown"}


class Dialogue:
    """A session and what it has to hear."""

    def __init__(self, session, sender):
        self.session, self.sender = session, sender
        self.said = []
        self.mail()

    def mail(self):
        self.session.mail(self.sender)
        self.recipients, self.held, self.passed = 0, False, False

    def step(self, name):
        """The reply and the letter that begins the right one: c, 4 or 5."""
        self.said.append(name)
        if name in ("yes", "later", "never"):
            wanted = {"yes": "c", "later": "4", "never": "5"}[name]
            if wanted == "4" and self.recipients == 0 and self.sender != SENDERS[0]:
                self.held, wanted = True, "c"
            self.recipients += 1
            self.passed |= wanted == "c"
            return self.session.rcpt(f"<{name}@example.net>", macros=TAKEN), wanted
        if name == "refused":
            return self.session.rcpt("<gone@example.net>", macros=REFUSED), "c"
        if name == "eom" and self.passed:  # an MTA sends it for nothing else
            held = self.held
            reply = self.session.eom()
            self.mail()
            return reply, "4" if held else "c"
        if name in ("abort", "eom"):
            self.session.abort()
        elif name == "helo":
            # A second EHLO ends the transaction; Sendmail tells of it without an ABORT.
            self.session.helo("again.example.org")
        self.mail()
        return None, None


class Answers(SharedDaemonCase):
    settings = {"rule": RULES, "greylist": {"apply": "off"}}

    def check(self, dialogue, steps):
        for name in steps:
            reply, wanted = dialogue.step(name)
            if wanted:
                got = "c" if reply.passed else reply.text[:1]
                self.assertEqual(got, wanted, f"{dialogue.sender} {dialogue.said}: {reply}")

    def test_every_reply_comes_whatever_came_before(self):
        for (version, offered), sender in itertools.product(OFFERS.items(), SENDERS):
            with self.subTest(version=version, sender=sender), self.daemon.session(3.0) as session:
                session.negotiate(version=version, protocol=offered)
                dialogue = Dialogue(session.client(), sender)
                for steps in itertools.product(STEPS, repeat=3):
                    self.check(dialogue, steps)
                    session.abort()
                    session.mail("<evil@example.org>")
                    self.assertTrue(session.rcpt("<yes@example.net>", macros=TAKEN).rejected,
                                    dialogue.said)
                    session.abort()
                    dialogue.mail()
                    dialogue.said.clear()
                self.assertTrue(session.quit())

    def test_a_message_that_another_filter_refuses_at_data(self):
        # An MTA that asks others for DATA does not tell us of it: we have not left the transaction.
        with self.daemon.session(3.0) as session:
            session.client().mail("<>")
            self.assertTrue(session.rcpt("<later@example.net>").passed)
            self.assertIsNone(session.data())
            self.assertTrue(session.rcpt("<never@example.net>").rejected)
            self.assertTrue(session.eom().deferred)


if __name__ == "__main__":
    support.main()
