#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the status page and the metrics cost mail: the time from RCPT to its reply while five viewers
ask for both once a second, against the time while nobody does, turn by turn. README.md has figures.

  tests/bench/page_cost.py [SECONDS]    of each turn; half a one unless said"""

import pathlib
import sys
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "milter"))

import support  # noqa: E402
from daemon import Daemon  # noqa: E402

PAIRS = 40
VIEWERS = 5
PATHS = ("overview.json", "metrics")


class Viewers:
    """They look while `on` is set."""

    def __init__(self, address):
        self.address, self.on, self.ended = address, threading.Event(), threading.Event()
        self.asked = 0
        self.threads = [threading.Thread(target=self._look, args=(n / VIEWERS,))
                        for n in range(VIEWERS)]
        for thread in self.threads:
            thread.start()

    def _look(self, after):
        self.ended.wait(after)
        while not self.ended.is_set():
            if self.on.is_set():
                for path in PATHS:
                    with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                        answer.read()
                    self.asked += 1
            self.ended.wait(1)

    def close(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def times(daemon, seconds):
    """Of all recipients in that time: a client that is never greylisted, 50 to a connection."""
    taken = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with daemon.session(60.0) as session:
            session.client("192.0.2.1", "mail.example.org")
            for n in range(50):
                session.mail("<a@example.org>")
                begun = time.perf_counter()
                session.rcpt(f"<r{n}@example.net>")
                taken.append(time.perf_counter() - begun)
                session.abort()
    return taken


def share(values, of):
    return sorted(values)[int(len(values) * of)] * 1e6


def main(seconds):
    port = support.free_port()
    daemon = Daemon({"metrics": {"listen": f"127.0.0.1:{port}"}, "greylist": {"apply": "suspicious"},
                     "log": {"target": "syslog"},
                     "limit": [{"name": f"limit {n}", "count": "recipients", "per": "client",
                                "rate": "1000000/1s", "action": "observe"} for n in range(3)]})
    viewers = Viewers(f"http://127.0.0.1:{port}/")
    try:
        daemon.start()
        times(daemon, 1)
        alone, watched = [], []
        for _ in range(PAIRS):
            viewers.on.clear()
            alone += times(daemon, seconds)
            viewers.on.set()
            watched += times(daemon, seconds)
    finally:
        viewers.close()
        daemon.remove()
    print(f"{len(alone)} recipients alone, {len(watched)} watched by {VIEWERS} ({viewers.asked} answers)")
    for name, of in (("median", 0.5), ("90 %", 0.9), ("99 %", 0.99)):
        before, after = share(alone, of), share(watched, of)
        print(f"{name:>8}: {before:7.0f} us alone, {after:7.0f} us watched, {after / before:.2f} times")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.5)
