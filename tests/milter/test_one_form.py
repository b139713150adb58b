# SPDX-License-Identifier: Apache-2.0
"""One mailbox has one form, however a client spells it, and one client has one address: for limits,
entries, rules, exemptions and the greylist alike. MTAs hand over what they hear as it came."""

import itertools
import unittest

from case import DaemonCase
from daemon import merged, need_control
from limit_case import TAKEN, LimitCase, limit, refused


def quoted_pairs(word):
    """All the ways to write a word with quotes and quoted pairs."""
    for escaped in itertools.product((False, True), repeat=len(word)):
        yield '"' + "".join("\\" + c if e else c for c, e in zip(word, escaped)) + '"'


# john@rcpt.example, by the others.
SPELLINGS = [f"<{local}@rcpt.example>" for local in quoted_pairs("john")] + [
    "<JOHN@Rcpt.Example>",
    "<john@rcpt.example.>",
    "<jo\\hn@rcpt.example>",
    "<\\john@rcpt.example>",
    "<jo\"h\"n@rcpt.example>",
    "<@hop.example:john@rcpt.example>",
    "<@hop.example:\"john\"@rcpt.example>",
    "<john(comment)@rcpt.example>",
    "<(a (nested) one)john@rcpt.example>",
    "<john@rcpt.example(comment)>",
    "< john @ rcpt . example >",
    "<\"john@rcpt.example\">",
    "<john\\@rcpt.example>",
    "john@rcpt.example",
]
# A domain in U-labels: composed, in capitals, decomposed, with an ideographic full stop.
INTERNATIONAL = [
    "<chef@xn--bcher-kva.example>",
    "<Chef@XN--BCHER-kva.example.>",
    "<chef@bücher.example>",
    "<chef@BÜCHER.example>",
    "<chef@bu\u0308cher.example>",
    "<\"chef\"@bücher\u3002example>",
]


class Mailbox(LimitCase):
    def test_a_limit_per_recipient_knows_the_spellings(self):
        daemon = self.limited(limit("recipients", "2/1h", per="recipient"))
        for _ in range(2):
            self.assert_passes(daemon.attempt(recipient="<john@rcpt.example>"))
        for spelling in SPELLINGS:
            with self.subTest(spelling):
                self.assert_over(daemon.attempt(recipient=spelling), "messages to this recipient")
        self.assert_passes(daemon.attempt(recipient="<jonn@rcpt.example>"))
        self.assert_passes(daemon.attempt(recipient='<"john "@rcpt.example>'))

    def test_a_limit_per_sender_knows_the_spellings(self):
        daemon = self.limited(limit("messages", "1/1h", per="sender"))
        self.assert_passes(daemon.attempt(sender=INTERNATIONAL[0]))
        for spelling in INTERNATIONAL:
            with self.subTest(spelling):
                self.assertTrue(daemon.attempt(sender=spelling.encode()).deferred)
        daemon = self.limited(limit("messages", "1/1h", per="sender-domain"))
        self.assert_passes(daemon.attempt(sender=INTERNATIONAL[0]))
        for spelling in INTERNATIONAL:
            with self.subTest(spelling):
                self.assertTrue(daemon.attempt(sender=spelling.encode()).deferred)

    def test_a_harvester_cannot_hide_behind_spellings_of_one_address(self):
        for spellings in (["<john@rcpt.example>"] * 8, SPELLINGS):
            with self.subTest(spellings[-1]):
                daemon = self.limited(limit("bad-recipients", "3/1h", share=50))
                with daemon.session() as session:
                    session.client()
                    session.mail("<a@example.org>")
                    for spelling in spellings:
                        session.rcpt(spelling, macros=TAKEN)
                    for number in range(6):
                        session.rcpt(f"<nobody{number}@rcpt.example>", macros=refused())
                    self.assert_over(session.rcpt("<john@rcpt.example>", macros=TAKEN),
                                     "unknown recipients from 192.0.2.1")


class Listed(DaemonCase):
    def test_exempt_recipients_in_any_spelling(self):
        daemon = self.daemon({
            "greylist": {"apply": "all"},
            "exempt": {"recipients": ["postmaster", "john@rcpt.example", "chef@bücher.example"]},
        })
        for spelling in ['<"postmaster"@rcpt.example>', '<"PostMaster"@x.example>',
                         "<post\\master@rcpt.example>", *SPELLINGS, *INTERNATIONAL]:
            with self.subTest(spelling):
                self.assertEqual(str(daemon.attempt(recipient=spelling.encode())), "c")
        self.assertTrue(daemon.attempt(recipient="<b@rcpt.example>").deferred)

    def test_rules_in_any_spelling(self):
        daemon = self.daemon({
            "greylist": {"apply": "off"},
            "rule": [
                {"name": "john", "recipient": ["\"john\"@RCPT.example"], "action": "reject"},
                {"name": "chef", "recipient": ["chef@xn--bcher-kva.example"], "action": "reject"},
                {"name": "books", "sender": ["bücher.example"], "action": "reject"},
                {"name": "wild", "sender": ["news-*@*.straße.example"], "action": "reject"},
            ],
        })
        for spelling in SPELLINGS + INTERNATIONAL:
            with self.subTest(spelling):
                self.assertTrue(daemon.attempt(recipient=spelling.encode()).rejected)
        for spelling in INTERNATIONAL + ["<news-1@mail.xn--strae-oqa.example>",
                                         "<news-1@mail.STRAßE.example>"]:
            with self.subTest(spelling):
                self.assertTrue(daemon.attempt(sender=spelling.encode()).rejected)
        self.assertEqual(str(daemon.attempt(recipient="<b@rcpt.example>")), "c")

    @need_control
    def test_entries_in_any_spelling(self):
        daemon = self.daemon({"greylist": {"apply": "off"}})
        for kind, key in (("recipient", "John@rcpt.example."), ("recipient", "chef@bücher.example"),
                          ("sender-domain", "bücher.example")):
            daemon.ask("block", kind, key)
        for spelling in SPELLINGS + INTERNATIONAL:
            with self.subTest(spelling):
                self.assertTrue(daemon.attempt(recipient=spelling.encode()).rejected)
        for spelling in INTERNATIONAL:
            with self.subTest(spelling):
                self.assertTrue(daemon.attempt(sender=spelling.encode()).rejected)
        # The same entry again, and it is gone for all of them.
        daemon.ask("forget", "recipient", "\"john\"@rcpt.example")
        daemon.ask("forget", "recipient", "chef@xn--bcher-kva.example")
        for spelling in SPELLINGS + INTERNATIONAL:
            with self.subTest(spelling):
                self.assertEqual(str(daemon.attempt(recipient=spelling.encode())), "c")

    def test_a_retry_in_another_spelling_is_the_same_tuple(self):
        daemon = self.daemon({"greylist": {"apply": "all"}})
        sender = "<a@bücher.example>".encode()
        for first in (SPELLINGS[3], INTERNATIONAL[4]):
            self.assertTrue(daemon.attempt(recipient=first.encode(), sender=sender).deferred)
        daemon.sit_out_delay()
        for spelling in SPELLINGS + INTERNATIONAL:
            with self.subTest(spelling):
                reply = daemon.attempt(recipient=spelling.encode(),
                                       sender="<a@xn--bcher-kva.example>")
                self.assertEqual(str(reply), "c")


# 192.0.2.1, by others: v4-mapped, through the translator of everybody and through the site's.
CLIENT = ["192.0.2.1", "::ffff:192.0.2.1", "64:ff9b::c000:201", "2001:db8:64::c000:201"]
TRANSLATOR = {"clients": {"nat64": ["2001:db8:64::/96"]}}


class Client(LimitCase):
    def test_a_limit_knows_a_client_behind_a_translator(self):
        daemon = self.limited(limit("messages", "1/1h"), settings=TRANSLATOR)
        self.assert_passes(daemon.attempt(address=CLIENT[0]))
        for address in CLIENT:
            with self.subTest(address):
                self.assert_over(daemon.attempt(address=address), "messages from 192.0.2.1")
        # The others behind it are others.
        self.assert_passes(daemon.attempt(address="64:ff9b::c000:202"))
        self.assert_passes(daemon.attempt(address="2001:db8:64::c000:203"))

    @need_control
    def test_entries_rules_and_history_do_as_well(self):
        daemon = self.daemon(merged(TRANSLATOR, {
            "greylist": {"apply": "off"},
            "rule": [{"name": "one", "client": ["2001:db8:64::cb00:7101"], "action": "reject"}],
        }))
        daemon.ask("block", "client", CLIENT[3])
        for address in CLIENT:
            with self.subTest(address):
                self.assertTrue(daemon.attempt(address=address).rejected)
        daemon.ask("forget", "client", CLIENT[1])
        for address in CLIENT:
            with self.subTest(address):
                self.assertEqual(str(daemon.attempt(address=address)), "c")
        self.assertEqual([item["client"] for item in daemon.ask("clients")], ["192.0.2.1"])
        self.assertTrue(daemon.attempt(address="203.0.113.1").rejected)
        self.assertTrue(daemon.attempt(address="64:ff9b::203.0.113.1").rejected)
        done = daemon.control("allow", "client", "64:ff9b::/96")
        self.assertEqual(done.returncode, 64, done)
        self.assertIn("IPv4", done.stderr)

    def test_nobody_becomes_a_trusted_network_by_a_translator(self):
        daemon = self.daemon({"greylist": {"apply": "all"},
                              "trust": {"networks": ["loopback", "10.0.0.0/8"]}})
        for address in ("64:ff9b::7f00:1", "64:ff9b::a00:1"):
            with self.subTest(address):
                self.assertTrue(daemon.attempt(address=address).deferred)

    def test_a_retry_through_the_translator_is_the_same_tuple(self):
        daemon = self.daemon(merged(TRANSLATOR, {"greylist": {"apply": "all"}}))
        self.assertTrue(daemon.attempt(address=CLIENT[3]).deferred)
        daemon.sit_out_delay()
        self.assertEqual(str(daemon.attempt(address=CLIENT[0])), "c")


if __name__ == "__main__":
    unittest.main()
