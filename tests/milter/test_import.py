# SPDX-License-Identifier: Apache-2.0
"""mxwardctl export and import of the own records, of bad files, and of many."""

import json
import subprocess
import threading
import time

from daemon import CONTROL, need_control
from import_case import ImportCase, lines_of, tuples
from support import SLOW, allow, eventually, main

MANY = 4000 if SLOW else 20000


@need_control
class RoundTrip(ImportCase):
    def test_an_export_comes_back_byte_for_byte(self):
        settings = {"greylist": {"auto_allow_after": 1}}
        one = self.daemon(settings)
        self.some_traffic(one)
        key = one.control("export", "--hash-key").stdout
        self.assertRegex(key, r"^[0-9a-f]{32}\n$")
        self.assertEqual(one.stop(), 0)
        # Of a database that nobody serves.
        before = self.export(one)
        kinds = {json.loads(line).get("type") for line in before[1:-1]}
        self.assertEqual(kinds, {"tuple", "earned", "entry", "client"})
        self.assertIn('"forgotten"', "".join(before))
        self.assertEqual(json.loads(before[-1]), {"mxward": "end", "records": len(before) - 2})

        key_file = self.file(key, "key")
        other = self.daemon({**settings, "store": {"hash_key_file": key_file}})
        done = other.control("import", str(self.folder / "export"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.export(other, "again")[1:], before[1:])
        header, again = json.loads(before[0]), json.loads(lines_of(self.folder / "again")[0])
        header["created"] = again["created"]
        self.assertEqual(header, again)
        # A second time there is nothing to do.
        totals = json.loads(other.control("--format", "json", "import",
                                          str(self.folder / "export")).stdout)
        self.assertEqual((totals["added"], totals["changed"]), (0, 0))
        self.assertEqual(totals["kept"], len(before) - 2)

    def test_another_database_knows_them_by_its_own_key(self):
        one, other = self.daemon(), self.daemon()
        self.some_traffic(one)
        self.export(one)
        self.assertFalse(self.passes(other, address="192.0.2.9", sender="<x@example.org>",
                                     recipient="<b@example.net>"))
        done = other.control("--format", "json", "import", str(self.folder / "export"))
        self.assertEqual(done.returncode, 0, done.stderr)
        # Tombstones hold nothing but a hash.
        self.assertGreater(json.loads(done.stdout)["hashed"], 0)
        self.assertTrue(self.passes(other, address="192.0.2.77", sender="<a@example.org>",
                                    recipient="<b@example.net>"))
        self.assertTrue(self.passes(other, address="198.51.100.5", sender="<n@example.org>",
                                    recipient="<desk@example.net>"))

    def test_hashes_alone_need_the_same_key(self):
        private = {"greylist": {"privacy": True}}
        one, other = self.daemon(private), self.daemon(private)
        self.some_traffic(one)
        self.export(one)
        done = other.control("import", str(self.folder / "export"))
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("store.hash_key_file", done.stderr)
        self.assertEqual(other.control("list").returncode, 1)
        one.control("export", "--hash-key", "--output", str(self.folder / "key"))
        third = self.daemon({**private, "store": {"hash_key_file": str(self.folder / "key")}})
        self.assertEqual(third.control("import", str(self.folder / "export")).returncode, 0)
        self.assertTrue(self.passes(third, address="192.0.2.1", sender="<a@example.org>",
                                    recipient="<b@example.net>"))

    def test_a_database_with_another_key_is_not_opened(self):
        daemon = self.daemon()
        daemon.stop()
        daemon.configure({"store": {"hash_key_file": self.file("00" * 16, "key")}})
        daemon.launch()
        self.assertEqual(daemon.wait(), 78)
        self.assertIn("another hash key", daemon.log())
        daemon.configure({"store": {"hash_key_file": self.file("not a key", "key")}})
        daemon.launch()
        self.assertEqual(daemon.wait(), 78)
        self.assertIn("32 hexadecimal digits", daemon.log())

    def test_what_was_cut_off_is_noticed(self):
        daemon = self.daemon()
        self.some_traffic(daemon)
        lines = self.export(daemon)
        done = daemon.control("import", self.file("\n".join(lines[:-1]) + "\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("truncated", done.stderr)


@need_control
class BadInput(ImportCase):
    def test_garbage_between_is_counted_and_shown(self):
        daemon = self.daemon()
        text = "\n".join(["WHITE|192.0.2.1|nonsense"] * 9 + ["\xff\x1b[2J", "TRAPPED|x|y"] +
                         [f"WHITE|192.0.2.1|||1|1|{int(time.time()) + 9999}|1|1"])
        done = daemon.control("import", self.file(text))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("line 1: a WHITE line has nine fields", done.stderr)
        self.assertIn("and 6 more lines", done.stderr)
        self.assertRegex(done.stdout, r"lines that could not be parsed +11")

    def test_nothing_but_garbage_is_trouble(self):
        daemon = self.daemon()
        for text, options in (("nothing that is known\n", ()), ("x\ny\n", ("--from", "spamdb")),
                              ("", ()), ("\0" * 5_000_000, ("--from", "postgrey"))):
            done = daemon.control("import", *options, self.file(text))
            self.assertEqual(done.returncode, 2 if text else 2, (options, done))
        self.assertEqual(daemon.control("import", "/nonexistent").returncode, 2)
        self.assertEqual(daemon.control("import", "--from", "spam", "-").returncode, 64)
        self.assertEqual(daemon.control("import", "--delay", "5", "-").returncode, 64)

    def test_the_daemon_has_to_run(self):
        daemon = self.daemon()
        daemon.stop()
        done = daemon.control("import", self.file("\n".join(tuples(1))))
        self.assertEqual(done.returncode, 2)
        self.assertIn("the daemon is not running", done.stderr)

    def test_a_dry_run_says_it_and_does_nothing(self):
        daemon = self.daemon()
        totals = self.imported(daemon, "\n".join(tuples(300)), "--dry-run")
        self.assertEqual((totals["added"], totals["dry_run"]), (300, True))
        self.assertEqual(daemon.control("list").returncode, 1)

    def test_standard_input(self):
        daemon = self.daemon()
        done = subprocess.run([CONTROL, "--config", str(daemon.config), "import", "-"], text=True,
                              input="\n".join(tuples(5)), capture_output=True, check=False,
                              timeout=allow(30))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(daemon.records()), 5)


@need_control
class Large(ImportCase):
    def start_import(self, daemon, path):
        return subprocess.Popen([CONTROL, "--config", str(daemon.config), "import", "--progress",
                                 path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_sessions_are_served_while_many_come_in(self):
        daemon = self.daemon()
        path = self.file("\n".join(tuples(MANY)))
        waits, stop = [], threading.Event()

        def serve():
            count = 0
            while not stop.is_set():
                begun = time.monotonic()
                reply = daemon.attempt(address=f"198.18.0.{count % 250}",
                                       recipient=f"<live{count}@example.net>")
                waits.append((time.monotonic() - begun, reply.deferred))
                count += 1

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            done = self.start_import(daemon, path)
            out, err = done.communicate(timeout=allow(120))
        finally:
            stop.set()
            thread.join()
        self.assertEqual(done.returncode, 0, err)
        self.assertIn(f"{MANY} records read", out)
        self.assertGreater(len(waits), 10)
        # All new ones: each was committed, in time, before its deferral was told.
        self.assertTrue(all(deferred for _, deferred in waits))
        self.assertLess(max(wait for wait, _ in waits), allow(1.5))
        self.assertTrue(self.passes(daemon, address=f"10.0.{MANY - 1 >> 8 & 255}.{MANY - 1 & 255}",
                                    sender=f"<s{MANY - 1}@a{MANY - 1}.example.org>",
                                    recipient=f"<r{MANY - 1}@example.net>"))

    def test_killed_in_the_middle(self):
        daemon = self.daemon()
        self.imported(daemon, "\n".join(tuples(200, first=500000)))
        path = self.file("\n".join(tuples(MANY)))
        done = self.start_import(daemon, path)
        eventually(lambda: len(daemon.ask("list", "--limit", "1000")) > 500, 30.0,
                   "some of it is in", every=0.05)
        daemon.kill()
        _, err = done.communicate(timeout=allow(60))
        self.assertEqual(done.returncode, 2, err)
        daemon.start()
        records = daemon.records()
        senders = {record["sender"] for record in records}
        # What was there before, and whole records of the rest.
        self.assertTrue({f"s{i}@a{i}.example.org" for i in range(500000, 500200)} <= senders)
        self.assertTrue(all(record["state"] == "passed" for record in records))
        again = self.start_import(daemon, path)
        out, err = again.communicate(timeout=allow(120))
        self.assertEqual(again.returncode, 0, err)
        self.assertEqual(len(daemon.records()), MANY + 200)


if __name__ == "__main__":
    main()
