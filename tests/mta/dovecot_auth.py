# SPDX-License-Identifier: Apache-2.0
"""What Postfix asks when its smtpd_sasl_type is dovecot: Dovecot's authentication protocol, as far
as AUTH PLAIN needs it. One user, one password."""

import base64
import socket
import threading

GREETING = ("VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\n"
            "COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")


class DovecotAuth:
    """Listens on 127.0.0.1; `path` is what smtpd_sasl_path names."""

    def __init__(self, user, password):
        self.user, self.password = user, password
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.path = "inet:127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def response(self):
        """What follows AUTH PLAIN."""
        return base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rw", newline="\n") as stream:
            stream.write(GREETING)
            stream.flush()
            for line in stream:
                words = line.rstrip("\n").split("\t")
                if words[0] != "AUTH":
                    continue
                right = f"resp={self.response}" in words
                stream.write(f"OK\t{words[1]}\tuser={self.user}\n" if right
                             else f"FAIL\t{words[1]}\tuser={self.user}\n")
                stream.flush()
