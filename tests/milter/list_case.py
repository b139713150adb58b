# SPDX-License-Identifier: Apache-2.0
"""The base of the tests in which DNS lists are in trouble: two lists, and what a daemon makes of
them."""

import itertools
import re
import time

import dns_wire as wire
import misbehaving_dns as dns
import support
from daemon import HAVE_CONTROL
from dns_case import GOOD_NAME, DnsCase, findings

DEADLINE = 0.5
SLACK = 0.5
AT_ONCE = 0.4  # far above what it takes, and still below the deadline

LAME, SOUND = "lame.example", "sound.example"
LISTS = [{"name": "lame", "zone": LAME, "codes": {"127.0.0.2": 12}},
         {"name": "sound", "zone": SOUND, "codes": {"127.0.0.2": 12}}]
LISTED = "192.0.2.66"  # by both: whichever answers first decides
LISTED_BY_LAME = "192.0.2.67"
# What a well-behaved list answers: one client, and its test points (RFC 5782 5).
LISTING = {zone: dns.Records({f"{name}.{zone}": [wire.address("127.0.0.2")] for name in
                              ("66.2.0.192", "2.0.0.127", "2.0.0.0.0.0.f.7.f.f.f.f" + ".0" * 20)})
           for zone in (LAME, SOUND)}
LISTING[LAME].records[f"67.2.0.192.{LAME}"] = [wire.address("127.0.0.2")]
# What the log says when a list gets into that condition.
SAID = {"broken": "does not answer", "lying": "cannot be right", "refusing": "refuses to answer"}


class ListCase(DnsCase):
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
        """Returns how long the reply took."""
        reply, line, took = self.mail(**mail)
        self.assertTrue(reply.passed, f"{reply}: {line}")
        self.assertLess(took, support.allow(within), line)
        return took

    def assert_rejected(self, within, by, address=None):
        address = address or (LISTED_BY_LAME if by == "lame" else LISTED)
        reply, line, took = self.mail(address)
        self.assertTrue(reply.rejected, f"{reply}: {line}")
        self.assertEqual(findings(line).get(f"dnsbl:{by}"), 12, line)
        self.assertLess(took, support.allow(within), line)

    def condition(self, name):
        if HAVE_CONTROL:
            lists = {entry["name"]: entry for entry in self.guard.ask("status")["lists"]}
            return lists[name]["condition"]
        said = re.findall(rf"DNS list {name} (.*)", self.guard.log())
        for condition, words in SAID.items():
            if said and words in said[-1]:
                return condition
        tested = f"1.0.0.127.{name}.example" in self.server.names()
        return "healthy" if tested else "unproven"

    def expect_condition(self, name, condition, within=75.0 if support.SLOW else 200.0):
        # A test that a busy machine lost is made again after a minute.
        seen = set()

        def reached():
            seen.add(self.condition(name))
            return condition in seen
        try:
            support.eventually(reached, within, every=0.05)
        except AssertionError:
            self.fail(f"{name} is not {condition} within {within} s but {seen}")
