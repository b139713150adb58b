# SPDX-License-Identifier: Apache-2.0
"""Senders and recipients as strange as clients can make them."""

import contextlib
import pathlib
import re
import unittest

import support
from case import SharedDaemonCase

STRANGE = {
    "8-bit bytes": b"<gr\xfc\xdfe@example.org>",
    "UTF-8": "<δοκιμή@παράδειγμα.example>".encode(),
    "broken UTF-8": b"<\xc3\x28\xff\xfe@example.org>",
    "a quoted local part": b'<"john doe"@example.org>',
    "a quoted local part with an at sign and escapes": b'<"a\\"b@c\\\\"@example.org>',
    "an unbalanced quote": b'<"john@example.org>',
    "no angle brackets": b"plain@example.org",
    "one angle bracket": b"<half@example.org",
    "two pairs of angle brackets": b"<<twice@example.org>>",
    "no at sign": b"<nobody>",
    "only an at sign": b"<@>",
    "many at signs": b"<a@b@c@d>",
    "a source route": b"<@relay.example,@other.example:user@example.org>",
    "blanks": b"<  spaced @ example.org >",
    "control bytes": b"<a\x01\x02\x1b[31m\x7f\r\n@example.org>",
    "2,000 characters": b"<" + b"l" * 990 + b"@" + b"d" * 996 + b".example>",
    "2,000 characters without an at sign": b"<" + b"x" * 1998 + b">",
    "an address literal": b"<user@[192.0.2.1]>",
    "an IPv6 literal": b"<user@[IPv6:2001:db8::1]>",
    "dots where none belong": b"<.a..b.@.example..org.>",
    "per cent signs": b"<50%off%s%n%d@example.org>",
    "a broken SRS": b"<SRS0=@example.org>",
    "a broken BATV": b"<prvs==@example.org>",
    "plus signs": b"<++++@example.org>",
    "commas and equals, as a log line has them": b"<x>, action=accept, sender=<y@example.org>",
}


class Addresses(SharedDaemonCase):
    def assert_judged(self, **envelope):
        """Deferred first, and known again after the delay."""
        reply = self.daemon.attempt(**envelope)
        self.assertTrue(reply.deferred, reply)
        self.assertTrue(reply.text.isprintable(), reply)
        return envelope

    def assert_all_known_again(self, envelopes):
        self.daemon.sit_out_delay()
        for name, envelope in envelopes.items():
            with self.subTest(name):
                self.assertEqual(str(self.daemon.attempt(**envelope)), "c")

    def test_strange_senders_are_judged_like_others(self):
        envelopes = {}
        for name, address in STRANGE.items():
            with self.subTest(name):
                envelopes[name] = self.assert_judged(sender=address, recipient="<s@example.net>")
        self.assert_all_known_again(envelopes)

    def test_strange_recipients_are_judged_like_others(self):
        envelopes = {}
        for name, address in STRANGE.items():
            with self.subTest(name):
                envelopes[name] = self.assert_judged(sender="<r@example.org>", recipient=address)
        self.assert_all_known_again(envelopes)

    def test_an_empty_sender_without_brackets_is_the_null_sender(self):
        with self.daemon.session() as session:
            session.client().mail("")
            self.assertEqual(str(session.rcpt("<empty@example.net>")), "c")
            self.assertTrue(session.eom().deferred)

    @unittest.skipIf(support.SLOW, "a sanitizer has memory of its own")
    def test_a_session_keeps_little_of_what_is_long(self):
        # Six times 30,000 bytes; of the macros libmilter keeps a copy of its own.
        long = 30000

        def one_more(number):
            session = stack.enter_context(self.daemon.session())
            session.client(f"10.{number}.0.1", name="n" * long, helo="h" * long,
                           macros={"{client_ptr}": "p" * long})
            session.mail("<" + "s" * long + "@example.org>",
                         macros={"{tls_version}": "TLSv1.3", "{cert_subject}": "c" * long,
                                 "{cert_issuer}": "i" * long})

        def anonymous():
            status = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text()
            return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1])

        with contextlib.ExitStack() as stack:
            for number in range(20):
                one_more(number)
            before = anonymous()
            for number in range(20, 120):
                one_more(number)
            each = (anonymous() - before) / 100
        # Kilobytes; they are 130, and were 320 while all was kept.
        self.assertLess(each, 220)

    def test_an_empty_recipient_is_harmless(self):
        self.assertTrue(self.daemon.attempt(sender="<e@example.org>", recipient="").deferred)

    def test_an_address_with_a_nul_ends_there(self):
        # The protocol ends arguments with NUL; what follows is an ESMTP parameter to the filter.
        with self.daemon.session() as session:
            session.client().mail(b"<nul\0byte@example.org>")
            self.assertTrue(session.rcpt(b"<nul\0byte@example.net>").deferred)

    def test_strange_helo_names_are_harmless(self):
        for name, helo in {**STRANGE, "a bare address": b"192.0.2.1"}.items():
            with self.subTest(name), self.daemon.session() as session:
                session.client(helo=helo)
                self.assertTrue(session.envelope("<helo@example.org>", "<h@example.net>").deferred)
        # None of them has forged a field of the log line.
        self.assertEqual(self.daemon.decisions(action="accept", recipient="h@example.net"), [])

    def test_strange_client_names_are_harmless(self):
        for name, client in STRANGE.items():
            with self.subTest(name), self.daemon.session() as session:
                session.client(name=client)
                session.envelope("<name@example.org>", "<n@example.net>")
        self.assertTrue(self.daemon.attempt(sender="<other@example.org>").deferred)

    def test_nothing_the_network_sends_breaks_a_log_line(self):
        forged = b"<x\nNOQUEUE: action=forged, reason=none\r@example.org>"
        self.daemon.attempt(sender=forged)
        self.daemon.expect_decision(action="defer")
        self.assertEqual(self.daemon.decisions(action="forged", reason="none"), [])
        self.assertNotRegex(self.daemon.log(), r"[\x00-\x09\x0b-\x1f\x7f]")

    def test_upper_and_lower_case_are_the_same_tuple(self):
        self.assert_judged(sender="<Mixed.Case@Example.ORG>", recipient="<User@Example.NET>")
        self.daemon.sit_out_delay()
        self.assertEqual(str(self.daemon.attempt(sender="<mixed.case@example.org>",
                                                 recipient="<USER@example.net>")), "c")

    def test_an_address_without_angle_brackets_is_the_same_address(self):
        self.assert_judged(sender="<brackets@example.org>")
        self.daemon.sit_out_delay()
        self.assertEqual(str(self.daemon.attempt(sender="brackets@example.org",
                                                 recipient="b@example.net")), "c")

    def test_addresses_of_2000_characters_that_differ_at_the_end_differ(self):
        long = "x" * 1980
        self.assert_judged(sender=f"<{long}a@example.org>")
        self.daemon.sit_out_delay()
        self.assertTrue(self.daemon.attempt(sender=f"<{long}b@example.org>").deferred)


class ReplyText(SharedDaemonCase):
    settings = {"greylist": {"text": "100% greylisted, %s %n, {seconds} s"}}

    def test_per_cent_signs_are_doubled_in_replies(self):
        reply = self.daemon.attempt(sender="<percent@example.org>")
        self.assertTrue(reply.deferred)
        self.assertNotIn("%", reply.text.replace("%%", ""))
        self.assertRegex(reply.smtp, r"^451 4\.7\.1 100% greylisted, %s %n, \d+ s$")


if __name__ == "__main__":
    support.main()
