# SPDX-License-Identifier: Apache-2.0
"""DNS messages as RFC 1035 writes them: just enough to answer, to lie, and to tell a malformed
question. No sockets."""

import dataclasses
import ipaddress
import re
import struct

A, NS, SOA, MX, TXT, AAAA, OPT = 1, 2, 6, 15, 16, 28, 41
NO_ERROR, FORMAT_ERROR, SERVER_FAILURE, NO_NAME, REFUSED = 0, 1, 2, 3, 5
RESPONSE, AUTHORITATIVE, TRUNCATED, RECURSION = 0x8000, 0x0400, 0x0200, 0x0180
LABEL = re.compile(rb"[a-z0-9_-]{1,63}", re.IGNORECASE)
MAX_NAME = 253
POINTER_TO_QUESTION = b"\xc0\x0c"


class Malformed(Exception):
    """No question that a well-behaved client asks."""


@dataclasses.dataclass(frozen=True)
class Query:
    id: int
    name: str       # lower case, without the trailing dot; "" is the root
    kind: int
    question: bytes  # the section as it came, to be echoed
    by_tcp: bool = False

    def below(self, zone):
        return self.name == zone or self.name.endswith("." + zone)


def parse_query(packet, by_tcp=False):
    """Strict: whatever a resolver has no business to send is Malformed."""
    try:
        return _parse_query(packet, by_tcp)
    except (struct.error, IndexError) as error:
        raise Malformed(f"cut short: {error}") from None


def _parse_query(packet, by_tcp):
    number, flags, questions, answers, authorities, additional = struct.unpack("!6H", packet[:12])
    if flags & RESPONSE or flags & 0x7800:
        raise Malformed(f"no standard query: flags {flags:#06x}")
    if (questions, answers, authorities) != (1, 0, 0) or additional > 1:
        raise Malformed("other sections than one question and EDNS")
    labels, at = [], 12
    while length := packet[at]:
        label = packet[at + 1:at + 1 + length]
        if length > 63 or len(label) != length or not LABEL.fullmatch(label):
            raise Malformed(f"label {packet[at:at + 64]!r}")
        labels.append(label.decode().lower())
        at += 1 + length
    name = ".".join(labels)
    if len(name) > MAX_NAME:
        raise Malformed(f"a name of {len(name)} bytes")
    kind, network = struct.unpack("!2H", packet[at + 1:at + 5])
    if not labels and kind != NS:
        raise Malformed("the root: only a probe asks about it, for its name servers")
    if network != 1:
        raise Malformed(f"class {network}")
    rest = packet[at + 5:]
    if additional:
        root, option, _, _, length = struct.unpack("!BHHIH", rest[:11])
        if (root, option) != (0, OPT):
            raise Malformed("an additional record that is not EDNS")
        rest = rest[11 + length:]
    if rest:
        raise Malformed(f"{len(rest)} bytes behind the end")
    return Query(number, name, kind, packet[12:at + 5], by_tcp)


def encode_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(kind, data, ttl=300, owner=POINTER_TO_QUESTION):
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def address(text, ttl=300):
    parsed = ipaddress.ip_address(text)
    return record(A if parsed.version == 4 else AAAA, parsed.packed, ttl)


def mail_exchange(host, preference=10, ttl=300):
    return record(MX, struct.pack("!H", preference) + encode_name(host), ttl)


def text(content, ttl=300):
    parts = [content.encode()[at:at + 255] for at in range(0, len(content.encode()), 255)]
    return record(TXT, b"".join(bytes([len(part)]) + part for part in parts), ttl)


def start_of_authority(zone, negative_ttl=60):
    numbers = struct.pack("!5I", 1, 3600, 600, 86400, negative_ttl)
    return record(SOA, encode_name("ns." + zone) + encode_name("admin." + zone) + numbers,
                  negative_ttl, encode_name(zone))


def response(query, records=(), code=NO_ERROR, authority=(), flags=0, number=None, question=None,
             claimed=None):
    """A response to the query, correct unless the arguments say otherwise. `claimed`: how many
    answers its header speaks of."""
    head = struct.pack("!6H", query.id if number is None else number,
                       RESPONSE | RECURSION | flags | code, 1,
                       len(records) if claimed is None else claimed, len(authority), 0)
    return b"".join([head, query.question if question is None else question, *records, *authority])
