# SPDX-License-Identifier: Apache-2.0
"""What keeps the daemon from starting: a clear text, a status, and nothing else is harmed."""

import hashlib
import os
import pathlib
import shutil
import socket
import stat
import subprocess
from socket import AF_INET6

import support
from case import DaemonCase
from daemon import START

CONFIG_ERROR = 78


class Startup(DaemonCase):
    def refused(self, settings=None, **options):
        """Starts a daemon that has to give up; returns its status and what it said."""
        daemon = self.daemon(settings, start=False, **options).launch()
        try:
            status = daemon.wait(START)
        except subprocess.TimeoutExpired:
            self.fail(f"it started:\n{daemon.tail()}")
        self.assertGreater(status, 0, f"ended by a signal, or as if well:\n{daemon.tail()}")
        self.assertTrue(daemon.log().strip(), "it said nothing")
        return status, daemon.log()

    def assert_unharmed(self, daemon):
        self.assertIsNone(daemon.process.poll())
        self.assertTrue(daemon.attempt(sender="<unharmed@example.org>").deferred)

    def test_a_socket_that_is_open_to_the_world_is_warned_of(self):
        for host, warned in (("127.0.0.1", False), ("0.0.0.0", True)):
            daemon = self.daemon(endpoint=f"inet:{host}:{support.free_port()}")
            self.assertTrue(daemon.attempt().deferred)
            self.assertEqual("takes whoever connects for a mail server" in daemon.log(), warned, host)

    def test_a_second_daemon_on_the_same_database_is_refused(self):
        first = self.daemon()
        _, said = self.refused({"store": {"path": str(first.store)}})
        self.assertIn(str(first.store), said)
        self.assert_unharmed(first)

    def test_a_second_daemon_on_the_same_socket_is_refused(self):
        first = self.daemon()
        _, said = self.refused(endpoint=first.endpoint)
        self.assertIn("milter.sock", said)
        self.assert_unharmed(first)

    def test_a_second_daemon_on_the_same_port_is_refused(self):
        first = self.daemon(endpoint=f"inet:127.0.0.1:{support.free_port()}")
        self.refused(endpoint=first.endpoint)
        self.assert_unharmed(first)

    def test_a_second_daemon_with_the_same_configuration_is_refused(self):
        first = self.daemon()
        self.refused({"store": {"path": str(first.store)}}, endpoint=first.endpoint)
        self.assert_unharmed(first)

    def test_a_socket_path_that_is_too_long_is_refused(self):
        status, said = self.refused(endpoint="unix:/tmp/" + "x" * 120)
        self.assertEqual(status, CONFIG_ERROR)
        self.assertRegex(said, "(?i)socket|listen")

    def test_a_socket_in_a_folder_that_does_not_exist_is_refused(self):
        self.assertIn("/nowhere/", self.refused(endpoint="unix:/nowhere/at/all.sock")[1])

    def test_a_file_in_the_place_of_the_socket_is_refused_and_kept(self):
        daemon = self.daemon(start=False)
        place = daemon.directory / "precious"
        place.write_text("data")
        self.refused(endpoint=f"unix:{place}")
        self.assertEqual(place.read_text(), "data")

    def test_a_database_that_is_garbage_is_refused_and_kept(self):
        daemon = self.daemon(start=False)
        daemon.store.mkdir()
        data = daemon.store / "data.mdb"
        data.write_bytes(os.urandom(64 * 1024))
        before = hashlib.sha256(data.read_bytes()).digest()
        _, said = self.refused({"store": {"path": str(daemon.store)}})
        self.assertIn(str(daemon.store), said)
        self.assertEqual(hashlib.sha256(data.read_bytes()).digest(), before)

    def test_a_database_of_another_program_is_refused_and_kept(self):
        if not shutil.which("mdb_load"):
            self.skipTest("needs mdb_load")
        daemon = self.daemon(start=False)
        daemon.store.mkdir()
        subprocess.run(["mdb_load", "-T", str(daemon.store)], check=True, text=True,
                       input="other\nprogram\n")
        before = (daemon.store / "data.mdb").read_bytes()
        _, said = self.refused({"store": {"path": str(daemon.store)}})
        self.assertIn(str(daemon.store), said)
        self.assertEqual((daemon.store / "data.mdb").read_bytes(), before)

    def test_an_empty_database_file_is_filled(self):
        daemon = self.daemon(start=False)
        daemon.store.mkdir()
        (daemon.store / "data.mdb").touch()
        daemon.start()
        self.assertTrue(daemon.attempt().deferred)

    def test_a_store_that_is_a_file_is_refused(self):
        daemon = self.daemon(start=False)
        daemon.store.write_text("not a folder")
        self.refused({"store": {"path": str(daemon.store)}})
        self.assertEqual(daemon.store.read_text(), "not a folder")

    @support.need_ipv6
    def test_it_serves_over_ipv6(self):
        daemon = self.daemon(endpoint=f"inet6:{support.free_port(AF_INET6, '::1')}@[::1]")
        self.assertTrue(daemon.attempt().deferred)
        self.assertIn("listens on inet6:", daemon.log())

    def test_it_serves_on_a_socket_that_its_parent_has_opened(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            number = listener.fileno()
            daemon = self.daemon({"milter": {"listen": f"fd:{number}"}},
                                 endpoint=f"inet:127.0.0.1:{listener.getsockname()[1]}",
                                 process={"pass_fds": [number]})
        # The parent's is closed: it is the daemon's own that takes connections.
        self.assertTrue(daemon.attempt().deferred)
        self.assertIn(f"listens on fd:{number}", daemon.log())
        self.assertEqual(daemon.stop(), 0)
        with self.assertRaises(ConnectionRefusedError):
            daemon.attempt()

    def test_a_descriptor_that_is_not_there_is_refused(self):
        self.assertIn("fd:77", self.refused({"milter": {"listen": "fd:77"}})[1])

    def test_the_sockets_mode_is_the_one_configured(self):
        for mode in (0o660, 0o600, 0o666):
            with self.subTest(oct(mode)):
                daemon = self.daemon({"milter": {"socket_mode": f"{mode:04o}"}})
                socket = pathlib.Path(daemon.endpoint.removeprefix("unix:"))
                self.assertEqual(stat.S_IMODE(socket.stat().st_mode), mode)

    @support.need_root("a socket of another group")
    def test_the_sockets_group_is_the_one_configured(self):
        daemon = self.daemon({"milter": {"socket_group": "daemon"}})
        socket = pathlib.Path(daemon.endpoint.removeprefix("unix:"))
        self.assertEqual(socket.group(), "daemon")

    def test_a_group_that_does_not_exist_is_refused(self):
        self.assertIn("no-such-group",
                      self.refused({"milter": {"socket_group": "no-such-group"}})[1])


if __name__ == "__main__":
    support.main()
