# SPDX-License-Identifier: Apache-2.0
"""What all end-to-end tests share: bounds, polling, skipping, free ports."""

import os
import pathlib
import resource
import socket
import sys
import time
import unittest

# Sanitizer builds are several times slower; only bounds grow, never the waits in between.
SLOW = os.environ.get("MXWARD_SLOW") == "1"
SKIPPED = 77


def allow(seconds):
    """A bound for something that normally takes far less."""
    return seconds * (5 if SLOW else 1)


def eventually(question, within=10.0, what="the condition", every=0.02):
    """Asks until the answer is true, and returns it. Fails after `within` seconds."""
    end = time.monotonic() + allow(within)
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {allow(within):g} s")
        time.sleep(every)


def free_port(family=socket.AF_INET, host="127.0.0.1"):
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def files_of(process):
    """What the process has open, as links say; those it closes meanwhile are left out."""
    folder = pathlib.Path(f"/proc/{process.pid}/fd")
    for link in folder.iterdir():
        try:
            yield os.readlink(link)
        except OSError:
            pass


def want_descriptors(count):
    """Room for `count` open files in this process and its children, or the test is skipped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(count, hard)))
    except (ValueError, OSError):
        if hard < count:
            raise unittest.SkipTest(f"needs {count} open files, allowed are {hard}") from None
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def need_root(why):
    return unittest.skipUnless(os.geteuid() == 0, f"needs root: {why}")


def have_ipv6():
    try:
        free_port(socket.AF_INET6, "::1")
        return True
    except OSError:
        return False


need_ipv6 = unittest.skipUnless(have_ipv6(), "needs IPv6 on the loopback interface")


def main():
    """unittest.main() that ends with 77 if every test was skipped, for ctest to say so."""
    program = unittest.main(module="__main__", exit=False, verbosity=2, catchbreak=True)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun and result.testsRun == len(result.skipped) else 0)
