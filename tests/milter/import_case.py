# SPDX-License-Identifier: Apache-2.0
"""The base of the tests of import and export."""

import json
import pathlib
import shutil
import tempfile
import time

from case import DaemonCase

DAY = 86400
# What other greylisters have known for long may pass at once; what they have seen just now not.
PATIENT = {"greylist": {"delay": "4m"}}


def stamp(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def lines_of(path):
    return pathlib.Path(path).read_text().splitlines()


def tuples(count, first=0):
    """Passed tuples as an export has them, each of a network of its own."""
    seen = stamp(time.time() - 3600)
    for i in range(first, first + count):
        yield json.dumps({
            "type": "tuple", "state": "passed", "client": f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}",
            "sender": f"s{i}@a{i}.example.org", "recipient": f"r{i}@example.net",
            "first_seen": seen, "last_seen": seen})


class ImportCase(DaemonCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mxward-import-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, text, name="input"):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def imported(self, daemon, text, *options):
        """The totals of an import that went well."""
        done = daemon.control("--format", "json", "import", *options, self.file(text))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def export(self, daemon, name="export"):
        """The export's lines; the daemon may be down."""
        path = self.folder / name
        done = daemon.control("export", "--output", str(path))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        return lines_of(path)

    def passes(self, daemon, **envelope):
        reply = daemon.attempt(**envelope)
        return not reply.deferred

    def reason(self, daemon, client, sender, recipient="b@example.net"):
        """What would be decided: a null sender's deferral comes at the end of its message."""
        done = daemon.control("--format", "json", "explain", "--client", client, "--from", sender,
                              "--to", recipient)
        return json.loads(done.stdout)["reason"]

    def some_traffic(self, daemon):
        """Every kind of record."""
        daemon.accepted_after_delay(address="192.0.2.1", sender="<a@example.org>",
                                    recipient="<b@example.net>")
        daemon.attempt(address="192.0.2.2", sender="<>", recipient="<b@example.net>")
        daemon.attempt(address="2001:db8::1", sender="<Big=\\xff\xe9@Example.org>",
                       recipient="<b+tag@example.net>")
        for words in (("allow", "recipient", "desk@example.net", "--for", "30d", "--note", "Büro"),
                      ("block", "client", "203.0.113.0/24"),
                      ("allow", "sender-domain", "example.com", "--all"),
                      ("forget", "client", "203.0.113.0/24"),
                      ("forget", "client", "192.0.2.2")):
            self.assertEqual(daemon.control(*words).returncode, 0, words)
