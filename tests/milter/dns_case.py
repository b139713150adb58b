# SPDX-License-Identifier: Apache-2.0
"""The base of the tests in which the daemon asks a name server that the test controls."""

import re

from case import DaemonCase
from misbehaving_dns import MisbehavingDns

GOOD_NAME = "mail.example.org"


def findings(decision):
    """{"rdns-none": 4, "dnsbl:NAME": 6, ...} of a decision line."""
    return {name: int(score) for name, score in
            re.findall(r"([a-z][\w.:-]*):(-?\d+)", decision.get("findings", ""))}


class DnsCase(DaemonCase):
    """Mail is judged by its evidence alone: what is suspicious is greylisted."""

    def name_server(self, zones=None, **options):
        server = MisbehavingDns(zones, **options)
        self.addCleanup(server.close)
        return server

    def judging(self, server, lists=(), **settings):
        """A daemon that asks the server."""
        return self.daemon({"dns": {"servers": [server.address], "deadline": "1s"},
                            "greylist": {"apply": "suspicious"},
                            "dnsbl": list(lists), **settings})

    def envelope(self, daemon, number, **session):
        """One mail to a recipient of its own, from a client with a good name unless the session
        says otherwise; the reply, and the decision line."""
        recipient = f"r{number}@example.net"
        with daemon.session() as client:
            client.client(session.get("address", "192.0.2.1"), session.get("name", GOOD_NAME),
                          session.get("helo", GOOD_NAME))
            reply = client.envelope(session.get("sender", "<a@example.org>"), f"<{recipient}>")
        return reply, daemon.expect_decision(recipient=recipient)
