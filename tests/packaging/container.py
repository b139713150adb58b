# SPDX-License-Identifier: Apache-2.0
"""A Debian of its own, booted with its own systemd, for a script to run in as root. It has no network but
what the script makes there."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# tests/run makes it, with what the package needs in apt's cache.
ARCHIVE = ROOT / "build/container/root.tar"
UNIT = """\
[Unit]
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/sources/{script}
StandardOutput=file:/script.log
StandardError=inherit
TimeoutStartSec={seconds}
Environment=PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
[Install]
WantedBy=multi-user.target
"""


def missing():
    """What there is lacking for it here, or nothing."""
    if os.geteuid() != 0:
        return "needs root: a system is booted"
    if not shutil.which("systemd-nspawn"):
        return "needs systemd-nspawn"
    if not ARCHIVE.exists():
        return f"needs {ARCHIVE.relative_to(ROOT)}, which tests/run makes"
    return ""


class Container:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mxward-container-", dir="/var/tmp"))
        self.root = self.folder / "root"
        self.root.mkdir()
        subprocess.run(["tar", "-xf", str(ARCHIVE), "-C", str(self.root), "--exclude=./dev/*"],
                       check=True, timeout=600)

    def run(self, script, seconds):
        """Boots, runs a script of the sources, and ends. Returns its exit status and what it
        printed. Skips the test when the system did not come so far."""
        unit = self.root / "etc/systemd/system/script.service"
        unit.write_text(UNIT.format(script=script, seconds=seconds))
        wants = self.root / "etc/systemd/system/multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        link = wants / "script.service"
        link.unlink(missing_ok=True)
        link.symlink_to("../script.service")
        # A first boot asks questions; and a name without a dot makes Sendmail wait.
        (self.root / "etc/machine-id").write_text("00000000000000000000000000004711\n")
        (self.root / "etc/hostname").write_text("mx.example.net\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 mx.example.net mx\n")
        (self.root / "etc/resolv.conf").write_text("")
        log = self.folder / "console"
        command = ["systemd-nspawn", "--register=no", "--keep-unit", "--private-network",
                   "--hostname=mx.example.net", "--resolv-conf=off", "--timezone=off",
                   f"--bind-ro={ROOT}:/sources", "-D", str(self.root), "-b",
                   "systemd.firstboot=off"]
        # It wants a terminal.
        done = subprocess.run(["script", "-qec", " ".join(command), str(log)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False,
                              timeout=seconds + 120)
        printed = self.root / "script.log"
        if not printed.exists():
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
            raise unittest.SkipTest(f"no system can be booted in a container here:\n{tail}")
        return done.returncode, printed.read_text(errors="replace")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
