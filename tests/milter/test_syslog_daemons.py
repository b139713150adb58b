# SPDX-License-Identifier: Apache-2.0
"""What real syslog daemons and journalctl write, unpacked from their Debian packages and started here, is
replayed as the recorded logs in tests/data/logs are by the unit tests."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import support
from daemon import CONTROL, need_control
from support import allow, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNPACKED = pathlib.Path(os.environ.get("MXWARD_SYSLOGS", ROOT / "build/syslogs")) / "root"
LIBRARIES = ":".join(str(path) for path in [*UNPACKED.glob("usr/lib/*-gnu"), *UNPACKED.glob("lib/*-gnu"),
                                            UNPACKED / "usr/lib/syslog-ng"])
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": LIBRARIES, "LC_ALL": "C", "TZ": "UTC"}
SAMPLES = ROOT / "tests/data/logs"


def messages():
    """As syslog(3) sends them."""
    for line in (SAMPLES / "rfc3164.log").read_text().splitlines():
        when, text = re.fullmatch(r"(\w{3} [ \d]\d \d\d:\d\d:\d\d) mx (.*)", line).groups()
        yield f"<22>{when} {text}".encode()


@need_control
@unittest.skipUnless((UNPACKED / "usr/sbin/rsyslogd").exists(), f"nothing unpacked in {UNPACKED}")
class SyslogDaemons(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mxward-syslog-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def logged(self, command, path, *files, inside=()):
        """Starts a daemon that listens at `path`, sends it the messages, and waits for its files."""
        with open(self.folder / "output", "ab") as output:
            process = subprocess.Popen([*inside, *map(str, command)], env=ENVIRONMENT, stdout=output,
                                       stderr=output, stdin=subprocess.DEVNULL)
        try:
            eventually(path.exists, 20, "the daemon")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
                client.connect(str(path))
                for message in messages():
                    client.send(message)
                    time.sleep(0.01)
            for file in files:
                eventually(lambda file=file: file.exists() and "commands=3/4" in file.read_text(), 20, file)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(allow(20))
        return files

    def assert_replayed(self, file, form):
        done = subprocess.run(
            [CONTROL, "--config", "/dev/null", "--format", "json", "replay", "--year", "2026", str(file)],
            env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, check=False, timeout=allow(60))
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        (source,) = answer["log"]["inputs"]
        with self.subTest(file.name):
            self.assertEqual(source["format"], form)
            self.assertEqual((answer["sessions"], answer["messages"], answer["tries"]["total"],
                              answer["not_judged"]["refused_recipients"], answer["clients"]["with_tls"]),
                             (2, 2, 1, 1, 1), answer)

    def test_rsyslog(self):
        folder = self.folder
        names = {"TraditionalFileFormat": "syslog (RFC 3164)", "FileFormat": "syslog with ISO 8601 times",
                 "SyslogProtocol23Format": "RFC 5424"}
        (folder / "conf").write_text(
            f'global(workDirectory="{folder}" localHostname="mx")\nmodule(load="imuxsock" SysSock.Use="off")\n'
            f'input(type="imuxsock" Socket="{folder}/log" IgnoreTimestamp="off" UseSysTimeStamp="off")\n'
            + "".join(f'action(type="omfile" file="{folder}/{name}" template="RSYSLOG_{name}")\n'
                      for name in names))
        modules = next(UNPACKED.glob("usr/lib/*/rsyslog"))
        self.logged([UNPACKED / "usr/sbin/rsyslogd", "-n", "-f", folder / "conf", "-i", folder / "pid",
                     "-M", modules], folder / "log", *(folder / name for name in names))
        for name, form in names.items():
            self.assert_replayed(folder / name, form)

    def test_syslog_ng(self):
        folder = self.folder
        forms = {"plain": ("", "syslog (RFC 3164)"), "iso": ("ts-format(iso)", "syslog with ISO 8601 times"),
                 "protocol": ("flags(syslog-protocol)", "RFC 5424")}
        modules = next(UNPACKED.glob("usr/lib/syslog-ng/*.*/"))
        (folder / "conf").write_text(
            f"@version: {modules.name}\noptions {{ use-dns(no); dns-cache(no); time-zone(\"UTC\"); }};\n"
            f'source s {{ unix-dgram("{folder}/log"); }};\n'
            + "".join(f'destination {name} {{ file("{folder}/{name}" {how}); }};\n'
                      f"log {{ source(s); destination({name}); }};\n" for name, (how, _) in forms.items()))
        self.logged([UNPACKED / "usr/sbin/syslog-ng", "-F", "-f", folder / "conf", "--module-path", modules,
                     "--persist-file", folder / "persist", "--control", folder / "control",
                     "--pidfile", folder / "pid", "--no-caps"],
                    folder / "log", *(folder / name for name in forms))
        for name, (_, form) in forms.items():
            self.assert_replayed(folder / name, form)

    @support.need_root("a /dev of its own")
    def test_busybox(self):
        # Its socket is /dev/log, whatever one says: in a mount namespace of its own that is a folder here.
        for options, form in (([], "syslog (RFC 3164), busybox"),
                              (["-S"], "syslog (RFC 3164), without host names")):
            dev, file = self.folder / f"dev{len(options)}", self.folder / f"log{len(options)}"
            dev.mkdir()
            self.logged([UNPACKED / "bin/busybox", "syslogd", "-n", *options, "-O", file], dev / "log", file,
                        inside=["unshare", "-m", "sh", "-c", f'mount --bind {dev} /dev && exec "$@"', "sh"])
            lines = [line for line in file.read_text().splitlines(True) if "postfix" in line]
            file.write_text("".join(lines))
            self.assert_replayed(file, form)

    @unittest.skipUnless(shutil.which("journalctl"), "needs journalctl")
    def test_journalctl(self):
        journal = self.folder / "mail.journal"
        subprocess.run([UNPACKED / "lib/systemd/systemd-journal-remote", "-o", journal,
                        SAMPLES / "journalctl-export.log"], env=ENVIRONMENT, check=True, capture_output=True,
                       timeout=allow(30))
        for output, form in (("short", "syslog (RFC 3164)"), ("short-precise", "syslog (RFC 3164)"),
                             ("short-iso", "syslog with ISO 8601 times"),
                             ("short-full", "journalctl -o short-full"),
                             ("short-unix", "journalctl -o short-unix"), ("json", "journalctl -o json"),
                             ("export", "journalctl -o export")):
            file = self.folder / output
            with open(file, "wb") as out:
                subprocess.run(["journalctl", f"--file={journal}", "--no-pager", "-q", "-o", output],
                               env={**os.environ, "TZ": "UTC"}, stdout=out, check=True, timeout=allow(30))
            self.assert_replayed(file, form)


if __name__ == "__main__":
    support.main()
