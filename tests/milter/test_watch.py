# SPDX-License-Identifier: Apache-2.0
"""mxwardctl watch: decisions as they are made."""

import json
import signal
import subprocess
import tempfile

import support
from case import DaemonCase, SharedDaemonCase
from daemon import CONTROL, need_control
from support import allow, eventually


class Watcher:
    """A running mxwardctl watch, and what it has written so far."""

    def __init__(self, case, daemon, *words):
        self.files = [tempfile.TemporaryFile("w+b") for _ in range(2)]
        self.process = subprocess.Popen([CONTROL, "--config", str(daemon.config), "watch", *words],
                                        stdin=subprocess.DEVNULL, stdout=self.files[0],
                                        stderr=self.files[1])
        case.addCleanup(self.end)

    def _read(self, which):
        self.files[which].seek(0)
        return self.files[which].read().decode()

    @property
    def out(self):
        return self._read(0)

    @property
    def err(self):
        return self._read(1)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(allow(10))


@need_control
class Watch(SharedDaemonCase):
    settings = {"greylist": {"delay": "1h"}}
    marks = 0

    def watch(self, *words):
        return Watcher(self, self.daemon, *words)

    def mark(self):
        """A sender that no other mail has."""
        Watch.marks += 1
        return f"<mark{Watch.marks}@example.org>"

    def follows(self, watcher, **envelope):
        """Sends until the watcher shows one: from then on it misses none."""
        def shown():
            self.daemon.attempt(**envelope)
            return watcher.out
        eventually(shown, 10.0, "a decision is shown", every=0.1)

    def test_decisions_come_as_lines_of_json(self):
        watcher = self.watch("--format", "json")
        self.follows(watcher)
        sender = self.mark()
        self.daemon.attempt(sender=sender, address="192.0.2.77")
        line = eventually(lambda: next((line for line in watcher.lines()
                                        if line["sender"] == sender.strip("<>")), None))
        self.assertEqual({key: line[key] for key in ("action", "reason", "client_address", "delay",
                                                     "recipient", "observed", "client_name")},
                         {"action": "defer", "reason": "greylist-new", "delay": 3600,
                          "client_address": "192.0.2.77", "recipient": "b@example.net",
                          "observed": False, "client_name": "unknown"})
        self.assertEqual(watcher.end(), -signal.SIGINT)
        self.assertEqual(watcher.err, "")

    def test_people_get_a_table(self):
        watcher = self.watch()
        self.follows(watcher)
        head, first = watcher.out.splitlines()[:2]
        self.assertEqual(head.split(), ["TIME", "ACTION", "REASON", "CLIENT", "SENDER", "RECIPIENT",
                                        "WAIT", "SCORE", "FINDINGS"])
        self.assertRegex(first, r"^\d\d:\d\d:\d\dZ  defer +greylist-\w+ +192\.0\.2\.1 +a@example\.org "
                                r"+b@example\.net +\d+ (min|h)")

    def test_filters(self):
        address = "203.0.113.50"
        for words in (("--client", "203.0.113.0/24"), ("--sender", "filter.example"),
                      ("--recipient", "c@example.com"), ("--action", "accept"),
                      ("--reason", "exempt-recipient")):
            with self.subTest(words):
                watcher = self.watch("--format", "json", "--limit", "1", *words)
                wanted = {"address": address, "sender": "<x@sub.filter.example>",
                          "recipient": "<c@example.com>"}
                if words[0] in ("--action", "--reason"):
                    wanted = {"recipient": "<postmaster@example.net>"}

                def ended():
                    self.daemon.attempt(sender=self.mark())
                    self.daemon.attempt(**wanted)
                    return watcher.process.poll() is not None
                eventually(ended, 10.0, "the decision is shown", every=0.1)
                self.assertEqual(watcher.end(), 0, watcher.err)
                line, = watcher.lines()
                self.assertEqual(f"<{line['recipient']}>", wanted["recipient"])

    def test_a_mistake_in_a_filter_is_told(self):
        for words, what in ((("--client", "nobody"), "client"), (("--action", "refuse"), "action"),
                            (("--reason", "greylist-newer"), "greylist-new"),
                            (("--sender", "@"), "sender"), (("--limit", "x"), "--limit")):
            done = self.daemon.control("watch", *words)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(what, done.stderr)

    def test_what_the_network_sends_does_not_reach_the_terminal(self):
        watcher = self.watch()
        self.follows(watcher)
        self.daemon.attempt(sender="<\x1b[31m@example.org>", address="192.0.2.78")
        eventually(lambda: "192.0.2.78" in watcher.out)
        self.assertIn(r"\x1b[31m@example.org", watcher.out)
        self.assertNotIn("\x1b", watcher.out)


@need_control
class Restart(DaemonCase):
    def test_it_waits_for_a_daemon_that_restarts(self):
        daemon = self.daemon({"greylist": {"delay": "1h"}})
        watcher = Watcher(self, daemon, "--format", "json")

        def shown(sender):
            def question():
                daemon.attempt(sender=f"<{sender}@example.org>")
                return sender in watcher.out
            eventually(question, 10.0, f"{sender} is shown", every=0.1)
        shown("before")
        daemon.kill()
        eventually(lambda: "does not respond, waiting" in watcher.err)
        daemon.start()
        shown("after")
        self.assertIn("the daemon responds again", watcher.err)
        self.assertEqual(watcher.err.count("waiting"), 1)

    def test_without_a_daemon_there_is_nothing_to_watch(self):
        daemon = self.daemon(start=False)
        done = daemon.control("watch")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the daemon is not running", done.stderr)


if __name__ == "__main__":
    support.main()
