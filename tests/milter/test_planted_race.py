# SPDX-License-Identifier: Apache-2.0
"""ThreadSanitizer with our suppressions still finds a race in a callback."""

import os
import pathlib
import subprocess
import tempfile
import threading
import unittest

import support
import wire

PROGRAM = os.environ.get("PLANTED_RACE", "")


@unittest.skipUnless(PROGRAM, "only in the ThreadSanitizer build")
class PlantedRace(unittest.TestCase):
    def test_a_race_between_two_callbacks_is_reported(self):
        directory = self.enterContext(tempfile.TemporaryDirectory(prefix="mxward-"))
        socket, log = f"unix:{directory}/race.sock", pathlib.Path(directory) / "log"
        with open(log, "wb") as out:
            process = subprocess.Popen([PROGRAM, socket], stdout=out, stderr=out)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def serves():
            self.assertIsNone(process.poll(), log.read_text())
            return os.path.exists(socket[5:])

        support.eventually(serves, 10.0, "the filter serves")

        def reported():
            threads = [threading.Thread(target=wire.attempt, args=(socket,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return "data race" in log.read_text()

        support.eventually(reported, 10.0, "the report")
        process.terminate()
        self.assertNotEqual(process.wait(support.allow(12)), 0)


if __name__ == "__main__":
    support.main()
