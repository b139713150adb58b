# SPDX-License-Identifier: Apache-2.0
"""mxwardctl against the daemon: what an admin does with it, and the exit status of each."""

import json
import os

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
