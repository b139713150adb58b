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
CROWD = 100 if support.SLOW else 300


class AllDnsIsDead(ListCase):
    def mails(self, count):
        """Of clients and domains of their own; how long each reply took."""
        return [self.assert_passes(DEADLINE + SLACK, sender=f"<a@domain{number}.example>")
                for number in range(count)]

    def test_mail_flows_and_soon_waits_for_nothing_and_the_dns_comes_back(self):
        self.start()
        self.expect_condition("lame", "healthy")
        self.server.behave_everywhere(dns.silent)
        waits = self.mails(SESSIONS)
        self.assertLess(statistics.median(waits[-10:]), support.allow(0.2), waits)
        # The server is at fault, not the lists: nobody asks them while it is down.
        self.guard.expect_log("dns: no server is left")
        self.server.behave_everywhere(dns.mail_domains)
        for zone, behaviour in LISTING.items():
            self.server.behave(zone, behaviour)
        # It is probed twice a second.
        self.guard.expect_log("answers again, after")
        self.expect_condition("lame", "healthy")
        self.expect_condition("sound", "healthy")
        self.assert_rejected(DEADLINE + SLACK, by="lame")

    def test_a_crowd_of_sessions_ends_in_time(self):
        support.want_descriptors(2000)
        self.start(dns.silent)
        self.server.behave_everywhere(dns.silent)
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(self.guard.session(timeout=30)) for _ in range(CROWD)]
            for session in sessions:
                session.negotiate()
            begun = time.monotonic()
            for number, session in enumerate(sessions):
                session.send(whole_envelope(number))
            replies = [self.last_reply(session) for session in sessions]
            took = time.monotonic() - begun
        self.assertEqual([str(reply) for reply in replies if not reply.passed], [])
        # libmilter's pool can make a callback wait for another one's end (once).
        self.assertLess(took, support.allow(2 * DEADLINE + SLACK))

    def last_reply(self, session):
        """That to RCPT: each stage before it has one, or none, as negotiated."""
        for stage in (p.CONNECT, p.HELO, p.MAIL):
            if session.expects(stage) == "reply":
                self.assertTrue(session.read().passed)
        return session.read()


def whole_envelope(number):
    """All that an MTA says from CONNECT to RCPT, without waiting for anything in between."""
    address = f"203.0.{number >> 8}.{number & 255}"
    known = {"{client_name}": GOOD_NAME, "{client_ptr}": GOOD_NAME, "{client_resolve}": "OK"}
    return b"".join([p.macros(p.CONNECT, known), p.connection(GOOD_NAME, address),
                     p.arguments(p.HELO, GOOD_NAME),
                     p.arguments(p.MAIL, f"<a@domain{number}.example>"),
                     p.arguments(p.RCPT, f"<crowd{number}@example.net>")])


if __name__ == "__main__":
    support.main()
