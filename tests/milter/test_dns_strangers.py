# SPDX-License-Identifier: Apache-2.0
"""Who sends mail chooses which names are looked up: names whose servers fail, refuse, or say nothing.
That must not change what the DNS lists say of anybody else."""

import itertools
import threading

import misbehaving_dns as dns
import support
from daemon import need_control
from dns_case import GOOD_NAME
from list_case import DEADLINE, LAME, SLACK, ListCase

STRANGER = "stranger.example"
MAILS = 60
TRIES = 20


class NamesOfStrangers(ListCase):
    def mails_without_recipients(self, address="203.0.113.9", count=MAILS):
        """As fast as they are taken, over one connection."""
        with self.guard.session() as client:
            client.client(address, GOOD_NAME, GOOD_NAME)
            for _ in range(count):
                client.mail(f"<x@r{next(self.numbers)}.{STRANGER}>")
                client.abort()

    def rejected_beside(self, behaviour):
        self.start()
        self.server.behave(STRANGER, behaviour)
        self.expect_condition("lame", "healthy")
        self.expect_condition("sound", "healthy")
        self.mails_without_recipients()
        for _ in range(TRIES):
            self.assert_rejected(DEADLINE + SLACK, by="lame")
            # What the cache knew would prove nothing.
            self.assert_still_asked()
        self.assertNotRegex(self.guard.log(), "is down|no server is left|fails \\(")

    def assert_still_asked(self):
        address = f"198.51.{100 + next(self.numbers) // 256}.{next(self.numbers) % 256}"
        before = len(self.server.questions(LAME))
        self.assert_passes(DEADLINE + SLACK, address=address)
        self.assertGreater(len(self.server.questions(LAME)), before)

    def test_failing(self):
        self.rejected_beside(dns.servfail)

    def test_refused(self):
        self.rejected_beside(dns.refused)

    def test_silent(self):
        self.rejected_beside(dns.silent)

    def test_slow(self):
        self.rejected_beside(dns.slow(DEADLINE * 0.9, dns.servfail))

    def test_while_they_go_on(self):
        """Listed bots that nobody has asked about before, beside four connections that never stop."""
        self.start()
        listed = itertools.count(1)
        self.server.behave(LAME, lambda query: (dns.wildcard("127.0.0.2") if
                                                query.name.endswith(f".77.192.{LAME}") else
                                                dns.no_name)(query))
        self.server.behave(STRANGER, dns.servfail)
        over = threading.Event()

        def go_on(number):
            while not over.is_set():
                self.mails_without_recipients(f"203.0.113.{number}", 45)
        strangers = [threading.Thread(target=go_on, args=(number,)) for number in range(1, 5)]
        for thread in strangers:
            thread.start()
        try:
            for _ in range(2 * TRIES):
                self.assert_rejected(DEADLINE + SLACK, by="lame",
                                     address=f"192.77.1.{next(listed)}")
        finally:
            over.set()
            for thread in strangers:
                thread.join()


class SecretsOfZones(ListCase):
    @need_control
    def test_probes_by_a_zone_with_a_key_do_not_show_it(self):
        key = "s3cr3tkey"
        zone = f"{key}.keyed.example"
        self.start(lists=[{"name": "keyed", "zone": zone, "codes": {"127.0.0.2": 12}}])
        self.server.behave_everywhere(dns.servfail)
        self.assert_passes(DEADLINE + SLACK)
        self.guard.expect_log("fails \\(SERVFAIL to all 3 probes")
        self.assertIn(zone, self.server.names())
        shown = [self.guard.log(), str(self.guard.ask("status")), str(self.guard.ask("stats"))]
        for text in shown:
            self.assertNotIn(key, text)
        servers = self.guard.ask("status")["dns"]["servers"]
        self.assertEqual([server["state"] for server in servers], ["failing"])
        # Lookups go on.
        self.server.behave_everywhere(dns.mail_domains)
        self.server.behave("keyed.example", dns.wildcard("127.0.0.2"))
        self.guard.expect_log("answers again")


if __name__ == "__main__":
    support.main()
