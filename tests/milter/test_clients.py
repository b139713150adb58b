# SPDX-License-Identifier: Apache-2.0
"""Who connects: address families, trust, names."""

import itertools

import support
import wire
from case import DaemonCase, SharedDaemonCase


class Families(SharedDaemonCase):
    numbers = itertools.count()

    def reply(self, family, address, name="client", **options):
        with self.daemon.session() as session:
            session.connect(name, address, family=family, **options)
            session.helo()
            reply = session.envelope(f"<{self._testMethodName}@example.org>", "<b@example.net>")
            session.abort()
            self.assertTrue(session.quit())
            return reply

    def assert_harmless(self, family, address, **options):
        """libmilter hangs up on what is no address; that is as good as an answer."""
        try:
            self.reply(family, address, **options)
        except (wire.Closed, OSError):
            pass
        recipient = f"<next{next(self.numbers)}@example.net>"
        self.assertTrue(self.daemon.attempt(recipient=recipient).deferred)

    def test_a_client_without_an_address_is_answered(self):
        self.assertFalse(self.reply("U", None).rejected)
        self.assertFalse(self.reply("L", "/run/client.sock", port=0).rejected)

    def test_addresses_that_do_not_parse_are_harmless(self):
        for address in ("", "not an address", "999.1.2.3", "192.0.2.1.5", "1" * 1000):
            with self.subTest(address):
                self.assert_harmless("4", address)
        for address in ("", ":::", "2001:db8::zz", "fe80::1%eth0"):
            with self.subTest(address):
                self.assert_harmless("6", address)
        for address in ("", "x", "/" + "x" * 300):
            with self.subTest(address):
                self.assert_harmless("L", address, port=0)
        self.assert_harmless("X", "192.0.2.1")

    def test_ipv6_without_the_prefix_in_the_literal_is_read_too(self):
        self.assertTrue(self.reply("6", "2001:db8::25").deferred)

    def test_the_address_comes_from_the_socket_and_not_from_a_macro(self):
        with self.daemon.session() as session:
            session.client("192.0.2.50", macros={"{client_addr}": "198.51.100.50"})
            session.envelope("<macro@example.org>", "<b@example.net>")
        line = self.daemon.expect_decision(sender="macro@example.org")
        self.assertEqual(line["client_address"], "192.0.2.50")


class Trust(DaemonCase):
    def test_loopback_is_trusted_by_default(self):
        daemon = self.daemon({"trust": {"networks": ["loopback", "self"]}})
        for address in ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"):
            with self.subTest(address):
                self.assertEqual(str(daemon.attempt(address=address)), "c")
        self.assertTrue(daemon.attempt(address="192.0.2.1").deferred)

    def test_a_client_without_an_address_is_local(self):
        daemon = self.daemon({"trust": {"networks": ["loopback"]}})
        for family, address in (("U", None), ("L", "/run/client.sock")):
            with self.subTest(family), daemon.session() as session:
                session.connect("localhost", address, family=family)
                session.helo()
                self.assertEqual(str(session.envelope("<a@example.org>", "<b@example.net>")), "c")

    def test_a_trusted_network_is_never_judged(self):
        daemon = self.daemon({"trust": {"networks": ["198.51.100.0/25", "2001:db8::/48"]}})
        for address in ("198.51.100.127", "2001:db8:0:ffff::1"):
            self.assertEqual(str(daemon.attempt(address=address)), "c")
        for address in ("198.51.100.128", "2001:db8:1::1"):
            self.assertTrue(daemon.attempt(address=address).deferred)


if __name__ == "__main__":
    support.main()
