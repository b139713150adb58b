# SPDX-License-Identifier: Apache-2.0
"""SPF in the path of mail, beside domains that are hostile: name servers that misbehave in every way, and records
that are made to cost. No session waits longer than dns.deadline, none costs more queries than spf.questions, and
what one domain does touches no other's."""

import contextlib

import dns_wire as wire
import misbehaving_dns as dns
import support
from dns_case import GOOD_NAME, findings
from list_case import AT_ONCE, DEADLINE, SLACK, ListCase

GOOD = "good.example"
HOSTILE = "hostile.example"
QUESTIONS = 20     # spf.questions
OF_THE_DOMAIN = 9  # what the check of the sender's domain may ask: its MX, and A and AAAA of four hosts
SERVERS_ASK = 4    # at most so often is one question sent that nobody answers

BEHAVIOURS = {
    "silent": dns.silent,
    "slow, in time": dns.slow(DEADLINE * 0.8),
    "slow, too late": dns.slow(DEADLINE * 3),
    "SERVFAIL": dns.servfail,
    "REFUSED": dns.refused,
    "no such name": dns.no_name,
    "no such record": dns.no_data,
    "everything is an address": dns.wildcard("127.0.0.2"),
    "truncated, no TCP": dns.truncating(dns.no_data, tcp_works=False),
    "truncated, TCP works": dns.truncating(dns.no_data),
    "another id": dns.wrong_id,
    "another question": dns.wrong_name,
    "another owner": dns.foreign_record,
    "a pointer to itself": dns.pointing_at_itself,
    "pointers in circles": dns.pointing_in_circles,
    "counts that lie": dns.lying_counts,
    "garbage": dns.garbage,
    "thousands of records": dns.thousands,
    "thousands in a datagram": dns.oversized_datagram,
}


def hostile_records():
    """{zone: {name: text or records}}, each made to cost."""
    zones = {}

    def zone(name, spf, **others):
        whole = f"{name}.{HOSTILE}"
        records = {whole: spf.replace("ZONE", whole)}
        records.update({f"{host.replace('_', '-')}.{whole}": value for host, value in others.items()})
        zones[whole] = records
    hosts = {f"h{n}": [wire.address("203.0.113.9")] for n in range(40)}
    zone("slow", "v=spf1 " + " ".join(f"a:h{n}.ZONE" for n in range(10)) + " -all", **hosts)
    zone("loop", "v=spf1 include:ZONE a mx ptr -all")
    zone("redirects", "v=spf1 redirect=ZONE")
    zone("victim", "v=spf1 " + " ".join(f"exists:%{{ir}}.%{{l}}.{n}.{GOOD}" for n in range(10)) + " -all")
    zone("mx", "v=spf1 " + " ".join(f"mx:m{n}.ZONE" for n in range(9)) + " -all", **hosts,
         **{f"m{n}": [wire.mail_exchange(f"h{host}.mx.{HOSTILE}") for host in range(10 * (n % 4), 10 * (n % 4) + 10)]
            for n in range(9)})
    zone("ptr", "v=spf1 ptr ptr:ZONE ptr:a.ZONE ptr:b.ZONE -all")
    zone("many", "v=spf1 " + " ".join(f"ip4:198.51.{n // 256}.{n % 256}" for n in range(3000)) + " -all")
    return zones


class SpfTrouble(ListCase):
    def start_with(self, zones):
        def good(query):
            if query.kind == wire.TXT:
                return dns.at_once(wire.response(query, [wire.text("v=spf1 ip4:198.51.0.0/16 -all")]))
            return dns.mail_domains(query)
        self.start(lists=[], tls={"offered": True})
        for zone, behaviour in {GOOD: good, **zones}.items():
            self.server.behave(zone, behaviour)

    def try_beside(self, zone):
        """A mail of the hostile domain, then one of the good domain from elsewhere."""
        self.server.forget()
        reply, line, took = self.mail(sender=f"<a@{zone}>")
        self.assertFalse(reply.rejected, line)
        self.assertLess(took, support.allow(DEADLINE + SLACK), line)
        self.assertTrue({"tls-none", "unauthenticated"} & set(findings(line)), line)
        self.assertTrue(any(query.kind == wire.TXT for query in self.server.questions(zone)), "SPF was not asked for")
        asked = len({(query.name, query.kind) for query in self.server.questions(HOSTILE)})
        self.assertLessEqual(asked, QUESTIONS + OF_THE_DOMAIN)
        self.assertLessEqual(len(self.server.questions()), SERVERS_ASK * (QUESTIONS + OF_THE_DOMAIN))
        self.try_good()

    def try_good(self):
        """A domain that nobody has asked about."""
        _, line, took = self.mail(sender=f"<a@d{next(self.numbers)}.{GOOD}>")
        self.assertEqual(findings(line), {"tls-none": 2}, line)
        self.assertLess(took, support.allow(AT_ONCE), line)

    def test_every_misbehaving_server(self):
        zones = {f"z{n}.{HOSTILE}": behaviour for n, behaviour in enumerate(BEHAVIOURS.values())}
        self.start_with(zones)
        for name, zone in zip(BEHAVIOURS, zones):
            with self.subTest(name):
                self.try_beside(zone)
        self.assertNotRegex(self.guard.log(), "is down|no server is left")

    def test_records_made_to_cost(self):
        zones = {zone: dns.Records({name: [wire.text(value)] if isinstance(value, str) else value
                                    for name, value in records.items()})
                 for zone, records in hostile_records().items()}
        zones[f"slow.{HOSTILE}"] = dns.slow(DEADLINE / 3, zones[f"slow.{HOSTILE}"])
        zones[f"many.{HOSTILE}"] = dns.truncating(zones[f"many.{HOSTILE}"])
        self.start_with(zones)
        for zone in zones:
            if zone == GOOD:
                continue
            with self.subTest(zone):
                self.try_beside(zone)

    def test_a_slow_domain_named_by_many_holds_up_no_other(self):
        """Its evaluations under way are few, whoever begins them."""
        self.start_with({HOSTILE: dns.silent})
        with contextlib.ExitStack() as opened:
            for number in range(12):
                client = opened.enter_context(self.guard.session())
                client.client(f"192.77.{number}.1", GOOD_NAME, GOOD_NAME)
                client.mail(f"<x{number}@sub{number}.{HOSTILE}>")
            self.try_good()


if __name__ == "__main__":
    support.main()
