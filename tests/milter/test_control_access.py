# SPDX-License-Identifier: Apache-2.0
"""Who may do what on the control socket, with real users and groups: the kernel takes any number for one."""

import ast
import contextlib
import json
import os
import shutil
import socket
import subprocess

import support
from case import DaemonCase
from daemon import CONTROL, HAVE_CONTROL, need_control
from support import allow

CONTROLS, READS, STRANGERS = 61301, 61302, 61303
NOBODY = 65534


def talk(path, method, target):
    """The status of HTTP, or the name of the error."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(allow(20))
            client.connect(path)
            with contextlib.suppress(BrokenPipeError):  # turned away before it has asked
                client.sendall(f"{method} {target} HTTP/1.1\r\nHost: mxward\r\n\r\n".encode())
            answer = b""
            while piece := client.recv(65536):
                answer += piece
        return int(answer.split()[1])
    except OSError as error:
        return type(error).__name__


def held(path, number):
    sockets = []
    for _ in range(number):
        sockets.append(socket.socket(socket.AF_UNIX))
        sockets[-1].connect(path)
    return sockets


class Child:
    """Another user, who does `work` and then stays until end(). A fork: the interpreter itself may be
    where others cannot read."""

    def __init__(self, user, work):
        (self.read, answer), (wait, self.write) = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self.write)
                os.setgroups(user["extra_groups"])
                os.setgid(user["group"])
                os.setuid(user["user"])
                kept = work()
                os.write(answer, repr(kept if isinstance(kept, (int, str)) else "done").encode())
                os.read(wait, 1)
                status = 0
            finally:
                os._exit(status)  # pylint: disable=protected-access
        os.close(answer)
        os.close(wait)
        self.answer = ast.literal_eval(os.read(self.read, 1000).decode() or "'it died'")

    def end(self):
        os.close(self.write)
        os.close(self.read)
        os.waitpid(self.pid, 0)


def as_user(uid, gid, *groups):
    return {"user": uid, "group": gid, "extra_groups": list(groups)}


READER = as_user(NOBODY, NOBODY, READS)
MEMBER = as_user(NOBODY, NOBODY, CONTROLS)
STRANGER = as_user(NOBODY, STRANGERS)

LOOKS = ["/v1/status", "/v1/stats", "/v1/overview", "/v1/tuples", "/v1/pending", "/v1/show?what=192.0.2.1",
         "/v1/clients", "/v1/clients/recent", "/v1/limits", "/v1/decisions", "/v1/rules", "/v1/entries",
         "/v1/export", "/v1/report", "/v1/pause", "/v1/config", "/v1/dnsbl", "/v1/dnsbl/test",
         "/v1/dnsbl/check?what=192.0.2.1", "/v1/spf/check?client=192.0.2.1", "/v1/spf/show?domain=a.example", "/metrics", "/healthz",
         "/v1/explain?client=192.0.2.1&from=a@example.org&to=b@example.net"]
CHANGES = [("PUT", "/v1/entries?action=block&kind=client&key=0.0.0.0/0"),
           ("DELETE", "/v1/entries?kind=client&key=192.0.2.1"),
           ("POST", "/v1/forget?kind=client&key=192.0.2.1"),
           ("POST", "/v1/limits/reset"), ("POST", "/v1/import"), ("POST", "/v1/reload"),
           ("PUT", "/v1/pause?for=1h"), ("DELETE", "/v1/pause")]


@support.need_root("it becomes other users")
class ControlAccess(DaemonCase):
    def serve(self, **control):
        daemon = self.daemon({"control": {"socket_group": str(CONTROLS), **control}})
        self.path = str(daemon.directory / "control.sock")
        return daemon

    def ask(self, user, method, path):
        child = Child(user, lambda: talk(self.path, method, path))
        child.end()
        return child.answer

    def hold(self, user, number):
        child = Child(user, lambda: held(self.path, number))
        self.addCleanup(child.end)
        self.assertEqual(child.answer, "done")

    def test_who_may_read_looks_and_changes_nothing(self):
        daemon = self.serve(read_group=str(READS))
        for path in LOOKS:
            self.assertIn(self.ask(READER, "GET", path), (200, 404), path)
        for method, path in CHANGES:
            self.assertEqual(self.ask(READER, method, path), 403, path)
        self.assertEqual(self.ask(READER, "GET", "/v1/hash-key"), 403)
        # By the main group as well.
        self.assertEqual(self.ask(as_user(NOBODY, READS), "GET", "/v1/status"), 200)
        if HAVE_CONTROL:
            self.assertEqual(daemon.control("entries").returncode, 1)  # there are none

    def test_members_of_the_sockets_group_change_but_do_not_learn_the_hash_key(self):
        self.serve(read_group=str(READS))
        self.assertEqual(self.ask(MEMBER, "GET", "/v1/status"), 200)
        self.assertEqual(self.ask(MEMBER, "PUT", "/v1/entries?action=block&kind=client&key=192.0.2.1"), 200)
        self.assertEqual(self.ask(MEMBER, "GET", "/v1/hash-key"), 403)
        self.assertEqual(self.ask(as_user(0, 0), "GET", "/v1/hash-key"), 200)

    def test_everybody_else_is_kept_out(self):
        self.serve(read_group=str(READS))
        for path in ("/v1/status", "/healthz", "/v1/hash-key"):
            self.assertEqual(self.ask(STRANGER, "GET", path), 403, path)

    def test_without_the_option_the_socket_is_closed_to_them(self):
        self.serve()
        self.assertEqual(self.ask(READER, "GET", "/v1/status"), "PermissionError")
        self.assertEqual(self.ask(MEMBER, "GET", "/v1/status"), 200)

    def test_held_connections_keep_nobody_else_out(self):
        self.serve(read_group=str(READS))
        self.hold(STRANGER, 200)
        self.hold(READER, 60)
        self.hold(as_user(NOBODY - 1, NOBODY, CONTROLS), 60)
        for number in range(5):  # these two are still free
            self.hold(as_user(61400 + number, NOBODY, READS), 20)
        for _ in range(3):
            self.assertEqual(self.ask(as_user(0, 0), "GET", "/v1/status"), 200)

    def test_one_users_connections_are_a_quarter_at_most(self):
        self.serve(read_group=str(READS))
        self.hold(READER, 60)
        # Its answer may be lost: the connection is closed with the request unread.
        self.assertIn(self.ask(READER, "GET", "/v1/status"), (503, "ConnectionResetError", "BrokenPipeError"))
        self.assertEqual(self.ask(as_user(NOBODY - 1, NOBODY, READS), "GET", "/v1/status"), 200)
        self.hold(STRANGER, 60)
        self.assertEqual(self.ask(MEMBER | {"user": NOBODY - 2}, "GET", "/v1/status"), 200)

    @need_control
    def test_mxwardctl_says_what_is_not_allowed(self):
        daemon = self.serve(read_group=str(READS))
        program = shutil.copy(CONTROL, daemon.directory / "mxwardctl")

        def run(*words):
            return subprocess.run([program, "--config", daemon.config, *words], capture_output=True,
                                  check=False, text=True, timeout=allow(20), cwd="/", **READER)

        self.assertEqual(json.loads(run("--format", "json", "status").stdout)["running"], True)
        refused = run("block", "client", "192.0.2.1")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("control.read_group", refused.stderr)
        self.assertIn("hash key", run("export", "--hash-key").stderr)


if __name__ == "__main__":
    support.main()
