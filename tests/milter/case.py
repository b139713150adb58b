# SPDX-License-Identifier: Apache-2.0
"""The base of the tests against the daemon."""

import sys
import unittest

from daemon import Daemon


def check_reports(daemon):
    """Sanitizers write into the log what they find, when they find it."""
    if "Sanitizer" in daemon.log():
        raise AssertionError(f"a sanitizer reports:\n{daemon.log()}")


class DaemonCase(unittest.TestCase):
    """A test that starts daemons of its own. They are killed after it, because an orderly end takes
    libmilter seconds and has its own tests; their logs are shown if it failed."""

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
        for daemon in self.daemons:
            daemon.kill()
            check_reports(daemon)

    def daemon(self, settings=None, start=True, **options):
        daemon = Daemon(settings, **options)
        self.daemons.append(daemon)
        if start:
            daemon.start()
        return daemon


class SharedDaemonCase(unittest.TestCase):
    """Tests that share one daemon, which has to end well; each uses addresses of its own."""

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
            if cls.daemon.process.poll() is None and cls.daemon.stop() != 0:
                raise AssertionError(f"the daemon did not end well:\n{cls.daemon.tail()}")
            check_reports(cls.daemon)
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
