# SPDX-License-Identifier: Apache-2.0
"""Real name servers for the tests: rbldnsd with zones of the test's own, and unbound in front of it
as the caching resolver of a site. Each in the foreground on a free port of 127.0.0.1."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

import dns_wire as wire
from support import allow, eventually

NEGATIVE_TTL = 60
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def missing(*programs):
    """Which of the programs is not here, in words, or nothing."""
    absent = [each for each in programs if not shutil.which(each, path=PATH)]
    return f"needs {', '.join(absent)}" if absent else ""


def free_port():
    """One that is free for UDP and for TCP."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET) as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]
    raise AssertionError("no port free for both UDP and TCP")


def ask(port, name, kind=wire.A, timeout=1.0):
    """One question over UDP; (rcode, number of answers), or None without an answer in time."""
    question = wire.encode_name(name) + kind.to_bytes(2, "big") + b"\0\1"
    header = b"\x12\x34\x01\x00\0\1\0\0\0\0\0\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect(("127.0.0.1", port))
        try:
            sock.send(header + question)
            reply = sock.recv(65535)
        except OSError:
            return None
    return reply[3] & 15, int.from_bytes(reply[6:8], "big")


class _Server:
    """A program in the foreground, in a folder of its own that its user can read."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mxward-dns-", dir="/var/tmp"))
        self.directory.chmod(0o755)
        self.log_file = self.directory / "log"
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.process = None

    def launch(self, command, probe):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.directory)
        eventually(lambda: self._serves(probe), 10, f"{command[0]} answers", every=0.05)
        return self

    def _serves(self, probe):
        if self.process.poll() is not None:
            raise AssertionError(f"the name server ended:\n{self.log()}")
        return ask(self.port, probe) is not None

    def stop(self):
        """It answers no more; its files stay until remove()."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(allow(5))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""


class Rbldnsd(_Server):
    """zones: [(zone, "ip4set" | "ip6trie" | "dnset" | ..., lines)]; the same zone may come several
    times. Test points (RFC 5782 5) belong into the lines, see listing()."""

    def __init__(self, zones):
        super().__init__()
        self.zones = zones

    def start(self):
        files = []
        for number, (zone, kind, lines) in enumerate(self.zones):
            path = self.directory / f"zone{number}"
            # Without $SOA a negative answer would not say how long it may be kept.
            path.write_text(f"$SOA 600 ns.{zone} admin.{zone} 1 600 300 86400 {NEGATIVE_TTL}\n"
                            f"$NS 600 ns.{zone}\n{lines}\n")
            files.append(f"{zone}:{kind}:{path.name}")
        # It refuses to run as root.
        user = ["-u", "rbldns"] if os.geteuid() == 0 else []
        program = shutil.which("rbldnsd", path=PATH)
        # "-l +-": every query goes to the log at once.
        return self.launch([program, "-n", "-4", "-l", "+-", *user, "-w", str(self.directory),
                            "-b", f"127.0.0.1/{self.port}", *files], self.zones[0][0])

    def asked(self, name):
        """How often the name was asked for."""
        return sum(f" {name.lower()} " in line.lower() for line in self.log().splitlines())


def listing(kind, code, text, *entries):
    """The lines of an rbldnsd data set that lists the entries and the test point of its kind."""
    point = {"ip4set": "127.0.0.2", "ip6trie": "::ffff:7f00:2", "dnset": "test"}[kind]
    return "\n".join([f":127.0.0.{code}:{text}", point, *entries])


CONFIGURATION = """\
server:
  directory: "{directory}"
  chroot: ""
  username: ""
  pidfile: ""
  logfile: ""
  use-syslog: no
  do-daemonize: no
  do-ip6: no
  interface: 127.0.0.1
  port: {port}
  module-config: "iterator"
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
{options}
  # Nothing but the zones below is looked for, so that nothing leaves the machine.
  local-zone: "." refuse
{local}
{forward}
"""
LOCAL = '  local-zone: "{zone}" transparent'
FORWARD = 'forward-zone:\n  name: "{zone}"\n  forward-addr: 127.0.0.1@{port}'


class Unbound(_Server):
    """A caching resolver that forwards the zones to the server behind it, and refuses all else. options:
    lines of its server section."""

    def __init__(self, zones, behind, options=""):
        super().__init__()
        self.zones, self.behind, self.options = zones, behind, options

    def start(self):
        (self.directory / "unbound.conf").write_text(CONFIGURATION.format(
            directory=self.directory, port=self.port, options=self.options,
            local="\n".join(LOCAL.format(zone=zone) for zone in self.zones),
            forward="\n".join(FORWARD.format(zone=zone, port=self.behind.port)
                              for zone in self.zones)))
        program = shutil.which("unbound", path=PATH)
        self.launch([program, "-d", "-c", str(self.directory / "unbound.conf")], self.zones[0])
        # It reckons how long a server takes for each zone, and waits and asks again until it knows.
        for zone in self.zones[1:]:
            eventually(lambda zone=zone: self._serves(zone), 10, f"unbound answers for {zone}")
        return self
