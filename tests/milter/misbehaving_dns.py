# SPDX-License-Identifier: Apache-2.0
"""A name server that misbehaves on demand, zone by zone, and remembers what it was asked.

A behaviour takes a dns_wire.Query and returns the datagrams (over TCP: messages) to send, each with
the seconds to wait before: [(0.0, bytes), ...]. It may be changed at any time, from any thread."""

import asyncio
import collections
import contextlib
import functools
import socket
import struct
import threading

import dns_wire as wire

ANSWER_TTL = 300


def at_once(*messages):
    return [(0.0, message) for message in messages]


# Behaviours.


def silent(_query):
    return []


def no_name(query):
    """Not listed: NXDOMAIN, with the SOA that says how long that holds."""
    zone = ".".join(query.name.split(".")[-2:])
    return at_once(wire.response(query, code=wire.NO_NAME,
                                 authority=[wire.start_of_authority(zone)]))


def no_data(query):
    zone = ".".join(query.name.split(".")[-2:])
    return at_once(wire.response(query, authority=[wire.start_of_authority(zone)]))


def failing(code):
    return lambda query: at_once(wire.response(query, code=code))


servfail = failing(wire.SERVER_FAILURE)
refused = failing(wire.REFUSED)


def wildcard(*addresses):
    """Everything is listed; or the refusal code, or the parked domain, that the addresses are."""
    def behave(query):
        if query.kind != wire.A:
            return no_data(query)
        return at_once(wire.response(query, [wire.address(each, ANSWER_TTL) for each in addresses]))
    return behave


def slow(seconds, then=no_name):
    return lambda query: [(seconds + delay, message) for delay, message in then(query)]


def truncating(then, tcp_works=True):
    """Over UDP only "come back by TCP"."""
    def behave(query):
        if not query.by_tcp:
            return at_once(wire.response(query, flags=wire.TRUNCATED))
        return then(query) if tcp_works else []
    return behave


def wrong_id(query):
    """A forger's guesses: an answer nobody waits for, and nothing else."""
    return at_once(*(wire.response(query, [wire.address("127.0.0.2")], number=query.id ^ wrong)
                     for wrong in (1, 0x8000, 0xFFFF)))


def wrong_name(query):
    """The right id, another question, and its answer."""
    other = wire.encode_name("other.example") + struct.pack("!2H", query.kind, 1)
    return at_once(wire.response(query, [wire.address("127.0.0.2")], question=other))


def foreign_record(query):
    """The right question, but the answer belongs to another name."""
    return at_once(wire.response(query, [wire.record(
        wire.A, bytes([127, 0, 0, 2]), owner=wire.encode_name("other.example"))]))


@functools.cache
def many_records(count):
    """Made once: while the server makes them it answers nobody."""
    return [wire.address(f"127.{1 + n // 65536}.{n // 256 % 256}.{n % 256}") for n in range(count)]


def thousands(query, count=4000, code=2):
    """As many records as a message holds; 127.0.0.CODE is the very last."""
    if query.kind != wire.A:
        return no_data(query)
    if not query.by_tcp:
        return at_once(wire.response(query, flags=wire.TRUNCATED))
    return at_once(wire.response(query, [*many_records(count - 1),
                                         wire.address(f"127.0.0.{code}")]))


def oversized_datagram(query):
    """Thousands of records over UDP, without having been offered the room."""
    return at_once(wire.response(query, many_records(4000)))


def pointing_at_itself(query):
    """A compression loop: the owner of the answer is a pointer to that very pointer."""
    here = 12 + len(query.question)
    owner = struct.pack("!H", 0xC000 | here)
    return at_once(wire.response(query, [wire.record(wire.A, bytes([127, 0, 0, 2]), owner=owner)]))


def pointing_in_circles(query):
    """A compression loop over two names, with labels that grow the name at each turn."""
    here = 12 + len(query.question)
    size = 1 + 63 + 2 + 10 + 4  # of each record: a label and a pointer, the fixed part, an address
    first = b"\x3f" + b"a" * 63 + struct.pack("!H", 0xC000 | (here + size))
    second = b"\x3f" + b"b" * 63 + struct.pack("!H", 0xC000 | here)
    return at_once(wire.response(query, [
        wire.record(wire.A, bytes([127, 0, 0, 2]), owner=first),
        wire.record(wire.A, bytes([127, 0, 0, 2]), owner=second)]))


def lying_counts(query):
    """The header speaks of 65,535 answers; one is there, cut in the middle."""
    return at_once(wire.response(query, [wire.address("127.0.0.2")], claimed=0xFFFF)[:-2])


def garbage(query):
    """The right id, and then no message; and an empty datagram."""
    return at_once(struct.pack("!H", query.id) + bytes(range(256)) * 3, b"", b"\0")


class Records:
    """A well-behaved zone: what is there is answered, what is not does not exist."""

    def __init__(self, records):
        """records: {"name": [dns_wire.address(...), ...]}"""
        self.records = records

    def __call__(self, query):
        if query.name not in self.records:
            return no_name(query)
        fitting = [each for each in self.records[query.name] if self._kind(each) == query.kind]
        return at_once(wire.response(query, fitting)) if fitting else no_data(query)

    @staticmethod
    def _kind(record):
        return struct.unpack("!H", record[2:4])[0]  # behind the pointer to the question


def mail_domains(query):
    """Every name is a domain that takes mail, and a host that has an address."""
    if query.kind == wire.MX:
        return at_once(wire.response(query, [wire.mail_exchange("mx." + query.name)]))
    if query.kind == wire.A:
        return at_once(wire.response(query, [wire.address("203.0.113.25")]))
    return no_data(query)


class MisbehavingDns:
    """UDP and TCP on one port of 127.0.0.1. The most specific zone decides; `otherwise` answers for
    names outside all zones."""

    def __init__(self, zones=None, otherwise=mail_domains):
        self._guard = threading.Lock()
        self._zones = dict(zones or {})
        self._otherwise = otherwise
        self._asked = []      # Query
        self._malformed = []  # what was wrong with it, and its bytes
        self._tasks = set()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._udp, self._tcp = self._bind()
        self.port = self._udp.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    @staticmethod
    def _bind():
        for _ in range(100):
            tcp = socket.create_server(("127.0.0.1", 0), backlog=1024)
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                tcp.close()
                udp.close()
                continue
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            udp.setblocking(False)
            tcp.setblocking(False)
            return udp, tcp
        raise AssertionError("no port free for both UDP and TCP")

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    # What it does, and what it was asked.

    def behave(self, zone, behaviour):
        with self._guard:
            self._zones[zone] = behaviour

    def behave_everywhere(self, behaviour):
        with self._guard:
            self._zones = dict.fromkeys(self._zones, behaviour)
            self._otherwise = behaviour

    def questions(self, zone=None):
        """The queries for names below the zone, or all."""
        with self._guard:
            return [query for query in self._asked if zone is None or query.below(zone)]

    def names(self, zone=None):
        return collections.Counter(query.name for query in self.questions(zone))

    def malformed(self):
        with self._guard:
            return list(self._malformed)

    def forget(self):
        """What was asked so far; what was malformed stays."""
        with self._guard:
            self._asked.clear()

    # The server.

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._datagrams.close()
        self._server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _listen(self):
        server = self

        class Datagrams(asyncio.DatagramProtocol):
            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, source):
                for delay, message in server._answer(data, by_tcp=False):
                    server._later(delay, self.transport.sendto, message, source)

        self._datagrams, _ = await self._loop.create_datagram_endpoint(Datagrams, sock=self._udp)
        self._server = await asyncio.start_server(self._serve_tcp, sock=self._tcp)

    def _later(self, delay, action, *arguments):
        if delay:
            self._loop.call_later(delay, action, *arguments)
        else:
            action(*arguments)

    async def _serve_tcp(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                length = struct.unpack("!H", await reader.readexactly(2))[0]
                query = await reader.readexactly(length)
                for delay, message in self._answer(query, by_tcp=True):
                    await asyncio.sleep(delay)
                    writer.write(struct.pack("!H", len(message)) + message)
                await writer.drain()
        writer.close()

    def _answer(self, packet, by_tcp):
        try:
            query = wire.parse_query(packet, by_tcp)
        except wire.Malformed as error:
            with self._guard:
                self._malformed.append(f"{error}: {packet!r}")
            return []
        with self._guard:
            self._asked.append(query)
            fitting = [zone for zone in self._zones if query.below(zone)]
            behaviour = self._zones[max(fitting, key=len)] if fitting else self._otherwise
        return behaviour(query)
