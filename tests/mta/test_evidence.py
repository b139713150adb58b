# SPDX-License-Identifier: Apache-2.0
"""Evidence end to end: a real MTA, mxward, and DNS lists served by rbldnsd, asked directly and
through a caching resolver."""

import shutil
import tempfile
import unittest

from mta_case import PostfixCase, smtp
from case import DaemonCase

import dns_servers
import sendmail
import support
from daemon import need_control
from dns_servers import listing
from dovecot_auth import DovecotAuth

USER = "user@example.net"
NAME = "mail.example.org"  # a good reverse name
TEXT = "Listed, see https://bl.example/why"
KEY = "k3yofasubscriber"

LISTED, SLIGHTLY, BOTH, LISTED_V6 = "192.0.2.66", "192.0.2.67", "192.0.2.68", "2001:db8:66::1"
WELL_KNOWN = "192.0.2.69"
GOOD, GOOD_V6 = "192.0.2.1", "2001:db8:1::1"

ZONES = [
    ("bl.example", "ip4set", listing("ip4set", 4, TEXT, LISTED, BOTH,
                                     f"{SLIGHTLY} :127.0.0.3:{TEXT}",
                                     f"{WELL_KNOWN} :127.0.0.6:{TEXT}")),
    ("bl.example", "ip6trie", listing("ip6trie", 4, TEXT, "2001:db8:66::/48")),
    (f"{KEY}.paid.example", "ip4set", listing("ip4set", 2, f"Ask {KEY}", "198.51.100.66")),
    ("wl.example", "ip4set", listing("ip4set", 3, "Known", BOTH, WELL_KNOWN)),
    ("names.example", "dnset", listing("dnset", 2, "A spammer's", ".spammer.example")),
    # Senders' domains, so that theirs is no finding.
    ("example.org", "generic", "@ MX 10 mx.example.org\nmx A 203.0.113.25"),
    ("spammer.example", "generic", "@ MX 10 mx.spammer.example\nmx A 203.0.113.26"),
]

LISTS = [
    {"name": "house-list", "zone": "bl.example",
     "codes": {"127.0.0.4": 12, "127.0.0.6": 6, "127.0.0.3": 3}},
    {"name": "paid-list", "zone": "{key}.paid.example", "key": KEY, "codes": {"127.0.0.2": 12}},
    {"name": "friends", "zone": "wl.example", "codes": {"127.0.0.3": -5}},
    {"name": "bad-domains", "zone": "names.example", "of": "sender-domain",
     "codes": {"127.0.0.2": 12}},
]


def blocked(address, name="house-list"):
    return 554, f"5.7.1 Service unavailable; Client host [{address}] blocked using {name}"


class Lists:
    """Mixed into a case with `daemon()`: the name servers, and a configuration that asks them."""

    behind_a_resolver = False

    def settings(self, **dns):
        server = dns_servers.Rbldnsd(ZONES)
        self.addCleanup(server.remove)
        asked = self.rbldnsd = server.start()
        if self.behind_a_resolver:
            asked = dns_servers.Unbound([zone for zone, _, _ in ZONES], server)
            self.addCleanup(asked.remove)
            asked.start()
        self.asked = asked
        # What is tested is what the lists say, not how fast a busy machine's name servers are.
        # What is tested is what the lists say, not how fast a busy machine's name servers are: the
        # longest wait that may be set.
        return {"dns": {"servers": [asked.address], "deadline": "3s", **dns},
                "greylist": {"apply": "suspicious", "delay": "1s"},
                "reply": {"list_text": False},
                "dnsbl": LISTS}


class EvidenceCase(Lists, PostfixCase):
    def setUp(self):
        self.settings_of_the_daemon = self.settings()

    def guarded(self, **more):
        self.server, self.guard = self.guarded_postfix(
            more.get("postfix"), {**self.settings_of_the_daemon, **more.get("daemon", {})})
        return self.server, self.guard

    def say(self, address, name=NAME, sender="a@example.org", recipient=USER):
        """MAIL and RCPT of one client; the reply to RCPT, as it came."""
        with smtp.Client(self.server.port, helo="mail.example.org") as client:
            client.pretend(address, name)
            return client.envelope(sender, recipient)


@unittest.skipIf(dns_servers.missing("rbldnsd"), dns_servers.missing("rbldnsd"))
class WithPostfix(EvidenceCase):
    def test_a_listed_client_is_rejected_with_the_text_that_fail2ban_knows(self):
        _, daemon = self.guarded()
        self.assertEqual(self.say(LISTED), blocked(LISTED))
        line = daemon.expect_decision(client_address=LISTED, action="reject")
        self.assertEqual(line["score"], "12", line)
        self.assertIn("dnsbl:house-list:12", line["findings"])
        self.assertIn("milter-reject: RCPT", self.server.log())

    def test_what_the_list_says_is_quoted_where_the_configuration_says_so(self):
        self.guarded(daemon={"reply": {"list_text": True}})
        code, text = blocked(LISTED)
        self.assertEqual(self.say(LISTED), (code, f"{text}; {TEXT}"))
        # But not if that gives the key away.
        self.assertEqual(self.say("198.51.100.66"), blocked("198.51.100.66", "paid-list"))

    def test_a_listed_client_of_ipv6_is_rejected(self):
        _, daemon = self.guarded()
        self.assertEqual(self.say(LISTED_V6), blocked(LISTED_V6))
        daemon.expect_decision(client_address=LISTED_V6, action="reject")
        self.assertEqual(self.say(GOOD_V6)[0], 250)

    def test_below_the_threshold_a_listed_client_is_greylisted_and_passes_later(self):
        server, daemon = self.guarded()
        self.assert_deferred(self.say(SLIGHTLY))
        line = daemon.expect_decision(client_address=SLIGHTLY, action="defer")
        self.assertIn("dnsbl:house-list:3", line["findings"])
        self.accepted_after_delay(server, address=SLIGHTLY, name=NAME, subject="slightly")
        self.arrived(server, "slightly")

    def test_a_client_without_a_name_is_greylisted(self):
        _, daemon = self.guarded()
        self.assert_deferred(self.say("198.51.100.7", name=None))
        line = daemon.expect_decision(client_address="198.51.100.7", action="defer")
        self.assertIn("rdns-none:4", line["findings"])

    def test_a_good_client_is_served_at_once(self):
        server, _ = self.guarded()
        self.assertEqual(smtp.send(server.port, address=GOOD, name=NAME, subject="good")[0], 250)
        self.arrived(server, "good")

    def test_an_allow_list_outweighs_a_list_as_far_as_its_score_goes(self):
        _, daemon = self.guarded()
        # 12 - 5: suspicious, and no longer certain.
        self.assert_deferred(self.say(BOTH))
        line = daemon.expect_decision(client_address=BOTH, action="defer")
        self.assertEqual(line["score"], "7", line)
        self.assertIn("dnswl:friends:-5", line["findings"])

    def test_an_allow_list_that_weighs_enough_gets_a_listed_client_served(self):
        server, daemon = self.guarded()
        mail = {"address": WELL_KNOWN, "name": NAME}
        self.assertEqual(smtp.send(server.port, subject="well known", **mail)[0], 250)
        self.arrived(server, "well known")
        line = daemon.expect_decision(client_address=WELL_KNOWN, action="accept")
        self.assertEqual((line["reason"], line["score"]), ("not-suspicious", "1"), line)
        self.assertIn("dnsbl:house-list:6", line["findings"])
        self.assertIn("dnswl:friends:-5", line["findings"])
        # It is the allow list that does it, and nothing else.
        daemon.configure({"dnsbl": [each for each in LISTS if each["name"] != "friends"]})
        self.assertIn("reloaded", daemon.reload())
        self.assert_deferred(self.say(WELL_KNOWN))
        line = daemon.expect_decision(client_address=WELL_KNOWN, action="defer")
        self.assertEqual(line["score"], "6", line)

    @need_control
    def test_a_client_that_the_administrator_allows_is_served_though_listed(self):
        server, daemon = self.guarded()
        done = daemon.control("allow", "client", LISTED)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(smtp.send(server.port, address=LISTED, name=NAME, subject="allowed")[0], 250)
        self.arrived(server, "allowed")

    def test_a_listed_sender_domain_is_rejected(self):
        _, daemon = self.guarded()
        code, text = self.say(GOOD, sender="x@sub.spammer.example")
        self.assertEqual(code, 554, text)
        self.assertIn("bad-domains", text)
        line = daemon.expect_decision(client_address=GOOD, action="reject")
        self.assertIn("rhsbl:bad-domains:12", line["findings"])

    def test_an_authenticated_submitter_is_left_alone(self):
        auth = DovecotAuth("joe", "secret of joe")
        self.addCleanup(auth.close)
        server, _ = self.guarded(postfix={
            "smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": auth.path})
        with smtp.Client(server.port, helo="laptop") as client:
            client.pretend(LISTED)
            code, text = client.command(f"AUTH PLAIN {auth.response}")
            self.assertEqual(code, 235, text)
            self.assertEqual(client.envelope("joe@spammer.example", USER)[0], 250)
            self.assertEqual(client.content("submitted")[0], 250)
        self.arrived(server, "submitted")
        # The same without a password.
        self.assertEqual(self.say(LISTED, name=None)[0], 554)

    @need_control
    def test_the_key_of_a_subscriber_is_told_nobody(self):
        server, daemon = self.guarded(daemon={"reply": {"list_text": True}})
        reply = self.say("198.51.100.66")
        self.assertEqual(reply, blocked("198.51.100.66", "paid-list"))
        daemon.expect_decision(client_address="198.51.100.66", action="reject")
        self.assertGreater(self.rbldnsd.asked(f"66.100.51.198.{KEY}.paid.example"), 0)
        self.asked.stop()  # and now what is said of failures
        self.say("198.51.100.67")
        daemon.expect_decision(client_address="198.51.100.67")
        said = [daemon.log(), server.log()]
        for words in (["status"], ["stats"], ["dump-config"], ["list"], ["dnsbl", "list"],
                      ["dnsbl", "test"],
                      ["dnsbl", "check", "198.51.100.66"],
                      ["explain", "--client", "198.51.100.66", "--helo", "x", "--from",
                       "a@example.org", "--to", USER]):
            for form in ("table", "json"):
                done = daemon.control("--format", form, *words)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                said += [done.stdout, done.stderr]
        for mistake in ({"zone": "{key}..x", "key": KEY}, {"zone": "x.example", "key": f"{KEY} {KEY}"},
                        {"zone": "{key}.x.example", "key": KEY, "codes": {}}):
            daemon.configure({"dnsbl": [*LISTS, {"name": "mistaken", **mistake}]})
            said += [daemon.reload(), daemon.control("check-config").stderr]
        self.assertEqual([text for text in said if KEY in text], [])


@unittest.skipIf(dns_servers.missing("rbldnsd", "unbound"),
                 dns_servers.missing("rbldnsd", "unbound"))
class BehindAResolver(EvidenceCase):
    behind_a_resolver = True

    def test_the_lists_say_the_same(self):
        self.guarded()
        self.assertEqual(self.say(LISTED), blocked(LISTED))
        self.assertEqual(self.say(LISTED_V6), blocked(LISTED_V6))
        self.assert_deferred(self.say(SLIGHTLY))
        self.assert_deferred(self.say(BOTH))
        self.assertEqual(self.say(GOOD)[0], 250)
        self.assertEqual(self.say(GOOD, sender="x@spammer.example")[0], 554)

    def test_what_the_resolver_remembers_is_still_known_when_the_list_is_gone(self):
        self.guarded()
        self.assertEqual(self.say(LISTED), blocked(LISTED))
        self.rbldnsd.stop()
        self.guard.kill()  # and with it all that mxward itself remembers
        self.guard.start()
        self.assertEqual(self.say(LISTED), blocked(LISTED))


@need_control
@unittest.skipIf(dns_servers.missing("rbldnsd", "unbound"),
                 dns_servers.missing("rbldnsd", "unbound"))
class BehindAProtectiveResolver(DaemonCase):
    """One that removes answers within 127.0.0.0/8, as against DNS rebinding."""

    def blind(self, options, lists):
        rbldnsd = dns_servers.Rbldnsd(ZONES)
        self.addCleanup(rbldnsd.remove)
        unbound = dns_servers.Unbound([zone for zone, _, _ in ZONES], rbldnsd.start(), options)
        self.addCleanup(unbound.remove)
        daemon = self.daemon({"dns": {"servers": [unbound.start().address], "deadline": "3s"},
                              "dnsbl": lists})
        test = daemon.control("dnsbl", "test")
        doctor = daemon.control("doctor")
        return test, daemon.control("status").stdout, doctor.stdout

    def test_blind_lists_are_found(self):
        lists = [{"profile": "spamhaus-zen", "zone": "bl.example", "ipv6": False},
                 {"profile": "spamcop", "zone": "wl.example", "ipv6": False,
                  "codes": {"127.0.0.3": 2}}]
        test, status, doctor = self.blind("  private-address: 127.0.0.0/8", lists)
        self.assertEqual(test.returncode, 1, test.stdout)
        for text in (test.stderr, status, doctor):
            self.assertRegex(text, "DNS lists spamhaus-zen, spamcop do not list their own test points, so they list nothing: probably the resolver removes .* rebinding")
        self.assertIn("! DNS lists", status)

        test, status, doctor = self.blind("", lists)
        self.assertEqual(test.returncode, 0, test.stdout + test.stderr)
        for text in (test.stderr, status, doctor):
            self.assertNotIn("find nobody", text)

    def test_a_wrong_key_is_found(self):
        """Of which the list says that nothing is listed."""
        test, status, doctor = self.blind("", [
            {"profile": "spamhaus-zen", "zone": "bl.example", "ipv6": False},
            {"profile": "abusix", "zone": "{key}.wl.example", "key": "typo0typo0", "ipv6": False}])
        self.assertEqual(test.returncode, 1, test.stdout)
        for text in (test.stderr, status, doctor):
            self.assertRegex(text, "DNS list abusix does not list its own test point, so it lists nothing: probably its key is wrong, or it has closed down")


@unittest.skipIf(sendmail.missing(), sendmail.missing())
@unittest.skipIf(dns_servers.missing("rbldnsd", "ip"), dns_servers.missing("rbldnsd", "ip"))
class WithSendmail(Lists, DaemonCase):
    def test_a_listed_client_is_rejected_with_the_text(self):
        directory = tempfile.mkdtemp(prefix="mxward-", dir=sendmail.SAFE)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        daemon = self.daemon(self.settings(), directory=directory)
        server = sendmail.Sendmail(daemon.endpoint, clients=[LISTED])
        self.addCleanup(server.remove)
        server.start()
        with smtp.Client(server.port,
                         connect=lambda target: server.connect(target, LISTED)) as client:
            self.assertEqual(client.envelope("a@example.org", "daemon@example.net"),
                             blocked(LISTED))
        daemon.expect_decision(client_address=LISTED, action="reject")


if __name__ == "__main__":
    support.main()
