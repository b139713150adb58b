# SPDX-License-Identifier: Apache-2.0
"""mxwardctl spf check and spf show against the daemon, with a name server that the test controls: what is looked
up over UDP and TCP, what it costs, and that hostile records and servers cost no more than their limits."""

import json
import time

import dns_wire as wire
import misbehaving_dns as dns
import support
from daemon import need_control
from dns_case import DnsCase

ZONE = "spf.example"
CLIENT = "192.0.2.1"


def zone_of(records):
    """{"name": "v=spf1 ..." or [records]} as a zone."""
    return dns.Records({name: [wire.text(value)] if isinstance(value, str) else value
                        for name, value in records.items()})


@need_control
class Spf(DnsCase):
    def start(self, behaviour, deadline="1s"):
        self.server = self.name_server({ZONE: behaviour})
        self.guard = self.judging(self.server, dns={"servers": [self.server.address], "deadline": deadline})

    def tearDown(self):
        self.assertEqual(self.server.malformed(), [])
        self.assertIsNone(self.guard.process.poll(), "the daemon has ended")
        super().tearDown()

    def run_spf(self, *words, status):
        done = self.guard.control("--format", "json", "spf", *words)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def check(self, status, sender=f"a@{ZONE}", *more):
        return self.run_spf("check", "--client", CLIENT, "--from", sender, *more, status=status)

    def test_a_pass_is_shown_with_what_it_took(self):
        self.start(zone_of({
            ZONE: f"v=spf1 mx include:in.{ZONE} -all",
            f"in.{ZONE}": "v=spf1 ip4:192.0.2.0/24 -all",
        }))
        told = self.check(0)
        self.assertEqual(told["result"], "pass")
        self.assertEqual(told["matched"], f"include:in.{ZONE} ip4:192.0.2.0/24")
        self.assertTrue(told["carries_identity"])
        self.assertEqual((told["terms"], told["voids"], told["questions"], told["from_cache"]), (2, 1, 3, 0))
        self.assertEqual(len(self.server.questions(ZONE)), 3)
        again = self.check(0)
        self.assertEqual(again["from_cache"], 3)
        self.assertEqual(len(self.server.questions(ZONE)), 3)
        fresh = self.check(0, f"a@{ZONE}", "--fresh")
        self.assertEqual(fresh["from_cache"], 0)
        self.assertEqual(len(self.server.questions(ZONE)), 6)
        text = self.guard.control("spf", "check", "--client", CLIENT, "--from", f"a@{ZONE}").stdout
        self.assertIn(f"TXT in.{ZONE}: 1 record (cached)", text)

    def test_forty_nine_long_records_come_by_tcp(self):
        many = [wire.text("x" * 400) for _ in range(48)] + [wire.text("v=spf1 " + " " * 300 + "+ip4:192.0.2.1 -all")]
        self.start(dns.truncating(zone_of({ZONE: many})))
        told = self.check(0)
        self.assertEqual(told["matched"], "+ip4:192.0.2.1")
        self.assertEqual(told["steps"][1]["answer"], "49 records")
        self.assertTrue(any(query.by_tcp for query in self.server.questions(ZONE)))

    def test_what_does_not_answer_is_a_temporary_error(self):
        self.start(dns.servfail)
        self.assertEqual(self.check(2)["result"], "temperror")

    def test_a_slow_chain_ends_by_the_time_and_is_unknown(self):
        chain = {f"h{n}.{ZONE}": [wire.address("192.0.2.9")] for n in range(9)}
        chain[ZONE] = "v=spf1 " + " ".join(f"a:{name}" for name in chain) + " -all"
        self.start(dns.slow(0.25, zone_of(chain)), deadline="500ms")
        begun = time.monotonic()
        told = self.check(2)
        self.assertEqual(told["result"], "unknown")
        self.assertLess(time.monotonic() - begun, 3.0)
        self.assertLess(len(self.server.names(ZONE)), 9)

    def test_hostile_records_cost_twenty_questions(self):
        hosts = [f"h{n}" for n in range(100)]
        records = {f"{host}.{ZONE}": [wire.address("198.51.100.1")] for host in hosts}
        for term in range(10):
            records[f"m{term}.{ZONE}"] = [wire.mail_exchange(f"{host}.{ZONE}")
                                          for host in hosts[10 * term:10 * term + 10]]
        records[ZONE] = "v=spf1 " + " ".join(f"mx:m{term}.{ZONE}" for term in range(10)) + " -all"
        records[f"loop.{ZONE}"] = f"v=spf1 include:loop.{ZONE}"
        records[f"victim.{ZONE}"] = "v=spf1 " + " ".join(
            f"exists:%{{l}}.{n}.victim.{ZONE}" for n in range(40))
        self.start(zone_of(records))
        told = self.check(1)
        self.assertEqual((told["result"], told["questions"]), ("permerror", 20))
        self.assertEqual(told["problem"], "more than 20 DNS queries")
        self.assertEqual(len(self.server.questions(ZONE)), 20)
        self.server.forget()
        self.assertEqual(self.check(1, f"a@loop.{ZONE}")["result"], "permerror")
        self.assertEqual(len(self.server.questions(ZONE)), 1)
        self.server.forget()
        self.assertEqual(self.check(1, f"a@victim.{ZONE}")["result"], "permerror")
        self.assertEqual(len(self.server.questions(ZONE)), 4)

    def test_a_record_is_shown_with_what_it_leads_to(self):
        self.start(zone_of({
            ZONE: f"v=spf1 a:h.{ZONE} exists:%{{i}}.x.{ZONE} redirect=more.{ZONE}",
            f"h.{ZONE}": [wire.address(CLIENT)],
            f"more.{ZONE}": "v=spf1 ~all",
            f"eleven.{ZONE}": "v=spf1" + f" a:h.{ZONE}" * 11 + " -all",
            f"wrong.{ZONE}": "v=spf1 ip4:192.0.2 -all",
        }))
        told = self.run_spf("show", ZONE, status=0)
        self.assertEqual((told["result"], told["terms"], told["problem"]), ("softfail", 3, None))
        self.assertEqual([step["text"] for step in told["steps"] if step["kind"] == "record"], [ZONE, f"more.{ZONE}"])
        told = self.run_spf("show", f"eleven.{ZONE}", status=1)
        self.assertEqual(told["problem"], "11 terms that need DNS lookups, more than 10")
        told = self.run_spf("show", f"wrong.{ZONE}", status=1)
        self.assertEqual(told["problem"], '"ip4:192.0.2": not an IPv4 address')
        self.assertEqual(self.run_spf("show", f"none.{ZONE}", status=1)["result"], "none")

    def test_every_misbehaving_server_is_told_and_waited_for_no_longer_than_it_may_take(self):
        self.start(dns.no_data, deadline="400ms")
        for behaviour in (dns.silent, dns.refused, dns.wrong_id, dns.wrong_name, dns.foreign_record, dns.garbage,
                          dns.pointing_at_itself, dns.pointing_in_circles, dns.lying_counts,
                          dns.truncating(dns.no_data, tcp_works=False)):
            self.server.behave(ZONE, behaviour)
            begun = time.monotonic()
            told = self.check(2)
            self.assertIn(told["result"], ("temperror", "unknown"), behaviour)
            self.assertLess(time.monotonic() - begun, 2.5)


if __name__ == "__main__":
    support.main()
