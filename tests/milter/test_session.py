# SPDX-License-Identifier: Apache-2.0
"""Messages, recipients and stages within one session."""

import protocol as p
import support
from case import SharedDaemonCase


class Session(SharedDaemonCase):
    def known(self, sender, recipient="<b@example.net>"):
        """Makes a tuple that has passed."""
        self.daemon.attempt(sender=sender, recipient=recipient)
        self.daemon.accepted_after_delay(sender=sender, recipient=recipient)

    def test_each_recipient_of_a_message_is_judged_by_itself(self):
        self.known("<two@example.org>", "<old@example.net>")
        with self.daemon.session() as session:
            session.client().mail("<two@example.org>")
            self.assertEqual(str(session.rcpt("<old@example.net>")), "c")
            self.assertTrue(session.rcpt("<young@example.net>").deferred)
            self.assertEqual(str(session.rcpt("<old@example.net>")), "c")
            self.assertTrue(session.quit())

    def test_several_messages_in_one_session_are_judged_one_by_one(self):
        self.known("<third@example.org>")
        with self.daemon.session() as session:
            session.client()
            self.assertTrue(session.envelope("<first@example.org>", "<b@example.net>").deferred)
            session.abort()
            self.assertTrue(session.envelope("<second@example.org>", "<b@example.net>").deferred)
            session.abort()
            self.assertEqual(str(session.envelope("<third@example.org>", "<b@example.net>")), "c")
            self.assertTrue(session.eom().passed)
            self.assertTrue(session.envelope("<fourth@example.org>", "<b@example.net>").deferred)
            self.assertTrue(session.quit())

    def test_a_null_sender_is_deferred_at_the_end_of_its_message(self):
        for flags in (p.EVERYTHING, p.VERSION_2):
            with self.subTest(hex(flags)), self.daemon.session() as session:
                session.negotiate(version=6 if flags == p.EVERYTHING else 2, protocol=flags)
                session.client().mail("<>")
                self.assertEqual(str(session.rcpt("<bounce@example.net>")), "c")
                if flags == p.EVERYTHING:
                    self.assertIsNone(session.data(), "DATA is not asked for")
                reply = session.eom()
                self.assertRegex(reply.smtp, r"^451 4\.7\.1 Greylisted, please try again in \d+ ")
                self.assertEqual(str(session.envelope("<next@example.org>",
                                                      "<postmaster@example.net>")), "c")
                self.assertTrue(session.eom().passed)
                self.assertTrue(session.quit())

    def test_a_null_sender_that_retries_is_accepted(self):
        def told(recipient):
            with self.daemon.session() as session:
                session.client().mail("<>")
                session.rcpt(recipient)
                return session.eom()
        self.assertTrue(told("<report@example.net>").deferred)
        self.daemon.sit_out_delay()
        self.assertTrue(told("<report@example.net>").passed)

    def test_what_a_null_sender_is_told_does_not_reach_the_next_message(self):
        self.known("<after@example.org>")
        with self.daemon.session() as session:
            session.client().mail("<>")
            session.rcpt("<null@example.net>")
            session.abort()
            self.assertEqual(str(session.envelope("<after@example.org>", "<b@example.net>")), "c")
            self.assertEqual(str(session.eom()), "c")

    def test_the_per_message_state_is_reset_by_mail_without_an_abort(self):
        # An MTA that refuses MAIL itself sends no ABORT.
        self.known("<again@example.org>")
        with self.daemon.session() as session:
            session.client().mail("<>")
            session.rcpt("<stale@example.net>")
            self.assertEqual(str(session.envelope("<again@example.org>", "<b@example.net>")), "c")
            self.assertEqual(str(session.eom()), "c")

    def test_a_recipient_the_mta_refuses_never_enters_the_greylist(self):
        macros = {"{rcpt_mailer}": "error", "{rcpt_host}": "5.1.1", "{rcpt_addr}": "unknown"}
        with self.daemon.session() as session:
            session.client().mail("<guess@example.org>")
            self.assertTrue(session.rcpt("<nobody@example.net>", macros=macros).passed)
        self.daemon.sit_out_delay()
        self.assertTrue(self.daemon.attempt(sender="<guess@example.org>",
                                            recipient="<nobody@example.net>").deferred)

    def test_an_authenticated_sender_is_not_greylisted(self):
        with self.daemon.session() as session:
            session.client().mail("<user@example.net>", macros={"{auth_authen}": "user",
                                                               "{auth_type}": "PLAIN"})
            self.assertEqual(str(session.rcpt("<friend@example.org>")), "c")

    def test_authentication_ends_with_the_message(self):
        with self.daemon.session() as session:
            session.client().mail("<user@example.net>", macros={"{auth_authen}": "user"})
            session.rcpt("<friend@example.org>")
            session.abort()
            # An MTA sends the macros of a stage anew each time, and only those that have a value.
            session.mail("<shy@example.net>", macros={"{mail_addr}": "shy@example.net"})
            self.assertTrue(session.rcpt("<f@example.org>").deferred)

    def test_the_queue_id_is_logged_where_there_is_one(self):
        with self.daemon.session() as session:
            session.client().mail("<queued@example.org>")
            session.rcpt("<one@example.net>")
            session.rcpt("<two@example.net>", macros={"i": "4XyZ12"})
        self.daemon.expect_log(r"NOQUEUE: .*recipient=<one@example\.net>")
        self.daemon.expect_log(r"4XyZ12: .*recipient=<two@example\.net>")

    def test_a_new_client_on_the_same_connection_is_judged_anew(self):
        # libmilter takes QUIT_NC only where a message has just ended.
        self.known("<nc@example.org>")
        with self.daemon.session() as session:
            session.client("192.0.2.1").envelope("<nc@example.org>", "<b@example.net>")
            session.eom()
            session.next_client()
            reply = session.client("198.51.100.1").envelope("<nc@example.org>", "<b@example.net>")
            self.assertTrue(reply.deferred, reply)
            self.assertTrue(session.quit())
        self.daemon.expect_decision(sender="nc@example.org", client_address="198.51.100.1")

    def test_esmtp_parameters_are_no_part_of_the_tuple(self):
        with self.daemon.session() as session:
            session.client().mail("<esmtp@example.org>", "SIZE=1000", "BODY=8BITMIME")
            self.assertTrue(session.rcpt("<b@example.net>", "NOTIFY=NEVER").deferred)
        self.daemon.sit_out_delay()
        self.assertEqual(str(self.daemon.attempt(sender="<esmtp@example.org>")), "c")


if __name__ == "__main__":
    support.main()
