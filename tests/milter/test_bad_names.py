# SPDX-License-Identifier: Apache-2.0
"""Names that are none, in HELO and in senders' addresses: what each yields (mxward(8),
"Findings about names"), and that no malformed question ever reaches a name server."""

import itertools
import unittest

import dns_wire as wire
import support
from dns_case import DnsCase, findings
from misbehaving_dns import mail_domains, no_name

LABEL = "a" * 63
LONGEST = ".".join([LABEL] * 3 + ["a" * 61])  # 253 characters
NOT_QUALIFIED = {"helo-not-fqdn": 1}
ADDRESS = {"helo-ip": 2}
MISMATCH = {"helo-literal-mismatch": 2}
NOTHING = {}

# What is said, what it yields, and what the list of HELO names is asked about (nothing: None), all
# different, because answers are remembered.
HELO = [
    ("an ordinary name", "mail.example.org", NOTHING, "mail.example.org"),
    ("in capitals", "CAPITALS.EXAMPLE.ORG", NOTHING, "capitals.example.org"),
    ("a trailing dot", "dot.example.org.", NOTHING, "dot.example.org"),
    ("two trailing dots", "mail.example.org..", NOT_QUALIFIED, None),
    ("an empty label", "mail..example.org", NOT_QUALIFIED, None),
    ("an empty first label", ".example.org", NOT_QUALIFIED, None),
    ("only dots", "...", NOT_QUALIFIED, None),
    ("no dot", "localhost", NOT_QUALIFIED, None),
    ("300 characters without a dot", "a" * 300, NOT_QUALIFIED, None),
    ("300 characters in labels", ".".join([LABEL] * 4 + ["a" * 44]), NOT_QUALIFIED, None),
    ("a label of 64 characters", "a" * 64 + ".example.org", NOT_QUALIFIED, None),
    # 253 is a name; with the list's zone behind it is none.
    ("253 characters", LONGEST, NOTHING, LONGEST),
    ("8-bit", b"m\xfcller.example.org", NOT_QUALIFIED, None),
    ("UTF-8", "müller.example.org", NOT_QUALIFIED, "xn--mller-kva.example.org"),
    ("a blank", "mail example.org", NOT_QUALIFIED, None),
    ("a backslash", "mail\\.example.org", NOT_QUALIFIED, None),
    ("a control character", b"mail\x01.example.org", NOT_QUALIFIED, None),
    ("a wildcard", "*.example.org", NOT_QUALIFIED, None),
    ("an underscore", "my_host.example.org", NOTHING, "my_host.example.org"),
    ("a hyphen in front", "-host.example.org", NOTHING, "-host.example.org"),
    ("per cent signs", "%s%n.example.org", NOT_QUALIFIED, None),
    ("a number at the end", "mail.example.123", NOT_QUALIFIED, None),
    ("a bare address", "192.0.2.1", ADDRESS, None),
    ("a bare address with a trailing dot", "192.0.2.1.", ADDRESS, None),
    ("a bare IPv6 address", "2001:db8::1", ADDRESS, None),
    ("the client's literal", "[192.0.2.1]", NOTHING, None),
    ("another's literal", "[198.51.100.1]", MISMATCH, None),
    ("another's IPv6 literal", "[IPv6:2001:db8::1]", MISMATCH, None),
    ("an unfinished literal", "[192.0.2.1", MISMATCH, None),
    ("an empty literal", "[]", MISMATCH, None),
    ("nothing", "", NOTHING, None),
]

# The sender, what it yields, and the domain that is asked about (nothing: None). No domain exists.
NONE = {"sender-domain-none": 2}
SENDERS = [
    ("an ordinary address", "<a@gone.example>", NONE, "gone.example"),
    ("in capitals", "<A@GONE1.EXAMPLE>", NONE, "gone1.example"),
    ("a trailing dot", "<a@gone2.example.>", NONE, "gone2.example"),
    # All of them are left out where an address is split: the question is in order.
    ("several trailing dots", "<a@gone5.example...>", NONE, "gone5.example"),
    ("an empty label", "<a@gone..example>", NOTHING, None),
    ("an empty first label", "<a@.gone.example>", NOTHING, None),
    ("only dots", "<a@...>", NOTHING, None),
    ("300 characters", "<a@" + ".".join([LABEL] * 4 + ["a" * 44]) + ">", NOTHING, None),
    ("a label of 64 characters", "<a@" + "a" * 64 + ".example>", NOTHING, None),
    ("253 characters", f"<a@{LONGEST}>", NONE, LONGEST),
    ("8-bit", b"<a@m\xfcller.example>", NOTHING, None),
    ("UTF-8", "<a@Gönner.example>", NONE, "xn--gnner-jua.example"),
    ("a fullwidth full stop", "<a@gone6．example>", NONE, "gone6.example"),
    ("a fullwidth blank", "<a@gone\u3000.example>", NOTHING, None),
    ("UTF-8 and a NUL", b"<a@g\xc3\xb6ne\0.example>", NOTHING, None),
    ("a blank", "<a@gone8 .example>", NONE, "gone8.example"),
    ("a backslash", "<a@gone9\\.example>", NONE, "gone9.example"),
    ("a control character", b"<a@gone\x01.example>", NOTHING, None),
    ("a wildcard", "<a@*.example>", NOTHING, None),
    ("an underscore", "<a@go_ne.example>", NONE, "go_ne.example"),
    ("a number at the end", "<a@gone.123>", NOTHING, None),
    ("an address literal", "<a@[192.0.2.1]>", NOTHING, None),
    ("an IPv6 literal", "<a@[IPv6:2001:db8::1]>", NOTHING, None),
    ("a bare address", "<a@192.0.2.1>", NOTHING, None),
    ("unqualified", "<a@localhost>", NOTHING, None),
    ("no domain", "<a>", NOTHING, None),
    ("an empty domain", "<a@>", NOTHING, None),
    ("two at signs", "<a@b@gone3.example>", NONE, "gone3.example"),
    ("an at sign in quotes", '<"a@b"@gone4.example>', NONE, "gone4.example"),
    ("the null sender", "<>", NOTHING, None),
    ("nothing at all", "", NOTHING, None),
]

LISTS = [
    {"name": "helo-list", "zone": "helo.test", "of": "helo", "codes": {"127.0.0.2": 1}},
    {"name": "name-list", "zone": "name.test", "of": "client-name", "codes": {"127.0.0.2": 1}},
    {"name": "sender-list", "zone": "sender.test", "of": "sender-domain",
     "codes": {"127.0.0.2": 1}},
]
ABOUT_NAMES = ("helo-", "sender-", "rdns-")


class TheNameServerNotices(unittest.TestCase):
    """That nothing malformed was asked proves something only if it would have been seen."""

    def parse(self, name, behind=b""):
        return wire.parse_query(b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1" + behind)

    def test_a_question_in_order(self):
        self.assertEqual(self.parse(b"\x02Ab\x03c_d\0").name, "ab.c_d")

    def test_malformed_ones(self):
        long_name = (b"\x3f" + b"a" * 63) * 4 + b"\0"
        for name in (b"\0", b"\x02a\xfc\0", b"\x02a.\0", b"\x02a \0", b"\x40" + b"a" * 64 + b"\0",
                     b"\xc0\x0c", long_name, b"\x05ab\0"):
            with self.subTest(name), self.assertRaises(wire.Malformed):
                self.parse(name)
        with self.assertRaises(wire.Malformed):
            self.parse(b"\x02ab\0", behind=b"x")


class BadNames(DnsCase):
    def setUp(self):
        self.dns = self.name_server(otherwise=no_name)
        self.dns.behave("example.org", mail_domains)
        self.guard = self.judging(self.dns, LISTS)
        self.numbers = itertools.count()

    def tearDown(self):
        self.assertEqual(self.dns.malformed(), [])
        self.assertIsNone(self.guard.process.poll(), "the daemon has ended")
        super().tearDown()

    def judge(self, expected, **session):
        """Checks the findings about names, and returns what the name server was asked meanwhile."""
        self.dns.forget()
        reply, line = self.envelope(self.guard, next(self.numbers), **session)
        found = {name: score for name, score in findings(line).items()
                 if name.startswith(ABOUT_NAMES)}
        self.assertEqual(found, expected, line)
        # Suspicious (2) is deferred, all else passes.
        self.assertEqual(reply.deferred, sum(found.values()) >= 2, line)
        return self.dns.questions()

    def assert_list_asked(self, zone, questions, name):
        asked = {query.name for query in questions if query.below(zone)}
        asked -= {f"test.{zone}", f"invalid.{zone}"}  # the self-test
        fits = name is not None and len(name) + 1 + len(zone) <= wire.MAX_NAME
        self.assertEqual(asked, {f"{name}.{zone}"} if fits else set())

    def test_helo(self):
        for what, helo, expected, asked in HELO:
            with self.subTest(what):
                questions = self.judge(expected, helo=helo)
                self.assert_list_asked("helo.test", questions, asked)

    def test_senders(self):
        for what, sender, expected, asked in SENDERS:
            with self.subTest(what):
                questions = self.judge(expected, sender=sender)
                self.assert_list_asked("sender.test", questions, asked)
                self.assertEqual({query.name for query in questions if query.kind == wire.MX},
                                 {asked} if asked else set())

    def test_names_of_clients(self):
        # The MTA has verified them, but a test sends what no MTA should.
        for number, name in enumerate(("mail..example.org", "a" * 300, b"m\xfcl.example.org", "a.b.",
                                       "192.0.2.1", "[192.0.2.1]", "%n.example.org", ".", "..")):
            with self.subTest(name):
                self.dns.forget()
                self.envelope(self.guard, next(self.numbers), name=name,
                              address=f"203.0.113.{number}")
                asked = {query.name for query in self.dns.questions("name.test")}
                self.assertLessEqual(asked, {"a.b.name.test", "test.name.test",
                                             "invalid.name.test"})


if __name__ == "__main__":
    support.main()
