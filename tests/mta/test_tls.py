# SPDX-License-Identifier: Apache-2.0
"""Whether the mail server offers TLS, and whether it broke: real ones, with and without, and what
mxward learns of it."""

import datetime
import itertools
import json
import pathlib
import shlex
import shutil
import ssl
import subprocess
import tempfile
import unittest

from mta_case import PostfixCase, smtp
from case import DaemonCase

import sendmail
import support
from daemon import need_control
from support import eventually

# Each client has a network of its own, and a name like a mail server's: nothing else speaks against
# it.
NETWORK = "198.18.0.1/15"
SETTINGS = {"greylist": {"apply": "suspicious", "delay": "10m"}, "trust": {"networks": []}}


def address(number):
    return f"198.{18 + (number >> 8)}.{number & 255}.25"


def name(number):
    return f"mail.server{number}.example"


HOSTS = "127.0.0.1 localhost\n" + "".join(f"{address(n)} {name(n)}\n" for n in range(512))

COUNTS = "tls-none:2 (no TLS)"
# Of a client of good standing, which is not hurt by it.
OUTWEIGHED = r"tls-none:2 \(no TLS\); history-good:-2 \(.*\)"
BROKEN = "tls-none (no TLS; not counted: the mail server's TLS seems to be broken)"


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True,
                   stdin=subprocess.DEVNULL)


class Certificates:
    """Two keys, a certificate of the first, and one of it that has expired."""

    def __init__(self, folder):
        self.key, self.other_key = folder / "key.pem", folder / "other-key.pem"
        self.good, self.expired = folder / "good.pem", folder / "expired.pem"
        self.missing = folder / "missing.pem"
        request = folder / "request.pem"
        for key in (self.key, self.other_key):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
            key.chmod(0o600)
        openssl("req", "-new", "-key", self.key, "-subj", "/CN=mx.example.net", "-out", request)
        for certificate, days in ((self.good, 30), (self.expired, -1)):
            openssl("x509", "-req", "-in", request, "-signkey", self.key, "-days", days,
                    "-out", certificate)


class TlsTests:
    """Mixed into a case that has a mail server and a guard, and says how it offers TLS: offer(). What
    mxward calls the server's listener is `listener`."""

    recipient = "user@example.net"
    port = 25

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mxward-", dir=sendmail.SAFE))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.certificates = Certificates(self.folder)
        self.numbers = itertools.count()  # of clients, each is used once

    # What clients do.

    def client(self, number, port=None):
        return smtp.Client(port or self.port, helo=name(number),
                           connect=lambda target: self.server.connect(target, address(number)))

    def mail(self, client, number):
        """MAIL and RCPT of a session; the code of the reply, and the decision about it."""
        with client:
            code, text = client.envelope(f"a@server{number}.example", self.recipient)
        self.assertIn(code, (250, 451), text)
        return code, self.guard.expect_decision(client_address=address(number))

    def with_tls(self, port=None):
        """A stranger that uses it."""
        number = next(self.numbers)
        code, line = self.mail(self.client(number, port).encrypt(), number)
        self.assertEqual((code, line["score"], line.get("findings")), (250, "0", None), line)

    def without(self, wanted, port=None, connect=None):
        """A stranger that does not; `wanted` are the findings about it."""
        number = next(self.numbers)
        client = connect(number) if connect else self.client(number, port)
        code, line = self.mail(client, number)
        expected = (451, "2") if wanted == COUNTS else (250, "0")
        self.assertEqual((code, line["score"], line.get("findings")), (*expected, wanted), line)

    def known(self, number):
        """A client of good standing, which does what good mail servers do: TLS, or else without.
        Whether it had TLS, and the findings. Its mail is accepted."""
        client = self.client(number)
        if client.has_extn("starttls"):
            try:
                client.encrypt()
            except (OSError, smtp.smtplib.SMTPException):
                client.close()
                client = self.client(number)
        encrypted = isinstance(client.sock, ssl.SSLSocket)
        code, line = self.mail(client, number)
        self.assertEqual(code, 250, line)
        return encrypted, line.get("findings")

    # What mxward says.

    def listeners(self):
        return {one["listener"]: one["state"] for one in self.guard.ask("status")["tls"]}

    def assert_breaks(self, how):
        """`how` breaks TLS, which works. Until the fifth witness comes without, it counts."""
        known = self.know(5)
        begun = len(self.guard.log())
        how()
        for number in known:
            self.assertEqual(self.listeners()[self.listener], "offered")
            self.without(COUNTS)
            encrypted, findings = self.known(number)
            self.assertFalse(encrypted)
            self.assertRegex(findings, OUTWEIGHED)
        said = self.guard.log()[begun:]
        self.assertIn(f"warning: TLS at the mail server's listener {self.listener} seems to be "
                      "broken: since the last session with TLS 5 independent clients", said)
        self.without(BROKEN)
        self.assertEqual(self.listeners()[self.listener], "broken")
        self.assertRegex("\n".join(self.guard.ask("status")["warnings"]),
                         f"TLS seems to be broken since .* at {self.listener}: ")

    def assert_works_again(self):
        begun = len(self.guard.log())
        self.with_tls()
        self.guard.expect_log("TLS at the mail server's listener .* works again: tls-none counts",
                              after=begun)
        self.without(COUNTS)
        self.assertEqual(self.listeners(), {self.listener: "offered"})

    def assert_goes_from_none_to_broken_and_back(self):
        """The mail server offers none at the beginning."""
        certificates = self.certificates
        for _ in range(3):
            self.without(None)
        self.assertEqual(self.listeners(), {})
        self.offer(certificates.key, certificates.expired)  # nobody looks at that
        self.without(None)
        self.with_tls()
        self.without(COUNTS)
        self.assertEqual(self.listeners(), {self.listener: "offered"})
        good = (certificates.key, certificates.good)
        # Switched off, a key that cannot be read, and one of another certificate.
        for key in (None, certificates.missing, certificates.other_key):
            with self.subTest(key=key):
                self.assert_breaks(lambda: self.offer(key, certificates.good if key else None))
                self.offer(*good)
                self.assert_works_again()
        # A certificate that expires meanwhile changes nothing.
        self.offer(certificates.key, certificates.expired)
        for number in self.know(5):
            self.assertTrue(self.known(number)[0])
        self.without(COUNTS)
        self.assertEqual(self.listeners(), {self.listener: "offered"})

    def know(self, count):
        """So many clients of good standing, which used TLS on each of their days so far."""
        now = datetime.datetime.now(datetime.timezone.utc)

        def day(ago):
            return (now - datetime.timedelta(days=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")

        def record(number):
            days = {"days_": 20, "first_": day(30), "last_": day(1)}
            return {"type": "client", "client": address(number), "first_seen": day(30),
                    "last_seen": day(1), "passed": 40, "name_class": "good",
                    "organisation": f"{number + 1:08x}",
                    **{part + what: value for part, value in days.items()
                       for what in ("passed", "named", "tls")}}

        numbers = [next(self.numbers) for _ in range(count)]
        header = json.loads(self.guard.control("export").stdout.splitlines()[0])
        lines = [header, *map(record, numbers), {"mxward": "end", "records": count}]
        file = self.folder / "export"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = self.guard.control("import", str(file))
        self.assertEqual(done.returncode, 0, done.stderr)
        return numbers


SERVICES = """\
127.0.0.1:25 inet n - y - - smtpd
127.0.0.1:{port} inet n - y - - smtpd
"""


class PostfixTls(TlsTests, PostfixCase):
    listener = "mx.example.net 127.0.0.1 port 25 of mx.example.net"

    def serve(self, services=SERVICES, tls=True, below="/var/tmp", **settings):
        certificates = self.certificates
        self.server, self.guard = self.guarded_postfix(
            {"notify_classes": "", **settings, **self.settings_of(
                certificates.key if tls else None, certificates.good)},
            SETTINGS, clients=[NETWORK], services=services, below=below)
        (self.server.queue / "etc/hosts").write_text(HOSTS)

    def settings_of(self, key, certificate):
        return {"smtpd_tls_security_level": "may" if key else "none",
                "smtpd_tls_cert_file": certificate or "", "smtpd_tls_key_file": key or ""}

    def offer(self, key, certificate):
        self.server.configure(self.settings_of(key, certificate))
        works = key == self.certificates.key
        eventually(lambda: self.offers() == works, 10, "Postfix has read its configuration")

    def offers(self):
        with self.server.client() as client:
            return client.command("STARTTLS")[0] == 220


@need_control
@unittest.skipUnless(shutil.which("ip"), "needs ip")
class WithPostfix(PostfixTls):
    def test_from_none_to_broken_and_back(self):
        self.serve(tls=False)
        self.assert_goes_from_none_to_broken_and_back()

    def test_replay_of_its_log_names_who_comes_without_tls_and_what_allows_him(self):
        # With the default smtpd_tls_loglevel, 0: only the ends of sessions tell of TLS.
        self.serve()
        number = next(self.numbers)
        with self.client(number).encrypt() as client:
            self.assertEqual(client.envelope(f"a@server{number}.example", self.recipient)[0], 250)
            self.assertEqual(client.content("secure")[0], 250)
        self.arrived(self.server, "secure")
        self.without(COUNTS)
        clear = number + 1
        eventually(lambda: f"disconnect from {name(clear)}" in self.server.log(), 10, "the end")

        answer = self.guard.ask("replay", str(self.server.log_file))
        self.assertEqual(answer["clients"], {"total": 2, "with_tls": 1, "complete": True})
        finding = answer["new_findings"][0]
        self.assertEqual((finding["finding"], finding["clients"]), ("tls-none", 1), answer)
        (item,) = finding["items"]
        self.assertEqual(item["client"], name(clear))
        program, *words = shlex.split(item["spare"])
        self.assertEqual(program, "mxwardctl")
        self.guard.control(*words)
        with self.client(clear) as client:
            self.assertEqual(client.envelope(f"a@server{clear}.example", self.recipient)[0], 250)
        self.guard.expect_decision(client_address=address(clear), reason="allowed")

    def test_submission_ports_never_have_the_finding(self):
        self.serve(services=SERVICES + """\
127.0.0.1:465 inet n - y - - smtpd
  -o smtpd_tls_wrappermode=yes
127.0.0.1:587 inet n - y - - smtpd
127.0.0.1:2525 inet n - y - - smtpd
  -o smtpd_tls_security_level=none
""")
        number = next(self.numbers)
        wrapped = smtp.Client(465, helo=name(number), connect=lambda target: (
            smtp.trusting().wrap_socket(self.server.connect(target, address(number)))))
        code, line = self.mail(wrapped, number)
        self.assertEqual((code, line["score"]), (250, "0"), line)
        self.with_tls(port=587)
        self.with_tls(port=25)
        self.without(None, port=587)
        self.without(COUNTS, port=25)
        # A listener beside it, which offers none: each is known by itself.
        self.without(None, port=2525)
        self.assertEqual(set(self.listeners()),
                         {self.listener.replace("25", port) for port in ("25", "465", "587")})

    def test_through_postscreen_and_the_proxy_protocol(self):
        self.serve(services=SERVICES.replace("- - smtpd", "- 1 postscreen", 1) + """\
smtpd pass - - y - - smtpd
tlsproxy unix - - y - 0 tlsproxy
dnsblog unix - - y - 0 dnsblog
127.0.0.1:2525 inet n - y - - smtpd
  -o smtpd_upstream_proxy_protocol=haproxy
127.0.0.1:2526 inet n - y - 1 postscreen
  -o postscreen_upstream_proxy_protocol=haproxy
""", postscreen_cache_map="", postscreen_access_list="static:permit")
        # postscreen hands on the connection before anything was said: smtpd tells of TLS itself.
        self.with_tls()
        self.without(COUNTS)
        self.assertEqual(self.listeners(), {self.listener: "offered"})
        # With a PROXY header the listener is the proxy's: where the client connected to.
        for port, frontend in ((2525, "192.0.2.25"), (2526, "192.0.2.26")):
            def through_proxy(number, port=port, frontend=frontend):
                def connect(target):
                    opened = self.server.connect(target)
                    opened.sendall(f"PROXY TCP4 {address(number)} {frontend} 4711 25\r\n".encode())
                    return opened
                return smtp.Client(port, helo=name(number), connect=connect)
            self.without(None, connect=through_proxy)
            number = next(self.numbers)
            self.assertEqual(self.mail(through_proxy(number).encrypt(), number)[0], 250)
            self.without(COUNTS, connect=through_proxy)
            self.assertEqual(
                self.listeners()[f"mx.example.net {frontend} port 25 of mx.example.net"], "offered")

    def test_through_xclient(self):
        self.serve()

        def through_xclient(number, tls=()):
            """A front end, which uses TLS before XCLIENT or after it, or not."""
            client = smtp.Client(25, helo=name(number), connect=self.server.connect)
            if "before" in tls:
                client.encrypt()
            client.pretend(address(number), name(number))
            return client.encrypt() if "after" in tls else client

        # What counts is the connection of the front end, whatever its client uses.
        self.without(None, connect=through_xclient)
        self.assertEqual(self.listeners(), {})
        for when in ("before", "after"):
            number = next(self.numbers)
            code, line = self.mail(through_xclient(number, when), number)
            self.assertEqual((code, line["score"]), (250, "0"), line)
            self.assertEqual(self.listeners(), {self.listener: "offered"})
        # A listener that is reached both ways needs the setting.
        self.without(COUNTS, connect=through_xclient)
        self.guard.configure({"tls": {"offered": False}})
        self.guard.reload()
        self.without(None, connect=through_xclient)


@need_control
@unittest.skipIf(sendmail.missing(), sendmail.missing())
@unittest.skipUnless(shutil.which("ip"), "needs ip")
class WithSendmail(TlsTests, DaemonCase):
    recipient = sendmail.USER

    def setUp(self):
        super().setUp()
        (self.folder / "guard").mkdir()
        self.guard = self.daemon(SETTINGS, directory=self.folder / "guard")
        self.server = sendmail.Sendmail(self.guard.endpoint, clients=[NETWORK])
        self.addCleanup(self.server.remove)
        (self.server.directory / "hosts").write_text(HOSTS)
        self.server.start()
        self.port = self.server.port
        self.listener = f"MTA 127.0.0.1 port {self.port} of mx.example.net"

    def offer(self, key, certificate):
        self.server.offer_tls(key, certificate)

    def test_from_none_to_broken_and_back(self):
        self.assert_goes_from_none_to_broken_and_back()


@need_control
@unittest.skipIf(sendmail.missing(), sendmail.missing())
@unittest.skipUnless(shutil.which("ip"), "needs ip")
class TwoMailServers(PostfixTls):
    """With one mxward: what one offers says nothing about the other."""

    def at_postfix(self):
        self.server, self.port, self.recipient = self.postfix_server, 25, "user@example.net"
        self.listener = PostfixTls.listener

    def at_sendmail(self):
        self.server, self.port = self.sendmail_server, self.sendmail_server.port
        self.recipient = sendmail.USER
        self.listener = f"MTA 127.0.0.1 port {self.port} of mx.example.net"

    def test_each_is_known_by_itself(self):
        # Sendmail refuses a socket below a folder like /var/tmp.
        self.serve(below=sendmail.SAFE)
        self.postfix_server = self.server
        self.sendmail_server = sendmail.Sendmail(self.guard.endpoint, clients=[NETWORK])
        self.addCleanup(self.sendmail_server.remove)
        (self.sendmail_server.directory / "hosts").write_text(HOSTS)
        self.sendmail_server.start()
        self.with_tls()
        self.without(COUNTS)
        self.at_sendmail()
        self.without(None)
        self.sendmail_server.offer_tls(self.certificates.key, self.certificates.good)
        self.with_tls()
        self.without(COUNTS)
        self.at_postfix()
        self.assert_breaks(lambda: self.offer(None, None))
        self.at_sendmail()
        self.without(COUNTS)
        self.assertEqual(self.listeners(),
                         {PostfixTls.listener: "broken", self.listener: "offered"})


if __name__ == "__main__":
    support.main()
