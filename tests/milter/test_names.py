# SPDX-License-Identifier: Apache-2.0
"""What the MTA tells of the client's name and of its own, and what is made of it."""

import itertools
import json

import support
from case import SharedDaemonCase
from daemon import HAVE_CONTROL

NAME = "mail.example.org"
FORGED = "rdns-forged:4 (mail.example.org does not resolve back to the address)"
TEMP = "rdns-tempfail (the reverse name could not be looked up)"
NONE = "rdns-none:4 (no reverse name)"
SELF = "helo-self:2 (calls itself by our name or address)"


def told(resolve=None, name="unknown", ptr="unknown"):
    """The macros of a client's name."""
    macros = {"{client_name}": name, "{client_ptr}": ptr}
    return {**macros, "{client_resolve}": resolve} if resolve else macros


class Names(SharedDaemonCase):
    """Mail is judged by the name and HELO alone: what is suspicious is greylisted."""

    settings = {"greylist": {"apply": "suspicious"},
                "score": {"sender_domain_none": 0, "sender_null_mx": 0, "sender_mx_nowhere": 0}}
    numbers = itertools.count(1)

    def judge(self, macros, host=None, helo="client.example.net"):
        """One mail from a client never seen before; (its address, the reply, the decision line)."""
        number = next(self.numbers)
        address, recipient = f"192.0.{number}.1", f"r{number}@example.net"
        with self.daemon.session() as session:
            session.connect(host or f"[{address}]", address, macros=macros)
            session.helo(helo)
            reply = session.envelope("<a@example.org>", f"<{recipient}>")
        return address, reply, self.daemon.expect_decision(recipient=recipient)

    def assert_noted(self, address, name_class):
        """What the client's history says of its name."""
        if HAVE_CONTROL:
            done = self.daemon.control("--format", "json", "clients", address)
            self.assertEqual([each["name_class"] for each in json.loads(done.stdout)], [name_class])

    def assert_judged(self, macros, findings, name_class, host=None, client_name="unknown"):
        address, reply, line = self.judge(macros, host)
        self.assertEqual(line.get("findings", ""), findings)
        self.assertEqual(line["client_name"], client_name)
        # A finding of points is enough to be greylisted.
        if ":" in findings:
            self.assertRegex(reply.smtp, r"^451 4\.7\.1 Greylisted")
        else:
            self.assertEqual(str(reply), "c", line)
        self.assert_noted(address, name_class)

    def test_a_name_that_resolves_back_is_a_good_one(self):
        self.assert_judged(told("OK", NAME, NAME), "", "good", host=NAME, client_name=NAME)

    def test_a_client_without_a_name_has_none(self):
        self.assert_judged(told("FAIL"), NONE, "none")

    def test_a_forged_name_is_told_as_the_one_that_was_claimed(self):
        self.assert_judged(told("FORGED", ptr="Mail.Example.ORG."), FORGED, "forged")

    def test_a_forged_name_is_nobodys_whatever_the_mta_calls_the_client(self):
        # Sendmail gives the name nevertheless; and nothing but the name, where it does not know
        # {client_ptr}.
        self.assert_judged(told("FORGED", NAME, NAME), FORGED, "forged", host=NAME)
        self.assert_judged({"{client_name}": NAME, "{client_resolve}": "FORGED"}, FORGED, "forged",
                           host=NAME)

    def test_a_forged_name_that_is_not_known_is_a_finding_too(self):
        self.assert_judged(told("FORGED"), "rdns-forged:4 (the reverse name does not resolve back)",
                           "forged")

    def test_a_name_that_could_not_be_looked_up_says_nothing_about_the_client(self):
        self.assert_judged(told("TEMP"), TEMP, "tempfail")
        self.assert_judged(told("TEMP", ptr=NAME), TEMP, "tempfail")
        self.assert_judged(told("TEMP", NAME, NAME), TEMP, "tempfail", host=NAME)

    def test_an_mta_that_does_not_say_how_it_resolved(self):
        self.assert_judged(told(name=NAME), "", "good", host=NAME, client_name=NAME)
        self.assert_judged({}, "", "unknown")
        self.assert_judged(told("OK"), NONE, "none")

    def test_a_block_of_a_client_name_holds_for_a_claimed_one_and_an_allow_does_not(self):
        if not HAVE_CONTROL:
            self.skipTest("needs mxwardctl")
        for action, name in (("block", "blocked.example"), ("allow", "allowed.example")):
            done = self.daemon.control(action, "client-name", name)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.judge(told("FORGED", ptr="mail.blocked.example"))[1].rejected)
        self.assertTrue(self.judge(told("FORGED", ptr="mail.allowed.example"))[1].deferred)

    def test_a_client_that_greets_with_the_mtas_own_name(self):
        good = told("OK", NAME, NAME)
        for own, helo, findings in (("mx.example.net", "mx.example.net", SELF),
                                    ("MX.Example.NET.", "mx.example.net", SELF),
                                    ("mx.example.net", "MX.example.net.", SELF),
                                    ("mx.example.net", "mx2.example.net", ""),
                                    ("mx2.example.net", "mx.example.net", ""),
                                    (None, "mx.example.net", "")):
            with self.subTest(own=own, helo=helo):
                macros = {**good, "j": own} if own else good
                _, reply, line = self.judge(macros, NAME, helo)
                self.assertEqual(line.get("findings", ""), findings)
                self.assertEqual(reply.deferred, bool(findings))

    def test_the_clients_of_one_connection_have_a_name_each(self):
        # QUIT_NC: what the MTA told of the first must not be taken for the second's.
        with self.daemon.session() as session:
            for number, (macros, findings) in enumerate(((told("FORGED", ptr=NAME), FORGED),
                                                         (told("TEMP"), TEMP),
                                                         (told("FAIL"), NONE))):
                recipient = f"one-of-many{number}@example.net"
                session.connect("unknown", f"198.51.{number}.1", macros=macros)
                session.helo()
                session.envelope("<a@example.org>", f"<{recipient}>")
                line = self.daemon.expect_decision(recipient=recipient)
                self.assertEqual(line["findings"], findings)
                session.eom()
                session.next_client()


if __name__ == "__main__":
    support.main()
