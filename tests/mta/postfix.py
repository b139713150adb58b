# SPDX-License-Identifier: Apache-2.0
"""A Postfix of its own: configuration, queue and data in a temporary folder, on a free port."""

import pathlib
import shutil
import socket
import subprocess
import tempfile

import smtp
from network import Network
from support import allow, eventually, free_port

# As Debian's master.cf has them: smtpd and cleanup chrooted ("y" in the fifth column).
SMTPD = "127.0.0.1:{port} inet n - y - - smtpd"
MASTER = """\
{services}
pickup    unix  n - y 60 1 pickup
cleanup   unix  n - y - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - y - - trivial-rewrite
bounce    unix  - - y - 0 bounce
defer     unix  - - y - 0 bounce
trace     unix  - - y - 0 bounce
verify    unix  - - y - 1 verify
flush     unix  n - y 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - y - - smtp
relay     unix  - - y - - smtp
error     unix  - - y - - error
retry     unix  - - y - - error
discard   unix  - - y - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
anvil     unix  - - y - 1 anvil
scache    unix  - - y - 1 scache
tlsmgr    unix  - - y 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""

MAIN = {
    "compatibility_level": "3.6",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "all",
    "myhostname": "mx.example.net",
    "mydestination": "",
    "alias_maps": "",
    "alias_database": "",
    "mynetworks": "127.0.0.0/8",
    "disable_dns_lookups": "yes",
    "smtpd_relay_restrictions": "reject_unauth_destination",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_client_connection_rate_limit": "0",
    "virtual_mailbox_domains": "example.net",
    "virtual_mailbox_maps": "inline:{user@example.net=user/, other@example.net=other/}",
    # Sessions may claim to come from anywhere, as often as they like.
    "smtpd_authorized_xclient_hosts": "static:all",
}


class Postfix:
    """Given `clients`, addresses, it lives in a Network with them: see client(). `services` are the
    lines of master.cf for those that take mail, in place of an smtpd on its port."""

    def __init__(self, settings=None, clients=(), services=SMTPD, below="/var/tmp"):
        self.network = Network(clients) if clients else None
        # Its daemons run as the user postfix and have to get through.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mxward-mta-", dir=below))
        self.directory.chmod(0o755)
        self.port = free_port()
        self.config, self.queue = self.directory / "etc", self.directory / "queue"
        self.mail, self.log_file = self.directory / "mail", self.directory / "log"
        self.running = False
        for folder in (self.config, self.queue, self.mail):
            folder.mkdir()
        shutil.chown(self.mail, "nobody", "nogroup")
        (self.directory / "data").mkdir()
        shutil.chown(self.directory / "data", "postfix")
        self._fill_chroot()
        services = services.format(port=self.port)
        (self.config / "master.cf").write_text(MASTER.format(services=services))
        self.settings = {
            **MAIN,
            "queue_directory": self.queue,
            "data_directory": self.directory / "data",
            "maillog_file": self.log_file,
            "maillog_file_prefixes": self.directory,
            "virtual_mailbox_base": self.mail,
            "virtual_uid_maps": f"static:{self.mail.stat().st_uid}",
            "virtual_gid_maps": f"static:{self.mail.stat().st_gid}",
        }
        self.configure(settings)

    def _fill_chroot(self):
        """What Debian's start script copies. The resolver is nobody: nothing leaves the machine."""
        etc = self.queue / "etc"
        etc.mkdir()
        for name in ("services", "hosts", "nsswitch.conf", "localtime"):
            if pathlib.Path("/etc", name).is_file():
                shutil.copy(pathlib.Path("/etc", name), etc / name)
        (etc / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")

    def configure(self, settings=None):
        self.settings.update(settings or {})
        (self.config / "main.cf").write_text(
            "".join(f"{key} = {value}\n" for key, value in self.settings.items()))
        if self.running:
            self.command("reload")

    def command(self, *words, program="postfix"):
        command = [program, "-c", str(self.config), *words]
        if self.network:
            command = self.network.wrap(command)
        done = subprocess.run(command, capture_output=True, text=True, timeout=allow(60),
                              check=False, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise AssertionError(f"{program} {words}: {done.stdout}{done.stderr}{self.log()}")
        return done.stdout

    def start(self):
        self.command("start")
        self.running = True
        eventually(self._listens, 20, "Postfix listens")
        return self

    def _listens(self):
        try:
            with self.client():
                return True
        except OSError:
            return False

    def connect(self, target, address=None):
        """A connection to it or within its network, from one of the addresses there."""
        if self.network:
            return self.network.connect(target, address)
        return socket.create_connection(target, allow(30))

    def client(self, address=None):
        """A session with it, from one of its network's addresses."""
        return smtp.Client(self.port, connect=lambda target: self.connect(target, address))

    def remove(self):
        if self.running:
            self.running = False
            self.command("stop")
        if self.network:
            self.network.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def delivered(self, user="user"):
        """The mails in a user's Maildir, as text."""
        return [path.read_text(errors="replace") for path in sorted(self.mail.glob(f"{user}/new/*"))]

    def queued(self):
        """What the queue manager still has to deliver."""
        return [line for line in self.command("-j", program="postqueue").splitlines() if line]
