# SPDX-License-Identifier: Apache-2.0
"""Runs the real daemon on a configuration and a store of its own."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import wire
from support import allow, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("MXWARD", str(ROOT / "build/release/milter/mxward"))
CONTROL = os.environ.get("MXWARDCTL", str(ROOT / "build/release/cli/mxwardctl"))
HAVE_CONTROL = os.access(CONTROL, os.X_OK)

START = 10.0  # seconds within which a daemon has to serve
# libmilter looks up from its poll every 5 s; callbacks have 3 s to end.
STOP = 12.0

# Loopback is judged like everybody else, and everybody is greylisted. Nobody asks the real DNS:
# nothing listens there, and the kernel says so at once. Beside other tests a commit can take a second.
BASE = {
    "store": {"deadline": "3s"},
    "trust": {"networks": []},
    "dns": {"servers": ["127.0.0.1:9"]},
    "greylist": {"apply": "all", "delay": "1s", "auto_allow_after": 0},
    "log": {"target": "stderr", "addresses": "full"},
}

need_control = unittest.skipUnless(HAVE_CONTROL, "mxwardctl is not part of this build")


def toml(settings):
    """A dictionary as TOML: a dictionary in it is a table, a list of dictionaries is a list of
    tables ([[dnsbl]]), all else a top-level value."""
    def value(item):
        if isinstance(item, list):
            return "[" + ", ".join(map(value, item)) + "]"
        if isinstance(item, dict):
            return "{ " + ", ".join(f"{json.dumps(k)} = {value(v)}" for k, v in item.items()) + " }"
        return json.dumps(item)  # strings, numbers and booleans are written alike

    def tables(entry):
        found = entry if isinstance(entry, list) else [entry]
        return found if found and all(isinstance(each, dict) for each in found) else None

    lines = [f"{k} = {value(v)}" for k, v in settings.items() if tables(v) is None]
    for name, entry in settings.items():
        for table in tables(entry) or []:
            lines += ["", f"[[{name}]]" if isinstance(entry, list) else f"[{name}]"]
            lines += [f"{k} = {value(v)}" for k, v in table.items() if v is not None]
    return "\n".join(lines) + "\n"


def merged(*layers):
    """Later layers win, table by table; a value of None leaves the key out."""
    result = {}
    for layer in layers:
        for key, entry in (layer or {}).items():
            if isinstance(entry, dict):
                result[key] = {**result.get(key, {}), **entry}
            else:
                result[key] = entry
    return result


class Daemon:
    """`process` is how the program is started otherwise than usual: what Popen() takes."""

    def __init__(self, settings=None, endpoint=None, directory=None, process=None):
        self.owned = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="mxward-"))
        # Whatever user the daemon becomes, it has to get here.
        self.directory.chmod(0o755)
        self.endpoint = endpoint or f"unix:{self.directory}/milter.sock"
        self.store = self.directory / "store"
        self.config = self.directory / "mxward.toml"
        self.log_file = self.directory / "log"
        self.process = None
        self.process_options = process or {}
        self.begun = 0  # how much had been logged before the last start
        self.clocks = 0
        self.settings = merged(BASE, {
            "milter": {"listen": self.endpoint},
            "store": {"path": str(self.store)},
            "control": {"socket": str(self.directory / "control.sock")},
        }, settings)
        self.store = pathlib.Path(self.settings["store"]["path"])
        self.configure()

    def configure(self, settings=None):
        """Writes the configuration; what `settings` says stays in force."""
        self.settings = merged(self.settings, settings)
        self.config.write_text(toml(self.settings))

    # The process.

    def launch(self):
        """Starts the program and waits for nothing."""
        self.begun = len(self.log())
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "--config", str(self.config)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            **self.process_options)
        return self

    def start(self):
        """Starts the program and waits until it serves; returns how long that took."""
        begun = time.monotonic()
        self.launch()
        eventually(self._serves, START, "the daemon serves", every=0.005)
        return time.monotonic() - begun

    def _serves(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.tail()}")
        # The socket is there before the database is open: as root it has to be bound first.
        if self.settings["log"]["target"] == "stderr" and "listens on" not in self.log()[self.begun:]:
            return False
        # Only an answer tells: the socket takes connections before anybody serves them.
        try:
            with wire.Session(self.endpoint, 1.0) as session:
                session.negotiate()
            return True
        except (OSError, wire.Closed):
            return False

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, within=STOP):
        return self.process.wait(allow(within))

    def stop(self):
        """SIGTERM; returns the exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"no end after SIGTERM:\n{self.tail()}") from None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def remove(self):
        """Ends what still runs, and deletes the files."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        if self.owned:
            shutil.rmtree(self.directory, ignore_errors=True)

    # What it says.

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def tail(self, lines=40):
        return "\n".join(self.log().splitlines()[-lines:])

    def reload(self):
        """SIGUSR1; returns what was logged since, once what became of it is told. Lines about mail
        before it may come in between."""
        before = len(self.log())
        self.signal(signal.SIGUSR1)
        self.expect_log(r"configuration reloaded|not reloaded: ", after=before)
        return self.log()[before:]

    def expect_log(self, pattern, within=5.0, after=0):
        return eventually(lambda: re.search(pattern, self.log()[after:]), within,
                          f"/{pattern}/ in the log")

    def decisions(self, **wanted):
        """The decision lines as dictionaries, those whose keys have the wanted values."""
        found = []
        for line in self.log().splitlines():
            if "action=" not in line:
                continue
            pairs = re.findall(r"(\w+)=(<[^>]*>|[^,\n]*)", line)
            keys = {key: value.strip("<>") for key, value in pairs}
            if all(keys.get(key) == value for key, value in wanted.items()):
                found.append(keys)
        return found

    def expect_decision(self, within=5.0, **wanted):
        """The log is written behind the reply: waits for the line."""
        return eventually(lambda: self.decisions(**wanted), within, f"a decision with {wanted}")[-1]

    # Talking to it.

    def session(self, timeout=10.0):
        return wire.Session(self.endpoint, timeout)

    def attempt(self, **envelope):
        return wire.attempt(self.endpoint, **envelope)

    def accepted_after_delay(self, **envelope):
        """Retries until the reply is not a deferral, and returns it."""
        def retry():
            reply = self.attempt(**envelope)
            return None if reply.deferred else reply
        return eventually(retry, 15.0, f"{envelope} accepted", every=0.25)

    def sit_out_delay(self):
        """Returns when every tuple that has been seen by now may pass: a new one is, and passes."""
        self.clocks += 1
        recipient = f"<clock{self.clocks}@example.net>"
        self.accepted_after_delay(recipient=recipient, address="198.18.255.1")

    def control(self, *words, **options):
        return subprocess.run([CONTROL, "--config", str(self.config), *words], text=True,
                              capture_output=True, timeout=allow(30), stdin=subprocess.DEVNULL,
                              check=False, **options)

    def ask(self, *words):
        """What mxwardctl answers, decoded."""
        done = self.control("--format", "json", *words)
        if done.returncode != 0:
            raise AssertionError(f"mxwardctl {words}: {done.returncode} {done.stderr}")
        return json.loads(done.stdout)

    def records(self):
        """Every tuple of the store."""
        return self.ask("list", "--limit", "0")

    def counted(self, name, at_least=1):
        """Checks one of the daemon's counters, where there is a mxwardctl to ask for it."""
        if HAVE_CONTROL and self.ask("stats")[name] < at_least:
            raise AssertionError(f"{name} is less than {at_least}: {self.ask('stats')}")
