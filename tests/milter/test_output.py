# SPDX-License-Identifier: Apache-2.0
"""Whatever the network sends, no output holds anything that a terminal obeys, that hides text, or that
looks like another line or field: every field, every command, every format."""

import http.client
import json
import re
import signal
import subprocess
import tempfile

import support
from case import DaemonCase
from daemon import CONTROL, need_control
from support import allow, eventually, free_port

# C0 (a milter's argument cannot hold NUL), DEL, C1, line separators, bidirectional controls.
UNSAFE = [*range(1, 0x20), *range(0x7f, 0xa0), 0x61c, 0x200e, 0x200f, *range(0x2028, 0x202f),
          *range(0x2066, 0x206a)]
KEYS = ("action", "reason", "about", "client_address", "delay", "identity", "client_name", "helo", "sender",
        "recipient", "user", "score", "findings", "told", "observed")
HOSTILE = [
    "".join(map(chr, UNSAFE)),
    "\x1b[31m\x9b31m\x1b]0;title\x07\x9d0;x\x9c",
    "x client_address=9.9.9.9",
    "x, action=reject, reason=blocked, about=client, client_address=9.9.9.9, helo=<",
    "X: action=reject, client_address=9.9.9.9\u0085Nov 30 mx mxward[1]: Y: action=reject",
    "\"},{\"action\":\"accept\"} \\u0000 \u202eevil\u2066",
    "</td><script>alert(1)</script>&amp;",
    "=1+1\t=cmd",
]
# What is no UTF-8.
BYTES = b"\x80\x9b\xff\xc2\xe2\x80\xdelay=1\xabout=2"

SETTINGS = {
    "greylist": {"delay": "1h"},
    "limit": [{"name": "each", "count": "messages", "per": "sender", "rate": "1/1h", "action": "observe"},
              {"name": "guess", "count": "bad-recipients", "per": "client", "rate": "1/1h",
               "action": "observe"}],
}


def unsafe_in(text, but=""):
    """The first unsafe character of text that is not among `but`."""
    return next((hex(ord(each)) for each in text
                 if (ord(each) in UNSAFE or each == "\0") and each not in but), None)


def decoded(case, output, what):
    try:
        return output.decode("utf-8")
    except UnicodeDecodeError as error:
        return case.fail(f"{what}: no UTF-8: {error}")


def read(file):
    file.seek(0)
    return file.read()


class Output(DaemonCase):
    def send_hostile(self, daemon):
        """Every field that the network fills, with each text."""
        texts = [text.encode() for text in HOSTILE] + [BYTES]
        for number, text in enumerate(texts):
            with daemon.session() as session:
                session.client(f"192.0.2.{number + 1}", text, helo=text)
                for _ in range(2):
                    session.mail(b"<" + text + b"@" + text + b".example>")
                    session.rcpt(b"<" + text + b"@" + text + b".example>", macros={"i": text})
                    session.abort()
                session.mail(b"<guess@" + text + b".example>")
                session.rcpt(b"<no@example.net>", macros={
                    "{rcpt_mailer}": "error", "{rcpt_host}": "5.1.1", "{rcpt_addr}": "no user"})
                session.abort()
                session.mail(b"<" + text + b"@example.org>", macros={"{auth_authen}": text})
                session.rcpt(b"<" + text + b"@example.net>")
                session.abort()
        return texts

    def served(self, log_format):
        port = free_port()
        daemon = self.daemon({**SETTINGS, "log": {"format": log_format},
                              "metrics": {"listen": f"127.0.0.1:{port}"}})
        return daemon, port

    def log_lines(self, daemon):
        raw = daemon.log_file.read_bytes()
        text = decoded(self, raw, "the log")
        self.assertEqual(unsafe_in(text, "\n"), None)
        return text.splitlines()

    def test_no_line_of_the_text_log_has_a_key_twice(self):
        daemon, _ = self.served("text")
        self.send_hostile(daemon)
        decisions = eventually(lambda: [line for line in self.log_lines(daemon) if "action=" in line][26:],
                               5, "all decisions are logged") and self.log_lines(daemon)
        for line in decisions:
            self.assertTrue(line.isascii() and line.isprintable(), line)
            if "action=" not in line:
                continue
            for key in KEYS:
                self.assertLessEqual(len(re.findall(key + "=", line)), 1, line)
            self.assertRegex(line, r"^[^ :]+: action=[a-z]+, reason=[a-z-]+, client_address=192\.0\.2\.\d+, ")
            # What a careless expression finds is the client.
            self.assertRegex(re.search(r"action=.*client_address=([^, ]*)", line)[1], r"^192\.0\.2\.")

    def test_the_json_log_stays_what_it_is(self):
        daemon, _ = self.served("json")
        texts = self.send_hostile(daemon)
        lines = eventually(lambda: [line for line in self.log_lines(daemon) if '"action"' in line][26:],
                           5, "all decisions are logged") and self.log_lines(daemon)
        helos = {json.loads(line).get("helo") for line in lines if line.startswith("{")}
        for text in texts[:-1]:
            self.assertIn(text.decode(), helos)

    @need_control
    def test_every_command_in_every_format(self):
        daemon, port = self.served("text")
        shown = {form: self.enterContext(tempfile.TemporaryFile("w+b"))
                 for form in ("table", "json", "tsv")}
        watchers = [subprocess.Popen([CONTROL, "--config", daemon.config, "--format", form, "watch"],
                                     stdin=subprocess.DEVNULL, stdout=file, stderr=file)
                    for form, file in shown.items()]

        def follow():
            daemon.attempt(sender="<first@example.org>")
            return all(b"first@" in read(file) for file in shown.values())
        eventually(follow, 10, "all follow", every=0.1)
        self.send_hostile(daemon)
        key = next(one["key"] for one in daemon.ask("list", "--limit", "0"))
        text, note = HOSTILE[0], HOSTILE[3]
        log = daemon.directory / "mail.log"
        log.write_bytes(b"".join(
            b"Nov 30 03:00:0%d mx postfix/smtpd[7]: " % (number % 10) + line + b"\n"
            for number, line in enumerate(
                part for each in HOSTILE for part in (
                    b"connect from unknown[192.0.2.7]",
                    b"NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 450 4.7.1 x; from=<" + each.encode()
                    + b"@example.org> to=<" + each.encode() + b"@example.net> proto=ESMTP helo=<"
                    + each.encode() + b">",
                    b"disconnect from unknown[192.0.2.7]"))))
        wrong = daemon.directory / "wrong.toml"
        wrong.write_text("[log]\ntarget = \"" + HOSTILE[6].replace('"', "'") + "\"\n")
        lines = daemon.directory / "lines"
        lines.write_text(json.dumps({"mxward": text, text: note}) + "\n" + note + "\n")
        asked = {
            "status": [[]], "stats": [[]], "top": [["--once"]], "report": [[], ["--html", "-"]],
            "list": [[], ["--sender", text]], "pending": [[]],
            "show": [[key], ["192.0.2.1"], [f"{text}@example.org"], [text]], "clients": [[]],
            "clients top": [[]], "rules": [[]], "limits": [[]], "limits reset": [[text]], "entries": [[]],
            "allow": [["sender", f"{text}@example.org", "--note", note], ["client-name", text]],
            "block": [["sender", f"{HOSTILE[1]}@example.org", "--note", note], ["client", text]],
            "forget": [["sender", f"{HOSTILE[2]}@example.org"]],
            "explain": [["--client", "192.0.2.9", "--name", text, "--helo", text, "--from",
                         f"{text}@{text}", "--to", f"{text}@example.net", "--user", text],
                        ["--client", text, "--to", text]],
            "evidence enable": [[]],
            "dnsbl list": [[]], "dnsbl test": [[text]], "dnsbl check": [[text]],
            "spf check": [["--client", "192.0.2.9", "--from", f"{text}@{text}", "--helo", text]],
            "spf show": [[text]],
            "export": [[]], "import": [[str(lines)]], "pause": [[]], "reload": [[]],
            "check-config": [[str(wrong)]], "dump-config": [["--running"]],
            "doctor": [["--only", text]], "probe": [["--helo", text, "--from", f"{text}@example.org",
                                                     "--to", "b@example.net"]],
            "replay": [[str(log)]], "completion": [["bash"]], "version": [[]], "watch": [],
        }
        commands = daemon.control("--help").stdout.split("Commands:")[1]
        self.assertEqual(set(re.findall(r"^  ([a-z-]+) ", commands, re.M)),
                         {name.split()[0] for name in asked})
        for name, calls in asked.items():
            for call in calls:
                for form in ("table", "tsv", "json"):
                    done = subprocess.run(
                        [CONTROL, "--config", daemon.config, "--format", form, *name.split(), *call],
                        capture_output=True, check=False, timeout=allow(30), stdin=subprocess.DEVNULL)
                    self.check(done.stdout, form, (name, form, call))
                    self.check(done.stderr, "table", (name, form, call))
        eventually(lambda: all(b"192.0.2.9" in read(file) for file in shown.values()), 10)
        for watcher in watchers:
            watcher.send_signal(signal.SIGINT)
            watcher.wait(allow(10))
        for form, file in shown.items():
            self.check(read(file), form, ("watch", form))
        for path in ("/metrics", "/healthz", "/", "/overview.json"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=allow(10))
            connection.request("GET", path)
            answer = connection.getresponse().read()
            if path == "/overview.json":
                self.assertIn(b"first@example.org", answer)  # over a limit
            self.assertEqual(unsafe_in(decoded(self, answer, path), "\n"), None, path)
            connection.close()

    def check(self, output, form, what):
        text = decoded(self, output, what)
        found = unsafe_in(text, "\n\t" if form == "tsv" else "\n")
        self.assertEqual(found, None, f"{what}: {text!r}")


if __name__ == "__main__":
    support.main()
