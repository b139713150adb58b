# SPDX-License-Identifier: Apache-2.0
"""A disk whose flushes take as long as it is told: tests/fake/slow_sync.c."""

import os
import struct
import subprocess

from daemon import ROOT


class SlowSync:
    """Needs a C compiler. Programs that are started with environment() have this disk."""

    def __init__(self, folder):
        self.file, self.library = folder / "slow-sync", folder / "slow_sync.so"
        self.file.write_bytes(struct.pack("=q", 0))
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library,
                        ROOT / "tests/fake/slow_sync.c"], check=True)

    def environment(self):
        return {**os.environ, "LD_PRELOAD": str(self.library), "SLOW_SYNC": str(self.file)}

    def take(self, milliseconds):
        with open(self.file, "r+b") as file:  # the same file: programs look at it
            file.write(struct.pack("=q", milliseconds))
