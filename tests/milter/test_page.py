# SPDX-License-Identifier: Apache-2.0
"""The status page over HTTP: who gets it, what its numbers say, and that they tell no secret. How it
looks is test_page_browser.py's."""

import http.client
import json
import socket
import time

import lmdb
import support
from case import DaemonCase, SharedDaemonCase
from support import allow, eventually

SECRET = "subscriberkey"
HOSTILE = "<script>alert(1)</script>"
PATHS = ("/", "/overview.json")


def get(port, path="/", method="GET", host=None):
    """(status, headers, text); host: the Host field, "" for none, the address unless said."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=allow(10))
    try:
        connection.putrequest(method, path, skip_host=host is not None)
        if host:
            connection.putheader("Host", host)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def overview(port, window="1h"):
    status, _, text = get(port, f"/overview.json?window={window}")
    assert status == 200, text
    return json.loads(text)


class Page(SharedDaemonCase):
    port = support.free_port()
    settings = {"metrics": {"listen": f"127.0.0.1:{port}"},
                "dnsbl": [{"name": "house", "zone": f"{SECRET}.bl.example",
                           "codes": {"127.0.0.2": 4}}],
                "limit": [{"name": "messages", "count": "messages", "per": "sender",
                           "rate": "2/1h", "action": "observe"}],
                "dns": {"servers": ["127.0.0.1:9"], "deadline": "100ms"}}

    def test_the_page_is_one_file_that_asks_nobody_else(self):
        status, headers, text = get(self.port)
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertTrue(text.rstrip().endswith("</html>"))
        for word in ("http://", "https://", "@import", "<script src", "url("):
            self.assertNotIn(word, text.replace("http://www.w3.org/2000/svg", ""), word)

    def test_its_headers_keep_strangers_out(self):
        _, headers, _ = get(self.port)
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        self.assertEqual(policy["default-src"], "'none'")
        self.assertEqual(policy["frame-ancestors"], "'none'")
        self.assertEqual(policy["connect-src"], "'self'")
        self.assertNotIn("unsafe", headers["Content-Security-Policy"])
        for path in PATHS:
            _, headers, _ = get(self.port, path)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertIsNone(headers["Access-Control-Allow-Origin"])

    def test_only_an_address_or_localhost_is_a_name_for_it(self):
        for path in PATHS:
            for host in (f"localhost:{self.port}", "192.0.2.1", f"[::1]:{self.port}"):
                self.assertEqual(get(self.port, path, host=host)[0], 200, host)
            for host in ("evil.example", f"127.0.0.1.evil.example:{self.port}", ""):
                status, _, text = get(self.port, path, host=host)
                self.assertEqual(status, 403, host)
                self.assertIn("IP address or localhost", text)
        self.assertEqual(get(self.port, "/metrics", host="mx.example.org")[0], 200)
        self.assertEqual(get(self.port, "/healthz", host="mx.example.org")[0], 200)

    def test_it_is_only_read(self):
        for path in PATHS:
            status, headers, text = get(self.port, path, "HEAD")
            self.assertEqual((status, text), (200, ""))
            self.assertGreater(int(headers["Content-Length"]), 0)
            for method in ("POST", "PUT", "DELETE", "OPTIONS"):
                status, headers, _ = get(self.port, path, method)
                self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))

    def test_a_wrong_question_gets_told_what_is_right(self):
        for query in ("window=2h", "windows=1h", "window=1h&window=6h"):
            status, _, text = get(self.port, "/overview.json?" + query)
            self.assertEqual(status, 400, text)

    def test_mail_is_in_its_numbers(self):
        before = overview(self.port)
        envelope = {"sender": "<seen@example.org>", "address": "203.0.113.7"}
        self.assertTrue(self.daemon.attempt(**envelope).deferred)
        self.daemon.accepted_after_delay(**envelope)
        after = overview(self.port)
        for key, at_least in (("new", 1), ("passed", 1)):
            self.assertGreaterEqual(after["greylist"][key], before["greylist"][key] + at_least)
        self.assertGreater(after["delay"]["count"], before["delay"]["count"])
        self.assertGreater(after["judging"]["count"], before["judging"]["count"])
        self.assertIn("greylist-passed", {item["reason"] for item in after["reasons"]})
        self.assertEqual(sum(sum(bucket) for bucket in after["verdicts"]["buckets"]),
                         sum(item["count"] for item in after["reasons"]))
        self.assertIn("203.0.113.7", {item["client"] for item in after["clients"]["items"]})
        for window in ("6h", "24h"):
            wider = overview(self.port, window)
            self.assertGreaterEqual(wider["greylist"]["passed"], after["greylist"]["passed"])

    def test_limits_are_there(self):
        for _ in range(3):
            self.daemon.attempt(sender="<many@example.org>", address="203.0.113.8")
        limits = overview(self.port)["limits"]
        self.assertEqual(limits["configured"], 1)
        self.assertIn(("many@example.org", "over"),
                      {(item["key"], item["state"]) for item in limits["items"]})

    def test_lists_have_names_and_neither_zones_nor_keys(self):
        self.daemon.attempt(sender="<listed@example.org>", address="203.0.113.9")
        self.assertEqual([entry["name"] for entry in overview(self.port)["lists"]], ["house"])
        text = get(self.port, "/overview.json")[2]
        self.assertNotIn(SECRET, text)
        self.assertNotIn("bl.example", text)
        self.assertNotIn("/store", text)

    def test_what_a_stranger_sends_is_data(self):
        with self.daemon.session() as session:
            session.client("203.0.113.10", HOSTILE, HOSTILE)
            for _ in range(4):
                session.envelope(f'<"{HOSTILE}"@example.org>', f'<"{HOSTILE}"@example.net>')
        numbers = overview(self.port)  # it is JSON
        keys = [item["key"] for item in numbers["limits"]["items"]]
        self.assertTrue(any(HOSTILE in key for key in keys), keys)
        self.assertNotIn(HOSTILE, get(self.port)[2])

    def test_the_control_socket_has_the_numbers(self):
        connection = http.client.HTTPConnection("localhost", timeout=allow(10))
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.daemon.settings["control"]["socket"])
        connection.request("GET", "/v1/overview?window=24h")
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        self.assertEqual(json.loads(response.read())["window"], "24h")


class Without(DaemonCase):
    def test_a_reload_takes_the_page_away_and_brings_it_back(self):
        port = support.free_port()
        daemon = self.daemon({"metrics": {"listen": f"127.0.0.1:{port}", "page": False}})
        for path in PATHS:
            status, _, text = get(port, path)
            self.assertEqual(status, 404)
            self.assertIn("there are /metrics and /healthz", text)
        self.assertEqual(get(port, "/metrics")[0], 200)
        daemon.configure({"metrics": {"page": True}})
        daemon.reload()
        eventually(lambda: get(port)[0] == 200, 5.0, "the page is there")

    def test_it_answers_at_once_while_the_database_does_not(self):
        port = support.free_port()
        daemon = self.daemon({"metrics": {"listen": f"127.0.0.1:{port}"},
                              "store": {"deadline": "500ms"}})
        with lmdb.writer_blocked(daemon.store):
            # Load is not failure: the sender waits once more, and nobody passes.
            self.assertTrue(daemon.attempt(sender="<stuck@example.org>").deferred)
            begun = time.monotonic()
            numbers = overview(port)
            self.assertLess(time.monotonic() - begun, allow(1))
        self.assertEqual(numbers["reasons"][0]["reason"], "greylist-new")


if __name__ == "__main__":
    support.main()
