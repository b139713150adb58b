# SPDX-License-Identifier: Apache-2.0
"""mxwardctl explain and dnsbl against the daemon, with a name server that the test controls: what they
say is what then happens, they change nothing, hold up nobody, and give no key away."""

import json
import socket
import time

import dns_wire as wire
import misbehaving_dns as dns
import support
from daemon import need_control
from dns_case import GOOD_NAME
from limit_case import limit
from list_case import LAME, LISTED, LISTING, LISTS, SOUND, ListCase

KEY = "s3cr3tk3y"
KEYED = {"name": "keyed", "zone": "{key}.keyed.example", "key": KEY, "codes": {"127.0.0.2": 12}}
# A rejection takes both of them: with one that is enough by itself the other is not waited for.
LIGHT = [{**each, "codes": {"127.0.0.2": 6}} for each in LISTS]


class ExplainCase(ListCase):
    def run_control(self, *words, status=0):
        done = self.guard.control(*words)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout}{done.stderr}")
        return done

    def explain(self, address, status, *more, name=GOOD_NAME):
        named = ("--name", name) if name else ("--name-class", "none")
        return json.loads(self.run_control(
            "--format", "json", "explain", "--client", address, *named, "--helo", GOOD_NAME,
            "--from", "a@example.org", *more, status=status).stdout)


@need_control
class Explaining(ExplainCase):
    def test_a_rejection_is_explained_with_the_reply_that_is_then_given(self):
        self.start(lists=LIGHT)
        told = self.explain(LISTED, 1, "--to", "r1@example.net")
        self.assertEqual((told["action"], told["reason"]), ("reject", "score"))
        self.assertEqual({each["name"]: each["score"] for each in told["findings"]},
                         {"dnsbl:lame": 6, "dnsbl:sound": 6})
        reply, line, _ = self.mail(LISTED)
        self.assertEqual(told["reply"], reply.smtp)
        self.assertEqual((told["reason"], str(told["score"])), (line["reason"], line["score"]))

    def test_what_the_daemon_has_asked_already_comes_from_the_cache(self):
        self.start(lists=LIGHT)
        self.assertEqual({each["origin"] for each in self.explain(LISTED, 1)["findings"]}, {"dns"})
        client = f"66.2.0.192.{SOUND}"  # the daemon may be testing the lists meanwhile
        asked = len(self.server.questions(client))
        self.assertGreater(asked, 0)
        told = self.explain(LISTED, 1)
        self.assertEqual({each["origin"] for each in told["findings"]}, {"cache"})
        self.assertEqual(len(self.server.questions(client)), asked)
        self.assertIn("cache, ", self.run_control("explain", "--client", LISTED, status=1).stdout)

    def test_a_deferral_is_explained_and_nothing_comes_of_it(self):
        self.start()
        mail = ("192.0.2.9", 1, "--to", "r1@example.net")
        for _ in range(2):
            told = self.explain(*mail, name=None)
            self.assertEqual((told["action"], told["reason"]), ("defer", "greylist-new"))
            self.assertRegex(told["reply"], r"^451 4\.7\.1 .* 1 second$")
            self.assertIsNotNone(told["retry_passes"])
            time.sleep(1.1)  # it would pass if one of them had been a try
        self.run_control("list", status=1)
        self.assertEqual(self.guard.ask("stats")["recipients"], 0)
        reply, _, _ = self.mail("192.0.2.9", name="")
        self.assertTrue(reply.deferred, reply)
        time.sleep(1.1)
        self.assertEqual(self.explain("192.0.2.9", 0, "--to", "r1@example.net",
                                      name=None)["reason"], "greylist-passed")

    def test_a_good_mail_is_accepted(self):
        self.start()
        told = self.explain("192.0.2.10", 0)
        self.assertEqual((told["reason"], told["score"], told["findings"]),
                         ("not-suspicious", 0, []))
        self.assertEqual({each["state"] for each in told["lists"]}, {"not-listed"})

    def test_a_daemon_that_is_down_explains_nothing(self):
        self.start()
        self.guard.kill()
        for words in (("explain", "--client", LISTED), ("dnsbl", "test"), ("dnsbl", "list"),
                      ("dnsbl", "check", LISTED)):
            self.assertIn("not running", self.run_control(*words, status=2).stderr)
        self.guard.start()


@need_control
class WaitingForTheDns(ExplainCase):
    """All of it is silent, and the deadline as long as can be."""

    def start(self, *arguments, **settings):
        super().start(*arguments, **settings)
        self.server.behave_everywhere(dns.silent)

    def request(self, path):
        control = socket.socket(socket.AF_UNIX)
        control.settimeout(support.allow(15))
        control.connect(str(self.guard.directory / "control.sock"))
        control.sendall(f"GET {path} HTTP/1.1\r\nHost: mxward\r\n\r\n".encode())
        self.addCleanup(control.close)
        return control

    @staticmethod
    def answer(control):
        reply = b""
        while part := control.recv(65536):
            reply += part
        control.close()
        return reply.split(b" ")[1].decode() if reply else ""

    def silent_daemon(self):
        self.start()
        self.guard.configure({"dns": {"deadline": "3s"}})
        self.guard.reload()

    def test_nobody_else_waits(self):
        self.silent_daemon()
        begun = time.monotonic()
        waiting = [self.request(f"/v1/explain?client=192.0.2.{n}") for n in range(1, 5)]
        for _ in range(5):
            self.assertEqual(self.answer(self.request("/v1/status")), "200")
        self.assertLess(time.monotonic() - begun, support.allow(2.0))
        # More than four at once are too many.
        self.assertEqual(self.answer(self.request("/v1/explain?client=192.0.2.5")), "503")
        self.assertEqual([self.answer(each) for each in waiting], ["200"] * 4)
        self.assertLess(time.monotonic() - begun, support.allow(4.0))

    def test_an_explanation_that_waits_is_no_open_connection(self):
        self.silent_daemon()
        self.guard.configure({"limit": [limit("concurrent", "1")]})
        self.guard.reload()
        waiting = self.request("/v1/explain?client=192.0.2.1")
        support.eventually(lambda: f"1.2.0.192.{SOUND}" in self.server.names(), 2.0, "a question",
                           every=0.005)
        with self.guard.session() as session:
            session.client("192.0.2.1", GOOD_NAME, GOOD_NAME)
            waiting.settimeout(0)
            with self.assertRaises(BlockingIOError, msg="it was to wait until the client is here"):
                waiting.recv(1)
            self.assertNotIn("limit",
                             session.envelope("<a@example.org>", "<b@example.net>").smtp)

    def test_a_client_that_goes_away_harms_nobody(self):
        self.silent_daemon()
        for n in range(1, 5):
            self.request(f"/v1/explain?client=192.0.2.{n}").close()
        self.assertEqual(self.answer(self.request("/v1/status")), "200")
        support.eventually(lambda: self.answer(
            self.request("/v1/explain?client=127.0.0.1")) == "200", 6.0, "a free place", every=0.1)

    def test_the_daemon_ends_while_somebody_waits(self):
        self.silent_daemon()
        waiting = self.request("/v1/explain?client=192.0.2.1")
        self.assertEqual(self.answer(self.request("/v1/status")), "200")
        self.assertEqual(self.guard.stop(), 0)
        waiting.close()
        self.guard.start()


@need_control
class Lists(ExplainCase):
    def test_lists_in_order_pass_their_test(self):
        self.start()
        rows = json.loads(self.run_control("--format", "json", "dnsbl", "test").stdout)
        self.assertEqual({row["verdict"] for row in rows}, {"ok"})
        self.assertEqual({row["list"] for row in rows}, {"lame", "sound"})
        states = {each["name"]: each["condition"] for each in self.guard.ask("status")["lists"]}
        self.assertEqual(states, {"lame": "healthy", "sound": "healthy"})
        server, = self.guard.ask("status")["dns"]["servers"]
        self.assertEqual((server["address"], server["state"]), (self.server.address, "up"))

    def test_a_list_that_lists_everybody_fails_and_status_says_so(self):
        self.start(lame=dns.wildcard("127.0.0.2"))
        told = self.run_control("dnsbl", "test", status=1).stdout
        self.assertRegex(told, r"(?m)^fail +lame ")
        self.assertNotRegex(told, r"(?m)^(fail|warn) +sound ")
        self.run_control("dnsbl", "test", "sound")
        self.assertIn("! DNS list lame is lying", self.run_control("status").stdout)
        # It counts no more, and explain says why.
        told = self.explain("192.0.2.20", 0)
        self.assertEqual([(each["name"], each["score"]) for each in told["findings"]],
                         [("dnsbl:lame", 0)])

    def test_a_check_says_what_each_list_says(self):
        texts = {LISTED_NAME: [wire.address("127.0.0.2"), wire.text("Open proxy \x1b[31m")]}
        self.start(lame=dns.Records(texts))
        done = self.run_control("--format", "json", "dnsbl", "check", LISTED, status=1)
        rows = {row["list"]: row for row in json.loads(done.stdout)}
        self.assertEqual((rows["lame"]["state"], rows["lame"]["codes"], rows["lame"]["text"]),
                         ("listed", ["127.0.0.2"], "Open proxy \x1b[31m"))
        self.assertIn("Open proxy \\x1b[31m",
                      self.run_control("dnsbl", "check", LISTED, status=1).stdout)
        self.run_control("dnsbl", "check", "192.0.2.1")

    def test_a_key_appears_nowhere(self):
        zone = f"{KEY}.keyed.example"
        echo = wire.text(f"you asked for 66.2.0.192.{zone.upper()}")
        self.start(lists=[KEYED])
        self.server.behave("keyed.example", dns.Records({
            f"66.2.0.192.{zone}": [wire.address("127.0.0.2"), echo],
            f"2.0.0.127.{zone}": [wire.address("127.0.0.2")]}))
        said = [self.guard.control(*words).stdout for words in (
            ("dnsbl", "list"), ("--format", "json", "dnsbl", "list"), ("dnsbl", "test"),
            ("dnsbl", "check", LISTED), ("explain", "--client", LISTED), ("status",),
            ("--format", "json", "explain", "--client", LISTED), ("--format", "json", "status"),
            ("dump-config", "--running"))]
        reply, _, _ = self.mail(LISTED)
        self.assertTrue(reply.rejected, reply)
        self.assertIn("you asked for 66.2.0.192.***.KEYED.EXAMPLE", said[3])
        self.assertGreater(len(self.server.questions(zone)), 0)
        for text in (*said, reply.smtp, self.guard.log()):
            self.assertTrue(text)
            self.assertNotIn(KEY, text.lower())


LISTED_NAME = f"66.2.0.192.{LAME}"
assert LISTED_NAME in LISTING[LAME].records

if __name__ == "__main__":
    support.main()
