# SPDX-License-Identifier: Apache-2.0
"""A name server that misbehaves: what happens to mail, within what time, and what status says of the
list. DESIGN.md, promises 1, 4 and 6."""

import contextlib
import itertools
import time

import dns_wire as wire
import misbehaving_dns as dns
import protocol as p
import support
from daemon import HAVE_CONTROL
from dns_case import GOOD_NAME, DnsCase, findings

DEADLINE = 0.5
SLACK = 0.5
AT_ONCE = 0.2

LAME, SOUND = "lame.example", "sound.example"
LISTS = [{"name": "lame", "zone": LAME, "codes": {"127.0.0.2": 12}},
         {"name": "sound", "zone": SOUND, "codes": {"127.0.0.2": 12}}]
LISTED = "192.0.2.66"
# What a well-behaved list answers: one client, and its test points (RFC 5782 5).
LISTING = {zone: dns.Records({f"{reversed_address}.{zone}": [wire.address("127.0.0.2")]
                              for reversed_address in ("66.2.0.192", "2.0.0.127")})
           for zone in (LAME, SOUND)}


class TroubleCase(DnsCase):
    def start(self, lame=LISTING[LAME], lists=LISTS, **settings):
        """Two lists, the first of which misbehaves; all other DNS is in order."""
        self.server = self.name_server({LAME: lame, SOUND: LISTING[SOUND]})
        self.guard = self.judging(self.server, lists, **{
            "dns": {"servers": [self.server.address], "deadline": f"{int(DEADLINE * 1000)}ms"},
            **settings})
        self.numbers = itertools.count(1)

    def tearDown(self):
        self.assertEqual(self.server.malformed(), [])
        self.assertIsNone(self.guard.process.poll(), "the daemon has ended")
        super().tearDown()

    def mail(self, address=None, **session):
        """One mail, of a client never seen before unless told; (reply, decision, seconds)."""
        number = next(self.numbers)
        address = address or f"198.51.{number >> 8}.{number & 255}"
        recipient = f"r{number}@example.net"
        with self.guard.session() as client:
            client.client(address, session.get("name", GOOD_NAME), GOOD_NAME)
            begun = time.monotonic()
            reply = client.envelope(session.get("sender", "<a@example.org>"), f"<{recipient}>")
            took = time.monotonic() - begun
        return reply, self.guard.expect_decision(recipient=recipient), took

    def assert_passes(self, within, **mail):
        reply, line, took = self.mail(**mail)
        self.assertTrue(reply.passed, f"{reply}: {line}")
        self.assertLess(took, support.allow(within), line)
        return line

    def assert_rejected(self, within, by, address=LISTED):
        reply, line, took = self.mail(address)
        self.assertTrue(reply.rejected, f"{reply}: {line}")
        self.assertIn(f"dnsbl:{by}", findings(line))
        self.assertLess(took, support.allow(within), line)

    def lists(self):
        return {entry["name"]: entry for entry in self.guard.ask("status")["dnsbl"]}

    def expect_condition(self, name, *conditions, within=10.0):
        """Waits until status says so, where there is a mxwardctl to ask for it."""
        if HAVE_CONTROL:
            support.eventually(lambda: self.lists()[name]["condition"] in conditions, within,
                               f"{name} is {' or '.join(conditions)}: {self.lists()}", every=0.1)


class OneListMisbehaves(TroubleCase):
    """Mail passes within the deadline, whatever the list does; the other list is believed."""

    def misbehaves(self, behaviour, *conditions, **settings):
        self.start(behaviour, **settings)
        for _ in range(3):
            self.assert_passes(DEADLINE + SLACK)
        self.assert_rejected(DEADLINE + SLACK, by="sound")
        self.expect_condition("sound", "healthy")
        if conditions:
            self.expect_condition("lame", *conditions)
            self.assert_passes(AT_ONCE)
            self.assert_rejected(AT_ONCE, by="sound")

    def test_silent(self):
        self.misbehaves(dns.silent)

    def test_later_than_the_deadline(self):
        self.misbehaves(dns.slow(DEADLINE * 3))

    def test_server_failure(self):
        self.misbehaves(dns.servfail)

    def test_refused(self):
        self.misbehaves(dns.refused)

    def test_truncated_and_tcp_silent(self):
        self.misbehaves(dns.truncating(LISTING[LAME], tcp_works=False))

    def test_wrong_id(self):
        self.misbehaves(dns.wrong_id)

    def test_wrong_name(self):
        self.misbehaves(dns.wrong_name)

    def test_a_record_of_another_name(self):
        self.misbehaves(dns.foreign_record)

    def test_thousands_of_records(self):
        self.misbehaves(dns.thousands)

    def test_thousands_of_records_in_one_datagram(self):
        self.misbehaves(dns.oversized_datagram)

    def test_a_compression_pointer_to_itself(self):
        self.misbehaves(dns.pointing_at_itself)

    def test_compression_pointers_in_circles(self):
        self.misbehaves(dns.pointing_in_circles)

    def test_counts_that_lie(self):
        self.misbehaves(dns.lying_counts)

    def test_garbage(self):
        self.misbehaves(dns.garbage)

    def test_the_refusal_of_a_public_resolver(self):
        self.misbehaves(dns.wildcard("127.255.255.254"), "refusing")

    def test_a_refusal_among_listings(self):
        self.misbehaves(dns.wildcard("127.0.0.2", "127.255.255.255"), "refusing")

    def test_a_parked_domain(self):
        self.misbehaves(dns.wildcard("203.0.113.80"), "lying")

    def test_a_code_that_the_list_does_not_have(self):
        self.misbehaves(dns.wildcard("127.0.0.255"))

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


class OneListIsOdd(TroubleCase):
    """What looks like trouble and is none."""

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
        self.start()
        self.expect_condition("lame", "healthy")
        late = DEADLINE * 2
        self.server.behave_everywhere(dns.slow(late, LISTING[LAME]))
        self.assert_passes(DEADLINE + SLACK, address=LISTED)
        time.sleep(late)  # real time: the answer comes over a real network
        self.assert_rejected(AT_ONCE, by="lame")

    def test_a_listing_that_decides_is_not_kept_waiting_by_another_list(self):
        self.start()
        self.expect_condition("lame", "healthy")
        self.server.behave(LAME, dns.silent)
        self.assert_rejected(AT_ONCE, by="sound")

    def test_what_was_asked_is_remembered(self):
        self.start()
        for _ in range(3):
            self.assert_rejected(DEADLINE + SLACK, by="lame")
        self.assertEqual(self.server.names(LAME)[f"66.2.0.192.{LAME}"], 1)


class AllDnsIsDead(TroubleCase):
    def test_mail_flows_and_soon_waits_for_nothing_and_the_lists_come_back(self):
        self.start()
        self.expect_condition("lame", "healthy")
        self.server.behave_everywhere(dns.silent)
        waits = [self.pass_somehow(number) for number in range(30)]
        self.assertLess(max(waits), support.allow(DEADLINE + SLACK), waits)
        self.assertLess(waits[-1], support.allow(AT_ONCE), waits)
        self.assertLess(sum(waits[-10:]), support.allow(10 * AT_ONCE), waits)
        self.expect_condition("lame", "broken")
        self.expect_condition("sound", "broken")
        self.server.behave_everywhere(dns.mail_domains)
        for zone, behaviour in LISTING.items():
            self.server.behave(zone, behaviour)
        self.expect_condition("lame", "healthy", within=40)
        self.expect_condition("sound", "healthy", within=40)
        self.assert_rejected(DEADLINE + SLACK, by="sound")

    def pass_somehow(self, number):
        """A mail of a client and a domain of its own; how long the reply took."""
        reply, line, took = self.mail(sender=f"<a@domain{number}.example>")
        self.assertTrue(reply.passed, f"{reply}: {line}")
        return took

    def test_300_sessions_at_once_end_in_time(self):
        support.want_descriptors(2000)
        self.start(dns.silent)
        self.server.behave_everywhere(dns.silent)
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(self.guard.session(timeout=30)) for _ in range(300)]
            for number, session in enumerate(sessions):
                session.client(f"203.0.{number >> 8}.{number & 255}", GOOD_NAME)
                session.mail(f"<a@domain{number}.example>")
            begun = time.monotonic()
            for number, session in enumerate(sessions):
                session.send(p.arguments(p.RCPT, f"<crowd{number}@example.net>"))
            replies = [session.read() for session in sessions]
            took = time.monotonic() - begun
        self.assertEqual([str(reply) for reply in replies if not reply.passed], [])
        self.assertLess(took, support.allow(2 * DEADLINE + 1), "all replies")


if __name__ == "__main__":
    support.main()
