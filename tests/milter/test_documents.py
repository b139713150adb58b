# SPDX-License-Identifier: Apache-2.0
"""What README.md and the manual pages show can be typed: command lines of mxwardctl, configurations."""

import re
import shlex
import subprocess
import tempfile
import unittest

import support
from case import DaemonCase
from daemon import CONTROL, PROGRAM, ROOT, need_control

USAGE = 64
PAGES = ("mxward.8", "mxwardctl.8", "mxward.toml.5")


def literal_blocks(page):
    """The displays of a page in mdoc, as they are read."""
    for block in re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed|^\.Dl (.*\n)", page, re.M):
        yield "".join(block).replace("\\e", "\\").replace("\\(dq", '"')


def command_lines(text):
    """The words behind mxwardctl of each line that calls it, up to a comment or a pipe."""
    for line in text.replace("\\\n", " ").splitlines():
        match = re.search(r"(?:^|[\s/])mxwardctl (.*)", line)
        if match:
            words = shlex.split(re.split(r"[|)&]| #", match.group(1))[0])
            if words:
                yield words


def documented():
    """Where, and the words of each command line."""
    readme = (ROOT / "README.md").read_text()
    shown = "\n".join(line for line in readme.splitlines() if line.startswith("    "))
    for words in command_lines(shown):
        yield "README.md", words
    for name in PAGES:
        for block in literal_blocks((ROOT / "man" / name).read_text()):
            for words in command_lines(block):
                yield name, words
    for picture in sorted((ROOT / "docs/pictures").glob("*.svg")):
        shown = "\n".join(re.findall(r"<text.*</text>", picture.read_text()))
        for words in command_lines(re.sub(r"<[^>]*>", "", shown)):
            yield picture.name, words


def configurations():
    yield "README.md", *re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    for name in PAGES[:2]:
        for block in literal_blocks((ROOT / "man" / name).read_text()):
            for text in re.findall(r"<< END\n(.*?)END\n", block, re.S):
                yield name, text


class Documents(DaemonCase):
    def check(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            return subprocess.run([PROGRAM, "--check-config", "--config", file.name], text=True,
                                  capture_output=True, timeout=support.allow(30), check=False)

    def test_configurations_are_in_order(self):
        found = list(configurations())
        self.assertEqual([name for name, _ in found], ["README.md", "mxward.8"])
        for name, text in found:
            done = self.check(text)
            self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
        self.assertNotEqual(self.check(found[0][1] + "gone = 1\n").returncode, 0)

    def call(self, daemon, words, folder):
        """The exit status; None of a command that goes on until it is ended."""
        ours = [] if "--config" in words else ["--config", str(daemon.config)]
        try:
            return subprocess.run([CONTROL, *ours, *words], capture_output=True, check=False,
                                  stdin=subprocess.DEVNULL, cwd=folder,
                                  timeout=support.allow(2 if "watch" in words else 60)).returncode
        except subprocess.TimeoutExpired:
            return None if "watch" in words else "no end"

    @need_control
    def test_mxwardctl_takes_every_command_line(self):
        daemon = self.daemon({"limit": [{"name": "a", "count": "messages", "per": "client",
                                         "rate": "100/1m"}]})
        found = list(documented())
        for name in ("README.md", "mxward.8", "mxwardctl.8", "mxward.toml.5", "explain.svg"):
            self.assertIn(name, {where for where, _ in found})
        self.assertGreater(len(found), 50)
        with tempfile.TemporaryDirectory() as folder:
            for where, words in found:
                status = self.call(daemon, words, folder)
                self.assertIn(status, (0, 1, 2, None), f"{where}: mxwardctl {shlex.join(words)}")
            self.assertEqual(self.call(daemon, ["list", "--clients", "192.0.2.1"], folder), USAGE)


if __name__ == "__main__":
    support.main()
