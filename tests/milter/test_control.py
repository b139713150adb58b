# SPDX-License-Identifier: Apache-2.0
"""mxwardctl against the daemon: what an admin does with it, and the exit status of each."""

import datetime
import json
import os
import time

import support
from case import SharedDaemonCase, DaemonCase
from daemon import need_control


def decoded(done):
    return json.loads(done.stdout)


@need_control
class Control(SharedDaemonCase):
    def run_control(self, *words, status=0):
        done = self.daemon.control(*words)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def probe(self, sender, status, **options):
        words = [f"--{key}={value}" for key, value in options.items()]
        return self.run_control("probe", "--client", "192.0.2.1", "--helo", "h.example.org",
                                "--from", sender, "--to", "b@example.net", *words, status=status)

    def test_probe_ends_with_1_for_a_deferral_and_with_0_when_accepted(self):
        self.assertIn("451 4.7.1", self.probe("probe@example.org", 1).stdout)
        self.daemon.sit_out_delay()
        self.probe("probe@example.org", 0)

    def test_probe_hears_the_deferral_of_a_bounce_at_its_end(self):
        said = self.probe("<>", 1).stdout
        self.assertRegex(said, r"> END-OF-MESSAGE\n< 451 4\.7\.1 Greylisted")
        self.daemon.sit_out_delay()
        self.probe("<>", 0)

    def test_list_and_pending_show_who_waits(self):
        self.daemon.attempt(sender="<waits@example.org>", address="203.0.113.9")
        words = ("--client", "203.0.113.0/24")
        for command in ("list", "pending"):
            found = decoded(self.run_control("--format", "json", command, *words))
            self.assertEqual([entry["sender"] for entry in found], ["waits@example.org"])
        self.assertEqual(found[0]["client"], "203.0.113.9")
        self.assertIn("waits@example.org", self.run_control("list", *words).stdout)
        self.assertIn("waits@example.org", self.run_control("--format", "tsv", "list").stdout)

    def test_show_ends_with_1_for_somebody_unknown(self):
        self.run_control("show", "198.18.77.77", status=1)
        self.daemon.attempt(sender="<shown@example.org>", address="198.18.78.78")
        self.assertIn("shown@example.org", self.run_control("show", "198.18.78.78").stdout)

    def test_a_blocked_sender_is_rejected_until_the_block_is_removed(self):
        envelope = {"sender": "<blocked@example.org>"}
        self.run_control("block", "sender", "blocked@example.org")
        reply = self.daemon.attempt(**envelope)
        self.assertTrue(reply.rejected, reply)
        self.assertRegex(reply.smtp, r"^550 5\.7\.1 ")
        self.run_control("forget", "sender", "blocked@example.org")
        self.assertTrue(self.daemon.attempt(**envelope).deferred)

    def test_an_allowed_client_is_not_greylisted(self):
        self.run_control("allow", "client", "198.51.100.0/28", "--for", "1h")
        self.assertEqual(str(self.daemon.attempt(address="198.51.100.15")), "c")
        self.assertTrue(self.daemon.attempt(address="198.51.100.16").deferred)

    def test_a_forgotten_sender_starts_anew(self):
        envelope = {"sender": "<forgotten@example.org>"}
        self.daemon.attempt(**envelope)
        self.daemon.accepted_after_delay(**envelope)
        self.run_control("forget", "sender", "forgotten@example.org")
        self.assertTrue(self.daemon.attempt(**envelope).deferred)

    def test_status_and_stats_are_told(self):
        self.daemon.attempt()
        self.assertTrue(decoded(self.run_control("--format", "json", "status"))["running"])
        counted = decoded(self.run_control("--format", "json", "stats"))
        self.assertGreater(counted["recipients"], 0)
        self.assertEqual(counted["callback_failures"], 0)

    def test_clients_show_what_was_counted_before_it_is_written(self):
        for _ in range(2):
            self.daemon.attempt(sender="<counted@example.org>", address="198.18.79.79")
        found = decoded(self.run_control("--format", "json", "clients", "198.18.79.79"))
        self.assertEqual([(entry["client"], entry["connections"], entry["deferred"])
                          for entry in found], [("198.18.79.79", 2, 2)])
        self.assertIn("History\n", self.run_control("show", "198.18.79.79").stdout)
        self.assertIn("history of 1 client",
                      self.run_control("forget", "client", "198.18.79.79").stdout)
        self.run_control("clients", "198.18.79.79", status=1)

    def test_wrong_words_are_a_usage_error(self):
        for words in (("no-such-command",), ("block",), ("block", "planet", "earth"),
                      ("list", "--limit", "many"), ("--format", "xml", "list")):
            with self.subTest(words):
                self.run_control(*words, status=64)

    def test_a_reload_says_what_is_wrong(self):
        good = self.daemon.config.read_text()
        self.addCleanup(self.daemon.config.write_text, good)
        self.run_control("reload")
        self.daemon.config.write_text(good + "\n[greylst]\n")
        done = self.daemon.control("reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("greylst", done.stdout + done.stderr)

    def test_a_mistake_in_the_file_keeps_nobody_from_the_daemon(self):
        good = self.daemon.config.read_text()
        self.addCleanup(self.daemon.config.write_text, good)
        self.daemon.config.write_text(good + '\n[[rule]]\nsender = ["file:/none"]\n'
                                      'action = "accept"\n')
        done = self.run_control("status")
        self.assertEqual(done.stderr, "")
        done = self.daemon.control("reload")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/none", done.stdout + done.stderr)


# Client, sender, recipient. The first one comes back.
WAITING = [("192.0.2.1", "joe@example.org", "b@example.net"),
           ("192.0.2.2", "joe@sub.example.org", "c@example.net"),
           ("198.51.100.1", "ann@example.com", "b@sub.example.net"),
           ("198.51.100.2", "ann@notexample.org", "c@notexample.net")]
JOE, JOE_BELOW, ANN, ANN_ELSEWHERE = (sender for _, sender, _ in WAITING)


@need_control
class Filters(DaemonCase):
    def found(self, daemon, *words, field="sender"):
        """What a listing shows, and its exit status has to agree: 1 is nothing."""
        done = daemon.control("--format", "json", *words)
        self.assertIn(done.returncode, (0, 1), f"{words}: {done.stderr}")
        items = decoded(done)
        self.assertEqual(done.returncode, 0 if items else 1, f"{words}: {done.stdout}")
        return sorted(item[field] for item in items)

    def greylist(self):
        daemon = self.daemon()
        for address, sender, recipient in WAITING:
            reply = daemon.attempt(sender=f"<{sender}>", recipient=f"<{recipient}>",
                                   address=address)
            self.assertTrue(reply.deferred, reply)
        daemon.accepted_after_delay(sender=f"<{JOE}>", recipient="<b@example.net>",
                                    address="192.0.2.1")
        return daemon

    def assert_found(self, daemon, command, option, expected):
        for value, senders in expected.items():
            with self.subTest(f"{command} {option} {value}"):
                self.assertEqual(self.found(daemon, command, option, value), sorted(senders))

    def test_senders_and_recipients_by_address_domain_and_what_is_below(self):
        daemon = self.greylist()
        senders = {JOE: [JOE], "Joe@Example.ORG": [JOE], "*@example.org": [JOE],
                   "example.org": [JOE, JOE_BELOW], "example.com": [ANN], "example": [],
                   "nobody@example.org": []}
        recipients = {"b@example.net": [JOE], "*@example.net": [JOE, JOE_BELOW],
                      "example.net": [JOE, JOE_BELOW, ANN], "notexample.net": [ANN_ELSEWHERE],
                      "b@example.org": []}
        for option, expected in (("--sender", senders), ("--recipient", recipients)):
            self.assert_found(daemon, "list", option, expected)
            # The same without the one that is back.
            waiting = {value: [sender for sender in found if sender != JOE]
                       for value, found in expected.items()}
            self.assert_found(daemon, "pending", option, waiting)
        both = ("--sender", "example.org", "--recipient", "c@example.net")
        self.assertEqual(self.found(daemon, "list", *both), [JOE_BELOW])

    def test_states(self):
        daemon = self.greylist()
        others = [JOE_BELOW, ANN, ANN_ELSEWHERE]
        # What passes is written behind the answer.
        support.eventually(lambda: self.found(daemon, "list", "--state", "passed") == [JOE], 10.0, "the pass")
        self.assert_found(daemon, "list", "--state",
                          {"passed": [JOE], "pending": others, "expired": []})
        self.assertEqual(self.found(daemon, "pending", "--never"), [])
        # Now nobody can come back any more.
        daemon.configure({"greylist": {"retry_window": "2s"}})
        self.assertIn("reloaded", daemon.reload())
        support.eventually(lambda: self.found(daemon, "list", "--state", "pending") == [], 10.0,
                           "the window closed")
        self.assert_found(daemon, "list", "--state", {"passed": [JOE], "expired": others})
        self.assertEqual(self.found(daemon, "pending"), [])
        self.assertEqual(self.found(daemon, "pending", "--never"), sorted(others))
        self.assertEqual(self.found(daemon, "pending", "--never", "--sender", "example.com"), [ANN])

    def test_who_could_have_come_back(self):
        daemon = self.greylist()
        others = sorted([JOE_BELOW, ANN, ANN_ELSEWHERE])
        support.eventually(lambda: self.found(daemon, "pending", "--overdue") == others, 10.0,
                           "all of them overdue")
        daemon.configure({"greylist": {"delay": "1h"}})
        self.assertIn("reloaded", daemon.reload())
        self.assertEqual(self.found(daemon, "pending", "--overdue"), [])
        self.assertEqual(self.found(daemon, "pending"), others)

    def test_ages(self):
        daemon = self.daemon({"greylist": {"delay": "1h"}})
        apart = 12 if support.SLOW else 6
        daemon.attempt(sender="<old@example.org>")
        support.eventually(lambda: self.found(daemon, "list", "--older-than", f"{apart}s"), 25.0,
                           f"one that is older than {apart} s")
        daemon.attempt(sender="<new@example.org>")
        seen = {item["sender"]: datetime.datetime.fromisoformat(item["last_seen"]).timestamp()
                for item in daemon.records()}
        self.assertGreaterEqual(seen["new@example.org"] - seen["old@example.org"], apart)
        for command in ("list", "pending"):
            for option, sender in (("--older-than", "old"), ("--younger-than", "new")):
                with self.subTest(f"{command} {option}"):
                    # Half-way between them: time enough to be asked within.
                    age = time.time() - seen["new@example.org"] + apart / 2
                    self.assertEqual(self.found(daemon, command, option, f"{age * 1000:.0f}ms"),
                                     [f"{sender}@example.org"])
            self.assertEqual(self.found(daemon, command, "--older-than", "1h"), [])
            self.assertEqual(len(self.found(daemon, command, "--younger-than", "1h")), 2)

    def test_entries_of_a_kind_and_of_an_action(self):
        daemon = self.daemon()
        for action, kind, key in (("allow", "client", "192.0.2.0/24"),
                                  ("block", "client", "198.51.100.1"),
                                  ("allow", "sender", "joe@example.org"),
                                  ("block", "sender-domain", "spam.example")):
            done = daemon.control(action, kind, key)
            self.assertEqual(done.returncode, 0, done.stderr)
        for words, expected in {
                (): ["192.0.2.0/24", "198.51.100.1", "joe@example.org", "spam.example"],
                ("--kind", "client"): ["192.0.2.0/24", "198.51.100.1"],
                ("--kind", "sender"): ["joe@example.org"],
                ("--kind", "sender-domain"): ["spam.example"],
                ("--kind", "recipient"): [],
                ("--action", "allow"): ["192.0.2.0/24", "joe@example.org"],
                ("--action", "block"): ["198.51.100.1", "spam.example"],
                ("--kind", "client", "--action", "block"): ["198.51.100.1"],
                ("--kind", "sender", "--action", "block"): []}.items():
            with self.subTest(words):
                self.assertEqual(self.found(daemon, "entries", *words, field="key"), expected)


@need_control
class Alone(DaemonCase):
    def test_pause_lets_everybody_pass_until_it_ends(self):
        daemon = self.daemon()
        self.assertEqual(daemon.control("pause", "--for", "1h").returncode, 0)
        self.assertEqual(str(daemon.attempt()), "c")
        daemon.stop()
        daemon.start()
        self.assertEqual(str(daemon.attempt()), "c", "a pause survives a restart")
        self.assertEqual(daemon.control("pause", "--end").returncode, 0)
        self.assertTrue(daemon.attempt(sender="<later@example.org>").deferred)

    def test_the_list_can_be_read_while_the_daemon_is_down_and_nothing_is_made(self):
        daemon = self.daemon()
        daemon.attempt(sender="<offline@example.org>")
        self.assertEqual(daemon.stop(), 0)
        before = {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(daemon.store)}
        self.assertEqual([r["sender"] for r in daemon.records()], ["offline@example.org"])
        after = {entry.name: entry.stat().st_mtime_ns for entry in os.scandir(daemon.store)}
        self.assertEqual(before, after)

    def test_who_is_over_a_limit_is_shown_and_can_begin_anew(self):
        daemon = self.daemon({"limit": [{"name": "per sender", "count": "messages",
                                         "per": "sender", "rate": "2/1h", "action": "defer"}]})
        envelope = {"sender": "<busy@example.org>"}
        for _ in range(3):
            reply = daemon.attempt(**envelope)
        self.assertIn("limit per sender", reply.smtp)
        self.assertEqual([(entry["limit"], entry["key"], entry["state"], entry["denied"])
                          for entry in daemon.ask("limits")],
                         [("per sender", "busy@example.org", "over", 1)])
        reset = ("limits", "reset", "busy@example.org", "--limit", "per sender")
        self.assertEqual(daemon.control(*reset).returncode, 0)
        self.assertEqual(daemon.control(*reset).returncode, 1)
        self.assertNotIn("limit", daemon.attempt(**envelope).smtp)

    def test_clients_can_be_read_while_the_daemon_is_down(self):
        daemon = self.daemon()
        daemon.attempt(address="192.0.2.44")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual([entry["client"] for entry in daemon.ask("clients")], ["192.0.2.44"])
        self.assertEqual(daemon.control("limits").returncode, 2)

    def test_without_daemon_and_store_it_is_trouble_and_nothing_is_made(self):
        daemon = self.daemon(start=False)
        done = daemon.control("list")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertFalse(daemon.store.exists())


if __name__ == "__main__":
    support.main()
