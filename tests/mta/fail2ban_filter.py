# SPDX-License-Identifier: Apache-2.0
"""fail2ban's stock filter for Postfix and ours, from an unpacked package: installed, it would start. Not named
fail2ban.py, for where the package is installed there is a module of that name."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from support import allow

ROOT = pathlib.Path(__file__).resolve().parents[2]
# packaging/dependencies unpacks it here.
UNPACKED = pathlib.Path(os.environ.get("MXWARD_FAIL2BAN", ROOT / "build/fail2ban")) / "root"
PROGRAM = UNPACKED / "usr/bin/fail2ban-regex"


def missing():
    """Why the filter cannot be asked here, or nothing."""
    return "" if PROGRAM.exists() else "needs fail2ban unpacked by tests/run"


def banned(log, own_filter=None):
    """The addresses that it would count against in Postfix's log; or in another one, with a filter that
    is put beside its own."""
    with tempfile.TemporaryDirectory() as folder:
        config = UNPACKED / "etc/fail2ban"
        if own_filter:
            config = shutil.copytree(config, f"{folder}/fail2ban")
            shutil.copy(own_filter, f"{config}/filter.d/")
        done = subprocess.run(
            [sys.executable, str(PROGRAM), "--config", str(config), "--out", "ip", str(log),
             pathlib.Path(own_filter).stem if own_filter else "postfix"],
            capture_output=True, text=True, check=False, timeout=allow(30),
            env={"PYTHONPATH": str(UNPACKED / "usr/lib/python3/dist-packages"),
                 "PYTHONDONTWRITEBYTECODE": "1"})
    if re.search(r"error|traceback", done.stderr, re.IGNORECASE):
        raise AssertionError(f"fail2ban-regex: {done.stderr}")
    return set(done.stdout.split())
