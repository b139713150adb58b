# SPDX-License-Identifier: Apache-2.0
"""mxwardctl report against the daemon: what it counts survives an end of the daemon and can be read
without it, lists are told apart, and what strangers send reaches neither terminal nor page."""

import json
import re
import stat

import misbehaving_dns as dns
import support
from case import DaemonCase
from daemon import need_control
from list_case import LAME, LISTED, LISTING, LISTS, ListCase

CLIENT = "192.0.2.20"
NAME = "mail.example.org"
HOSTILE = "<script>alert(1)</script>"
LIGHT = [{**each, "codes": {"127.0.0.2": points}} for each, points in zip(LISTS, (4, 7))]
# Only the one list has the other client.
OTHER = "192.0.2.67"


@need_control
class Counting(DaemonCase):
    def mail(self, guard, recipient, sender="<a@example.org>"):
        with guard.session() as client:
            client.client(CLIENT, NAME, NAME)
            return client.envelope(sender, recipient)

    def test_what_was_counted_outlives_the_daemon(self):
        guard = self.daemon()
        self.assertTrue(self.mail(guard, "<b@example.net>").deferred)
        self.assertTrue(self.mail(guard, "<c@example.net>").deferred)
        support.eventually(lambda: self.mail(guard, "<b@example.net>").passed, 15.0, "a pass", 0.25)
        expected = {"deferred": 2, "came_back": 1, "never_back": 0, "still_out": 1}

        def check(report):
            self.assertEqual({name: report["mails"][name] for name in expected}, expected)
            self.assertEqual(report["delay"]["mails"], 1)
            organisations = {each["organisation"]: each for each in report["organisations"]}
            self.assertEqual(organisations["example.org"]["came_back"], 1)
        check(guard.ask("report"))
        self.assertEqual(guard.stop(), 0)
        done = guard.control("--format", "json", "report")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not running", done.stderr)
        check(json.loads(done.stdout))
        guard.start()
        check(guard.ask("report"))

    def test_the_page_is_one_file_for_its_owner(self):
        guard = self.daemon()
        self.mail(guard, "<b@example.net>", sender=f"<{HOSTILE}@{HOSTILE}.example.org>")
        self.mail(guard, "<c@example.net>")
        page = guard.directory / "report.html"
        done = guard.control("report", "--html", str(page))
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertEqual(stat.S_IMODE(page.stat().st_mode), 0o600)
        text = page.read_text(encoding="ascii")
        self.assertIn("example.org", text)
        self.assertNotRegex(text, r"<script|https?:|src=|href=|url\(|@import")

    def test_what_strangers_send_does_not_reach_the_terminal(self):
        guard = self.daemon()
        for domain in ("\x1b[31m.example.org", f"{HOSTILE}.example.org", "\xff\xfe.example.org"):
            self.mail(guard, "<b@example.net>", sender=f"<a@{domain}>")
        done = guard.control("report")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^[ -~\n]*$")
        self.assertNotIn("script", done.stdout)

    def test_privacy_tells_no_address(self):
        guard = self.daemon({"greylist": {"privacy": True}})
        self.mail(guard, "<b@example.net>")
        done = guard.control("report")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"mails deferred +1\n")
        self.assertNotRegex(done.stdout, r"example|192\.0\.2")
        self.assertIn("greylist.privacy", done.stdout)


@need_control
class Contributing(ListCase):
    def test_a_list_alone_and_together_with_another(self):
        lame = dns.Records({**LISTING[LAME].records,
                            f"67.2.0.192.{LAME}": LISTING[LAME].records[f"66.2.0.192.{LAME}"]})
        self.start(lame=lame, lists=LIGHT)
        self.mail(LISTED)  # both, 11 points
        self.mail(OTHER)   # the one, 4 points
        report = self.guard.ask("report")
        found = {each["finding"]: each for each in report["findings"]}
        first, second = found["dnsbl:lame"], found["dnsbl:sound"]
        self.assertEqual((first["messages"], first["alone"], first["together"]), (2, 1, 1), first)
        self.assertEqual((first["defer"], first["reject"]), (1, 1), first)
        self.assertEqual(first["most_with"], "dnsbl:sound")
        self.assertEqual((second["messages"], second["alone"]), (1, 0), second)
        # Without either the sum would not reject, and the other client would not be deferred.
        self.assertEqual((first["decisive"], second["decisive"]), (2, 1))
        table = self.guard.control("report").stdout
        self.assertRegex(table, re.compile(r"^dnsbl:lame +2 +1 +1 +2 ", re.M))


if __name__ == "__main__":
    support.main()
