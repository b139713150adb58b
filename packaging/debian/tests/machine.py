# SPDX-License-Identifier: Apache-2.0
"""A throw-away machine with the package on it, seen by its administrator, and a stranger who sends it
mail from a network of its own."""

import json
import pathlib
import re
import smtplib
import subprocess
import time

CONFIG = pathlib.Path("/etc/mxward/mxward.toml")
DATABASE = pathlib.Path("/var/lib/mxward")
DROP_IN = pathlib.Path("/etc/systemd/system/mxward.service.d/test.conf")
MAILBOX = pathlib.Path("/var/mail/reader")
DOMAIN = "mx.example.net"
# The stranger's end of the wire, and ours. Documentation's addresses (RFC 5737).
STRANGER, OURS = "198.51.100.2", "198.51.100.1"

# A delay that a test can wait for, and patience with a busy machine's disk. All else is as the package
# has it.
STORE = '[store]\ndeadline = "3s"\n'
QUICK = '[greylist]\ndelay = "2s"\n' + STORE


def run(*command, check=True, **options):
    """What the command printed on both streams; raises when it fails, unless check is off."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False, timeout=300, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def status(*command):
    """Its exit status."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False, timeout=300).returncode


def eventually(question, within, what):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + within
    while not (answer := question()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {within} s")
        time.sleep(0.1)
    return answer


def unit(name):
    """A property of the service, as systemd knows it."""
    return run("systemctl", "show", "--property", name, "--value", "mxward").strip()


def active():
    return unit("ActiveState") == "active"


def main_process():
    return int(unit("MainPID"))


def journal(since=None):
    arguments = ["--since", since] if since else []
    return run("journalctl", "--unit", "mxward", "--output", "cat", "--no-pager", *arguments)


def logged(pattern):
    """Waits till there is such a line in its log, which is written a moment after what it tells."""
    return eventually(lambda: re.search(pattern, journal()), 20, f"{pattern} in the log")


def ctl(*arguments):
    """What `mxwardctl --format json` says."""
    return json.loads(run("mxwardctl", "--format", "json", *arguments))


def configure(text, restart=False):
    """The whole configuration; as an editor does it, owner and mode stay."""
    CONFIG.write_text(text, encoding="utf-8")
    # A test starts it more often in ten seconds than an administrator does.
    run("systemctl", "reset-failed", "mxward", check=False)
    run("systemctl", "restart" if restart else "reload", "mxward")


def drop_in(text):
    """Settings of the unit's that the package does not have; "" takes them away."""
    DROP_IN.parent.mkdir(exist_ok=True)
    DROP_IN.unlink(missing_ok=True)
    if text:
        DROP_IN.write_text(text, encoding="utf-8")
    run("systemctl", "daemon-reload")


def connect_stranger():
    """A wire to a network namespace in which the stranger lives, and a mailbox for his mail."""
    if status("ip", "netns", "exec", "stranger", "true") != 0:
        run("ip", "netns", "add", "stranger")
        run("ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire0", "netns", "stranger")
        run("ip", "address", "add", f"{OURS}/24", "dev", "wire")
        run("ip", "link", "set", "wire", "up")
        for words in (f"address add {STRANGER}/24 dev wire0", "link set wire0 up", "link set lo up"):
            run("ip", "-n", "stranger", *words.split())
    # Nobody has a name here; without a name server that is not known, and then not held against him.
    nsswitch = pathlib.Path("/etc/nsswitch.conf")
    lines = [line for line in nsswitch.read_text().splitlines() if not line.startswith("hosts:")]
    nsswitch.write_text("\n".join([*lines, "hosts: files", ""]))
    if status("id", "reader") != 0:
        run("useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", "reader")


def filter_line(server):
    """The line that `mxwardctl doctor` tells an administrator of Postfix or Sendmail."""
    lines = [line for line in run("mxwardctl", "doctor", "--lines").splitlines()
             if {"postfix": "smtpd_milters", "sendmail": "INPUT_MAIL_FILTER"}[server] in line]
    assert len(lines) == 1, lines
    return lines[0].strip()


def listens():
    """Whether a mail server answers the stranger."""
    return status("ip", "netns", "exec", "stranger", "bash", "-c", f"</dev/tcp/{OURS}/25") == 0


def set_up_postfix():
    run("postconf", "-e", f"myhostname = {DOMAIN}", f"mydestination = {DOMAIN}", "mynetworks =",
        "inet_protocols = ipv4", "inet_interfaces = all", "alias_maps =", "local_recipient_maps =",
        "mailbox_command =", filter_line("postfix"))
    # It copies nsswitch.conf into its chroot only then.
    run("systemctl", "restart", "postfix")
    eventually(listens, 30, "Postfix listens")


_SEND = """
import smtplib, sys
helo, sender, recipient, subject = sys.argv[1:]
with smtplib.SMTP("%s", 25, local_hostname=helo, timeout=60) as client:
    client.ehlo()
    code, text = client.mail(sender)
    if code == 250:
        code, text = client.rcpt(recipient)
    if code == 250:
        code, text = client.data(f"Subject: {subject}\\r\\n\\r\\nHello.\\r\\n")
print(code, text.decode())
""" % OURS


def send(subject, sender="friend@example.org", recipient=f"reader@{DOMAIN}",
         helo="mail.example.org", address=None):
    """The stranger's mail; (code, text) of the last reply. Given an address of ours, its own."""
    words = [helo, sender, recipient, subject]
    where = [] if address else ["ip", "netns", "exec", "stranger"]
    code, _, text = run(*where, "python3", "-c", _SEND, *words).strip().partition(" ")
    return int(code), text


def arrived(subject):
    return eventually(lambda: MAILBOX.exists() and f"Subject: {subject}\n" in
                      MAILBOX.read_text(errors="replace"), 30, f"{subject} in the mailbox")


def deferred_then_delivered(name):
    """A tuple of its own, from the first try to the mailbox."""
    mail = {"subject": name, "sender": f"{name}@example.org"}
    code, text = send(**mail)
    assert code == 451 and "4.7.1" in text and "reylisted" in text, (code, text)
    eventually(lambda: send(**mail)[0] == 250, 30, f"{name} accepted")
    arrived(name)


def hold_sessions(count):
    """Sessions of our own machine's that stay open; its own mail is trusted, and yet judged."""
    return [smtplib.SMTP("127.0.0.1", 25, local_hostname="held.example.org", timeout=60)
            for _ in range(count)]
