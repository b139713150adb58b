# SPDX-License-Identifier: Apache-2.0
"""A Sendmail from unpacked packages: it cannot be installed beside Postfix."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from network import Network
from support import allow, eventually, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Sendmail refuses sockets and files below a folder that everybody may write to, as /tmp is.
SAFE = "/run"
# packaging/dependencies unpacks it here.
UNPACKED = pathlib.Path(os.environ.get("MXWARD_SENDMAIL", ROOT / "build/sendmail")) / "root"
PROGRAM = UNPACKED / "usr/libexec/sendmail/sendmail"
MACROS = UNPACKED / "usr/share/sendmail/cf"
USER = "daemon@example.net"  # a user every Debian system has
# A host name and a resolv.conf of its own.
APART = ["unshare", "--uts", "--mount"]


def missing():
    """What Sendmail lacks here to be run, or nothing."""
    if os.geteuid() != 0:
        return "needs root: a mail server changes users"
    if not PROGRAM.exists() or not shutil.which("m4"):
        return "needs Sendmail unpacked by tests/run"
    done = subprocess.run([*APART, "true"], capture_output=True, text=True, check=False)
    return f"cannot be set apart: {done.stderr.strip()}" if done.returncode else ""

CONFIGURATION = """\
define(`_CF_DIR_', `{macros}/')dnl
include(`{macros}/m4/cf.m4')dnl
VERSIONID(`tests')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mx.example.net')dnl
define(`MAIL_SETTINGS_DIR', `{directory}/')dnl
LOCAL_DOMAIN(`example.net')dnl
define(`confCT_FILE', `-o {directory}/trusted-users')dnl
define(`confCR_FILE', `-o {directory}/relay-domains')dnl
define(`ALIAS_FILE', `')dnl
define(`HELP_FILE', `{directory}/helpfile')dnl
define(`STATUS_FILE', `{directory}/statistics')dnl
define(`QUEUE_DIR', `{directory}/queue')dnl
define(`confPID_FILE', `{directory}/pid')dnl
define(`confHOSTS_FILE', `{directory}/hosts')dnl
define(`confSERVICE_SWITCH_FILE', `{directory}/service.switch')dnl
define(`confTO_IDENT', `0')dnl
define(`confTO_RESOLVER_RETRANS', `1s')dnl
define(`confTO_RESOLVER_RETRY', `1')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confDELIVERY_MODE', `interactive')dnl
define(`confREFUSE_LA', `100000')dnl
define(`confQUEUE_LA', `100000')dnl
define(`confDELAY_LA', `0')dnl
define(`confMILTER_LOG_LEVEL', `14')dnl
define(`LOCAL_MAILER_PATH', `/bin/sh')dnl
define(`LOCAL_MAILER_ARGS', `sh {directory}/deliver $u')dnl
dnl No aliases, no .forward, no programs: a mailbox is all that is wanted, of a user that exists.
MODIFY_MAILER_FLAGS(`LOCAL', `-A5:/|@qf')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}')dnl
INPUT_MAIL_FILTER(`mxward', `{milter}')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

DELIVER = """\
umask 022
exec cat >"{mail}/$1.$$"
"""


class Sendmail:
    """`milter` is in Sendmail's own syntax: unix:PATH or inet:PORT@HOST; `equates` says the rest.
    Given `clients`, addresses of any kind, it lives in a Network with them, where only connect()
    reaches it, as one of them; the filter has to listen on a unix socket then."""

    def __init__(self, milter, clients=(), equates="F=T, T=C:10s;S:10s;R:10s;E:30s"):
        self.network = Network(clients) if clients else None
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mxward-mta-", dir=SAFE))
        self.directory.chmod(0o755)
        self.port = free_port()
        self.mail, self.log_file = self.directory / "mail", self.directory / "log"
        self.process = None
        for folder in ("mail", "queue"):
            (self.directory / folder).mkdir()
        self.mail.chmod(0o777)  # the mailer runs as the recipient
        (self.directory / "trusted-users").write_text("root\n")
        (self.directory / "relay-domains").write_text("")
        (self.directory / "hosts").write_text("127.0.0.1 localhost\n")
        (self.directory / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (self.directory / "service.switch").write_text("hosts files\naliases files\n")
        (self.directory / "deliver").write_text(DELIVER.format(mail=self.mail))
        source = CONFIGURATION.format(macros=MACROS, directory=self.directory, port=self.port,
                                      milter=f"S={milter}, {equates}")
        self.config = self.directory / "sendmail.cf"
        done = subprocess.run(["m4"], input=source, capture_output=True, text=True, check=True,
                              cwd=MACROS)
        self.config.write_text(done.stdout)

    def start(self):
        # A host name without a dot makes Sendmail sleep for a minute; and the name server it
        # could ask for clients must not be a real one.
        script = ('hostname mx.example.net && mount --bind "$1/resolv.conf" /etc/resolv.conf && '
                  'mount --bind "$1/hosts" /etc/hosts && '
                  'exec "$2" -C "$1/sendmail.cf" -bD -X "$1/traffic" -L mxward-test')
        command = [*APART, "sh", "-c", script, "sh", str(self.directory), str(PROGRAM)]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.network.wrap(command) if self.network else command,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)
        eventually(self._listens, 30, "Sendmail listens", every=0.05)
        return self

    def offer_tls(self, key, certificate):
        """Restarts it with STARTTLS, or without where there is no key."""
        lines = [line for line in self.config.read_text().splitlines()
                 if not line.startswith(("O Server", "O CACert", "O TLSSrv"))]
        if key:
            # Clients need no certificate, but without authorities Sendmail offers nothing.
            lines += [f"O ServerKeyFile={key}", f"O ServerCertFile={certificate}",
                      f"O CACertFile={certificate}", f"O CACertPath={certificate.parent}",
                      "O TLSSrvOptions=V"]
        self.config.write_text("\n".join(lines) + "\n")
        self.stop()
        self.start()

    def connect(self, target, client=None):
        """A connection to it or within its network, from one of the clients."""
        if self.network:
            return self.network.connect(target, client)
        return socket.create_connection(target, allow(30))

    def _listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Sendmail ended:\n{self.log()}")
        try:
            with self.connect(("127.0.0.1", self.port)) as sock:
                return sock.recv(3) == b"220"
        except OSError:
            return False

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(allow(5))
            except subprocess.TimeoutExpired:
                # Its own session: this ends its children with it.
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def remove(self):
        self.stop()
        if self.network:
            self.network.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        """What it printed, and the dialogues of its sessions."""
        files = [self.log_file, self.directory / "traffic"]
        return "".join(f.read_text(errors="replace") for f in files if f.exists())

    def delivered(self, user):
        return [path.read_text(errors="replace") for path in sorted(self.mail.glob(f"{user}.*"))]
