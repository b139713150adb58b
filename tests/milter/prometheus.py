# SPDX-License-Identifier: Apache-2.0
"""Prometheus' text format, and its promtool from an unpacked package: installed, it would start a
server."""

import collections
import os
import pathlib
import re
import subprocess

from support import allow

ROOT = pathlib.Path(__file__).resolve().parents[2]
# packaging/dependencies unpacks it here.
UNPACKED = pathlib.Path(os.environ.get("MXWARD_PROMETHEUS", ROOT / "build/prometheus")) / "root"
PROMTOOL = UNPACKED / "usr/bin/promtool"

SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\.)*)"(?:,|$)')


def missing():
    """Why promtool cannot be asked here, or nothing."""
    return "" if os.access(PROMTOOL, os.X_OK) else "needs prometheus unpacked by tests/run"


def promtool(*words, **options):
    return subprocess.run([str(PROMTOOL), *map(str, words)], capture_output=True, text=True,
                          check=False, timeout=allow(60), **options)


def parse(text):
    """{name: {labels as a sorted tuple of pairs: value}}; every line has to be understood."""
    metrics = collections.defaultdict(dict)
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        found = SAMPLE.fullmatch(line)
        if not found:
            raise AssertionError(f"not a sample: {line!r}")
        name, labels, value = found.groups()
        pairs = tuple(sorted(LABEL.findall(labels or "")))
        if pairs in metrics[name]:
            raise AssertionError(f"twice: {line!r}")
        metrics[name][pairs] = float(value)
    return dict(metrics)
