# SPDX-License-Identifier: Apache-2.0
"""Other sites verify our users' addresses before they take their mail: a second Postfix with
reject_unverified_sender probes the guarded one."""

from mta_case import PostfixCase, smtp

import support


class Verification(PostfixCase):
    def verifies(self, settings=None):
        """A user of ours writes to somebody at another site; what that site answers to RCPT, and our
        daemon."""
        server, daemon = self.guarded_postfix(daemon_settings={"greylist": {"delay": "1h"}})
        prober = self.postfix({
            "myhostname": "mx.their.example", "myorigin": "their.example",
            "virtual_mailbox_domains": "their.example",
            "virtual_mailbox_maps": "inline:{someone@their.example=someone/}",
            "transport_maps": f"inline:{{example.net=smtp:[127.0.0.1]:{server.port}}}",
            "smtpd_sender_restrictions": "reject_unverified_sender",
            "unverified_sender_defer_code": "450", "address_verify_poll_count": "20",
            "address_verify_poll_delay": "1s", **(settings or {})})
        with smtp.Client(prober.port) as client:
            return client.envelope("user@example.net", "someone@their.example"), daemon

    def test_by_postfix_is_answered_at_once(self):
        # Its default is double-bounce@; a 451 would hold for three hours.
        for sender in (None, "<>", "postmaster"):
            with self.subTest(sender):
                (code, text), daemon = self.verifies(
                    {"address_verify_sender": sender} if sender else None)
                self.assertEqual(code, 250, text)
                line = daemon.expect_decision(reason="greylist-new", told="end")
                self.assertEqual(line["action"], "defer")

    def test_with_a_sender_that_changes_all_the_time(self):
        (code, text), daemon = self.verifies({"address_verify_sender_ttl": "2s",
                                              "address_verify_positive_refresh_time": "2s"})
        self.assertEqual(code, 250, text)
        first = daemon.expect_decision(reason="greylist-new", told="end")["sender"]
        self.assertRegex(first, r"^double-bounce\w+@their\.example$")
        prober = self.servers[-1]

        def next_probe():
            with smtp.Client(prober.port) as client:
                client.envelope("user@example.net", "someone@their.example")
            return [line for line in daemon.decisions(told="end") if line["sender"] != first]

        # It is of the same tuple.
        line = support.eventually(next_probe, 60, "a probe by another sender", every=1)[0]
        self.assertEqual(line["reason"], "greylist-early")


if __name__ == "__main__":
    support.main()
