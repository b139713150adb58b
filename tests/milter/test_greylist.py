# SPDX-License-Identifier: Apache-2.0
"""Greylisting as an MTA sees it."""

import time

import support
from case import SharedDaemonCase

DELAY = 2


class Greylist(SharedDaemonCase):
    settings = {"greylist": {"delay": f"{DELAY}s"}}

    def test_an_unknown_tuple_is_deferred_with_451_4_7_1(self):
        reply = self.daemon.attempt(sender="<new@example.org>")
        self.assertEqual(reply.command, b"y")
        self.assertRegex(reply.smtp, r"^451 4\.7\.1 Greylisted, please try again in \d+ seconds?$")

    def test_the_reply_avoids_the_phrases_that_get_servers_banned(self):
        reply = self.daemon.attempt(sender="<phrases@example.org>")
        self.assertNotRegex(reply.smtp, "Service unavailable|Client host rejected")

    def test_a_retry_before_the_delay_stays_deferred(self):
        envelope = {"sender": "<early@example.org>"}
        begun = time.monotonic()
        self.assertTrue(self.daemon.attempt(**envelope).deferred)
        again = self.daemon.attempt(**envelope)
        if time.monotonic() - begun < DELAY - 1:
            self.assertTrue(again.deferred, again)

    def test_the_same_mail_is_accepted_after_the_delay_and_at_once_later(self):
        envelope = {"sender": "<patient@example.org>"}
        begun = time.monotonic()
        self.assertTrue(self.daemon.attempt(**envelope).deferred)
        self.assertEqual(str(self.daemon.accepted_after_delay(**envelope)), "c")
        # Records may keep whole seconds.
        self.assertGreaterEqual(time.monotonic() - begun, DELAY - 1)
        for _ in range(3):
            self.assertEqual(str(self.daemon.attempt(**envelope)), "c")

    def test_early_retries_keep_the_first_seen_time(self):
        envelope = {"sender": "<hasty@example.org>"}
        begun = time.monotonic()
        # Retries every 100 ms: if each of them began the delay anew, none would ever pass.
        self.daemon.accepted_after_delay(**envelope)
        self.assertLess(time.monotonic() - begun, support.allow(DELAY + 2))

    def test_a_retry_from_the_same_network_is_accepted(self):
        self.assert_pending_seen_from({"address": "198.51.100.7"}, {"address": "198.51.100.200"})

    def test_another_network_sender_or_recipient_is_another_tuple(self):
        known = {"sender": "<known@example.org>", "recipient": "<r@example.net>",
                 "address": "203.0.113.4"}
        self.daemon.attempt(**known)
        self.daemon.accepted_after_delay(**known)
        for change in ({"address": "198.18.7.4"}, {"sender": "<other@example.org>"},
                       {"recipient": "<other@example.net>"}):
            with self.subTest(change):
                self.assertTrue(self.daemon.attempt(**{**known, **change}).deferred)

    def test_an_ipv6_client_is_known_by_its_64(self):
        self.assert_pending_seen_from({"address": "2001:db8:1:2::1"},
                                      {"address": "2001:db8:1:2:a::9"})
        self.assertTrue(self.daemon.attempt(sender="<six@example.org>",
                                            address="2001:db8:1:3::1").deferred)

    def test_a_v4_mapped_client_is_the_v4_client(self):
        self.assert_pending_seen_from({"address": "::ffff:192.0.2.9"}, {"address": "192.0.2.9"})

    def test_a_retry_from_another_network_of_the_same_organisation_is_accepted(self):
        self.assert_pending_seen_from(
            {"address": "198.18.10.1", "name": "out-a.mail.example.org"},
            {"address": "198.18.99.1", "name": "out-b.mail.example.org"})

    def assert_pending_seen_from(self, first, second):
        """A tuple first tried by one client is accepted when the other retries it."""
        sender = f"<{self._testMethodName}@example.org>"
        self.assertTrue(self.daemon.attempt(sender=sender, **first).deferred)
        self.daemon.sit_out_delay()
        self.assertEqual(str(self.daemon.attempt(sender=sender, **second)), "c")

    def test_exempt_recipients_are_not_greylisted(self):
        for recipient in ("<postmaster@example.net>", "<Abuse@example.net>"):
            with self.subTest(recipient):
                self.assertTrue(self.daemon.attempt(sender="<help@example.org>",
                                                    recipient=recipient).passed)

    def test_the_log_says_what_was_decided_and_why(self):
        envelope = {"sender": "<logged@example.org>", "recipient": "<log@example.net>",
                    "address": "192.0.2.77", "name": "mail.example.org"}
        self.daemon.attempt(**envelope)
        line = self.daemon.expect_decision(sender="logged@example.org")
        self.assertEqual(line["action"], "defer")
        self.assertEqual(line["reason"], "greylist-new")
        self.assertEqual(line["client_address"], "192.0.2.77")
        self.assertEqual(line["client_name"], "mail.example.org")
        self.assertEqual(line["recipient"], "log@example.net")
        self.daemon.accepted_after_delay(**envelope)
        self.daemon.expect_decision(sender="logged@example.org", action="accept")


if __name__ == "__main__":
    support.main()
