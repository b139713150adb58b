# SPDX-License-Identifier: Apache-2.0
"""A DNS list that misbehaves: what happens to mail, within what time, and what status says of the
list. DESIGN.md, promises 1, 4 and 6."""

import time

import dns_wire as wire
import misbehaving_dns as dns
import support
from dns_case import findings
from list_case import (AT_ONCE, DEADLINE, LAME, LISTED, LISTING, LISTS, SLACK, SOUND,
                       ListCase)

BREAKS_AFTER = 5  # lookups in a row


class NoAnswer(ListCase):
    """What cannot be used is no answer: mail passes within the deadline, the breaker opens, then
    nobody waits any more; all the time the other list is believed."""

    def breaks(self, behaviour):
        self.start(behaviour)
        for _ in range(BREAKS_AFTER):
            self.assert_passes(DEADLINE + SLACK)
        self.expect_condition("lame", "broken")
        self.expect_condition("sound", "healthy")
        self.assert_passes(AT_ONCE)
        self.assert_rejected(AT_ONCE, by="sound")

    def test_silent(self):
        self.breaks(dns.silent)

    def test_later_than_the_deadline(self):
        self.breaks(dns.slow(DEADLINE * 3))

    def test_server_failure(self):
        self.breaks(dns.servfail)

    def test_refused(self):
        self.breaks(dns.refused)

    def test_truncated_and_tcp_silent(self):
        self.breaks(dns.truncating(LISTING[LAME], tcp_works=False))

    def test_wrong_id(self):
        self.breaks(dns.wrong_id)

    def test_wrong_name(self):
        self.breaks(dns.wrong_name)

    def test_a_record_of_another_name(self):
        self.breaks(dns.foreign_record)

    def test_a_compression_pointer_to_itself(self):
        self.breaks(dns.pointing_at_itself)

    def test_compression_pointers_in_circles(self):
        self.breaks(dns.pointing_in_circles)

    def test_counts_that_lie(self):
        self.breaks(dns.lying_counts)

    def test_garbage(self):
        self.breaks(dns.garbage)


class UselessAnswer(ListCase):
    """What is an answer, but says nothing about a client: mail passes, the other list is believed."""

    def adds_nothing(self, behaviour, condition="healthy"):
        self.start(behaviour)
        self.assert_passes(DEADLINE + SLACK)
        self.expect_condition("lame", condition)
        self.expect_condition("sound", "healthy")
        self.assert_passes(AT_ONCE)
        self.assert_rejected(AT_ONCE, by="sound")

    def test_a_code_that_the_list_does_not_have(self):
        self.adds_nothing(dns.wildcard("127.0.0.255"))

    def test_thousands_of_records(self):
        self.adds_nothing(dns.thousands)

    def test_thousands_of_records_in_one_datagram(self):
        self.adds_nothing(dns.oversized_datagram)

    def test_the_refusal_of_a_public_resolver(self):
        self.adds_nothing(dns.wildcard("127.255.255.254"), "refusing")

    def test_a_refusal_among_listings(self):
        self.adds_nothing(dns.wildcard("127.0.0.2", "127.255.255.255"), "refusing")

    def test_a_parked_domain(self):
        self.adds_nothing(dns.wildcard("203.0.113.80"), "lying")

    def test_the_quota_of_an_allow_list_allows_nobody(self):
        self.start(dns.wildcard("127.0.0.255"),
                   [{"name": "lame", "zone": LAME, "codes": {"127.0.0.*": -5}}, LISTS[1]])
        reply, line, _ = self.mail(name=None)
        self.assertTrue(reply.deferred, line)
        self.assertEqual(findings(line)["rdns-none"], 4)
        self.expect_condition("lame", "refusing")

    def test_everybody_is_listed(self):
        self.start(dns.wildcard("127.0.0.2"))
        # The test at the start finds it out.
        self.expect_condition("lame", "lying")
        self.assert_passes(DEADLINE + SLACK)
        self.assert_rejected(DEADLINE + SLACK, by="sound")


class NoTrouble(ListCase):
    def test_slow_but_in_time(self):
        self.start(dns.slow(DEADLINE / 2, LISTING[LAME]), LISTS[:1])
        self.assert_rejected(DEADLINE + SLACK, by="lame")
        self.assert_passes(DEADLINE + SLACK)
        self.expect_condition("lame", "healthy")

    def test_truncated_and_tcp_works(self):
        self.start(dns.truncating(LISTING[LAME]), LISTS[:1])
        self.assert_rejected(DEADLINE + SLACK, by="lame")
        self.assert_passes(DEADLINE + SLACK)
        self.expect_condition("lame", "healthy")

    def test_what_comes_too_late_counts_for_the_next_mail(self):
        # Without the list's text: that would have to be asked for, and come late as well.
        self.start(reply={"list_text": False})
        self.expect_condition("lame", "healthy")
        late = DEADLINE * 2
        self.server.behave(LAME, dns.slow(late, LISTING[LAME]))
        self.server.behave(SOUND, dns.no_name)
        self.assert_passes(DEADLINE + SLACK, address=LISTED)
        time.sleep(late)  # of real time: the answer comes over a real network
        self.assert_rejected(AT_ONCE, by="lame", address=LISTED)

    def test_a_listing_that_decides_does_not_wait_for_another_list(self):
        self.start()
        self.expect_condition("lame", "healthy")
        self.server.behave(LAME, dns.silent)
        self.assert_rejected(AT_ONCE, by="sound")

    def test_what_was_asked_is_remembered(self):
        self.start(lists=LISTS[:1])
        for _ in range(3):
            self.assert_rejected(DEADLINE + SLACK, by="lame", address=LISTED)
        asked = [query.name for query in self.server.questions(LAME) if query.kind == wire.A]
        self.assertEqual(asked.count(f"66.2.0.192.{LAME}"), 1)


if __name__ == "__main__":
    support.main()
