# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under load: every deferral that was told is there afterwards, with
the time at which it was first seen."""

import datetime
import os
import random
import re
import threading
import time

import protocol as p
import support
import wire
from case import DaemonCase
from daemon import HAVE_CONTROL

ROUNDS = 8 if support.SLOW else 50
CLIENTS = 4
DELAY = 3600


class Load:
    """Client threads that keep trying tuples never seen before, until the filter is gone."""

    def __init__(self, daemon, first):
        self.endpoint = daemon.endpoint
        self.told = {}  # number: (before, after) in wall clock time
        self.next = first
        self.mutex = threading.Lock()
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def take(self):
        with self.mutex:
            self.next += 1
            return self.next

    def run(self):
        try:
            while True:
                number = self.take()
                before = time.time()
                reply = wire.attempt(self.endpoint, **tuple_of(number))
                if reply.deferred:
                    self.told[number] = (before, time.time())
        except (wire.Closed, OSError):
            pass

    def join(self):
        for thread in self.threads:
            thread.join(support.allow(20))
            assert not thread.is_alive(), "a client was neither answered nor cut off"


def tuple_of(number):
    return {"sender": "<kill@example.org>", "recipient": f"<k{number}@example.net>",
            "address": f"{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.1"}


class Kill(DaemonCase):
    def test_no_first_seen_time_that_was_told_is_lost(self):
        seed = int(os.environ.get("MXWARD_SEED", random.randrange(1 << 32)))
        print(f"MXWARD_SEED={seed}")
        dice = random.Random(seed)
        daemon = self.daemon({"greylist": {"delay": f"{DELAY}s"}}, start=False)
        told, number, slowest = {}, 0, 0.0
        for _ in range(ROUNDS):
            slowest = max(slowest, daemon.start())
            load = Load(daemon, number)
            # The moment is the point of the test: this is no waiting for something.
            time.sleep(dice.uniform(0.0, 0.25) * (2 if support.SLOW else 1))
            daemon.kill()
            load.join()
            told.update(load.told)
            number = load.next
        print(f"{ROUNDS} kills, {len(told)} deferrals told, slowest start {slowest:.3f} s")
        self.assertGreater(len(told), ROUNDS)
        self.assertLess(slowest, support.allow(3))
        daemon.start()
        time.sleep(3)  # so that a tuple that counts as new now is told from one of the last round
        lost = [each for each in self.first_seen_times(daemon, told) if each]
        self.assertEqual(lost, [])
        if HAVE_CONTROL:
            self.check_list(daemon, told)

    def first_seen_times(self, daemon, told):
        """Retries early: the seconds left tell when the filter thinks it saw the tuple first."""
        for number, (before, after) in told.items():
            reply = daemon.attempt(**tuple_of(number))
            left = re.search(r"in (\d+) seconds", reply.smtp)
            if not reply.deferred or not left:
                yield f"{number}: {reply}"
                continue
            first_seen = time.time() + int(left.group(1)) - DELAY
            if not before - 2 <= first_seen <= after + 2:
                yield f"{number}: told at {after:.1f}, first seen {first_seen:.1f}"

    def check_list(self, daemon, told):
        first_seen = {record["recipient"]: datetime.datetime.fromisoformat(record["first_seen"])
                      for record in daemon.records()}
        for number, (before, after) in told.items():
            listed = first_seen.get(f"k{number}@example.net")
            self.assertIsNotNone(listed, number)
            self.assertTrue(before - 2 <= listed.timestamp() <= after + 2, number)

    def test_a_session_cut_off_by_a_kill_can_be_repeated(self):
        daemon = self.daemon()
        with daemon.session() as session:
            session.client().mail("<cut@example.org>")
            session.send(p.arguments(p.RCPT, "<b@example.net>")[:9])
            daemon.kill()
            self.assertTrue(session.ended())
        daemon.start()
        self.assertTrue(daemon.attempt(sender="<cut@example.org>").deferred)


if __name__ == "__main__":
    support.main()
