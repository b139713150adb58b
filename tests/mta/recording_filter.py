# SPDX-License-Identifier: Apache-2.0
"""A milter that lets everything pass, and notes what reached it when."""

import socket
import struct
import threading
import time

import protocol as p

NEEDS_NO_REPLY = {p.MACRO, p.ABORT, p.QUIT, p.QUIT_NC}
# What no test here wants to see: the content of messages, and commands that are not SMTP.
LEFT_OUT = p.NO_HEADERS | p.NO_EOH | p.NO_BODY | p.NO_UNKNOWN


class RecordingFilter:
    """Listens on 127.0.0.1. `quiet` are the NR_ flags it negotiates. Without libmilter: what is
    recorded is what the MTA wrote into the socket. `refused` is a command that it defers."""

    def __init__(self, quiet=0, refused=None):
        self.quiet, self.refused = quiet, refused
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._guard = threading.Lock()
        self._seen = []
        self._connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        with self._guard:
            connections, self._connections = self._connections, None
        self.listener.close()
        for connection in connections:
            connection.close()

    def seen(self, command):
        """When that command arrived last (time.monotonic), or None."""
        with self._guard:
            times = [moment for moment, each in self._seen if each == command]
        return times[-1] if times else None

    def forget(self):
        with self._guard:
            self._seen.clear()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self._guard:
                if self._connections is None:
                    connection.close()
                    return
                self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rb") as stream:
                while head := stream.read(4):
                    body = stream.read(struct.unpack("!I", head)[0])
                    moment, command = time.monotonic(), body[:1]
                    with self._guard:
                        self._seen.append((moment, command))
                    reply = self._reply(command, body[1:])
                    if reply:
                        connection.sendall(reply)
                    if command == p.QUIT:
                        return
        except (OSError, struct.error):
            pass  # the MTA, or close(), ended the connection

    def _reply(self, command, data):
        if command == p.OPTNEG:
            _, _, offered = struct.unpack("!III", data[:12])
            return p.negotiation(6, 0, offered & (LEFT_OUT | self.quiet))
        if command in NEEDS_NO_REPLY or self.quiet & p.SILENT_BY.get(command, 0):
            return b""
        return p.packet(p.TEMPFAIL if command == self.refused else p.CONTINUE)
