# SPDX-License-Identifier: Apache-2.0
"""Limits with real mail servers: who is greedy is slowed and nobody else, and who tries unknown
recipients is told by the server's own refusals."""

import collections
import concurrent.futures
import contextlib
import re
import shutil
import smtplib
import tempfile
import time
import unittest

from mta_case import PostfixCase, smtp
from case import DaemonCase

import fail2ban_filter
import sendmail
import support

NETWORK = [f"198.51.100.{number}" for number in range(1, 51)]
GREEDY, *OTHERS = NETWORK
USER = "user@example.net"


def limit(name, count, rate, **more):
    return {"name": name, "count": count, "per": "client", "rate": rate, **more}


def limits(*entries):
    """Settings of the daemon: who is below the limits passes."""
    return {"greylist": {"apply": "off"}, "limit": list(entries)}


class FiftyClients(PostfixCase):
    """In a network of their own, neighbours of one /24."""

    ALLOWED = 10
    TRIES = 100  # of the greedy client
    MAILS = 3    # of each other one

    def guarded(self, *entries):
        return self.guarded_postfix(daemon_settings=limits(*entries), clients=NETWORK)

    def mail(self, server, client, content=False):
        with server.client(client) as session:
            reply = session.envelope("a@example.org", USER)
            return session.content("test") if content and reply[0] == 250 else reply

    def timed(self, server, client, number):
        begun = time.monotonic()
        code, text = self.mail(server, client, content=number == 0)
        return client, code, text, time.monotonic() - begun

    def test_the_greedy_one_is_slowed_and_the_others_do_not_notice(self):
        server, daemon = self.guarded(limit("greed", "connections", f"{self.ALLOWED}/1h"))
        with concurrent.futures.ThreadPoolExecutor(4) as greedy, \
                concurrent.futures.ThreadPoolExecutor(4) as polite:
            slowed = greedy.map(lambda _: self.mail(server, GREEDY), range(self.TRIES))
            served = polite.map(lambda job: self.timed(server, *job),
                                [(client, n) for n in range(self.MAILS) for client in OTHERS])
            slowed, served = list(slowed), list(served)
        codes = collections.Counter(code for code, _ in slowed)
        self.assertEqual(codes, {250: self.ALLOWED, 451: self.TRIES - self.ALLOWED})
        for text in {text for code, text in slowed if code == 451}:
            self.assertRegex(text, rf"^4\.7\.1 Too many connections from {GREEDY}, "
                                   r"please try again in \d+ seconds? \(limit greed\)")
        self.assertEqual([each for each in served if each[1] != 250], [])
        self.assertLess(max(seconds for *_, seconds in served), support.allow(20))
        told = {line["client_address"] for line in daemon.decisions(reason="limit")}
        self.assertEqual(told, {GREEDY})

    def test_who_holds_connections_open_gets_no_more_mail_in_and_the_others_do(self):
        server, _ = self.guarded(limit("at once", "concurrent", "5"))
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(server.client(GREEDY)) for _ in range(8)]
            # Those that were first count before they say a word.
            replies = [session.envelope("a@example.org", USER) for session in reversed(held)]
            self.assertEqual([code for code, _ in replies], [451] * 3 + [250] * 5)
            self.assertIn(f"Too many connections at once from {GREEDY}", replies[0][1])
            for client in OTHERS[:5]:
                self.assertEqual(self.mail(server, client)[0], 250)
        # Some said QUIT, as a good client does; a scanner does not.
        for _ in range(20):
            server.client(GREEDY).sock.close()
        support.eventually(lambda: self.mail(server, GREEDY)[0] == 250, 10, "all given back")

    def test_a_limit_that_answers_at_connect(self):
        server, daemon = self.guarded(limit("flood", "connections", "1/1h", at="connect"))
        self.assertEqual(self.mail(server, GREEDY)[0], 250)
        self.assertEqual(self.mail(server, GREEDY)[0], 451)
        self.assertEqual(self.mail(server, OTHERS[0])[0], 250)
        daemon.expect_decision(client_address=GREEDY, told="connect")

    @unittest.skipIf(fail2ban_filter.missing(), fail2ban_filter.missing())
    def test_fail2ban_bans_nobody_for_a_limit(self):
        entries = [limit(f"{count} {action}", count, "1/1h", action=action)
                   for count in ("connections", "messages", "recipients")
                   for action in ("defer", "reject")]
        entries.append(limit("flood", "connections", "1/1h", at="connect", action="reject"))
        # Each limit is met by a client that the others spare.
        for number, entry in enumerate(entries):
            entry["spare"] = [*NETWORK[:number], *NETWORK[number + 1:]]
        server, daemon = self.guarded(*entries)
        for client in NETWORK[:len(entries)]:
            self.mail(server, client)
            with contextlib.suppress(smtplib.SMTPConnectError):  # 554 in place of the greeting
                self.mail(server, client)
            # Nothing could be banned for a reply that was never given.
            daemon.expect_decision(client_address=client, reason="limit")
        self.assertEqual(fail2ban_filter.banned(server.log_file), set())
        # It would ban whom it knows.
        with server.client(OTHERS[-1]) as session:
            session.envelope("a@example.org", "user@elsewhere.example")
        self.assertEqual(fail2ban_filter.banned(server.log_file), {OTHERS[-1]})


class HarvestCase:
    """Mixed into the case of an MTA, which has `client()` and `refused(reply)`."""

    HARVEST = limit("harvest", "bad-recipients", "3/1h")
    TRIES = 4

    def try_all(self, domain):
        for number in range(self.TRIES):
            with self.client() as session:
                self.assert_unknown(session.envelope("a@example.org", f"guess{number}@{domain}"))

    def assert_harvester(self, reply, client):
        code, text = reply
        self.assertEqual(code, 451, text)
        # Of a client whose name others share it may be one customer that is over it.
        self.assertRegex(text, rf"Too many unknown recipients from {re.escape(client)}"
                               r"( by this sender's domain)?, please try again")
        self.assertIn("(limit harvest)", text)


class PostfixHarvest(HarvestCase, PostfixCase):
    HARVESTER, OTHER = "203.0.113.1", "203.0.113.2"

    def start(self, **settings):
        self.server, _ = self.guarded_postfix(settings, limits(self.HARVEST))

    def client(self, address=HARVESTER):
        return smtp.Client(self.server.port).pretend(address)

    def say(self, recipient=USER, sender="a@example.org", **options):
        with self.client(**options) as session:
            return session.envelope(sender, recipient)

    def assert_unknown(self, reply, table="virtual mailbox table"):
        self.assertEqual(reply[0], 550)
        self.assertRegex(reply[1], rf"^5\.1\.1 .*User unknown in {table}")

    def test_valid_recipients_are_deferred_after_unknown_ones(self):
        self.start()
        self.try_all("example.net")
        self.assert_harvester(self.say(), self.HARVESTER)
        self.assert_unknown(self.say("guess99@example.net"))
        self.assertEqual(self.say(address=self.OTHER)[0], 250)

    def test_local_recipients(self):
        self.start(mydestination="local.example", local_recipient_maps="inline:{root=x}")
        for number in range(self.TRIES):
            self.assert_unknown(self.say(f"guess{number}@local.example"), "local recipient table")
        self.assert_harvester(self.say(), self.HARVESTER)

    def test_within_one_message(self):
        self.start()
        with self.client() as session:
            self.assertEqual(session.envelope("a@example.org", USER)[0], 250)
            for number in range(self.TRIES):
                self.assert_unknown(session.command(f"RCPT TO:<guess{number}@example.net>"))
            self.assert_harvester(session.command("RCPT TO:<other@example.net>"), self.HARVESTER)
            # The recipient that was taken gets its mail.
            self.assertEqual(session.content("harvest")[0], 250)

    def test_relay_denials_do_not_count(self):
        self.start()
        for number in range(self.TRIES):
            code, text = self.say(f"user{number}@elsewhere.example")
            self.assertEqual(code, 554)
            self.assertRegex(text, r"^5\.7\.1 .*Relay access denied")
        self.assertEqual(self.say()[0], 250)

    def test_recipients_that_are_unknown_for_now_do_not_count(self):
        self.start(unknown_virtual_mailbox_reject_code="450")
        for number in range(self.TRIES):
            self.assertEqual(self.say(f"guess{number}@example.net")[0], 450)
        self.assertEqual(self.say()[0], 250)

    def test_senders_that_are_unknown_do_not_count(self):
        # Postfix tells of them at RCPT, as of a recipient that it refuses.
        users = [f"user{number}@example.net" for number in range(self.TRIES)]
        self.start(smtpd_reject_unlisted_sender="yes",
                   virtual_mailbox_maps=f"inline:{{{', '.join(f'{u}=x/' for u in users)}}}")
        for user in users:
            code, text = self.say(user, sender="nobody@example.net")
            self.assertEqual(code, 550)
            self.assertRegex(text, r"^5\.1\.0 .*Sender address rejected: User unknown")
        self.assertEqual(self.say(users[0])[0], 250)


@unittest.skipIf(sendmail.missing(), sendmail.missing())
class SendmailHarvest(HarvestCase, DaemonCase):
    """Sendmail tells of users that do not exist; what its rules refuse it keeps to itself."""

    USER = "daemon@example.net"

    def setUp(self):
        directory = tempfile.mkdtemp(prefix="mxward-", dir=sendmail.SAFE)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        daemon = self.daemon(limits(self.HARVEST), directory=directory)
        self.server = sendmail.Sendmail(daemon.endpoint)
        self.addCleanup(self.server.remove)
        self.server.start()

    def client(self):
        return smtp.Client(self.server.port)

    def assert_unknown(self, reply):
        self.assertEqual(reply[0], 550)
        self.assertRegex(reply[1], r"^5\.1\.1 .*User unknown")

    def test_valid_recipients_are_deferred_after_unknown_ones(self):
        with self.client() as session:
            self.assertEqual(session.envelope("a@example.org", self.USER)[0], 250)
        self.try_all("example.net")
        with self.client() as session:
            self.assert_harvester(session.envelope("a@example.org", self.USER), "127.0.0.1")


class OneMailbox(PostfixCase):
    def test_no_spelling_of_a_mailbox_gets_more_than_its_limit(self):
        """Whatever Postfix takes for the mailbox: it hands the spelling to the filter as it came."""
        server, daemon = self.guarded_postfix(daemon_settings=limits(
            limit("mailbox", "recipients", "2/1h", per="recipient")))
        quoted = ['"' + "".join("\\" * (number >> at & 1) + letter
                                for at, letter in enumerate("user")) + '"' for number in range(16)]
        locals_ = [*quoted, "us\\er", "\\u\\s\\e\\r", '"us"er', 'us"er"', '""user', "(c)user",
                   "user(c)", "(a (b) c)user", "USER", '"User"', '"user\\"', "us er", " user "]
        spellings = [f"{local}@example.net" for local in locals_] + [
            "user@example.net.", "user@Example.NET", "user@ example.net", "user @example.net",
            "user@example .net", "user@example.net(c)", "user@(c)example.net", '"user@example.net"',
            "user\\@example.net", '"user"@"example.net"', "@hop.example:user@example.net",
            '@hop.example,@b.example:"user"@example.net', "(c)@hop.example:user@example.net",
            "user@example.net>", "<user@example.net"]
        taken = []
        for spelling in ["user@example.net", "user@example.net", *spellings]:
            with server.client() as session:
                session.command("MAIL FROM:<a@example.org>")
                code, text = session.command(f"RCPT TO:<{spelling}>")
                if code == 250:
                    taken.append(spelling)
        # Postfix itself refuses some of them, and takes some for other mailboxes.
        self.assertEqual(taken, ["user@example.net"] * 2)


if __name__ == "__main__":
    support.main()
