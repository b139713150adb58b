# SPDX-License-Identifier: Apache-2.0
"""Moving in from another greylister: from databases that the real ones made, and from what they are
documented to write."""

import time
import unittest

import greylisters
from daemon import need_control
from import_case import DAY, PATIENT, ImportCase, stamp
from support import eventually, main, need_root


@need_control
class Documented(ImportCase):
    """Formats whose programs are not in Debian, as their sources and manuals describe them."""

    def test_milter_greylist(self):
        now = int(time.time())
        daemon = self.daemon(PATIENT)
        text = f"""#
# milter-greylist databases, dumped by milter-greylist-4.6.2 on 2026-01-31 12:00:00.
# DO NOT EDIT while milter-greylist is running, changes will be overwritten.
#


#
# greylisted tuples
#
# Sender IP\tSender e-mail\tRecipient e-mail\tTime accepted
192.0.2.1\t<Waits@example.org>\t<b@example.net>\t{now + 60} # 2026-01-31 12:01:00
192.0.2.2\t<new@example.org>\t<b@example.net>\t{now + 1790}
192.0.2.3\t<gone@example.org>\t<b@example.net>\t{now - 6 * DAY} # 2026-01-25 12:00:00


#
# Auto-whitelisted tuples
#
# Sender IP\tSender e-mail\tRecipient e-mail\tExpire
192.0.2.4\t<known@example.org>\t<b@example.net>\t{now + DAY // 2} AUTO # 2026-02-01 00:00:00
2001:db8::4\t<>\t<b@example.net>\t{now + DAY // 2} AUTO
192.0.2.5\t<old@example.org>\t<b@example.net>\t{now - 5} AUTO # 2026-01-31 11:59:55
#
# Summary: 6 records, 3 greylisted, 3 whitelisted
#
"""
        totals = self.imported(daemon, text)
        self.assertEqual(totals["from"], "milter-greylist")
        self.assertEqual((totals["records"], totals["added"], totals["expired"],
                          totals["unreadable"]), (6, 4, 2, 0))
        known = dict(recipient="<b@example.net>")
        self.assertTrue(self.passes(daemon, address="192.0.2.4", sender="<known@example.org>", **known))
        self.assertEqual(self.reason(daemon, "2001:db8::4", "<>"), "greylist-known")
        # First seen half an hour before it would have been accepted.
        self.assertTrue(self.passes(daemon, address="192.0.2.1", sender="<waits@example.org>", **known))
        self.assertFalse(self.passes(daemon, address="192.0.2.2", sender="<new@example.org>", **known))
        self.assertFalse(self.passes(daemon, address="192.0.2.5", sender="<old@example.org>", **known))

    def test_spamdb(self):
        now = int(time.time())
        daemon = self.daemon({**PATIENT, "greylist": {"delay": "4m", "auto_allow_after": 3}})
        text = (
            f"GREY|192.0.2.1|mail.example.org|<a@example.org>|<b@example.net>|{now - 600}|"
            f"{now + 900}|{now + 9000}|2|0\n"
            f"GREY|192.0.2.2|<c@example.org>|<b@example.net>|{now - 60}|{now}|{now + 9000}|1|0\n"
            f"WHITE|198.51.100.1|||{now - 9 * DAY}|{now - 8 * DAY}|{now + 30 * DAY}|3|17\n"
            f"WHITE|198.51.100.2|||{now - 90 * DAY}|{now - 80 * DAY}|{now - 1}|3|17\n"
            f"TRAPPED|203.0.113.7|{now + 3600}\n"
            f"SPAMTRAP|trap@example.net\n")
        totals = self.imported(daemon, text)
        self.assertEqual((totals["from"], totals["added"], totals["expired"]), ("spamdb", 4, 1))
        self.assertEqual(totals["left_out"], [{"what": "spam traps", "count": 1}])
        self.assertTrue(self.passes(daemon, address="192.0.2.1", sender="<a@example.org>",
                                    recipient="<b@example.net>"))
        self.assertFalse(self.passes(daemon, address="192.0.2.2", sender="<c@example.org>",
                                     recipient="<b@example.net>"))
        self.assertTrue(self.passes(daemon, address="198.51.100.1", sender="<z@example.org>",
                                    recipient="<z@example.net>"))
        self.assertTrue(daemon.attempt(address="203.0.113.7", sender="<a@example.org>",
                                       recipient="<b@example.net>").rejected)
        entry = daemon.ask("entries")[0]
        self.assertEqual((entry["action"], entry["key"]), ("block", "203.0.113.7"))
        self.assertEqual(entry["expires"], stamp(now + 3600))

    def test_mysqldump(self):
        self.check_mysqldump(" ", ",")

    def test_mariadb_dump(self):
        """Each row on a line of its own."""
        self.check_mysqldump("\n", ",\n")

    def test_what_is_nothing_of_sqlgrey(self):
        daemon = self.daemon(PATIENT)
        for text, status in (("", 2), ("SET a = 1;\n", 2), ("INSERT INTO `config` VALUES (1);\n", 2),
                             ("CREATE TABLE `connect` (\n);\n", 0),
                             ("INSERT INTO `connect` VALUES\n", 1)):
            done = daemon.control("import", "--from", "sqlgrey", self.file(text))
            self.assertEqual(done.returncode, status, text + done.stderr)

    def check_mysqldump(self, after_values, between):
        daemon = self.daemon(PATIENT)
        now = time.time()
        seen = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now - 600))
        text = f"""-- MySQL dump 10.19  Distrib 10.11.4-MariaDB, for debian-linux-gnu (x86_64)
/*!40103 SET TIME_ZONE='+00:00' */;
LOCK TABLES `connect` WRITE;
INSERT INTO `connect` VALUES ('o\\'x','example.org','192.0.2','b@example.net','{seen}'),('y','example.org','192.0.2.9','b@example.net','{seen}');
UNLOCK TABLES;
REPLACE INTO `from_awl` VALUES ('z','example.org','198.51.100.3','{seen}','{seen}');
INSERT INTO `optout_domain` VALUES ('example.net'),('example.com');
INSERT INTO `config` VALUES ('version','3');
""".replace("VALUES ", "VALUES" + after_values).replace("),(", ")" + between + "(")
        totals = self.imported(daemon, text)
        self.assertEqual((totals["from"], totals["added"], totals["unreadable"]), ("sqlgrey", 5, 0))
        self.assertEqual({entry["key"] for entry in daemon.ask("entries")},
                         {"example.net", "example.com"})
        # By its network, as sqlgrey knew it.
        self.assertEqual({record["sender"] for record in daemon.records()},
                         {"o'x@example.org", "y@example.org"})


@need_control
@need_root("postgrey and sqlgrey change to a user, here to root")
@unittest.skipIf(greylisters.missing(), greylisters.missing())
class Real(ImportCase):
    def test_postgrey(self):
        now = time.time()
        with greylisters.Postgrey(self.folder) as postgrey:
            postgrey.at(now - 1000, "192.0.2.7", "list-1234-user@Example.org", "b@example.net")
            self.assertNotIn("defer", postgrey.at(now - 600, "192.0.2.7",
                                                  "list-1299-user@example.org", "b@example.net"))
            self.assertIn("defer", postgrey.at(now - 30, "192.0.2.8", "", "b@example.net"))
            postgrey.at(now - 40 * DAY, "192.0.2.8", "old@example.org", "b@example.net")
            postgrey.at(now - 1000, "2001:db8::7", "a/b@example.org", "c/d@example.net")
            postgrey.at(now - 500, "2001:db8::8", "a/b@example.org", "c/d@example.net")
            # One counts in an hour.
            for i, name in enumerate(("ann", "ben", "cid", "dot", "eve")):
                for retry in (0, 400):
                    postgrey.at(now - 100000 + i * 4000 + retry, "198.51.100.9",
                                f"{name}@example.org", "b@example.net")
            self.assertEqual(postgrey.at(now, "198.51.100.9", "new@example.org", "x@example.net"),
                             "dunno")
        daemon = self.daemon({**PATIENT, "greylist": {"delay": "4m", "auto_allow_after": 3}})
        # In both forms; what is read twice is not taken in twice.
        printed = greylisters.db_dump(self.folder / "postgrey.db", "-p")
        totals = self.imported(daemon, printed)
        self.assertEqual((totals["from"], totals["added"], totals["expired"]), ("postgrey", 8, 1))
        totals = self.imported(daemon, greylisters.db_dump(self.folder / "postgrey.db"))
        self.assertEqual((totals["added"], totals["kept"], totals["expired"]), (0, 8, 1))
        totals = self.imported(daemon, greylisters.db_dump(self.folder / "postgrey_clients.db", "-p"))
        self.assertEqual((totals["from"], totals["added"]), ("postgrey", 3))

        known = dict(recipient="<b@example.net>")
        self.assertTrue(self.passes(daemon, address="192.0.2.99",
                                    sender="<list-77-user@example.org>", **known))
        self.assertTrue(self.passes(daemon, address="2001:db8::9", sender="<a/b@example.org>",
                                    recipient="<c/d@example.net>"))
        self.assertTrue(self.passes(daemon, address="198.51.100.9", sender="<any@example.org>",
                                    recipient="<any@example.net>"))
        # It waits here as it waited there.
        self.assertEqual(self.reason(daemon, "192.0.2.8", "<>"), "greylist-early")
        waiting = [one for one in daemon.records() if one["sender"] == ""][0]
        self.assertEqual(waiting["first_seen"], stamp(int(now - 30)))
        # One success of two of its clients is less than five.
        self.assertFalse(self.passes(daemon, address="192.0.2.7", sender="<n@example.org>",
                                     recipient="<n@example.net>"))

    def test_postgrey_by_host(self):
        now = time.time()
        with greylisters.Postgrey(self.folder, "--lookup-by-host") as postgrey:
            for age in (1000, 500):
                postgrey.at(now - age, "192.0.2.7", "a@example.org", "b@example.net")
                postgrey.at(now - age, "2001:db8::7", "", "b@example.net")
        daemon = self.daemon(PATIENT)
        totals = self.imported(daemon, greylisters.db_dump(self.folder / "postgrey.db", "-p"))
        self.assertEqual((totals["added"], totals["unreadable"]), (2, 0))
        self.assertEqual({(one["client"], one["sender"]) for one in daemon.records()},
                         {("192.0.2.7", "a@example.org"), ("2001:db8::7", "")})

    def test_postgrey_with_privacy(self):
        with greylisters.Postgrey(self.folder, "--privacy") as postgrey:
            postgrey.ask("192.0.2.7", "a@example.org", "b@example.net")
        daemon = self.daemon()
        totals = self.imported(daemon, greylisters.db_dump(self.folder / "postgrey.db", "-p"))
        self.assertEqual(totals["left_out"],
                         [{"what": "hashed by postgrey (--privacy)", "count": 1}])

    def test_sqlgrey(self):
        with greylisters.Sqlgrey(self.folder) as sqlgrey:
            sqlgrey.ask("192.0.2.7", "waits@Example.org", "b@example.net")
            sqlgrey.ask("192.0.2.8", "", "b@example.net")
            sqlgrey.ask("198.51.100.1", "net@example.org", "b@example.net", "mail.example.org")
            eventually(lambda: "prepend" in sqlgrey.ask("198.51.100.9", "o'k-12@example.org",
                                                        "b@example.net"), 10.0, "sqlgrey passes it",
                       every=0.5)
        database = sqlgrey.database
        greylisters.sqlite(database, "UPDATE connect SET first_seen = first_seen - 600;"
                                     "INSERT INTO optout_email VALUES ('desk@example.net');"
                                     "INSERT INTO optin_domain VALUES ('example.net');"
                                     "INSERT INTO domain_awl VALUES ('example.com', '203.0.113', 1,"
                                     " strftime('%s'));")
        daemon = self.daemon({**PATIENT, "greylist": {"delay": "4m", "auto_allow_after": 3}})
        totals = self.imported(daemon, greylisters.sqlite(database, ".dump"))
        self.assertEqual((totals["from"], totals["added"], totals["unreadable"]), ("sqlgrey", 5, 0))
        self.assertEqual(sorted((one["what"], one["count"]) for one in totals["left_out"]),
                         [("recipients who chose to be greylisted", 1),
                          ("senders stored by the network they came from", 1)])
        known = dict(recipient="<b@example.net>")
        self.assertTrue(self.passes(daemon, address="192.0.2.7", sender="<waits@example.org>", **known))
        self.assertEqual(self.reason(daemon, "192.0.2.8", "<>"), "greylist-passed")
        self.assertTrue(self.passes(daemon, address="198.51.100.77", sender="<net@example.org>",
                                    **known))
        self.assertTrue(self.passes(daemon, address="198.51.100.9", sender="<any@example.org>",
                                    **known))
        self.assertTrue(self.passes(daemon, address="203.0.113.8", sender="<any@example.org>",
                                    recipient="<desk@example.net>"))
        self.assertFalse(self.passes(daemon, address="203.0.113.8", sender="<x@example.com>", **known))
        # As its client prints a table.
        text = greylisters.sqlite(database, "SELECT * FROM connect", "-header", "-separator", "\t")
        totals = self.imported(daemon, text)
        self.assertEqual((totals["from"], totals["records"], totals["kept"] + totals["changed"]),
                         ("sqlgrey", 3, 3))


if __name__ == "__main__":
    main()
