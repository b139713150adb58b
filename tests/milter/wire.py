# SPDX-License-Identifier: Apache-2.0
"""A milter client: the MTA's side of the protocol over a real socket."""

import socket
import struct
import time

import protocol as p
from support import allow


class Closed(Exception):
    """The filter ended the connection."""


def dial(endpoint, timeout=10.0):
    """Connects to "unix:PATH", "inet:HOST:PORT" or "inet6:PORT@[HOST]"; waits while the listener's
    queue is full."""
    end = time.monotonic() + allow(timeout)
    while True:
        if endpoint.startswith("unix:"):
            sock, target = socket.socket(socket.AF_UNIX), endpoint[5:]
        elif endpoint.startswith("inet6:"):
            port, _, host = endpoint[6:].partition("@")
            sock, target = socket.socket(socket.AF_INET6), (host.strip("[]"), int(port))
        else:
            host, _, port = endpoint[5:].rpartition(":")
            sock, target = socket.socket(socket.AF_INET), (host, int(port))
        sock.settimeout(allow(timeout))
        try:
            sock.connect(target)
            return sock
        except BlockingIOError:
            sock.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.005)
        except OSError:
            sock.close()
            raise


class Session:
    """One connection to the filter. Stages the filter did not ask for are not sent (None is
    returned), stages it answers not are not waited for (None too); all else returns a Reply."""

    def __init__(self, endpoint, timeout=10.0):
        self.sock = dial(endpoint, timeout)
        self.offered = None
        self.negotiated = None
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Bytes and packets.

    def send(self, data):
        self.sock.sendall(data)

    def read(self):
        """The next reply. Closed if the filter hung up, TimeoutError if it says nothing."""
        head = self._take(4)
        length = struct.unpack("!I", head)[0]
        assert 0 < length < 1 << 20, f"the filter sent a packet of {length} bytes"
        body = self._take(length)
        return p.Reply(body[:1], body[1:])

    def _take(self, count):
        while len(self._buffer) < count:
            try:
                more = self.sock.recv(65536)
            except (ConnectionResetError, BrokenPipeError):
                more = b""
            if not more:
                raise Closed("the filter closed the connection")
            self._buffer += more
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def ended(self, within=5.0):
        """True once the filter has closed the connection, whatever it said before."""
        self.sock.settimeout(allow(within))
        try:
            while self.sock.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True

    def close(self):
        self.sock.close()

    # Stages.

    def negotiate(self, version=6, actions=p.ACTIONS, protocol=p.EVERYTHING):
        self.offered = protocol
        self.send(p.negotiation(version, actions, protocol))
        answer = self.read()
        assert answer.command == p.OPTNEG, f"the answer to the negotiation was {answer}"
        self.negotiated = p.Negotiated.parse(answer.data)
        return self.negotiated

    def expects(self, stage):
        """"skip", "silent" or "reply": what the filter negotiated for a stage."""
        if self.negotiated is None:
            self.negotiate()
        if self.negotiated.protocol & p.SKIPPED_BY.get(stage, 0):
            return "skip"
        return "silent" if self.negotiated.protocol & p.SILENT_BY.get(stage, 0) else "reply"

    def stage(self, command, data, macros=None):
        expected = self.expects(command)
        if expected == "skip":
            return None
        head = p.macros(command, macros) if macros else b""
        self.send(head + data)
        return self.read() if expected == "reply" else None

    def connect(self, name, address, port=40000, family=None, macros=None):
        return self.stage(p.CONNECT, p.connection(name, address, port, family), macros)

    def helo(self, name="client.example.net", macros=None):
        return self.stage(p.HELO, p.arguments(p.HELO, name), macros)

    def mail(self, sender, *esmtp, macros=None):
        return self.stage(p.MAIL, p.arguments(p.MAIL, sender, *esmtp), macros)

    def rcpt(self, recipient, *esmtp, macros=None):
        return self.stage(p.RCPT, p.arguments(p.RCPT, recipient, *esmtp), macros)

    def data(self, macros=None):
        return self.stage(p.DATA, p.packet(p.DATA), macros)

    def unknown(self, line):
        return self.stage(p.UNKNOWN, p.arguments(p.UNKNOWN, line))

    def eom(self, header=(b"Subject", b"test"), body=b"hello\r\n"):
        """The rest of a message that has been accepted so far."""
        self.stage(p.HEADER, p.arguments(p.HEADER, *header))
        self.stage(p.EOH, p.packet(p.EOH))
        self.stage(p.BODY, p.packet(p.BODY, body))
        self.send(p.packet(p.BODYEOB))
        return self.read()

    def abort(self):
        self.send(p.packet(p.ABORT))

    def quit(self):
        """QUIT, and waits for the filter to hang up."""
        self.send(p.packet(p.QUIT))
        ended = self.ended()
        self.close()
        return ended

    def next_client(self):
        """QUIT_NC: the same connection, as it was negotiated, serves another client. libmilter
        takes it only where a message has just ended."""
        self.send(p.packet(p.QUIT_NC))

    # Whole dialogues.

    def client(self, address="192.0.2.1", name=None, helo="client.example.net", port=40000,
               macros=None):
        """CONNECT and HELO as Postfix sends them. No name: not resolved."""
        shown = name or (f"[{address}]" if address else "unknown")
        known = {"{client_name}": name or "unknown", "{client_ptr}": name or "unknown",
                 "{client_resolve}": "OK" if name else "FAIL", "{client_port}": str(port),
                 "{client_connections}": "1", "{daemon_port}": "25", "j": "mx.example.net"}
        if address:
            known["{client_addr}"] = "IPv6:" + address if ":" in address else address
        known.update(macros or {})
        self.connect(shown, address, port, macros=known)
        self.helo(helo)
        return self

    def envelope(self, sender, recipient):
        """MAIL and one RCPT; returns the reply to RCPT."""
        self.mail(sender)
        return self.rcpt(recipient)


def attempt(endpoint, sender="<a@example.org>", recipient="<b@example.net>", address="192.0.2.1",
            name=None, timeout=10.0):
    """One whole SMTP session with one recipient; returns the reply to RCPT."""
    with Session(endpoint, timeout) as session:
        reply = session.client(address, name).envelope(sender, recipient)
        session.abort()
        session.send(p.packet(p.QUIT))
        return reply
