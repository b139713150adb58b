#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long an import takes, in how much memory, and what mail notices of it; and then how soon a
listing of all of it begins.

  import_bench.py [--entries N] [--dir DIR]    a million, in a folder of its own in build

Makes a dump as db_dump(1) prints it of a postgrey with so many tuples, each of a network of its own,
imports it into an empty database while new tuples come in one after the other, and exports it again.
Ends with 0 whatever it measures, 2 when something broke.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/milter"))

from daemon import CONTROL, Daemon  # noqa: E402


def write_dump(path, entries):
    now = int(time.time())
    with open(path, "w", encoding="ascii") as out:
        out.write("VERSION=3\nformat=print\ntype=btree\ndb_pagesize=4096\nHEADER=END\n")
        for i in range(entries):
            out.write(f" 10.{i >> 8 & 255}.{i & 255}.0/sender{i}@list{i >> 16}.example.org/"
                      f"recipient{i}@example.net\n {now - 100000},{now - 50000}\n")
        out.write("DATA=END\n")


def memory(pid, field="RssAnon"):
    """In megabytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def run(*words):
    """Runs mxwardctl; returns its output, seconds, and its largest resident size in megabytes."""
    begun, size = time.monotonic(), 0.0
    with subprocess.Popen([CONTROL, *words], stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            size = max(size, memory(process.pid, "VmHWM"))
            time.sleep(0.05)
        out = process.stdout.read()
    if process.returncode != 0:
        raise RuntimeError(f"mxwardctl {' '.join(words)} ended with {process.returncode}")
    return out, time.monotonic() - begun, size


def list_all(daemon, when):
    """How soon the first row comes, how long all take, and mxwardctl's largest size."""
    for form in ("table", "tsv", "json"):
        command = [CONTROL, "--config", str(daemon.config), "list", "--limit", "0",
                   "--format", form]
        begun = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            process.stdout.readline()
            first = time.monotonic() - begun
            rows = sum(block.count(b"\n") for block in iter(lambda: process.stdout.read(1 << 16), b""))
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
        if status != 0:
            raise RuntimeError(f"mxwardctl list ended with {status}")
        print(f"list, {form}, {when}: first line after {first * 1000:.0f} ms, {rows} lines in "
              f"{time.monotonic() - begun:.1f} s; mxwardctl {usage.ru_maxrss / 1024:.1f} MB")


class Mail(threading.Thread):
    """New tuples, one session after the other; how long each waited for its deferral."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.target, self.waits, self.ends = daemon, [], threading.Event()

    def run(self):
        while not self.ends.is_set():
            begun = time.monotonic()
            self.target.attempt(recipient=f"<new{len(self.waits)}@example.net>",
                                address="198.18.0.1")
            self.waits.append((time.monotonic() - begun) * 1000)

    def told(self):
        self.ends.set()
        self.join()
        waits = sorted(self.waits)
        return (f"{len(waits)} sessions, median {statistics.median(waits):.1f} ms, "
                f"p99 {waits[len(waits) * 99 // 100]:.1f} ms, longest {waits[-1]:.0f} ms")


def measure(entries, directory):
    dump = directory / "postgrey.dump"
    write_dump(dump, entries)
    daemon = Daemon({"greylist": {"max_pending": 1000000}},
                    directory=str(directory / "daemon"))
    try:
        daemon.start()
        alone = Mail(daemon)
        alone.start()
        time.sleep(5)
        print(f"mail without an import: {alone.told()}")
        before = memory(daemon.process.pid)
        mail = Mail(daemon)
        mail.start()
        out, seconds, size = run("--config", str(daemon.config), "import", str(dump))
        print(f"mail during the import: {mail.told()}")
        print(out, end="")
        print(f"import: {seconds:.1f} s, {entries / seconds:.0f} a second; mxwardctl {size:.1f} MB, "
              f"daemon {before:.1f} MB before and {memory(daemon.process.pid):.1f} MB after (RssAnon)")
        used = sum(file.stat().st_blocks for file in daemon.store.iterdir()) * 512
        print(f"database: {used / 1e6:.0f} MB, {used / entries:.0f} bytes an entry")
        _, seconds, size = run("--config", str(daemon.config), "export", "--output",
                               str(directory / "export"))
        print(f"export: {seconds:.1f} s, {entries / seconds:.0f} a second; mxwardctl {size:.1f} MB")
        list_all(daemon, "while the daemon runs")
        daemon.kill()
        list_all(daemon, "without it")
    finally:
        daemon.remove()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1000000)
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "build")
    options = parser.parse_args()
    # Beside the build: a commit must reach a disk to cost what it costs.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=options.dir))
    directory.chmod(0o755)
    (directory / "daemon").mkdir()
    try:
        measure(options.entries, directory)
        return 0
    except (OSError, RuntimeError, AssertionError) as error:
        print(f"import_bench: {error}", file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
