# SPDX-License-Identifier: Apache-2.0
"""What the filter asks the MTA for, and what it makes do with."""

import struct

import protocol as p
import support
import wire
from case import DaemonCase, SharedDaemonCase

NO_SENDERS = {"sender_domain_none": 0, "sender_null_mx": 0, "sender_mx_nowhere": 0}
CLIENTS = {"name": "clients", "zone": "clients.example", "codes": ["127.0.0.2"], "weight": 1}
SENDERS = {"name": "names", "zone": "names.example", "codes": ["127.0.0.2"], "weight": 1,
           "of": ["helo", "sender-domain"]}


class Negotiation(SharedDaemonCase):
    def negotiate(self, **offer):
        with self.daemon.session() as session:
            return session.negotiate(**offer)

    def dialogue(self, sender, **offer):
        with self.daemon.session() as session:
            session.negotiate(**offer)
            return session.client().envelope(sender, "<b@example.net>")

    def test_the_answer_has_the_mtas_protocol_version(self):
        for version in (2, 3, 4, 6):
            with self.subTest(version=version):
                flags = p.EVERYTHING if version == 6 else p.VERSION_2
                self.assertEqual(self.negotiate(version=version, protocol=flags).version, version)

    def test_no_flag_is_asked_for_that_was_not_offered(self):
        lone = [1 << bit for bit in range(21)]
        for offered in [p.VERSION_2, p.EVERYTHING, p.EVERYTHING & ~p.RCPT_REJECTED, *lone]:
            with self.subTest(offered=hex(offered)):
                asked = self.negotiate(protocol=offered).protocol
                self.assertEqual(asked & ~offered, 0, hex(asked))

    def test_an_mta_without_flags_is_taken_for_one_of_version_1(self):
        self.assertEqual(self.negotiate(protocol=0).protocol & ~p.VERSION_1, 0)

    def test_no_action_is_asked_for_that_was_not_offered(self):
        for offered in (0, p.ACTIONS_VERSION_2, p.ACTIONS):
            with self.subTest(offered=hex(offered)):
                self.assertEqual(self.negotiate(actions=offered).actions & ~offered, 0)

    def test_headers_and_body_are_not_sent(self):
        asked = self.negotiate().protocol
        for flag in (p.NO_HEADERS, p.NO_EOH, p.NO_BODY):
            self.assertTrue(asked & flag, hex(flag))

    def test_headers_are_not_added_unless_it_is_wished(self):
        for offered in (p.ACTIONS_VERSION_2, p.ACTIONS):
            self.assertFalse(self.negotiate(actions=offered).actions & p.ADD_HEADERS)

    def test_the_mta_waits_where_a_lookup_begins(self):
        # Postfix would keep the stage in its buffer otherwise, until the first recipient.
        asked = self.negotiate().protocol
        self.assertTrue(asked & p.NR_CONNECT)
        self.assertTrue(asked & p.NR_HELO)
        self.assertFalse(asked & p.NR_MAIL, "sender domains are looked up")

    def test_recipients_are_asked_for_and_replied_to(self):
        asked = self.negotiate().protocol
        for flag in (p.NO_CONNECT, p.NO_MAIL, p.NO_RCPT, p.NR_RCPT):
            self.assertFalse(asked & flag, hex(flag))

    def test_data_is_not_asked_for(self):
        # Behind a refusal there libmilter would answer nothing that follows in the transaction.
        self.assertTrue(self.negotiate().protocol & p.NO_DATA)

    def test_the_macros_of_the_clients_name_are_asked_for(self):
        asked = self.negotiate().macros
        self.assertIn("{client_name}", asked["connect"])

    def test_an_mta_that_knows_only_version_2_is_served(self):
        reply = self.dialogue("<old@example.org>", version=2, actions=p.ACTIONS_VERSION_2,
                              protocol=p.VERSION_2)
        self.assertTrue(reply.deferred)

    def test_an_mta_that_offers_nothing_is_served(self):
        with self.daemon.session() as session:
            session.negotiate(actions=0, protocol=0)
            self.assertEqual(str(session.connect("[192.0.2.1]", "192.0.2.1")), "c")
            self.assertEqual(str(session.helo()), "c")
            self.assertEqual(str(session.mail("<nothing@example.org>")), "c")
            self.assertTrue(session.rcpt("<b@example.net>").deferred)
            self.assertTrue(session.quit())

    def test_an_mta_without_the_wish_for_macros_is_served(self):
        with self.daemon.session() as session:
            session.negotiate()
            session.connect("mail.example.org", "192.0.2.1")
            session.helo()
            self.assertTrue(session.envelope("<bare@example.org>", "<b@example.net>").deferred)

    def test_a_protocol_that_is_too_old_is_refused_and_others_are_served(self):
        for version in (0, 1):
            with self.subTest(version=version), self.daemon.session() as session:
                session.send(p.negotiation(version))
                with self.assertRaises((wire.Closed, TimeoutError)):
                    session.read()
        self.assertTrue(self.daemon.attempt(sender="<modern@example.org>").deferred)

    def test_a_protocol_from_the_future_is_answered_with_ours(self):
        with self.daemon.session() as session:
            self.assertLessEqual(session.negotiate(version=99, protocol=0xFFFFFFFF).version, 6)
            session.client()
            self.assertTrue(session.envelope("<future@example.org>", "<b@example.net>").deferred)

    def test_a_second_negotiation_in_a_session_does_no_harm(self):
        with self.daemon.session(timeout=2.0) as session:
            session.client().mail("<twice@example.org>")
            session.send(p.negotiation())
            session.send(p.packet(p.OPTNEG, struct.pack("!I", 6)))
            try:
                session.read()
            except (wire.Closed, TimeoutError):
                pass
        self.assertTrue(self.daemon.attempt(sender="<thrice@example.org>").deferred)


class QuietStages(DaemonCase):
    """Where nothing is decided and nothing looked up the MTA need not wait."""

    def asked(self, settings):
        with self.daemon(settings).session() as session:
            return session.negotiate().protocol

    def assert_quiet(self, settings, connect, mail):
        asked = self.asked(settings)
        self.assertEqual(bool(asked & p.NR_CONNECT), connect, hex(asked))
        self.assertTrue(asked & p.NR_HELO, hex(asked))
        self.assertEqual(bool(asked & p.NR_MAIL), mail, hex(asked))

    def test_nothing_is_looked_up(self):
        self.assert_quiet({"score": NO_SENDERS}, connect=True, mail=True)

    def test_a_list_of_clients(self):
        self.assert_quiet({"score": NO_SENDERS, "dnsbl": [CLIENTS]}, connect=False, mail=True)

    def test_a_list_of_names(self):
        self.assert_quiet({"score": NO_SENDERS, "dnsbl": [SENDERS]}, connect=True, mail=False)


if __name__ == "__main__":
    support.main()
