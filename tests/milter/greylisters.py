# SPDX-License-Identifier: Apache-2.0
"""Other greylisters, unpacked from their Debian packages (packaging/dependencies), as policy servers
of a Postfix that this file plays; and the tools that print their databases."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from support import allow, eventually, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNPACKED = pathlib.Path(os.environ.get("MXWARD_GREYLISTERS", ROOT / "build/greylisters")) / "root"
MODULES = [UNPACKED / "usr/share/perl5", *sorted(UNPACKED.glob("usr/lib/*/perl5/*"))]
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, UNPACKED.glob("usr/lib/*-gnu")))}


def missing():
    """Why the tests with other greylisters have to be skipped; empty when they need not."""
    if shutil.which("perl") is None:
        return "needs perl"
    return "" if (UNPACKED / "usr/sbin/sqlgrey").exists() else f"nothing unpacked in {UNPACKED}"


def _run(*command):
    return subprocess.run(list(map(str, command)), env=ENVIRONMENT, text=True, check=True,
                          capture_output=True, timeout=allow(30)).stdout


def db_dump(path, *options):
    return _run(UNPACKED / "usr/bin/db5.3_dump", *options, path)


def sqlite(path, command, *options):
    return _run(UNPACKED / "usr/bin/sqlite3", *options, path, command)


class PolicyServer:
    """One of them, run in `directory`. A context: ends with it, and then its files are complete."""

    taint = ()
    end = signal.SIGTERM

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        self.process = None

    def arguments(self):
        raise NotImplementedError

    def __enter__(self):
        perl = ["perl", *self.taint, *(f"-I{path}" for path in MODULES)]
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(perl + list(map(str, self.arguments())), stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        eventually(self._serves, 20.0, f"{self.arguments()[0]} serves: {self.log()}")
        return self

    def __exit__(self, *_):
        eventually(self._ends, 30.0, f"{self.arguments()[0]} ends: {self.log()}")

    def _ends(self):
        """A signal that comes just before it begins to wait is heard only when somebody connects."""
        self.process.send_signal(self.end)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        try:
            self.process.wait(1.0)
            return True
        except subprocess.TimeoutExpired:
            return False

    def _serves(self):
        if self.process.poll() is not None:
            raise AssertionError(f"it has ended:\n{self.log()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            return True
        except OSError:
            return False

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def ask(self, client, sender, recipient, name="unknown", **more):
        """Postfix's question about a recipient; returns the action, "defer..." in lower case."""
        attributes = {"request": "smtpd_access_policy", "protocol_state": "RCPT",
                      "protocol_name": "ESMTP", "helo_name": "x", "client_address": client,
                      "client_name": name, "sender": sender, "recipient": recipient,
                      "instance": f"{time.monotonic()}", **more}
        with socket.create_connection(("127.0.0.1", self.port), allow(10)) as link:
            text = "".join(f"{name}={value}\n" for name, value in attributes.items())
            link.sendall(f"{text}\n".encode())
            with link.makefile() as answer:
                return answer.readline().strip().removeprefix("action=").lower()


class Postgrey(PolicyServer):
    taint = ("-T",)

    def __init__(self, directory, *options):
        super().__init__(directory)
        self.options = options

    def arguments(self):
        return [UNPACKED / "usr/sbin/postgrey", f"--inet=127.0.0.1:{self.port}",
                f"--dbdir={self.directory}", "--user=root", "--group=root",
                "--whitelist-clients=/dev/null", "--whitelist-recipients=/dev/null", *self.options]

    def at(self, moment, client, sender, recipient):
        """As ask(), at another time."""
        return self.ask(client, sender, recipient, policy_test_time=int(moment))


class Sqlgrey(PolicyServer):
    end = signal.SIGKILL  # it may not hear another one while nobody asks; SQLite does not mind

    def __init__(self, directory):
        super().__init__(directory)
        self.database = self.directory / "sqlgrey.db"
        for name in ("clients_fqdn_whitelist", "clients_ip_whitelist"):
            (self.directory / name).touch()
        for name in ("smtp_server.regexp", "dyn_fqdn.regexp", "discrimination.regexp"):
            shutil.copy(UNPACKED / "etc/sqlgrey" / name, self.directory)
        (self.directory / "sqlgrey.conf").write_text(
            f"conf_dir = {self.directory}\nuser = root\ngroup = root\n"
            f"inet = 127.0.0.1:{self.port}\npidfile = {self.directory}/pid\n"
            f"db_type = SQLite\ndb_name = {self.database}\nreconnect_delay = 0\n"
            "clean_method = sync\nadmin_mail =\n")

    def arguments(self):
        return [UNPACKED / "usr/sbin/sqlgrey", "-f", self.directory / "sqlgrey.conf"]
