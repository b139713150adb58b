# SPDX-License-Identifier: Apache-2.0
"""fail2ban's stock filter for Postfix, from an unpacked package: installed, it would start."""

import os
import pathlib
import re
import subprocess
import sys

from support import allow

ROOT = pathlib.Path(__file__).resolve().parents[2]
# packaging/dependencies unpacks it here.
UNPACKED = pathlib.Path(os.environ.get("MXWARD_FAIL2BAN", ROOT / "build/fail2ban")) / "root"
PROGRAM = UNPACKED / "usr/bin/fail2ban-regex"


def missing():
    """Why the filter cannot be asked here, or nothing."""
    return "" if PROGRAM.exists() else "needs fail2ban unpacked by tests/run"


def banned(log):
    """The addresses that it would count against in Postfix's log."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--config", str(UNPACKED / "etc/fail2ban"),
         "--out", "ip", str(log), "postfix"], capture_output=True, text=True, check=False,
        timeout=allow(30), env={"PYTHONPATH": str(UNPACKED / "usr/lib/python3/dist-packages"),
                                "PYTHONDONTWRITEBYTECODE": "1"})
    if re.search(r"error|traceback", done.stderr, re.IGNORECASE):
        raise AssertionError(f"fail2ban-regex: {done.stderr}")
    return set(done.stdout.split())
