# SPDX-License-Identifier: Apache-2.0
"""What the tests of limits share."""

from case import DaemonCase
from daemon import merged

CLIENT = "192.0.2.1"
OTHER = "192.0.2.2"  # of the same network, and another client


def limit(count, rate, name="crowd", per="client", **more):
    return {"name": name, "count": count, "per": per, "rate": rate, **more}


# How Postfix and Sendmail tell of a recipient that they take, and of one that they refuse.
TAKEN = {"{rcpt_mailer}": "virtual", "{rcpt_host}": "example.net", "{rcpt_addr}": "b@example.net"}


def refused(code="5.1.1", text="Recipient address rejected: User unknown"):
    return {"{rcpt_mailer}": "error", "{rcpt_host}": code, "{rcpt_addr}": text}


class LimitCase(DaemonCase):
    def limited(self, *limits, settings=None, **options):
        """A daemon with these limits; who is below them passes."""
        return self.daemon(merged({"greylist": {"apply": "off"}, "limit": list(limits)}, settings),
                           **options)

    def reload(self, daemon, *limits):
        daemon.configure({"limit": list(limits)})
        before = len(daemon.log())
        daemon.reload()
        daemon.expect_log("configuration reloaded", after=before)

    def one_of_many(self, session, address=CLIENT):
        """A client with one mail in an MTA's connection that serves many, one after the other; the
        reply to its recipient."""
        reply = session.client(address).envelope("<a@example.org>", "<b@example.net>")
        session.eom()
        session.next_client()
        return reply

    def assert_passes(self, reply):
        self.assertEqual(str(reply), "c")

    def assert_over(self, reply, what, name="crowd"):
        self.assertRegex(
            reply.smtp,
            rf"^451 4\.7\.1 Too many {what}, please try again (in \d+ seconds?|later) "
            rf"\(limit {name}\)$")
