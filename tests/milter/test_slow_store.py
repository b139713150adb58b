# SPDX-License-Identifier: Apache-2.0
"""A slow disk and a crowd of strangers: nobody passes because others are many. DESIGN.md, promises 2
and 9."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import lmdb
import support
import wire
from case import DaemonCase
from moved_clock import MovedClock
from slow_sync import SlowSync

OTHERS = 20
DEADLINE = 1.0  # store.deadline, as shipped
SLACK = 2.0
EVERYTHING = os.environ.get("MXWARD_EVERYTHING") == "1"


class Strangers:
    """So many connections from one /24 and its neighbours, each of which tries one new recipient after
    the other, as fast as it is answered."""

    def __init__(self, daemon, connections):
        self.daemon, self.over = daemon, threading.Event()
        self.answered = self.passed = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True)
                        for n in range(connections)]

    def run(self, number):
        address = f"198.51.{100 + number // 250}.{1 + number % 250}"
        with contextlib.suppress(wire.Closed, OSError), self.daemon.session(30) as session:
            session.client(address).mail(f"<flood{number}@example.org>")
            tried = 0
            while not self.over.is_set():
                reply = session.rcpt(f"<f{number}-{tried}@example.net>")
                tried += 1
                with self.lock:
                    self.answered += 1
                    self.passed += reply.passed

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(support.allow(30))


class SlowStore(DaemonCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mxward-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        try:
            self.disk = SlowSync(folder)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("needs a C compiler")

    def slow_daemon(self):
        settings = {"store": {"deadline": "1s"}, "greylist": {"delay": "1h"}}
        return self.daemon(settings, process={"env": self.disk.environment()})

    def others(self, daemon):
        """The replies to as many other clients at once, each of a network of its own, and how long the
        slowest took."""
        replies = [None] * OTHERS

        def attempt(number):
            begun = time.monotonic()
            reply = daemon.attempt(address=f"{20 + number}.0.113.1", recipient="<other@example.net>",
                                   sender=f"<other{number}@example.org>", timeout=30)
            replies[number] = (reply, time.monotonic() - begun)

        threads = [threading.Thread(target=attempt, args=(n,)) for n in range(OTHERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [reply for reply, _ in replies], max(took for _, took in replies)

    def nobody_passes(self, milliseconds, connections):
        support.want_descriptors(2 * connections + 200)
        daemon = self.slow_daemon()
        self.disk.take(milliseconds)
        with Strangers(daemon, connections) as strangers:
            time.sleep(2.5)  # more than a wait in vain
            replies, took = self.others(daemon)
        self.assertEqual([str(reply) for reply in replies if not reply.deferred], [])
        self.assertEqual(strangers.passed, 0, f"of {strangers.answered}")
        self.assertGreater(strangers.answered, 0)
        # libmilter's pool can make a callback wait for another one's end.
        self.assertLess(took, support.allow(2 * DEADLINE + SLACK + connections / 400))
        self.assertNotIn("unjudged", daemon.log())
        self.disk.take(0)
        return daemon

    def test_ten_connections_beside_a_very_slow_disk(self):
        daemon = self.nobody_passes(600, 10)
        daemon.counted("deferrals_without_record")
        # What was told without its record has it later: the disk was slow, nothing was lost.
        support.eventually(lambda: len([record for record in daemon.records()
                                        if record["recipient"] == "other@example.net"]) == OTHERS,
                           10.0, "the records of all others")

    def test_sixty_connections_beside_a_very_slow_disk(self):
        self.nobody_passes(600, 60)

    @unittest.skipUnless(EVERYTHING, "takes minutes: tests/run --everything")
    def test_crowds(self):
        for milliseconds in (150, 300, 600):
            for connections in (10, 60, 1200):
                with self.subTest(milliseconds=milliseconds, connections=connections):
                    self.nobody_passes(milliseconds, connections).kill()

    def test_a_commit_that_does_not_end_for_half_a_minute_has_failed(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="mxward-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        for on_failure in ("accept", "tempfail"):
            with self.subTest(on_failure=on_failure):
                clock = MovedClock(folder, int(time.time()))
                daemon = self.daemon({"on_failure": on_failure, "store": {"deadline": "1s"}},
                                     process={"env": clock.environment()})
                with lmdb.writer_blocked(daemon.store):
                    reply = daemon.attempt(recipient="<first@example.net>")
                    self.assertIn(b"4.7.1", reply.data)
                    clock.advance(60)
                    reply = daemon.attempt(recipient="<second@example.net>")
                    if on_failure == "accept":
                        self.assertTrue(reply.passed)
                    else:
                        self.assertIn(b"4.3.0", reply.data)
                    daemon.counted("store_failures", 1)
                support.eventually(lambda: b"4.7.1" in daemon.attempt(
                    recipient="<third@example.net>").data, 5.0, "deferrals after the trouble")


if __name__ == "__main__":
    support.main()
