# SPDX-License-Identifier: Apache-2.0
"""[[limit]]: what is counted, what is told, and what survives reloads, restarts and kills.

Open connections have their own: test_open_connections.py."""

import json
import re
import time

import protocol as p
import support
from daemon import HAVE_CONTROL, need_control
from limit_case import CLIENT, OTHER, TAKEN, LimitCase, limit, refused

# What fail2ban's stock filters take for an attack: an honest server would be banned for a 4xx.
BANNED_FOR = re.compile("service unavailable|client host rejected", re.IGNORECASE)


class Counted(LimitCase):
    def test_connections_of_a_client(self):
        daemon = self.limited(limit("connections", "3/1h"))
        for _ in range(3):
            self.assert_passes(daemon.attempt())
        reply = daemon.attempt()
        self.assert_over(reply, f"connections from {CLIENT}")
        # Three an hour are one every twenty minutes.
        wait = int(re.search(r"in (\d+) seconds", reply.smtp).group(1))
        self.assertTrue(1200 - support.allow(30) <= wait <= 1200, reply)
        line = daemon.expect_decision(action="defer", client_address=CLIENT)
        self.assertEqual(line["reason"], "limit")
        self.assertIn("limit:crowd", line["findings"])
        self.assert_passes(daemon.attempt(address=OTHER))

    def test_connections_of_a_64_are_one_clients(self):
        daemon = self.limited(limit("connections", "1/1h"))
        self.assert_passes(daemon.attempt(address="2001:db8:1:2::1"))
        self.assert_over(daemon.attempt(address="2001:db8:1:2:ffff::9"),
                         "connections from 2001:db8:1:2::/64")
        self.assert_passes(daemon.attempt(address="2001:db8:1:3::1"))

    def test_connections_that_come_over_one_of_the_mtas(self):
        daemon = self.limited(limit("connections", "2/1h"))
        with daemon.session() as session:
            for _ in range(2):
                self.assert_passes(self.one_of_many(session))
            self.assert_over(self.one_of_many(session), f"connections from {CLIENT}")
            self.assert_passes(self.one_of_many(session, OTHER))

    def test_messages_within_a_session_and_over_several(self):
        daemon = self.limited(limit("messages", "3/1h"))
        self.assert_passes(daemon.attempt())
        with daemon.session() as session:
            session.client()
            for number in range(3):
                reply = session.envelope("<a@example.org>", "<b@example.net>")
                if number < 2:
                    self.assert_passes(reply)
                    session.abort()
            self.assert_over(reply, f"messages from {CLIENT}")
            # All recipients of a message that is one too many.
            self.assert_over(session.rcpt("<c@example.net>"), f"messages from {CLIENT}")

    def test_recipients_of_a_message_keep_what_they_were_told(self):
        daemon = self.limited(limit("recipients", "2/1h"))
        with daemon.session() as session:
            session.client().mail("<a@example.org>")
            self.assert_passes(session.rcpt("<one@example.net>"))
            self.assert_passes(session.rcpt("<two@example.net>"))
            self.assert_over(session.rcpt("<three@example.net>"), f"recipients from {CLIENT}")
            self.assertTrue(session.eom().passed)

    def test_messages_of_a_user_who_has_logged_in(self):
        daemon = self.limited(limit("messages", "1/1h", per="user"))

        def mail_of(user):
            with daemon.session() as session:
                session.client().mail("<joe@example.net>", macros={"{auth_authen}": user})
                return session.rcpt("<b@example.org>")

        self.assert_passes(mail_of("joe"))
        self.assert_over(mail_of("joe"), "messages from this user")
        self.assert_passes(mail_of("jane"))

    def test_no_limits_no_difference(self):
        daemon = self.limited()
        with daemon.session() as session:
            for _ in range(200):
                self.assert_passes(self.one_of_many(session))


@need_control
class Explained(LimitCase):
    def explain(self, daemon):
        done = daemon.control(
            "--format", "json", "explain", "--client", CLIENT, "--name", "mail.example.org",
            "--helo", "mail.example.org", "--from", "a@example.org", "--to", "b@example.net")
        return json.loads(done.stdout)

    def listed(self, daemon):
        """Without the time of its end, which is worked out anew each time and rounded."""
        found = json.loads(daemon.control("--format", "json", "limits").stdout)
        return [{key: value for key, value in each.items() if key != "until"} for each in found]

    def assert_explained(self, daemon, *expected):
        """However often it is asked."""
        for _ in range(4):
            told = self.explain(daemon)
            self.assertEqual((told["action"], told["reason"]), expected)

    def test_an_explanation_counts_nothing(self):
        for count in ("connections", "messages", "recipients"):
            with self.subTest(count):
                daemon = self.limited(limit(count, "2/1h"))
                self.assert_explained(daemon, "accept", "greylist-off")
                self.assertEqual(self.listed(daemon), [])
                for _ in range(2):
                    self.assert_passes(daemon.attempt())
                before = self.listed(daemon)
                self.assertEqual([each["key"] for each in before], [CLIENT])
                self.assert_explained(daemon, "defer", "limit")
                self.assertEqual(self.listed(daemon), before)
                self.assert_over(daemon.attempt(), f"{count} from {CLIENT}")

    def test_an_explanation_forgives_no_bad_recipient(self):
        # One good recipient would be enough to be below this share.
        daemon = self.limited(limit("bad-recipients", "2/1h", share=90))
        with daemon.session() as session:
            session.client().mail("<a@example.org>")
            for recipient in ("<one@example.net>", "<two@example.net>"):
                session.rcpt(recipient, macros=refused())
        self.assert_explained(daemon, "defer", "limit")
        self.assert_over(daemon.attempt(), f"unknown recipients from {CLIENT}")

    def test_an_explanation_leaves_no_open_connection(self):
        daemon = self.limited(limit("concurrent", "2"))
        self.assert_explained(daemon, "accept", "greylist-off")
        with daemon.session() as first, daemon.session() as second, daemon.session() as third:
            self.assert_passes(first.client().envelope("<a@example.org>", "<b@example.net>"))
            self.assert_explained(daemon, "accept", "greylist-off")
            self.assert_passes(second.client().envelope("<a@example.org>", "<b@example.net>"))
            self.assert_explained(daemon, "defer", "limit")
            self.assert_over(third.client().envelope("<a@example.org>", "<b@example.net>"),
                             f"connections at once from {CLIENT}")


class Told(LimitCase):
    def test_a_limit_that_rejects(self):
        daemon = self.limited(limit("messages", "1/1h", action="reject"),
                              settings={"reply": {"contact": "postmaster@example.net"}})
        self.assert_passes(daemon.attempt())
        self.assertEqual(daemon.attempt().smtp,
                         f"550 5.7.1 Too many messages from {CLIENT} (limit crowd); "
                         "contact postmaster@example.net")

    def test_a_limit_that_observes(self):
        daemon = self.limited(limit("connections", "1/1h", action="observe"))
        for _ in range(2):
            self.assert_passes(daemon.attempt())
        support.eventually(
            lambda: [d for d in daemon.decisions(action="accept")
                     if "limit:crowd" in d.get("findings", "")], 5.0, "the finding in the log")

    def test_a_limit_that_scores_gets_a_client_greylisted(self):
        score = {"action": "score", "score": 3}
        daemon = self.limited(limit("connections", "1/1h", **score),
                              settings={"greylist": {"apply": "suspicious"}})
        client = {"address": CLIENT, "name": "mail.example.org"}
        self.assert_passes(daemon.attempt(**client))
        self.assertRegex(daemon.attempt(**client).smtp, r"^451 4\.7\.1 Greylisted")

    def test_a_bounce_is_deferred_at_its_end(self):
        daemon = self.limited(limit("messages", "1/1h"))
        daemon.attempt()
        with daemon.session() as session:
            self.assert_passes(session.client().envelope("<>", "<b@example.net>"))
            self.assert_over(session.eom(), f"messages from {CLIENT}")

    def test_no_reply_is_one_that_fail2ban_bans_for(self):
        limits = [limit(count, rate, name=f"{count} {action}", action=action)
                  for count, rate in (("connections", "1/1h"), ("concurrent", "1"),
                                      ("messages", "1/1h"), ("recipients", "1/1h"),
                                      ("bad-recipients", "1/1h")) for action in ("defer", "reject")]
        told = set()
        for each in limits:
            daemon = self.limited(each)
            with daemon.session() as first, daemon.session() as second:
                for session in (first, second):
                    session.client().mail("<a@example.org>")
                    session.rcpt("<no@example.net>", macros=refused())
                    told.add(session.rcpt("<b@example.net>", macros=TAKEN).smtp)
            daemon.kill()
        told.discard("")  # of those who passed
        self.assertEqual(len(told), len(limits), told)
        self.assertEqual([reply for reply in told if BANNED_FOR.search(reply)], [])


class AtConnect(LimitCase):
    FLOOD = limit("connections", "1/1h", "flood", at="connect")

    def asked(self, daemon):
        with daemon.session() as session:
            return session.negotiate().protocol

    def knock(self, daemon, address=CLIENT, **macros):
        with daemon.session() as session:
            return session.connect(f"[{address}]", address, macros=macros)

    def test_the_mta_waits_at_connect_only_if_a_limit_answers_there(self):
        daemon = self.limited(limit("connections", "1/1h"))
        self.assertTrue(self.asked(daemon) & p.NR_CONNECT)
        self.reload(daemon, limit("connections", "1/1h"), self.FLOOD)
        self.assertFalse(self.asked(daemon) & p.NR_CONNECT)
        self.reload(daemon, limit("connections", "1/1h"))
        self.assertTrue(self.asked(daemon) & p.NR_CONNECT)

    def test_the_mta_tells_at_once_of_connections_that_are_counted_while_open(self):
        # Postfix would keep an idle one to itself otherwise.
        daemon = self.limited(limit("concurrent", "1"))
        self.assertFalse(self.asked(daemon) & p.NR_CONNECT)

    def test_the_client_is_told_at_once(self):
        daemon = self.limited(self.FLOOD)
        self.assert_passes(self.knock(daemon))
        self.assert_over(self.knock(daemon), f"connections from {CLIENT}", "flood")
        line = daemon.expect_decision(action="defer", client_address=CLIENT)
        self.assertEqual((line["reason"], line["told"]), ("limit", "connect"))
        self.assert_passes(self.knock(daemon, OTHER))

    def test_a_rejection(self):
        daemon = self.limited({**self.FLOOD, "action": "reject"})
        self.knock(daemon)
        self.assertEqual(self.knock(daemon).smtp,
                         f"550 5.7.1 Too many connections from {CLIENT} (limit flood)")

    def test_an_mta_that_sends_mail_all_the_same_is_told_again(self):
        daemon = self.limited(self.FLOOD)
        self.knock(daemon)
        with daemon.session() as session:
            session.client()
            reply = session.envelope("<a@example.org>", "<b@example.net>")
            self.assert_over(reply, f"connections from {CLIENT}", "flood")

    def test_users_who_have_yet_to_log_in_are_not_told(self):
        daemon = self.limited(self.FLOOD)
        for port in ("25", "587", "465"):
            self.assert_passes(self.knock(daemon, **{"{daemon_port}": port}))
        self.assertTrue(self.knock(daemon, **{"{daemon_port}": "25"}).deferred)

    def test_a_session_negotiated_before_the_limit_came_is_told_at_rcpt(self):
        daemon = self.limited()
        with daemon.session() as session:
            self.assertEqual(session.expects(p.CONNECT), "silent")
            self.reload(daemon, self.FLOOD)
            self.knock(daemon)
            session.client()
            reply = session.envelope("<a@example.org>", "<b@example.net>")
            self.assert_over(reply, f"connections from {CLIENT}", "flood")

    def test_an_mta_that_cannot_leave_out_replies_is_told_as_well(self):
        daemon = self.limited(self.FLOOD)
        self.knock(daemon)
        with daemon.session() as session:
            session.negotiate(version=2, actions=p.ACTIONS_VERSION_2, protocol=p.VERSION_2)
            self.assertTrue(session.connect(f"[{CLIENT}]", CLIENT).deferred)

    def test_nobody_is_told_while_observing(self):
        daemon = self.limited(self.FLOOD, settings={"mode": "observe"})
        for _ in range(2):
            self.assert_passes(self.knock(daemon))
        daemon.expect_decision(action="defer", observed="yes", told="connect")


class BadRecipients(LimitCase):
    HARVEST = limit("bad-recipients", "3/1h", "harvest")
    TOO_MANY = f"unknown recipients from {CLIENT}"

    def refuse(self, daemon, *recipients, address=CLIENT, **macros):
        """The MTA tells of recipients that it refuses, each in a session of its own."""
        for recipient in recipients:
            with daemon.session() as session:
                session.client(address).mail("<a@example.org>")
                # Whatever is answered, the MTA has refused it already.
                self.assert_passes(session.rcpt(f"<{recipient}@example.net>",
                                                macros=refused(**macros)))

    def test_they_count_through_sessions_and_valid_recipients_are_deferred(self):
        daemon = self.limited(self.HARVEST)
        self.refuse(daemon, "one", "two")
        self.assert_passes(daemon.attempt())
        self.refuse(daemon, "three", "four")
        self.assert_over(daemon.attempt(), self.TOO_MANY, "harvest")
        self.refuse(daemon, "five")
        self.assert_passes(daemon.attempt(address=OTHER))

    def test_one_that_is_tried_again_and_again_counts_once(self):
        daemon = self.limited(self.HARVEST)
        self.refuse(daemon, *["typo"] * 10)
        self.assert_passes(daemon.attempt())

    def test_what_is_refused_for_another_reason_does_not_count(self):
        daemon = self.limited(self.HARVEST)
        for number, code in enumerate(("5.7.1", "4.1.1", "5.2.2", "4.3.0", "", "example.net")):
            self.refuse(daemon, *[f"{number}x{n}" for n in range(4)], code=code)
        self.assert_passes(daemon.attempt())

    def test_a_client_most_of_whose_recipients_exist_is_no_harvester(self):
        daemon = self.limited(self.HARVEST)
        for number in range(8):
            self.assert_passes(daemon.attempt(recipient=f"<user{number}@example.net>"))
        self.refuse(daemon, "one", "two", "three", "four")
        self.assert_passes(daemon.attempt())


class Survival(LimitCase):
    def used_up(self, daemon, times=3):
        for _ in range(times):
            self.assert_passes(daemon.attempt())

    def assert_used_up(self, daemon):
        self.assert_over(daemon.attempt(), f"connections from {CLIENT}")

    def test_a_reload_keeps_what_is_counted(self):
        daemon = self.limited(limit("connections", "3/1h"))
        self.used_up(daemon)
        self.reload(daemon, limit("messages", "100/1h", "new"), limit("connections", "3/1h"))
        self.assert_used_up(daemon)
        # Gone for a while, and back under its name.
        self.reload(daemon)
        self.assert_passes(daemon.attempt())
        self.reload(daemon, limit("connections", "3/1h"))
        self.assert_used_up(daemon)

    def test_a_reload_in_mid_session(self):
        daemon = self.limited(limit("connections", "1/1h"))
        self.used_up(daemon, 1)
        with daemon.session() as session:
            session.client().mail("<a@example.org>")
            self.reload(daemon)
            # One message is judged by one configuration.
            self.assert_over(session.rcpt("<b@example.net>"), f"connections from {CLIENT}")
            session.abort()
            self.assert_passes(session.envelope("<a@example.org>", "<b@example.net>"))

    def test_a_restart_keeps_what_is_counted(self):
        daemon = self.limited(limit("connections", "3/1h"))
        self.used_up(daemon)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.assert_used_up(daemon)

    def test_a_kill_costs_half_a_minute_at_most(self):
        daemon = self.limited(limit("connections", "3/1h"))
        self.used_up(daemon)
        # The promise is 30 s; what is written every 20 s is there a moment later.
        time.sleep(27)
        daemon.kill()
        daemon.start()
        self.assert_used_up(daemon)
        self.check_history(daemon)

    def check_history(self, daemon):
        """What became of the client's recipients was written as well."""
        if not HAVE_CONTROL or "clients" not in daemon.control("--help").stdout.split():
            return
        shown = daemon.control("--format", "json", "clients", CLIENT)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertRegex(shown.stdout, r'"passed": *3\b')


if __name__ == "__main__":
    support.main()
