# SPDX-License-Identifier: Apache-2.0
"""Metrics and health over HTTP: what they say, and that whoever asks holds up nobody."""

import http.client
import pathlib
import socket
import threading
import time
import unittest

import lmdb
import prometheus
import support
from case import DaemonCase, SharedDaemonCase
from support import allow, eventually

SECRET = "subscriberkey"
LISTS = [{"name": f"list {n}", "zone": f"{SECRET}{n}.bl.example", "codes": {"127.0.0.2": 4}}
         for n in range(50)]


def get(port, path="/metrics", method="GET", host="127.0.0.1", headers=None, timeout=10.0):
    """(status, headers, text)"""
    connection = http.client.HTTPConnection(host, port, timeout=allow(timeout))
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def raw(port, data, timeout=10.0):
    """What comes back for these bytes, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), allow(timeout)) as connection:
        connection.sendall(data)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        return received


class Metrics(SharedDaemonCase):
    port = support.free_port()
    settings = {"metrics": {"listen": f"127.0.0.1:{port}"}, "dnsbl": LISTS,
                "dns": {"servers": ["127.0.0.1:9"], "deadline": "100ms"}}

    def metrics(self):
        status, _, text = get(self.port)
        self.assertEqual(status, 200)
        return prometheus.parse(text)

    def value(self, name, **labels):
        return self.metrics()[name][tuple(sorted(labels.items()))]

    def test_mail_is_counted(self):
        labels = {"verdict": "defer", "reason": "greylist-new"}
        before = self.value("mxward_decisions_total", **labels)
        sessions = self.value("mxward_sessions_total")
        self.assertTrue(self.daemon.attempt(sender="<counted@example.org>").deferred)
        self.assertEqual(self.value("mxward_decisions_total", **labels), before + 1)
        self.assertEqual(self.value("mxward_sessions_total"), sessions + 1)

    def test_a_mail_that_passes_is_in_the_delays(self):
        before = self.value("mxward_greylist_delay_seconds_count")
        envelope = {"sender": "<delayed@example.org>"}
        self.daemon.attempt(**envelope)
        self.daemon.accepted_after_delay(**envelope)
        metrics = self.metrics()
        self.assertGreater(metrics["mxward_greylist_delay_seconds_count"][()], before)
        self.assertGreaterEqual(metrics["mxward_greylist_delay_seconds_sum"][()], 1)
        # Each recipient that was judged has its time.
        self.assertEqual(metrics["mxward_recipient_duration_seconds_count"][()],
                         metrics["mxward_recipients_total"][()])

    def test_open_sessions_are_those_that_are_open(self):
        with self.daemon.session() as session:
            session.client()
            self.assertGreaterEqual(self.value("mxward_sessions_open"), 1)
        eventually(lambda: self.value("mxward_sessions_open") == 0, 10.0, "no open session")

    def test_all_lists_are_there_by_name_and_no_key_is(self):
        _, _, text = get(self.port)
        self.assertNotIn(SECRET, text)
        self.assertNotIn("bl.example", text)
        self.assertNotIn("127.0.0.1", text)
        conditions = prometheus.parse(text)["mxward_dnsbl_condition"]
        self.assertEqual({dict(labels)["list"] for labels in conditions},
                         {entry["name"] for entry in LISTS})
        for entry in LISTS:
            self.assertEqual(sum(value for labels, value in conditions.items()
                                 if dict(labels)["list"] == entry["name"]), 1)

    def test_no_label_is_beyond_those_that_are_fixed(self):
        used = {label for samples in self.metrics().values() for labels in samples
                for label, _ in labels}
        self.assertEqual(used, {"verdict", "reason", "list", "condition", "answer", "state",
                                "table", "version", "le"})

    @unittest.skipIf(prometheus.missing(), prometheus.missing())
    def test_promtool_finds_nothing_to_say(self):
        done = prometheus.promtool("check", "metrics", input=get(self.port)[2])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_it_takes_milliseconds_with_fifty_lists(self):
        best = 1.0
        for _ in range(20):
            begun = time.monotonic()
            get(self.port)
            best = min(best, time.monotonic() - begun)
        # With the connection and this client around it, of which the goal of 5 ms knows nothing.
        self.assertLess(best, allow(0.02))

    def test_health_is_ok(self):
        status, headers, text = get(self.port, "/healthz")
        self.assertEqual((status, text), (200, "ok\n"))
        self.assertEqual(headers["Content-Type"], "text/plain; charset=utf-8")

    def test_head_is_get_without_the_text(self):
        for path in ("/metrics", "/healthz"):
            status, headers, text = get(self.port, path, "HEAD")
            self.assertEqual((status, text), (200, ""))
            self.assertGreater(int(headers["Content-Length"]), 0)

    def test_nothing_else_is_there_and_nothing_can_be_changed(self):
        for path in ("/v1/status", "/v1/tuples", "/v1/entries", "/v1/config", "/v1/explain",
                     "/metrics/", "/favicon.ico", "/../etc/passwd"):
            self.assertEqual(get(self.port, path)[0], 404, path)
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            for path in ("/metrics", "/healthz", "/v1/reload", "/v1/entries", "/v1/pause"):
                status, headers, _ = get(self.port, path, method)
                self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), path)

    def test_what_is_no_request_gets_a_short_answer(self):
        for data, status in ((b"hello\r\n\r\n", b"400"), (b"GET /metrics HTTP/9.9\r\n\r\n", b"505"),
                             (b"GET / HTTP/1.1\r\nA: " + b"a" * 20000 + b"\r\n\r\n", b"431"),
                             (b"GET / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n", b"413"),
                             (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400")):
            answer = raw(self.port, data)
            self.assertEqual(answer.split(b" ")[1], status, answer[:200])
            self.assertLess(len(answer), 1000)

    def test_who_holds_all_connections_holds_up_nobody(self):
        """Silent, dripping and not reading, far more than have a place; mail and monitoring go on."""
        crowd = []
        stop = threading.Event()

        def drip():
            while not stop.wait(0.02):
                for connection in crowd[::3]:
                    try:
                        connection.send(b"G")
                    except OSError:
                        pass

        try:
            for n in range(100):
                connection = socket.create_connection(("127.0.0.1", self.port), allow(10))
                crowd.append(connection)
                if n % 3 == 1:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                    connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            dripping = threading.Thread(target=drip)
            dripping.start()
            begun = time.monotonic()
            for n in range(20):
                self.assertEqual(get(self.port)[0], 200)
                self.assertEqual(get(self.port, "/healthz")[0], 200)
                # Each from elsewhere: the second mail of one network may pass after the delay.
                self.assertTrue(self.daemon.attempt(address=f"198.18.{n}.1").deferred)
            self.assertLess(time.monotonic() - begun, allow(10))
        finally:
            stop.set()
            for connection in crowd:
                connection.close()
        dripping.join()

    def test_who_is_silent_is_closed(self):
        with socket.create_connection(("127.0.0.1", self.port), allow(10)) as silent:
            silent.settimeout(allow(15))
            self.assertEqual(silent.recv(1), b"")

    def test_the_control_socket_has_the_same(self):
        connection = http.client.HTTPConnection("localhost", timeout=allow(10))
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.daemon.settings["control"]["socket"])
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        self.assertEqual(response.headers["Content-Type"],
                         "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(set(prometheus.parse(response.read().decode())), set(self.metrics()))


class Listening(DaemonCase):
    def listening(self, host, **settings):
        port = support.free_port()
        return self.daemon({"metrics": {"listen": f"{host}:{port}"}, **settings}), port

    def test_without_the_option_nobody_listens(self):
        daemon = self.daemon()
        self.assertNotIn("metrics on", daemon.log())
        listening = pathlib.Path(f"/proc/{daemon.process.pid}/net/tcp").read_text()
        inodes = {line.split()[9] for line in listening.splitlines()[1:] if line.split()[3] == "0A"}
        held = set(support.files_of(daemon.process))
        self.assertFalse(held & {f"socket:[{inode}]" for inode in inodes})

    @support.need_ipv6
    def test_ipv6_has_brackets(self):
        port = support.free_port(socket.AF_INET6, "::1")
        daemon = self.daemon({"metrics": {"listen": f"[::1]:{port}"}})
        self.assertEqual(get(port, "/healthz", host="::1")[0], 200)
        self.assertNotIn("without a password", daemon.log())

    def test_on_other_addresses_than_loopback_there_is_a_warning(self):
        daemon, port = self.listening("0.0.0.0")
        daemon.expect_log(r'metrics\.listen = "0\.0\.0\.0:\d+" is served '
                          "without a password")
        self.assertEqual(get(port, "/healthz")[0], 200)

    def test_a_port_that_is_taken_ends_the_start(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            daemon = self.daemon({"metrics": {"listen": f"127.0.0.1:{port}"}}, start=False)
            daemon.launch()
            self.assertEqual(daemon.wait(), 1)
        self.assertIn(f"metrics.listen: 127.0.0.1:{port}: cannot listen: Address already in use",
                      daemon.log())

    def test_the_port_is_free_again_after_a_restart(self):
        daemon, port = self.listening("127.0.0.1")
        self.assertEqual(get(port)[0], 200)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assertEqual(get(port)[0], 200)

    def test_a_change_of_the_address_needs_a_restart(self):
        daemon, port = self.listening("127.0.0.1")
        other = support.free_port()
        daemon.configure({"metrics": {"listen": f"127.0.0.1:{other}"}})
        daemon.reload()
        daemon.expect_log("these changes need a restart: metrics.listen")
        self.assertEqual(get(port, "/healthz")[0], 200)


class Health(DaemonCase):
    def test_a_failed_reload_shows_until_the_next_good_one(self):
        port = support.free_port()
        daemon = self.daemon({"metrics": {"listen": f"127.0.0.1:{port}"}})

        def successful():
            return prometheus.parse(get(port)[2])["mxward_config_last_reload_successful"][()]

        self.assertEqual(successful(), 1)
        good = daemon.config.read_text()
        daemon.config.write_text(good + "nonsense = 1\n")
        daemon.reload()
        eventually(lambda: successful() == 0, 5.0, "the failure shows")
        self.assertEqual(get(port, "/healthz")[0], 200)  # the filter itself is well
        daemon.config.write_text(good)
        daemon.reload()
        eventually(lambda: successful() == 1, 5.0, "the success shows")

    def test_it_answers_at_once_while_the_database_does_not(self):
        port = support.free_port()
        daemon = self.daemon({"metrics": {"listen": f"127.0.0.1:{port}"},
                              "store": {"deadline": "500ms"}})
        with lmdb.writer_blocked(daemon.store):
            self.assertTrue(daemon.attempt(sender="<stuck@example.org>").deferred)
            begun = time.monotonic()
            self.assertEqual(get(port, "/healthz")[0], 200)  # nobody passes because of it
            self.assertLess(time.monotonic() - begun, allow(1))
            metrics = prometheus.parse(get(port)[2])
            self.assertEqual(metrics["mxward_store_failures_total"][()], 0)
            self.assertEqual(metrics["mxward_deferrals_without_record_total"][()], 1)
            self.assertEqual(metrics["mxward_store_waits_given_up_total"][()], 1)
            self.assertGreater(metrics["mxward_store_commit_age_seconds"][()], 0)
            eventually(lambda: "commit has been running" in get(port, "/healthz")[2], 20.0,
                       "the commit counts as stuck", every=0.2)
            self.assertEqual(get(port, "/healthz")[0], 503)


if __name__ == "__main__":
    support.main()
