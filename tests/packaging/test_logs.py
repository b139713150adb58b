# SPDX-License-Identifier: Apache-2.0
"""What reads our log: logcheck's rules know every routine line, and nothing that an administrator
should see; fail2ban's filter counts only what is held against the client."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import support
from case import DaemonCase

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/mta"))
import fail2ban_filter  # pylint: disable=wrong-import-position

RULES = ROOT / "packaging/logcheck/mxward"
FILTER = ROOT / "packaging/fail2ban/mxward.conf"
PREFIXES = ("Nov 27 02:40:11 mx mxward[4711]: ",
            "2026-11-27T02:40:11.123456+00:00 mx.example.org mxward[4711]: ")

# Lines of a day on which something happens, as the code writes them.
ROUTINE = [
    "dns: server 192.0.2.53:53 answers again, after 3 minutes",
    "DNS list house is healthy again, after it was broken for 2 hours: it is queried and counts as before",
    "missing reverse names of clients of the mail server mx.example.org count again: "
    "3 of 6 independent clients of long standing, which had a reverse name, come without one",
    "metrics on http://127.0.0.1:9118/metrics",
    "configuration reloaded; changed: greylist.delay",
    "the database is sound: 4711 records on 112 pages, 0 of them unreadable",
]
WORTH_A_LOOK = [
    "mail passes unjudged: the database: No space left on device",
    "dns: server 192.0.2.53:53 is down (no answer); it is only probed until it answers",
    "the database uses 900 MiB of the 1 GiB of store.map_size_max; raise it in time",
    "these changes need a restart: milter.listen",
    "mxward was not shut down cleanly: the database is checked",
    "the database is sound: 4711 records on 112 pages, 2 of them unreadable",
    "the database is considered damaged (page 17: used twice): it was set aside as "
    "/var/lib/mxward/data.mdb.damaged-2026-11-30T040506Z, and a new one was created",
    "not reloaded: mxward.toml:3:1: unknown key",
    "runs as root, which it does not need; set user, or start it as another user",
]
# Rejected or not, and whether the client is to be counted.
DECISIONS = [
    ("4XyZ1: action=reject, reason=score, about=client, client_address=192.0.2.1, client_name=unknown, "
     "helo=<x>, sender=<a@example.org>, recipient=<b@example.net>, score=10, findings=rdns-none:4", True),
    ("NOQUEUE: action=reject, reason=blocked, about=client, client_address=2001:db8::1, "
     "client_name=mx.example.org, helo=<x>, sender=<>, recipient=<b@example.net>, "
     "findings=block (client 2001:db8::/32)", True),
    ("NOQUEUE: action=reject, reason=blocked, about=recipient, client_address=192.0.2.3, "
     "client_name=unknown, helo=<x>, sender=<>, recipient=<gone@example.net>, "
     "findings=block (recipient gone@example.net)", False),
    ("NOQUEUE: action=defer, reason=greylist-new, client_address=192.0.2.4, delay=240, "
     "client_name=unknown, helo=<x>, sender=<>, recipient=<b@example.net>, score=4", False),
    ("NOQUEUE: action=reject, reason=limit, about=client, client_address=192.0.2.5, client_name=unknown, "
     "helo=<x>, sender=<>, recipient=<b@example.net>, findings=limit:each (192.0.2.5 9 of 3)", False),
    ("NOQUEUE: action=reject, reason=score, about=client, client_address=192.0.2.6, client_name=unknown, "
     "helo=<x>, sender=<>, recipient=<b@example.net>, score=10, observed=yes", False),
    # A list of the sender's domain.
    ("NOQUEUE: action=reject, reason=score, about=sender, client_address=192.0.2.8, "
     "client_name=out.example.org, helo=<x>, sender=<a@listed.example>, recipient=<b@example.net>, "
     "score=10, findings=rhsbl:names:10 (listed.example: 127.0.1.2)", False),
    ("NOQUEUE: action=accept, reason=not-suspicious, client_address=192.0.2.7, client_name=unknown, "
     "helo=<action\\x3dreject\\x2c\\x20reason\\x3dscore>, sender=<>, recipient=<b@example.net>", False),
]


def not_routine(lines):
    """Those that no rule of logcheck matches, which uses egrep like this."""
    done = subprocess.run(["grep", "-E", "-v", "-f", str(RULES)], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, check=False, timeout=support.allow(30))
    assert done.returncode < 2, done.stderr
    return done.stdout.splitlines()


class Logcheck(DaemonCase):
    def live_lines(self, **log):
        settings = {"greylist": {"delay": "1s"}, "log": log,
                    **({"user": "nobody"} if os.geteuid() == 0 else {})}
        daemon = self.daemon(settings)
        daemon.attempt(sender="<a@example.org>")
        daemon.accepted_after_delay(sender="<a@example.org>")
        daemon.control("block", "sender", "bad@example.org")
        daemon.attempt(sender="<bad@example.org>")
        daemon.control("pause", "--for", "1h")
        daemon.control("pause", "--end")
        daemon.reload()
        self.assertEqual(daemon.stop(), 0)
        return daemon.log().splitlines()

    @unittest.skipIf(os.environ["MXWARDCTL"] == "none", "needs mxwardctl")
    def test_all_lines_of_a_quiet_day_are_routine(self):
        for log in ({}, {"format": "json"}):
            lines = self.live_lines(**log)
            for wanted in ("defer", "accept", "reject", "exiting", "control: ", "reloaded"):
                self.assertTrue(any(wanted in line for line in lines), wanted)
            for prefix in PREFIXES:
                # On the standard error the level stands in front; in a syslog it does not.
                self.assertEqual(not_routine([prefix + line for line in lines]),
                                 [prefix + line for line in lines
                                  if line.startswith(("warning: ", "error: ", '{"level":"warning"',
                                                     '{"level":"error"'))])

    def test_news_is_routine_and_trouble_is_not(self):
        for prefix in PREFIXES:
            self.assertEqual(not_routine([prefix + line for line in ROUTINE]), [])
            trouble = [prefix + line for line in WORTH_A_LOOK]
            self.assertEqual(not_routine(trouble), trouble)


class Fail2ban(unittest.TestCase):
    @unittest.skipIf(fail2ban_filter.missing(), fail2ban_filter.missing())
    def test_only_what_is_held_against_the_client_counts(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.writelines(PREFIXES[0] + line + "\n" for line, _ in DECISIONS)
            log.flush()
            banned = fail2ban_filter.banned(log.name, str(FILTER))
        address = re.compile(r"client_address=([^,]+),")
        self.assertEqual(banned, {address.search(line)[1] for line, counts in DECISIONS if counts})


if __name__ == "__main__":
    support.main()
