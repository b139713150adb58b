# SPDX-License-Identifier: Apache-2.0
"""A stranger's names, whose servers fail, end to end: Postfix, mxward, unbound and a DNS behind it.
Listed bots are rejected all the same."""

import itertools
import threading
import unittest

from mta_case import PostfixCase, smtp

import dns_servers
import dns_wire as wire
import misbehaving_dns as dns
import support

NAME = "mail.example.org"
USER = "user@example.net"
STRANGER = "stranger.test"
ZONES = ["bl.test", "example.org", STRANGER]


def listing(query):
    """The test point and all of 198.18.0.0/15."""
    if query.name == "2.0.0.127.bl.test" or query.name.endswith(".18.198.bl.test"):
        return dns.wildcard("127.0.0.2")(query)
    return dns.no_name(query)


@unittest.skipIf(dns_servers.missing("unbound"), dns_servers.missing("unbound"))
class StrangersNames(PostfixCase):
    def setUp(self):
        self.behind = dns.MisbehavingDns({"bl.test": listing, STRANGER: dns.servfail})
        self.addCleanup(self.behind.close)
        resolver = dns_servers.Unbound(ZONES, self.behind)
        self.addCleanup(resolver.remove)
        resolver.start()
        self.server, self.guard = self.guarded_postfix(None, {
            "dns": {"servers": [resolver.address], "deadline": "3s"},
            "reply": {"list_text": False},
            "dnsbl": [{"name": "bl", "zone": "bl.test", "codes": {"127.0.0.2": 12}}]})
        self.bots = (f"198.18.{number >> 8}.{number & 255}" for number in itertools.count(1))
        self.names = itertools.count()

    def bot(self):
        """The reply to a listed bot that nobody has seen before."""
        with smtp.Client(self.server.port, helo=NAME) as client:
            client.pretend(next(self.bots), NAME)
            return client.envelope("a@example.org", USER)[0]

    def segment(self, count):
        """MAIL and RSET so often in one write, over one connection, and no RCPT."""
        with smtp.Client(self.server.port, helo=NAME) as client:
            client.pretend("203.0.113.9", NAME)
            client.send("".join(f"MAIL FROM:<x@r{next(self.names)}.{STRANGER}>\r\nRSET\r\n"
                                for _ in range(count)))
            for _ in range(2 * count):
                self.assertEqual(client.getreply()[0], 250)

    def test_seven_senders_in_a_segment_switch_nothing_off(self):
        self.assertEqual(self.bot(), 554)
        self.segment(7)
        self.assertEqual([self.bot() for _ in range(5)], [554] * 5)
        self.assertNotRegex(self.guard.log(), r"is down|no server is left|fails \(")
        self.assertTrue(any(query.kind == wire.MX for query in self.behind.questions(STRANGER)))

    def test_two_connections_that_never_stop_switch_nothing_off(self):
        over = threading.Event()
        failures = []

        def go_on():
            try:
                while not over.is_set():
                    self.segment(45)
            except (OSError, AssertionError, smtp.smtplib.SMTPException) as error:
                failures.append(error)
        strangers = [threading.Thread(target=go_on) for _ in range(2)]
        for thread in strangers:
            thread.start()
        try:
            replies = [self.bot() for _ in range(60)]
        finally:
            over.set()
            for thread in strangers:
                thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(replies, [554] * 60)


if __name__ == "__main__":
    support.main()
