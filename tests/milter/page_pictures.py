#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures of the status page in docs/pictures, from the real program.

  tests/milter/page_pictures.py [FOLDER]

Two hours of a small site's mail, by the daemon's clock, in some minutes: tests/fake/moved_clock.c lets
that clock go a minute on whenever a minute's mail has been delivered. All names and addresses are those of
documentation (RFC 2606, 5737, 3849, 2544); DNS lists are answered by a server of this script's.
Needs chromium, chromium-driver, python3-selenium, pngquant and a C compiler."""

import concurrent.futures
import ipaddress
import math
import pathlib
import random
import subprocess
import sys
import time
import urllib.request
import zlib

import browser
import dns_wire as wire
import misbehaving_dns as dns
import protocol
import support
from daemon import ROOT, Daemon
from misbehaving_dns import MisbehavingDns
from moved_clock import MovedClock

MINUTES = 126
# Name, width and height of the window, the most that is shown of the page, and its colours.
PICTURES = (("status-desktop", 1440, 900, 2000, "light"), ("status-phone", 390, 844, 1500, "dark"))

# List: (its zone, the share of strangers it lists, the codes it says so with, how fast it answers).
LISTS = {
    "spamhaus-zen": ("zen.spamhaus.org", 0.42, ("127.0.0.4", "127.0.0.11"), 0.011),
    "barracuda": ("b.barracudacentral.org", 0.3, ("127.0.0.2",), 0.034),
    "spamcop": ("bl.spamcop.net", 0.12, ("127.0.0.2",), 0.023),
    "psbl": ("psbl.surriel.com", 0.07, ("127.0.0.2",), 0.018),
    "uceprotect-1": ("dnsbl-1.uceprotect.net", 0, ("127.0.0.1",), 0.08),  # refuses
}
SETTINGS = {
    "greylist": {"apply": "suspicious", "delay": "4m", "auto_allow_after": 3},
    "dnsbl": [{"profile": name} for name in LISTS],
    "limit": [
        {"name": "messages of a client", "count": "messages", "per": "client", "rate": "12/10m",
         "action": "defer"},
        {"name": "mail of a user", "count": "recipients", "per": "user", "rate": "10/1h",
         "action": "score", "score": 1},
    ],
    "rule": [{"name": "the help desk waits for nobody", "recipient": ["helpdesk@example.com"],
              "action": "accept"}],
}
# Servers with a name: they pass at once.
FRIENDS = [(f"192.0.2.{n + 1}", f"mx{n % 3}.{site}") for n, site in enumerate(
    site for site in ("example.org", "example.net", "brewery.example", "choir.example",
                      "harbour.example", "library.example", "museum.example", "school.example")
    for _ in range(15))]
# Servers without one: they wait, come back and are known from then on.
NAMELESS = [f"198.51.100.{n}" for n in range(10, 90)]
RETRIES = (5, 5, 5, 6, 6, 7, 10, 12, 15, 16, 30, 31)  # minutes
PEOPLE = ["anna", "bert", "carla", "dirk", "ella", "finn", "greta", "hugo", "ida", "jan"]


def is_listed(address, name):
    share = LISTS[name][1]
    return zlib.crc32(f"{address} {name}".encode()) % 1000 < share * 1000


def list_behaviour(name):
    """Answers as such a list does, its test points included."""
    zone, _, codes, delay = LISTS[name]

    def behave(query):
        labels = query.name.removesuffix("." + zone).split(".")
        address = ".".join(reversed(labels))
        points = ("127.0.0.2", ".".join(reversed("2.0.0.0.0.0.f.7.f.f.f.f".split("."))))
        if name == "uceprotect-1":
            listed = True
        elif address.endswith(points[1]) or address == points[0]:
            listed = True
        else:
            listed = address.startswith("198.18.") and is_listed(address, name)
        if query.kind != wire.A or not listed:
            return dns.slow(delay)(query)
        code = codes[zlib.crc32(address.encode()) % len(codes)]
        return dns.slow(delay, dns.wildcard(code))(query)
    return behave


class Site:
    def __init__(self, daemon, dice):
        self.daemon, self.dice = daemon, dice
        self.later = {}  # minute: [mail that comes back then]
        self.strangers = 0

    def minute(self, n):
        """All mail of that minute."""
        busy = 1 + 0.35 * math.sin(n / 17) + self.dice.uniform(-0.2, 0.2)
        wave = 3.2 * math.exp(-((n - 84) / 6) ** 2) + 1.4 * math.exp(-((n - 112) / 4) ** 2)
        mails = list(self.later.pop(n, ()))
        mails += [self.from_friend() for _ in range(round(9 * busy))]
        mails += [self.from_user() for _ in range(round(2 * busy))]
        mails += [self.from_stranger() for _ in range(round(7 * busy + 7 * wave))]
        mails += [self.from_nameless(n) for _ in range(round(3.5 * busy))]
        if n % 3 == 0:
            mails += [("203.0.113.77", None, f"<news{n}@flood.example>", f"<{who}@example.com>", None)
                      for who in PEOPLE[:6]]
        if n % 11 == 0:
            mails.append(("203.0.113.99", "mx.blocked.example", "<x@blocked.example>",
                          "<anna@example.com>", None))
        self.dice.shuffle(mails)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for reply in pool.map(self.deliver, mails):
                assert reply is not None

    def recipient(self):
        who = "helpdesk" if self.dice.random() < 0.06 else self.dice.choice(PEOPLE)
        return f"<{who}@example.com>"

    def from_friend(self):
        address, name = self.dice.choice(FRIENDS)
        return address, name, f"<{self.dice.choice(PEOPLE)}@{name.partition('.')[2]}>", self.recipient(), None

    def from_user(self):
        who = self.dice.choice(PEOPLE)
        return "203.0.113.20", "office.example.com", f"<{who}@example.com>", "<x@example.org>", who

    def from_stranger(self):
        """Never seen again."""
        self.strangers += 1
        address = str(ipaddress.ip_address("198.18.0.0") + self.dice.randrange(1 << 17))
        name = f"{address.replace('.', '-')}.dyn.isp.example" if self.dice.random() < 0.7 else None
        if self.dice.random() < 0.06:
            address, name = f"2001:db8:{self.dice.randrange(1 << 16):x}::25", None
        return address, name, f"<offer{self.strangers}@shop{self.strangers % 40}.example>", self.recipient(), None

    def from_nameless(self, n):
        """Comes back, some of them too early first."""
        address = self.dice.choice(NAMELESS)
        mail = (address, None, f"<list@club{int(address.rsplit('.')[-1]) % 80}.example>", self.recipient(), None)
        if self.dice.random() < 0.15:
            self.later.setdefault(n + 1, []).append(mail)
        self.later.setdefault(n + self.dice.choice(RETRIES), []).append(mail)
        return mail

    def deliver(self, mail):
        address, name, sender, recipient, user = mail
        with self.daemon.session(60.0) as session:
            session.client(address, name, name or "localhost.localdomain")
            session.mail(sender, macros={"{auth_authen}": user} if user else None)
            reply = session.rcpt(recipient)
            session.abort()
            session.send(protocol.packet(protocol.QUIT))
        return reply


def main(folder):
    port = support.free_port()
    page = f"http://127.0.0.1:{port}/"
    server = MisbehavingDns({LISTS[name][0]: list_behaviour(name) for name in LISTS},
                            otherwise=dns.slow(0.004, dns.mail_domains))
    daemon = Daemon({**SETTINGS, "metrics": {"listen": f"127.0.0.1:{port}"},
                     "dns": {"servers": [server.address]}})
    # Well within a minute.
    clock = MovedClock(daemon.directory, int(time.time()) // 60 * 60 + 10 - 60 * MINUTES)
    daemon.process_options = {"env": clock.environment()}
    site = Site(daemon, random.Random(9118))
    window = browser.Browser()
    try:
        daemon.start()
        daemon.ask("block", "client", "203.0.113.99")
        for n in range(MINUTES):
            site.minute(n)
            time.sleep(0.2)  # what goes on in the background ends in its own minute
            clock.advance(60)
            urllib.request.urlopen(f"{page}overview.json").close()
            print(f"\r{n + 1} of {MINUTES} minutes", end="", file=sys.stderr)
        for n, (name, width, height, most, scheme) in enumerate(PICTURES):
            site.minute(MINUTES + n)  # what goes on just now
            window.look(width, height, scheme)
            window.open(page)
            window.shows("#live", "updated")
            picture = folder / f"{name}.png"
            picture.write_bytes(window.picture(width, most))
            subprocess.run(["pngquant", "--force", "--strip", "--quality", "70-95", "--output",
                            picture, picture], check=True)
            clock.advance(60)
            print(f"\n{picture}: {picture.stat().st_size} bytes", file=sys.stderr)
    except BaseException:
        print(daemon.tail(), file=sys.stderr)
        raise
    finally:
        window.close()
        daemon.remove()
        server.close()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/pictures")
