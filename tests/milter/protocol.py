# SPDX-License-Identifier: Apache-2.0
"""The milter protocol, version 6: constants, packets and replies, no sockets.

A packet is a length (4 bytes, big endian, counting what follows), a command byte and its data.
"""

import dataclasses
import struct

# Commands of the MTA.
ABORT, BODY, CONNECT, MACRO, BODYEOB, HELO, QUIT_NC = b"A", b"B", b"C", b"D", b"E", b"H", b"K"
HEADER, MAIL, EOH, OPTNEG, QUIT, RCPT, DATA, UNKNOWN = b"L", b"M", b"N", b"O", b"Q", b"R", b"T", b"U"

# Replies of the filter.
CONTINUE, ACCEPT, TEMPFAIL, REJECT = b"c", b"a", b"t", b"r"
ADD_HEADER = b"h"
REPLYCODE, DISCARD, SKIP, PROGRESS = b"y", b"d", b"s", b"p"

# Protocol flags: NO_ "do not send this stage", NR_ "no reply to this stage".
NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT, NO_BODY = 0x1, 0x2, 0x4, 0x8, 0x10
NO_HEADERS, NO_EOH, NR_HEADER, NO_UNKNOWN, NO_DATA = 0x20, 0x40, 0x80, 0x100, 0x200
CAN_SKIP, RCPT_REJECTED = 0x400, 0x800
NR_CONNECT, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA = 0x1000, 0x2000, 0x4000, 0x8000, 0x10000
NR_UNKNOWN, NR_EOH, NR_BODY, HEADER_LEADING_SPACE = 0x20000, 0x40000, 0x80000, 0x100000

EVERYTHING = 0x1FFFFF  # what Postfix 3.7 and Sendmail 8.17 offer
VERSION_1 = 0x3F       # what libmilter takes an offer of no flags for
VERSION_2 = 0x7F       # what an MTA of protocol version 2 offers
ACTIONS = 0x1FF
ACTIONS_VERSION_2 = 0x3F
ADD_HEADERS = 0x1

SKIPPED_BY = {CONNECT: NO_CONNECT, HELO: NO_HELO, MAIL: NO_MAIL, RCPT: NO_RCPT, DATA: NO_DATA,
              UNKNOWN: NO_UNKNOWN, HEADER: NO_HEADERS, EOH: NO_EOH, BODY: NO_BODY}
SILENT_BY = {CONNECT: NR_CONNECT, HELO: NR_HELO, MAIL: NR_MAIL, RCPT: NR_RCPT, DATA: NR_DATA,
             UNKNOWN: NR_UNKNOWN, HEADER: NR_HEADER, EOH: NR_EOH, BODY: NR_BODY}

# Stages of a macro list in the filter's answer to the negotiation.
MACRO_STAGES = ("connect", "helo", "mail", "rcpt", "data", "eom", "eoh")


def packet(command, data=b""):
    return struct.pack("!I", len(data) + 1) + command + data


def text(value):
    return value if isinstance(value, bytes) else value.encode()


def negotiation(version=6, actions=ACTIONS, protocol=EVERYTHING):
    return packet(OPTNEG, struct.pack("!III", version, actions, protocol))


def macros(stage, values):
    pairs = b"".join(text(name) + b"\0" + text(value) + b"\0" for name, value in values.items())
    return packet(MACRO, stage + pairs)


def connection(name, address, port=40000, family=None):
    """CONNECT. The family is taken from the address: '4', '6', 'L' (a path) or 'U' (None)."""
    if family is None:
        family = "U" if address is None else "6" if ":" in address else "4"
    data = text(name) + b"\0" + family.encode()
    if address is not None:
        literal = "IPv6:" + address if family == "6" else address
        data += struct.pack("!H", port) + text(literal) + b"\0"
    return packet(CONNECT, data)


def arguments(command, *values):
    return packet(command, b"".join(text(value) + b"\0" for value in values))


@dataclasses.dataclass(frozen=True)
class Reply:
    command: bytes
    data: bytes = b""

    @property
    def text(self):
        return self.data.rstrip(b"\0").decode("latin-1")

    @property
    def smtp(self):
        """The text as the MTA would show it: the protocol doubles per cent signs."""
        return self.text.replace("%%", "%")

    @property
    def deferred(self):
        return self.command == TEMPFAIL or (self.command == REPLYCODE and self.data[:1] == b"4")

    @property
    def rejected(self):
        return self.command == REJECT or (self.command == REPLYCODE and self.data[:1] == b"5")

    @property
    def passed(self):
        return self.command in (CONTINUE, ACCEPT)

    def __str__(self):
        return f"{self.command.decode('latin-1')} {self.text}".strip()


@dataclasses.dataclass(frozen=True)
class Negotiated:
    version: int
    actions: int
    protocol: int
    macros: dict

    @classmethod
    def parse(cls, data):
        version, actions, protocol = struct.unpack("!III", data[:12])
        lists, rest = {}, data[12:]
        while rest:
            stage = struct.unpack("!I", rest[:4])[0]
            names, _, rest = rest[4:].partition(b"\0")
            lists[MACRO_STAGES[stage]] = names.decode().replace(",", " ").split()
        return cls(version, actions, protocol, lists)
