# SPDX-License-Identifier: Apache-2.0
"""What README.md and the manual pages show can be typed, command lines of mxwardctl and configurations,
and what clients read is what mxward(8) says."""

import re
import shlex
import subprocess
import tempfile
import unittest

import dns_wire as wire
import misbehaving_dns as dns
import support
from daemon import CONTROL, PROGRAM, ROOT, need_control
from dns_case import DnsCase

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


def shape(reply):
    """A reply without what differs from case to case."""
    for pattern, instead in ((r" in \d+ seconds", " in N seconds"), (r"\(limit .*\)", "(limit NAME)"),
                             (r"192\.0\.2\.\d+", "ADDRESS"), (r" using [^;]+; .+", " using NAME; ...")):
        reply = re.sub(pattern, instead, reply)
    return reply


class Documents(DnsCase):
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
        daemon = self.daemon({"limit": [{"name": "a", "count": "connections", "per": "client",
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

    def replies(self):
        """One of each kind, of the real thing."""
        listing = {wire.A: [wire.address("127.0.0.2")], wire.TXT: [wire.text("see https://bl.example")]}
        server = self.name_server({"bl.example": lambda query: dns.at_once(wire.response(
            query, listing.get(query.kind, []) if query.name.startswith("66.") else [],
            code=0 if query.name.startswith("66.") else wire.NO_NAME))})
        daemon = self.daemon({
            "dns": {"servers": [server.address]},
            "greylist": {"apply": "all", "delay": "4m"},
            "score": {"reject": 6},
            "dnsbl": [{"name": "house", "zone": "bl.example", "codes": {"127.0.0.2": 6}}],
            "limit": [{"name": "rush", "count": "connections", "per": "client", "rate": "1/1h"}]})
        good = {"name": "mail.example.org"}
        daemon.ask("block", "client", "192.0.2.7")
        yield daemon.attempt(address="192.0.2.1", **good)
        yield daemon.attempt(address="192.0.2.1", sender="<other@example.org>", **good)
        yield daemon.attempt(address="192.0.2.66", **good)
        with daemon.session() as session:
            session.client("192.0.2.3", None, "192.0.2.3")
            yield session.envelope("<a@example.org>", "<b@example.net>")
        yield daemon.attempt(address="192.0.2.7", **good)

    @need_control
    def test_replies_are_as_the_manual_says(self):
        page = (ROOT / "man/mxward.8").read_text()
        section = re.search(r"^\.Ss Replies\n(.*?)^\.S[hs] ", page, re.S | re.M).group(1)
        told = re.findall(r"^\.It Li (\d{3} .*)", section, re.M)
        seen = [shape(reply.smtp) for reply in self.replies()]
        self.assertEqual(seen, [each for each in map(shape, told) if each in seen])
        # mxward's own trouble takes more to bring about: tests/milter/test_store_trouble.py.
        self.assertEqual([each for each in told if shape(each) not in seen],
                         ["451 4.3.0 Mail filter temporarily unavailable, please try again later"])


if __name__ == "__main__":
    support.main()
