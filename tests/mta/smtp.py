# SPDX-License-Identifier: Apache-2.0
"""A client of an MTA, with XCLIENT and a record of the replies."""

import smtplib
import ssl

from support import allow


def trusting():
    """TLS as mail servers use it with each other: no certificate is looked at (RFC 7435)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client(smtplib.SMTP):
    """Raises nothing: every command returns (code, text). `connect` opens the connection instead,
    given the address and the port."""

    def __init__(self, port, helo="client.example.org", connect=None):
        self.open = connect
        super().__init__("127.0.0.1", port, local_hostname=helo, timeout=allow(30))
        self.helo_name = helo
        self.ehlo(helo)

    def _get_socket(self, host, port, timeout):
        return self.open((host, port)) if self.open else super()._get_socket(host, port, timeout)

    def command(self, line):
        code, text = self.docmd(line)
        return code, text.decode("latin-1")

    def pretend(self, address, name=None):
        """XCLIENT: the session goes on as if it came from elsewhere."""
        literal = f"IPV6:{address}" if ":" in address else address
        code, text = self.command(f"XCLIENT ADDR={literal} NAME={name or '[UNAVAILABLE]'}")
        assert code == 220, f"XCLIENT: {code} {text}"
        self.ehlo(self.helo_name)
        return self

    def encrypt(self):
        """STARTTLS; it has to succeed."""
        self.starttls(context=trusting())
        self.ehlo(self.helo_name)
        return self

    def envelope(self, sender, recipient):
        """MAIL and RCPT; returns the first reply that is no success, or that to RCPT."""
        code, text = self.command(f"MAIL FROM:<{sender}>")
        if code != 250:
            return code, text
        return self.command(f"RCPT TO:<{recipient}>")

    def content(self, subject):
        """DATA and a message; returns the last reply."""
        code, text = self.command("DATA")
        if code != 354:
            return code, text
        self.send(f"From: a@example.org\r\nSubject: {subject}\r\n\r\nHello.\r\n.\r\n")
        code, text = self.getreply()
        return code, text.decode("latin-1")

    def reset(self):
        return self.command("RSET")


def send(port, sender="a@example.org", recipient="user@example.net", subject="test",
         address=None, name=None):
    """A whole mail; returns the first reply that is no success, or the last one."""
    with Client(port) as client:
        if address:
            client.pretend(address, name)
        code, text = client.envelope(sender, recipient)
        return client.content(subject) if code == 250 else (code, text)
