# SPDX-License-Identifier: Apache-2.0
"""The package on a Debian of its own, under its own systemd: see `lifecycle` for what happens there."""

import shutil
import sys
import unittest

import container
import support
from test_deb import DEB

# About two minutes of an idle machine.
PATIENCE = 1200


class Machine(unittest.TestCase):
    @unittest.skipUnless(DEB, "needs packages in build/deb, which packaging/build-deb makes")
    @unittest.skipIf(container.missing(), container.missing())
    def test_from_installation_to_removal(self):
        machine = container.Container()
        self.addCleanup(machine.remove)
        shutil.copy(DEB, machine.root / "packages/mxward.deb")
        status, said = machine.run("tests/packaging/lifecycle", PATIENCE)
        print(said, file=sys.stderr)
        self.assertEqual(status, 0)


if __name__ == "__main__":
    support.main()
