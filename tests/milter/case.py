# SPDX-License-Identifier: Apache-2.0
"""The base of the tests against the daemon."""

import signal
import sys
import unittest

from daemon import Daemon


def check_end(daemons):
    """Ends daemons and fails on a bad exit or on a sanitizer's report."""
    running = [d for d in daemons if d.process is not None and d.process.poll() is None]
    for daemon in running:
        daemon.signal(signal.SIGTERM)
    for daemon in running:
        status = daemon.stop()
        if status != 0:
            raise AssertionError(f"the daemon ended with status {status}:\n{daemon.tail()}")
    for daemon in daemons:
        if "Sanitizer" in daemon.log():
            raise AssertionError(f"a sanitizer reports:\n{daemon.log()}")


class DaemonCase(unittest.TestCase):
    """A test that starts daemons of its own. They are ended after it, and their logs shown if it
    failed."""

    def run(self, result=None):
        self.daemons = []
        result = result or self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        super().run(result)
        for daemon in self.daemons:
            if len(result.failures) + len(result.errors) > before:
                print(f"--- {self.id()}: log of {daemon.directory}\n{daemon.tail()}",
                      file=sys.stderr)
            daemon.remove()
        return result

    def tearDown(self):
        check_end(self.daemons)

    def daemon(self, settings=None, start=True, **options):
        daemon = Daemon(settings, **options)
        self.daemons.append(daemon)
        if start:
            daemon.start()
        return daemon


class SharedDaemonCase(unittest.TestCase):
    """Tests that share one daemon; each uses addresses of its own."""

    settings = {}
    endpoint = None

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(cls.settings, endpoint=cls.endpoint)
        try:
            cls.daemon.start()
        except BaseException:
            cls.daemon.remove()
            raise

    @classmethod
    def tearDownClass(cls):
        try:
            check_end([cls.daemon])
        finally:
            cls.daemon.remove()

    def run(self, result=None):
        result = result or self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before and self.daemon:
            print(f"--- {self.id()}: log\n{self.daemon.tail(15)}", file=sys.stderr)
        return result

    def tearDown(self):
        self.assertIsNone(self.daemon.process.poll(), "the daemon has ended")
