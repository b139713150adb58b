# SPDX-License-Identifier: Apache-2.0
"""No DNS at all: mail flows, nobody waits longer than the deadline once, soon nobody waits, and when
the DNS returns everything returns by itself. DESIGN.md, promises 1 and 4."""

import contextlib
import statistics
import time

import misbehaving_dns as dns
import protocol as p
import support
from dns_case import GOOD_NAME
from list_case import DEADLINE, LISTING, SLACK, ListCase

SESSIONS = 30
CROWD = 300


class AllDnsIsDead(ListCase):
    def mails(self, count):
        """Of clients and domains of their own; how long each reply took."""
        return [self.assert_passes(DEADLINE + SLACK, sender=f"<a@domain{number}.example>")
                for number in range(count)]

    def test_mail_flows_and_soon_waits_for_nothing_and_the_lists_come_back(self):
        self.start()
        self.expect_condition("lame", "healthy")
        self.server.behave_everywhere(dns.silent)
        waits = self.mails(SESSIONS)
        self.assertLess(statistics.median(waits[-10:]), support.allow(0.2), waits)
        self.expect_condition("lame", "broken")
        self.expect_condition("sound", "broken")
        self.server.behave_everywhere(dns.mail_domains)
        for zone, behaviour in LISTING.items():
            self.server.behave(zone, behaviour)
        # The first test is due half a minute after a breaker opened.
        self.expect_condition("lame", "healthy", within=40)
        self.expect_condition("sound", "healthy", within=10)
        self.assert_rejected(DEADLINE + SLACK, by="lame")

    def test_300_sessions_at_once_end_in_time(self):
        support.want_descriptors(2000)
        self.start(dns.silent)
        self.server.behave_everywhere(dns.silent)
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(self.guard.session(timeout=30)) for _ in range(CROWD)]
            for number, session in enumerate(sessions):
                session.client(f"203.0.{number >> 8}.{number & 255}", GOOD_NAME)
                session.mail(f"<a@domain{number}.example>")
            begun = time.monotonic()
            for number, session in enumerate(sessions):
                session.send(p.arguments(p.RCPT, f"<crowd{number}@example.net>"))
            replies = [session.read() for session in sessions]
            took = time.monotonic() - begun
        self.assertEqual([str(reply) for reply in replies if not reply.passed], [])
        self.assertLess(took, support.allow(DEADLINE + SLACK))


if __name__ == "__main__":
    support.main()
