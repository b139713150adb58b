# SPDX-License-Identifier: Apache-2.0
"""A clock of the daemon's own, which goes on when it is told to: tests/fake/moved_clock.c."""

import os
import struct
import subprocess
import time

from daemon import ROOT


class MovedClock:
    """Needs a C compiler. Programs that are started with environment() have this clock: the wall clock
    begins at `now`, whatever the date is; the monotonic one begins as it is, for a machine that was
    started later than `now` would have a negative one, and from there both go on together."""

    def __init__(self, folder, now):
        self.file, self.library = folder / "clock", folder / "moved_clock.so"
        self.now = now
        self.wall, self.monotonic = now - int(time.time()), 0
        self.file.write_bytes(self._offset())
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library,
                        ROOT / "tests/fake/moved_clock.c"], check=True)

    def environment(self):
        return {**os.environ, "LD_PRELOAD": str(self.library), "MOVED_CLOCK": str(self.file)}

    def advance(self, seconds):
        """To `seconds` after the last such step, whatever was spent meanwhile; never back."""
        self.now += seconds
        step = max(0, self.now - int(time.time()) - self.wall)
        self.wall += step
        self.monotonic += step
        with open(self.file, "r+b") as file:  # the same file: programs look at it
            file.write(self._offset())

    def _offset(self):
        return struct.pack("=qq", self.wall, self.monotonic)
