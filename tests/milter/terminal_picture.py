#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures of mxwardctl in docs/pictures, from the real programs.

  tests/milter/terminal_picture.py [FOLDER]

An hour of a small site's mail in some seconds: tests/fake/moved_clock.c moves the programs' clock. What
mxwardctl prints then, in colour, becomes an SVG of text, light or dark as its reader likes it. All
names and addresses are those of documentation (RFC 2606, 5737, 2544); DNS lists are answered by a
server of this script's. Needs a C compiler."""

import html
import pathlib
import re
import shlex
import subprocess
import sys
import time

import dns_wire as wire
import misbehaving_dns as dns
import support
from daemon import CONTROL, ROOT, Daemon
from misbehaving_dns import MisbehavingDns
from moved_clock import MovedClock

ZEN, WHITE = "zen.spamhaus.org", "list.dnswl.org"
LISTED = {"198.18.5.77": "127.0.0.4", "198.18.5.78": "127.0.0.11", "127.0.0.2": "127.0.0.2"}
SETTINGS = {
    "greylist": {"apply": "suspicious", "delay": "4m"},
    "dnsbl": [{"profile": "spamhaus-zen"}, {"profile": "dnswl"}],
}

START = 1795773600  # 2026-11-27 10:00 UTC

# When (minutes), from where, by which verified name, from whom, to whom.
MAILS = [
    (0, "192.0.2.10", "mx1.example.org", "news@example.org", "anna@example.net"),
    (1, "198.51.100.23", None, "board@choir.example", "bert@example.net"),
    (4, "198.51.100.140", None, "post@museum.example", "anna@example.net"),
    (7, "198.51.100.23", None, "board@choir.example", "bert@example.net"),
    (9, "198.18.5.77", "77-5-18-198.dyn.isp.example", "win@shop.example", "anna@example.net"),
    (12, "198.18.5.78", "78-5-18-198.dyn.isp.example", "win@shop.example", "bert@example.net"),
    (14, "192.0.2.10", "mx1.example.org", "news@example.org", "carla@example.net"),
    (19, "198.51.100.149", None, "post@museum.example", "anna@example.net"),  # of the same network
    (31, "198.18.77.4", None, "offer@shop.example", "anna@example.net"),
    (44, "203.0.113.80", "host80.pool.isp.example", "jan@brewery.example", "carla@example.net"),
    (46, "203.0.113.80", "host80.pool.isp.example", "jan@brewery.example", "carla@example.net"),
]
PICTURES = {
    "explain": ["explain --client 198.18.5.77 --name 77-5-18-198.dyn.isp.example --helo pc-4711 "
                "--from win@shop.example --to anna@example.net"],
    "report": ["report"],
}

# Of a monospaced font: the width of a column and the height of a line, in pixels.
COLUMN, LINE, MARGIN = 7.25, 17, 14
SIZE = 12
# SGR number: the class that the text gets, and its colours on light and on dark ground.
COLOURS = {
    "1": ("b", None, None),
    "2": ("d", "#656d76", "#8b949e"),
    "31": ("r", "#cf222e", "#ff7b72"),
    "32": ("g", "#116329", "#56d364"),
    "33": ("y", "#7d4e00", "#e3b341"),
    "36": ("p", "#0969da", "#79c0ff"),
}
SGR = re.compile(r"\x1b\[([0-9;]*)m")


def zone(listed, suffix, code=None):
    """A list that answers for these addresses, and its test points."""
    records = {}
    for address, answer in listed.items():
        name = ".".join(reversed(address.split("."))) + "." + suffix
        records[name] = [wire.address(code or answer)]
    return dns.Records(records)


def style():
    def rules(ground, ink, number):
        lines = [f"rect{{fill:{ground}}}text{{fill:{ink}}}"]
        lines += [f".{name}{{fill:{pair[number]}}}" for name, *pair in COLOURS.values() if pair[0]]
        return "".join(lines)
    return ("text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
            "white-space:pre}.b{font-weight:bold}%s@media(prefers-color-scheme:dark){%s}"
            % (SIZE, rules("#f6f8fa", "#1f2328", 0), rules("#0d1117", "#e6edf3", 1)))


def spans(line):
    """A line with SGR sequences as text with <tspan>s."""
    out, name = "", ""
    for n, piece in enumerate(SGR.split(line)):
        if n % 2:
            code = piece.removeprefix("0;").lstrip("0")
            if code and code not in COLOURS:
                raise AssertionError(f"a colour without a class: {piece!r}")
            name = COLOURS[code][0] if code else ""
        elif piece:
            text = html.escape(piece, quote=False)
            out += f'<tspan class="{name}">{text}</tspan>' if name else text
    return out


def svg(lines, title):
    """Each line has its length set, so that columns meet whatever font there is."""
    width = max(len(SGR.sub("", line).rstrip()) for line in lines)
    size = (round(width * COLUMN + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
           f'width="{size[0]}" height="{size[1]}" role="img">',
           f"<title>{html.escape(title)}</title><style>{style()}</style>",
           f'<rect width="{size[0]}" height="{size[1]}" rx="8"/>']
    for n, line in enumerate(lines):
        plain = SGR.sub("", line)
        if plain.strip():
            length = round(len(plain) * COLUMN, 1)
            out.append(f'<text x="{MARGIN}" y="{MARGIN + (n + 1) * LINE - 5}" xml:space="preserve" '
                       f'textLength="{length}">{spans(line)}</text>')
    return "\n".join([*out, "</svg>", ""])


def ask(daemon, clock, command):
    """The command line and what mxwardctl prints for it, in colour."""
    done = subprocess.run([CONTROL, "--config", str(daemon.config), "--color", "always",
                           *shlex.split(command)], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env=clock.environment(),
                          timeout=support.allow(30))
    if done.returncode not in (0, 1) or done.stderr:
        raise AssertionError(f"mxwardctl {command}: {done.returncode} {done.stderr}")
    shown = f"\x1b[36m$ \x1b[0m\x1b[1mmxwardctl {command}\x1b[0m"
    # A long one as a shell takes it.
    first, *rest = re.split(r" (?=--from)", shown)
    begin = [first + (" \\" if rest else ""), *(f"    {each}" for each in rest)]
    return [*begin, *done.stdout.rstrip("\n").split("\n")]


def is_counted(report):
    """What is counted is written in the background, some time after the decision."""
    deferred = r"mails deferred\s+4\n\s+came back\s+2 "
    return re.search(rf"{deferred}(.|\n)*\nrdns-dynamic\s+4 ", SGR.sub("", "\n".join(report)))


def is_idle(daemon):
    """Nothing is being written: a commit under way would seem to hang when the clock jumps."""
    before = daemon.ask("stats")["writer"]
    time.sleep(0.3)  # of real time: what is saved in the background is begun every 250 ms
    after = daemon.ask("stats")["writer"]
    return before == after and after["queued"] == 0


def main(folder):
    server = MisbehavingDns({ZEN: zone(LISTED, ZEN), WHITE: zone({"127.0.0.2": "127.0.10.0"}, WHITE)},
                            otherwise=dns.mail_domains)
    daemon = Daemon({**SETTINGS, "dns": {"servers": [server.address]}})
    clock = MovedClock(daemon.directory, START)
    daemon.process_options = {"env": clock.environment()}
    try:
        daemon.start()
        passed = 0
        for minute, address, name, sender, recipient in MAILS:
            support.eventually(lambda: is_idle(daemon), 20.0, "all is written")
            clock.advance(60 * (minute - passed))
            passed = minute
            with daemon.session() as session:
                session.client(address, name, name or "mail")
                session.envelope(f"<{sender}>", f"<{recipient}>")
            daemon.expect_decision(recipient=recipient, sender=sender)
        support.eventually(lambda: is_idle(daemon), 20.0, "all is written")
        clock.advance(60)
        support.eventually(lambda: is_counted(ask(daemon, clock, "report")), 20.0, "all mail is counted")
        for name, commands in PICTURES.items():
            lines = []
            for command in commands:
                lines += ([""] if lines else []) + ask(daemon, clock, command)
            picture = folder / f"{name}.svg"
            picture.write_text(svg(lines, "mxwardctl " + ", ".join(commands)), encoding="utf-8")
            print(f"{picture}: {picture.stat().st_size} bytes, {len(lines)} lines", file=sys.stderr)
            print("\n".join(lines))
    except BaseException:
        print(daemon.tail(), file=sys.stderr)
        raise
    finally:
        daemon.remove()
        server.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/pictures")
