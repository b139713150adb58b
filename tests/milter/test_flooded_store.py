# SPDX-License-Identifier: Apache-2.0
"""An hour of a flood from one IPv6 /32, with the database's size as shipped: the flood takes a quarter
at most, and everybody else is judged as ever. What it does at a small scale: tests/unit/engine/flood_test.cc.
DESIGN.md, promises 5 and 9."""

import contextlib
import os
import statistics
import threading
import time

import support
import wire
from case import DaemonCase
from daemon import need_control

SECONDS = float(os.environ.get("MXWARD_FLOOD_SECONDS", "3600"))
MAP = os.environ.get("MXWARD_FLOOD_MAP", "8G")
CONNECTIONS = 6
PER_CLIENT = 500
PER_MAIL = 50
NEWCOMER_EVERY = 2.0
DELAY = 5.0


class Flood:
    """As fast as the connections are answered, another /64 after each PER_CLIENT recipients."""

    def __init__(self, daemon):
        self.daemon, self.over = daemon, threading.Event()
        self.tried = [0] * CONNECTIONS
        self.passed = 0
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True)
                        for n in range(CONNECTIONS)]

    def run(self, number):
        client = 0
        padding = "x" * 40
        while not self.over.is_set():
            client += 1
            address = f"2001:db8:{client % 4096:x}:{number:x}{client // 4096:03x}::1"
            with contextlib.suppress(wire.Closed, OSError), self.daemon.session(30) as session:
                session.client(address)
                for mail in range(PER_CLIENT // PER_MAIL):
                    session.mail(f"<{letters(client)}.{letters(mail)}@{padding}.example>")
                    for recipient in range(PER_MAIL):
                        reply = session.rcpt(f"<{letters(number)}-{letters(recipient)}@example.net>")
                        self.passed += reply.passed
                        self.tried[number] += 1
                    session.abort()
                    if self.over.is_set():
                        return

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(support.allow(30))


def letters(number):
    """Digits would be folded."""
    text = "a"
    while number:
        number, rest = divmod(number, 26)
        text += chr(ord("a") + rest)
    return text


class Flooded(DaemonCase):
    @need_control
    def test_a_flood_takes_a_quarter_and_nobody_else_notices(self):
        daemon = self.daemon({"store": {"map_size": "16M", "map_size_max": MAP, "deadline": "1s"},
                              "greylist": {"delay": f"{DELAY:g}s"}})
        waiting, answers, refused, number = [], [], [], 0
        end = time.monotonic() + SECONDS
        with Flood(daemon) as flood:
            while time.monotonic() < end or waiting:
                now = time.monotonic()
                if now < end:
                    number += 1
                    address = f"{11 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.1"
                    envelope = {"sender": f"<friend-{letters(number)}@example.org>", "address": address}
                    self.assertTrue(daemon.attempt(**envelope).deferred)
                    answers.append(time.monotonic() - now)
                    waiting.append((now + DELAY + 2, envelope))
                while waiting and waiting[0][0] <= time.monotonic():
                    envelope = waiting.pop(0)[1]
                    if not daemon.attempt(**envelope).passed:
                        refused.append(envelope)
                time.sleep(max(0.0, NEWCOMER_EVERY - (time.monotonic() - now)))
            status = daemon.ask("status")
            used = 100 * status["store"]["used_bytes"] / status["store"]["limit_bytes"]
            print(f"{sum(flood.tried)} recipients, {used:.1f} % used, {status['pending_room']}, "
                  f"{number} newcomers, median {1000 * statistics.median(answers):.1f} ms",
                  flush=True)
        self.assertEqual(flood.passed, 0)
        self.assertEqual(refused, [])
        self.assertLessEqual(used, 27)  # with the history of clients, and the newcomers
        self.assertNotIn("unjudged", daemon.log())


if __name__ == "__main__":
    support.main()
