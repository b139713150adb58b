# SPDX-License-Identifier: Apache-2.0
"""add_header: what is asked of the MTA, and which mail gets the header."""

import re

import protocol as p
import support
from case import DaemonCase, SharedDaemonCase
from support import eventually

EXEMPT = "<postmaster@example.net>"


def ended(session):
    """The replies to the end of the message: the headers that are added, and the last reply."""
    headers = []
    reply = session.eom()
    while reply.command == p.ADD_HEADER:
        headers.append(reply.data.rstrip(b"\0").split(b"\0"))
        reply = session.read()
    return [(name.decode(), text.decode()) for name, text in headers], str(reply)


class Header(SharedDaemonCase):
    settings = {"add_header": True, "trust": {"networks": ["127.0.0.0/8"]}}

    def mail(self, sender, *recipients, **client):
        with self.daemon.session() as session:
            session.client(**client)
            session.mail(sender)
            replies = [session.rcpt(recipient) for recipient in recipients]
            self.assertIn("c", [str(reply) for reply in replies])
            headers, reply = ended(session)
            self.assertEqual(reply, "c")
            return headers

    def test_it_is_asked_for_only_where_it_is_offered(self):
        for offered, wanted in ((p.ACTIONS, p.ADD_HEADERS), (p.ACTIONS & ~p.ADD_HEADERS, 0)):
            with self.daemon.session() as session:
                asked = session.negotiate(actions=offered).actions
                self.assertEqual(asked & p.ADD_HEADERS, wanted)
                self.assertEqual(asked & ~offered, 0)

    def test_an_mta_that_adds_none_gets_none(self):
        with self.daemon.session() as session:
            session.negotiate(actions=p.ACTIONS & ~p.ADD_HEADERS)
            session.client().envelope("<plain@example.org>", EXEMPT)
            self.assertEqual(ended(session), ([], "c"))

    def test_delayed_and_known(self):
        mail = {"sender": "<late@example.org>", "recipient": "<b@example.net>"}
        self.daemon.attempt(**mail)
        self.daemon.sit_out_delay()
        (name, text), = self.mail(*mail.values())
        self.assertEqual(name, "X-Greylist")
        self.assertRegex(text, r"^delayed [1-9]\d* seconds by mxward at mx\.example\.net "
                               r"\(greylist-passed\); \w{3}, \d+ \w{3} \d{4} [\d:]{8} \+0000$")
        # That it has passed is written in the background.
        eventually(lambda: re.match(r"not delayed by mxward at mx\.example\.net \(greylist-known\); ",
                                    self.mail(*mail.values())[0][1]))

    def test_a_recipient_that_was_deferred_does_not_count(self):
        (_, text), = self.mail("<two@example.org>", EXEMPT, "<deferred@example.net>")
        self.assertIn("(exempt-recipient)", text)

    def test_each_mail_of_a_session_has_its_own(self):
        with self.daemon.session() as session:
            session.client()
            for _ in range(2):
                session.envelope("<each@example.org>", EXEMPT)
                headers, _ = ended(session)
                self.assertEqual(len(headers), 1)

    def test_mail_of_our_own_has_none(self):
        self.assertEqual(self.mail("<own@example.org>", "<b@example.net>", address="127.0.0.1"), [])


class Reload(DaemonCase):
    def test_it_begins_and_ends_with_the_connections_after_a_reload(self):
        daemon = self.daemon()
        with daemon.session() as old:
            old.client()
            daemon.configure({"add_header": True})
            self.assertIn("reloaded", daemon.reload())
            # What was not negotiated may not be done.
            old.envelope("<old@example.org>", EXEMPT)
            self.assertEqual(ended(old), ([], "c"))
        with daemon.session() as new:
            new.client().envelope("<new@example.org>", EXEMPT)
            self.assertEqual(len(ended(new)[0]), 1)
            daemon.configure({"add_header": False})
            self.assertIn("reloaded", daemon.reload())
            new.envelope("<new@example.org>", EXEMPT)
            self.assertEqual(ended(new), ([], "c"))


if __name__ == "__main__":
    support.main()
