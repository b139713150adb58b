# SPDX-License-Identifier: Apache-2.0
"""What the daemon has lost by its end is reported, though it leaves with _exit()."""

import os
import unittest
from unittest import mock

import support
from daemon import Daemon

LIBRARY = os.environ.get("PLANTED_LEAK", "")
REPORTED = 66  # ASAN_OPTIONS, exitcode


@unittest.skipUnless(LIBRARY, "only in the AddressSanitizer build")
class PlantedLeak(unittest.TestCase):
    def end(self, **environment):
        """One mail; the exit status and the log."""
        daemon = Daemon()
        self.addCleanup(daemon.remove)
        with mock.patch.dict(os.environ, environment):
            daemon.start()
        self.assertTrue(daemon.attempt().deferred)
        return daemon.stop(), daemon.log()

    def test_a_leak_in_a_callback_is_reported(self):
        # The sanitizer wants to be the first library, and can do without.
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        status, log = self.end(LD_PRELOAD=LIBRARY, ASAN_OPTIONS=options)
        self.assertEqual(status, REPORTED, log)
        self.assertIn("LeakSanitizer: detected memory leaks", log)
        self.assertIn("planted_leak.cc", log)

    def test_nothing_is_reported_without_one(self):
        status, log = self.end()
        self.assertEqual(status, 0, log)
        self.assertNotIn("Sanitizer", log)


if __name__ == "__main__":
    support.main()
