# SPDX-License-Identifier: Apache-2.0
"""SIGUSR1, or SIGHUP: a good file takes effect, a bad one changes nothing and is named in the log."""

import itertools
import pathlib
import signal
import tempfile
import time
import unittest

import support
from case import DaemonCase
from daemon import HAVE_CONTROL, need_control


class Reload(DaemonCase):
    numbers = itertools.count()

    def deferred(self, daemon, name):
        return daemon.attempt(sender=f"<{name}@example.org>").deferred

    def new(self, daemon):
        """Whether a tuple never seen before is deferred."""
        return self.deferred(daemon, "new" + "x" * next(self.numbers))

    def test_a_good_file_takes_effect(self):
        daemon = self.daemon()
        self.assertTrue(self.deferred(daemon, "first"))
        daemon.configure({"greylist": {"apply": "off"}})
        daemon.reload()
        support.eventually(lambda: not self.new(daemon), 5.0, "greylisting off")
        daemon.configure({"greylist": {"apply": "all"}})
        daemon.reload()
        support.eventually(lambda: self.new(daemon), 5.0, "greylisting on")

    def test_a_bad_file_keeps_the_running_configuration_and_says_why(self):
        daemon = self.daemon()
        daemon.config.write_text('[greylist]\napply = "off"\ndealy = "1m"\n')
        said = daemon.reload()
        support.eventually(lambda: "dealy" in daemon.log(), 5.0, "the reason in the log")
        self.assertIn("mxward.toml:3", daemon.log(), said)
        self.assertTrue(self.deferred(daemon, "still"))

    def test_a_file_that_is_no_toml_or_not_there_keeps_the_running_configuration(self):
        daemon = self.daemon()
        changes = {"broken": lambda: daemon.config.write_text("[greylist\n"),
                   "missing": daemon.config.unlink, "folder": daemon.config.mkdir}
        for name, change in changes.items():
            change()
            daemon.reload()
            self.assertTrue(self.deferred(daemon, name))

    def test_records_survive_a_reload(self):
        daemon = self.daemon()
        daemon.attempt(sender="<across@example.org>")
        daemon.reload()
        daemon.sit_out_delay()
        self.assertEqual(str(daemon.attempt(sender="<across@example.org>")), "c")

    def test_a_message_is_judged_by_one_configuration(self):
        daemon = self.daemon()
        with daemon.session() as session:
            session.client().mail("<pinned@example.org>")
            self.assertTrue(session.rcpt("<one@example.net>").deferred)
            daemon.configure({"greylist": {"apply": "off"}})
            daemon.reload()
            support.eventually(lambda: not self.new(daemon), 5.0, "the new file")
            self.assertTrue(session.rcpt("<two@example.net>").deferred)
            session.abort()
            self.assertEqual(str(session.envelope("<pinned@example.org>", "<c@example.net>")), "c")

    @unittest.skipUnless(HAVE_CONTROL, "ThreadSanitizer, whose build has no mxwardctl, blocks all signals in a handler")
    def test_a_thousand_hangups_beside_a_long_reload_end_nothing(self):
        """libmilter has a thread that ends the filter at SIGHUP: it never gets one."""
        many = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "many"
        many.write_text("".join(f"sender{n}@example.com\n" for n in range(50_000)))
        long = [{"name": "long", "sender": [f"file:{many}"], "action": "accept"}]
        daemon = self.daemon({"rule": long})
        for number in range(1000):
            if number % 10 == 0:
                self.assertTrue(daemon.attempt(recipient=f"<h{number}@example.net>").deferred)
            daemon.signal(signal.SIGHUP)
        # What the last one finds in the file holds.
        daemon.configure({"rule": [], "greylist": {"apply": "off"}})
        daemon.signal(signal.SIGHUP)
        daemon.expect_log(r"configuration reloaded; changed: .*greylist\.apply", within=support.allow(20.0))
        self.assertTrue(daemon.attempt(recipient="<last@example.net>").passed)
        self.assertLess(daemon.log().count("configuration reloaded"), 500)
        self.assertEqual(daemon.stop(), 0)

    def test_reloads_under_load_lose_no_session(self):
        daemon = self.daemon()
        end = time.monotonic() + 2
        count = 0
        while time.monotonic() < end:
            if count % 5 == 0:
                daemon.signal(signal.SIGUSR1)
            count += 1
            # Each from a network of its own: a flood from one would be folded into one record.
            reply = daemon.attempt(sender="<load@example.org>", recipient=f"<r{count}@example.net>",
                                   address=f"20.{count >> 8 & 255}.{count & 255}.1")
            self.assertTrue(reply.deferred)

    @need_control
    def test_what_only_a_restart_changes_is_said_each_time_and_stays(self):
        daemon = self.daemon({"user": "", "group": ""})
        socket = daemon.settings["control"]["socket"]
        other = str(daemon.directory / "other")
        running = {option["name"]: option for option in
                   daemon.ask("--socket", socket, "dump-config", "--running")}
        changes = {"user": "nobody", "group": "nogroup", "milter.listen": "unix:" + other,
                   "milter.socket_mode": "0600", "milter.socket_group": "adm", "store.path": other,
                   "store.hash_key_file": other, "store.map_size": "9M", "store.map_size_max": "90M",
                   "control.socket": other + "-control", "control.socket_group": "adm", "control.read_group": "adm",
                   "metrics.listen": "127.0.0.1:9"}
        self.assertEqual(set(changes), {name for name, option in running.items()
                                        if option["needs_restart"]})
        before = daemon.settings
        for name, value in changes.items():
            *section, key = name.split(".")
            daemon.settings = {**daemon.settings,
                               **({section[0]: {**daemon.settings.get(section[0], {}), key: value}}
                                  if section else {key: value})}
        daemon.configure()
        for _ in range(2):
            before_it = len(daemon.log())
            self.assertIn("configuration reloaded, nothing takes effect yet\n", daemon.reload())
            named = daemon.expect_log(r"these changes need a restart: (.*)\n", after=before_it)
            self.assertEqual(set(named[1].split(", ")), set(changes))
            self.assertEqual(running, {option["name"]: option for option in
                                       daemon.ask("--socket", socket, "dump-config", "--running")})
        self.assertTrue(self.deferred(daemon, "same store"))
        daemon.settings = before
        daemon.configure()
        self.assertIn("configuration reloaded, nothing changed\n", daemon.reload())


if __name__ == "__main__":
    support.main()
