# SPDX-License-Identifier: Apache-2.0
"""A store in trouble: mail goes on, the log says why once, and it recovers by itself."""

import itertools
import os
import subprocess
import time

import lmdb
import protocol as p
import support
from case import DaemonCase
from support import allow, eventually


class Trouble(DaemonCase):
    def setUp(self):
        self.numbers = itertools.count()

    def new(self, daemon):
        """The reply to a tuple never seen before, from a network never seen before."""
        n = next(self.numbers)
        return daemon.attempt(sender="<t@example.org>", recipient=f"<t{n}@example.net>",
                              address=f"{20 + (n >> 16)}.{n >> 8 & 255}.{n & 255}.1")

    def fill(self, daemon, limit=200_000):
        """New tuples until one passes because it cannot be stored."""
        for _ in range(limit):
            reply = self.new(daemon)
            if not reply.deferred:
                return reply
        return self.fail(f"{limit} tuples, and still stored")


class Blocked(Trouble):
    """Another process holds LMDB's write lock: no commit ends. When that lasts: test_slow_store.py."""

    def test_deferrals_are_told_after_the_deadline_and_then_nobody_waits(self):
        daemon = self.daemon({"store": {"deadline": "1s"}})
        self.assertTrue(self.new(daemon).deferred)
        with lmdb.writer_blocked(daemon.store):
            begun = time.monotonic()
            self.assertTrue(self.new(daemon).deferred)
            self.assertLess(time.monotonic() - begun, allow(3))
            begun = time.monotonic()
            for _ in range(20):
                self.assertTrue(self.new(daemon).deferred)
            self.assertLess(time.monotonic() - begun, allow(2))
            daemon.counted("deferrals_without_record", 21)
        daemon.expect_log("deferrals are sent before they are recorded")
        self.assertNotIn("unjudged", daemon.log())

    def test_known_tuples_pass_without_the_writer(self):
        daemon = self.daemon()
        daemon.attempt(sender="<known@example.org>")
        daemon.accepted_after_delay(sender="<known@example.org>")
        with lmdb.writer_blocked(daemon.store):
            begun = time.monotonic()
            self.assertEqual(str(daemon.attempt(sender="<known@example.org>")), "c")
            self.assertLess(time.monotonic() - begun, allow(0.9))

    def test_a_recipient_under_way_at_sigterm_is_answered(self):
        daemon = self.daemon({"store": {"deadline": "3s"}})
        with daemon.session() as session:
            session.client().mail("<flight@example.org>")
            with lmdb.writer_blocked(daemon.store):
                session.send(p.arguments(p.RCPT, "<b@example.net>"))
                time.sleep(0.2)  # until the callback waits for its commit
                daemon.signal(15)
                time.sleep(0.2)
            self.assertTrue(session.read().deferred)
        self.assertEqual(daemon.wait(), 0)
        daemon.start()
        daemon.sit_out_delay()
        self.assertEqual(str(daemon.attempt(sender="<flight@example.org>")), "c")

    def test_it_ends_although_no_commit_does(self):
        daemon = self.daemon()
        with lmdb.writer_blocked(daemon.store):
            self.new(daemon)
            daemon.signal(15)
            self.assertIn(daemon.wait(), (0, 1))

    def test_the_trouble_is_logged_at_most_once_a_minute(self):
        daemon = self.daemon()
        before = len(daemon.log().splitlines())

        def troubles():
            return [line for line in daemon.log().splitlines()[before:] if "action=" not in line]

        with lmdb.writer_blocked(daemon.store):
            for _ in range(50):
                self.new(daemon)
            eventually(troubles, 5.0, "a line about the trouble")
        # One for each thing that went wrong: a wait given up, a commit.
        self.assertLessEqual(len(troubles()), 4, troubles())


class Full(Trouble):
    def tmpfs(self, size):
        """A mount of its own, small enough to fill."""
        if os.geteuid() != 0:
            self.skipTest("needs root: a small file system of its own")
        daemon = self.daemon(start=False)
        where = daemon.directory / "small"
        where.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs",
                               str(where)], capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"mount is not permitted: {done.stderr.strip()}")
        # Before the daemon's folder is removed, after the daemon has ended.
        self.addCleanup(subprocess.run, ["umount", "-l", str(where)], check=False)
        daemon.configure({"store": {"path": str(where / "store")}})
        daemon.store = where / "store"
        daemon.start()
        return daemon, where

    def test_a_full_disk_lets_mail_pass_and_recovers_when_space_returns(self):
        daemon, where = self.tmpfs("3m")
        kept = {"sender": "<kept@example.org>"}
        daemon.attempt(**kept)
        daemon.accepted_after_delay(**kept)
        ballast = where / "ballast"
        with open(ballast, "wb") as file, self.assertRaises(OSError):
            for _ in range(4096):
                os.write(file.fileno(), b"x" * 4096)
        begun = time.monotonic()
        self.assertTrue(self.fill(daemon).passed)
        for _ in range(20):
            self.assertTrue(self.new(daemon).passed)
        self.assertEqual(str(daemon.attempt(**kept)), "c")
        self.assertLess(time.monotonic() - begun, allow(30))
        daemon.expect_log(r"(?i)store|disk|space|data\.mdb")
        daemon.counted("store_failures", 20)
        ballast.unlink()
        eventually(lambda: self.new(daemon).deferred, 10.0, "deferrals when there is space")
        daemon.kill()
        daemon.start()
        self.assertEqual(str(daemon.attempt(**kept)), "c")

    def test_the_map_grows_while_serving(self):
        daemon = self.daemon({"store": {"map_size": "1M", "map_size_max": "64M"}})
        first = {"sender": "<grow@example.org>"}
        daemon.attempt(**first)
        for _ in range(20_000):
            self.assertTrue(self.new(daemon).deferred)
            if (daemon.store / "data.mdb").stat().st_size > 5 << 18:
                break
        else:
            self.fail("the database has not grown beyond its first map")
        daemon.sit_out_delay()
        self.assertEqual(str(daemon.attempt(**first)), "c")
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(str(daemon.attempt(**first)), "c")

    def test_a_map_at_its_limit_lets_mail_pass_and_keeps_what_it_has(self):
        daemon = self.daemon({"store": {"map_size": "1M", "map_size_max": "1M"}})
        first = {"sender": "<limit@example.org>"}
        daemon.attempt(**first)
        daemon.accepted_after_delay(**first)
        self.assertTrue(self.fill(daemon, 20_000).passed)
        # A smaller change may still find a page; what matters is that everybody is answered.
        for _ in range(20):
            self.assertFalse(self.new(daemon).rejected)
        self.assertEqual(str(daemon.attempt(**first)), "c")


if __name__ == "__main__":
    support.main()
