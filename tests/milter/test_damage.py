# SPDX-License-Identifier: Apache-2.0
"""A database that is damaged costs a moment, not the service: no crash loop, serving within seconds,
hash key and entries as before."""

import itertools
import os
import random
import re
import signal
import socket
import subprocess
import time
import unittest

import support
from case import DaemonCase
from daemon import PROGRAM, need_control
from support import allow, eventually

PAGE = 4096
SERVES = 10.0


class Damage(DaemonCase):
    numbers = itertools.count()

    def filled(self, tuples=600, settings=None):
        """A daemon that has ended in order, and left a database."""
        daemon = self.daemon(settings)
        for n in range(0, tuples, 300):
            with daemon.session() as session:
                session.client(address=f"20.{n // 300}.0.1").mail("<a@example.org>")
                for i in range(n, n + 300):
                    session.rcpt(f"<r{i}@example.net>")
        self.block(daemon)
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse((daemon.store / "mxward.running").exists())
        return daemon

    def block(self, daemon):
        done = daemon.control("block", "client", "192.0.2.0/24")
        self.assertEqual(done.returncode, 0, done.stderr)

    def aside(self, daemon):
        return sorted(daemon.store.glob("data.mdb.damaged-*"))

    def check_serves(self, daemon):
        """It starts at once, judges, keeps the block, and its listings end."""
        begun = time.monotonic()
        daemon.start()
        self.assertLess(time.monotonic() - begun, allow(SERVES))
        self.assertTrue(daemon.attempt(address="192.0.2.7").rejected)
        recipient = f"<new{next(self.numbers)}@example.net>"
        self.assertTrue(daemon.attempt(address="203.0.113.9", recipient=recipient).deferred)
        for words in (("export",), ("list", "--limit", "100000"), ("status",)):
            done = daemon.control(*words)
            self.assertEqual(done.returncode, 0, f"{words}: {done.stderr}")
        self.assertIsNone(daemon.process.poll(), daemon.tail())

    def metric(self, daemon, name):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(daemon.directory / "control.sock"))
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        return int(re.search(rf"^{name} (\d+)$", text, re.M).group(1))

    def check(self, daemon):
        return subprocess.run([PROGRAM, "--check-store", str(daemon.store)], capture_output=True,
                              text=True, check=False, timeout=allow(30))

    def key(self, daemon):
        return daemon.control("export", "--hash-key").stdout


@need_control
class AtRest(Damage):
    def test_every_kind_of_damage(self):
        seed = int(os.environ.get("MXWARD_SEED", 5))
        dice = random.Random(seed)
        daemon = self.filled()
        data = daemon.store / "data.mdb"
        whole = data.read_bytes()
        used = len(whole.rstrip(b"\0"))
        pages = used // PAGE

        def noise(page):
            return whole[:page * PAGE] + dice.randbytes(PAGE) + whole[(page + 1) * PAGE:]

        damages = {"cut to 8192": whole[:8192], "cut to 8193": whole[:8193],
                   "cut in the middle": whole[:used // 2], "cut to a page": whole[:PAGE],
                   "no descriptions": b"\0" * 8192 + whole[8192:],
                   "noise in description 0": noise(0), "noise in description 1": noise(1)}
        for _ in range(6):
            page = dice.randrange(2, pages)
            damages[f"noise in page {page}"] = noise(page)
        key = None
        for what, content in damages.items():
            with self.subTest(what, seed=seed):
                for left in (daemon.store / "lock.mdb", *self.aside(daemon)):
                    left.unlink(missing_ok=True)
                data.write_bytes(content)
                self.check_serves(daemon)
                key = key or self.key(daemon)
                self.assertEqual(self.key(daemon), key)
                # Some pages of noise are free ones.
                if self.aside(daemon):
                    self.assertRegex(daemon.log()[daemon.begun:], "was set aside as .*damaged-")
                elif "page" not in what:
                    self.fail("not found")
                daemon.kill()
                (daemon.store / "mxward.running").unlink()

    def test_what_can_be_read_is_taken_over_and_status_and_metrics_say_so(self):
        daemon = self.filled()
        data = daemon.store / "data.mdb"
        whole = data.read_bytes()
        # One page of addresses: none that is free by now, and none that is used for something else, as
        # bytes 10 and 11 say.
        for found in re.finditer(rb"r400@example\.net", whole):
            begin = found.start() // PAGE * PAGE
            if whole[begin + 10:begin + 12] != b"\2\0":
                continue
            data.write_bytes(whole[:begin] + b"\xa5" * PAGE + whole[begin + PAGE:])
            if self.check(daemon).returncode:
                break
        else:
            self.fail("no page in use has it")
        content = data.read_bytes()
        self.check_serves(daemon)
        self.assertGreater(len(daemon.records()), 450)
        status = daemon.ask("status")
        self.assertRegex(" ".join(status["warnings"]), "found damaged .*moved to .*recovered")
        self.assertEqual(self.metric(daemon, "mxward_store_set_aside"), 1)
        self.assertGreater(self.metric(daemon, "mxward_store_records_rescued"), 450)
        self.assertEqual(self.metric(daemon, "mxward_store_checking"), 0)
        self.assertEqual(self.aside(daemon)[0].read_bytes(), content)
        # The new one is sound, and stays.
        self.assertEqual(daemon.stop(), 0)
        self.check_serves(daemon)
        self.assertEqual(len(self.aside(daemon)), 1)
        self.assertEqual(self.metric(daemon, "mxward_store_set_aside"), 0)
        self.assertNotRegex(" ".join(daemon.ask("status")["warnings"]), "put aside")

    def test_only_some_are_kept(self):
        daemon = self.filled(300)
        data = daemon.store / "data.mdb"
        for _ in range(5):
            whole = bytearray(data.read_bytes())
            whole[2 * PAGE:] = b"\xff" * (len(whole) - 2 * PAGE)
            data.write_bytes(bytes(whole))
            self.check_serves(daemon)
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(self.aside(daemon)), 3)

    def test_a_foreign_file_is_refused_and_kept(self):
        daemon = self.daemon(start=False)
        daemon.store.mkdir()
        (daemon.store / "data.mdb").write_bytes(b"SQLite format 3\0" * 1000)
        daemon.launch()
        self.assertEqual(daemon.wait(), 78)
        self.assertEqual(self.aside(daemon), [])

    def test_mxwardctl_does_not_crash_on_a_damaged_database(self):
        daemon = self.filled()
        data = daemon.store / "data.mdb"
        os.truncate(data, 8192)
        done = daemon.control("list")
        self.assertEqual(done.returncode, 2, done)
        self.assertRegex(done.stderr, "damaged")

    def test_the_check_by_hand(self):
        daemon = self.filled(300)
        done = self.check(daemon)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"^\d+ records on \d+ pages, 0 of them unreadable$")
        os.truncate(daemon.store / "data.mdb", 8192)
        self.assertEqual(self.check(daemon).returncode, 65)


@need_control
class Running(Damage):
    def test_a_file_that_is_cut_while_it_serves(self):
        daemon = self.filled()
        daemon.start()
        os.truncate(daemon.store / "data.mdb", 8192)
        with self.assertRaises(Exception):
            for n in range(1000):
                daemon.attempt(address=f"20.1.{n // 250}.{n % 250}", sender="<b@example.org>")
        self.assertNotEqual(daemon.wait(), 0)
        self.check_serves(daemon)

    def test_kill_throws_nothing_away(self):
        daemon = self.filled(300)
        for _ in range(4):
            daemon.start()
            daemon.kill()
        daemon.start()
        self.assertEqual(len(daemon.records()), 300)
        self.assertEqual(self.aside(daemon), [])
        daemon.expect_log("not shut down cleanly: the database is checked")
        daemon.expect_log("the database is sound")

    @unittest.skipIf(support.SLOW, "sanitizers have the signals of a crash")
    def test_a_second_crash_within_a_minute_makes_a_new_database_of_what_can_be_read(self):
        daemon = self.filled(300)

        def crash():
            daemon.start()
            daemon.signal(signal.SIGSEGV)
            daemon.wait()

        crash()
        daemon.start()
        self.assertEqual(self.aside(daemon), [])
        daemon.signal(signal.SIGSEGV)
        daemon.wait()
        self.check_serves(daemon)
        self.assertEqual(len(self.aside(daemon)), 1)
        self.assertEqual(len(daemon.records()), 301)
        daemon.expect_log("crashed 2 times in a row within a minute of its start")
        # A third one: what was taken over is at fault. Key and entries stay.
        daemon.signal(signal.SIGSEGV)
        daemon.wait()
        self.check_serves(daemon)
        self.assertEqual(len(self.aside(daemon)), 2)
        self.assertEqual(len(daemon.records()), 1)
        # A fourth: it is not the database.
        daemon.signal(signal.SIGSEGV)
        daemon.wait()
        daemon.start()
        self.assertEqual(len(self.aside(daemon)), 2)

    def test_entries_survive_soon_after_they_are_made(self):
        daemon = self.daemon()
        self.block(daemon)
        saved = daemon.store / "mxward.saved"
        eventually(lambda: b"192.0.2.0/24" in saved.read_bytes(), 5.0, "the entry in the copy")
        self.assertEqual(saved.stat().st_mode & 0o777, 0o600)
        daemon.kill()
        (daemon.store / "data.mdb").write_bytes(b"\0" * 65536)
        self.check_serves(daemon)


if __name__ == "__main__":
    support.main()
