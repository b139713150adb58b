# SPDX-License-Identifier: Apache-2.0
"""A real Postfix, chrooted as Debian runs it, with mxward in front."""

import itertools
import re
import shutil
import subprocess
import unittest

import fail2ban_filter
from mta_case import PostfixCase, readme_line, smtp

import support
from support import eventually


class DefersThenDelivers(PostfixCase):
    def test_over_the_unix_socket_under_the_queue_directory(self):
        server, daemon = self.guarded_postfix()
        self.assert_deferred(smtp.send(server.port, subject="unix"))
        self.accepted_after_delay(server, subject="unix")
        self.arrived(server, "unix")
        # Later mail of the tuple is accepted at once.
        self.assertEqual(smtp.send(server.port, subject="second")[0], 250)
        self.arrived(server, "second")
        self.assertIn("milter-reject: RCPT", server.log())
        daemon.expect_decision(action="defer", recipient="user@example.net")

    @unittest.skipIf(fail2ban_filter.missing(), fail2ban_filter.missing())
    def test_fail2ban_bans_nobody_who_is_greylisted(self):
        server, _ = self.guarded_postfix(daemon_settings={"greylist": {"delay": "1h"}})
        for number, client in enumerate(("198.51.100.23", "203.0.113.23", "2001:db8:23::1")):
            mail = {"address": client, "name": f"mail.number{number}.example"}
            self.assert_deferred(smtp.send(server.port, **mail))
            self.assert_deferred(smtp.send(server.port, **mail))
            # A null sender's deferral comes at the end of its message.
            self.assert_deferred(smtp.send(server.port, sender="", **mail))
        self.assertEqual(server.log().count("milter-reject: RCPT"), 6, server.log())
        # cleanup writes its line while the client is answered already.
        eventually(lambda: server.log().count("milter-reject: END-OF-MESSAGE") == 3, 10,
                   "three deferrals at the end of a message in the log")
        self.assertEqual(fail2ban_filter.banned(server.log_file), set())
        # It would ban whom it knows.
        with smtp.Client(server.port) as session:
            session.pretend("198.51.100.99").envelope("a@example.org", "user@elsewhere.example")
        self.assertEqual(fail2ban_filter.banned(server.log_file), {"198.51.100.99"})

    def test_over_an_inet_socket(self):
        port = support.free_port()
        self.daemon(endpoint=f"inet:127.0.0.1:{port}")
        server = self.postfix({"smtpd_milters": f"inet:127.0.0.1:{port}"})
        self.assert_deferred(smtp.send(server.port, subject="inet"))
        self.accepted_after_delay(server, subject="inet")
        self.arrived(server, "inet")

    def test_the_delay_is_told_in_a_header(self):
        server, daemon = self.guarded_postfix(daemon_settings={"add_header": True})
        self.assert_deferred(smtp.send(server.port, subject="late"))
        self.accepted_after_delay(server, subject="late")
        mail, = self.arrived(server, "late")
        self.assertRegex(mail, r"(?m)^X-Greylist: delayed [1-9]\d* seconds by mxward at "
                               r"mx\.example\.net\s+\(greylist-passed\);\s+\w{3}, \d+ \w{3} \d{4} "
                               r"[\d:]{8} \+0000$")
        number = itertools.count()

        def known():  # once it has been written in the background that it passed
            subject = f"next {next(number)}"
            self.assertEqual(smtp.send(server.port, subject=subject)[0], 250)
            mail, = self.arrived(server, subject)
            return re.search(r"(?m)^X-Greylist: not delayed by mxward at mx\.example\.net\s+"
                             r"\(greylist-known\);", mail)
        eventually(known, 10, "the tuple is known", every=0.1)
        # Without it no mail is touched.
        daemon.configure({"add_header": False})
        self.assertIn("reloaded", daemon.reload())
        self.assertEqual(smtp.send(server.port, subject="plain")[0], 250)
        mail, = self.arrived(server, "plain")
        self.assertNotIn("X-Greylist", mail)

    def test_for_clients_of_both_address_families(self):
        server, daemon = self.guarded_postfix()
        # Of different organisations: one of them would be known by its name already.
        for address, name in (("198.51.100.23", "mail.example.org"),
                              ("2001:db8:23::1", "mail.example.com")):
            with self.subTest(address):
                mail = {"address": address, "name": name, "subject": address}
                self.assert_deferred(smtp.send(server.port, **mail))
                line = daemon.expect_decision(client_address=address, action="defer")
                self.assertEqual(line["client_name"], name)
                self.accepted_after_delay(server, **mail)
                self.arrived(server, address)

    def test_swaks_sees_the_deferral_as_one(self):
        if not shutil.which("swaks"):
            self.skipTest("needs swaks")
        server, _ = self.guarded_postfix()
        done = subprocess.run(
            ["swaks", "--server", "127.0.0.1", "--port", str(server.port), "--helo", "h.example.org",
             "--from", "swaks@example.org", "--to", "user@example.net"],
            capture_output=True, text=True, timeout=support.allow(60), check=False)
        self.assertEqual(done.returncode, 24, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"451 4\.7\.1 .*Greylisted")


class OneSession(PostfixCase):
    def test_several_clients_and_messages_in_one_connection(self):
        server, daemon = self.guarded_postfix()
        with smtp.Client(server.port) as client:
            for address in ("192.0.2.1", "198.51.100.1", "203.0.113.1"):
                client.pretend(address)
                self.assert_deferred(client.envelope("a@example.org", "user@example.net"))
                client.reset()
                self.assert_deferred(client.envelope("b@example.org", "user@example.net"))
                client.reset()
        for address in ("192.0.2.1", "198.51.100.1", "203.0.113.1"):
            daemon.expect_decision(client_address=address, sender="b@example.org")

    def test_recipients_are_judged_one_by_one(self):
        server, daemon = self.guarded_postfix()
        daemon.attempt(sender="<pair@example.org>", recipient="<user@example.net>",
                       address="192.0.2.1")
        daemon.sit_out_delay()
        with smtp.Client(server.port) as client:
            client.pretend("192.0.2.1")
            self.assertEqual(client.envelope("pair@example.org", "user@example.net")[0], 250)
            self.assert_deferred(client.command("RCPT TO:<other@example.net>"))
            self.assertEqual(client.content("pair")[0], 250)
        self.arrived(server, "pair")
        self.assertEqual(server.delivered("other"), [])

    def test_a_null_sender_is_deferred_at_the_end_of_its_message(self):
        for protocol in ("2", "3", "4", "6"):
            with self.subTest(protocol):
                server, daemon = self.guarded_postfix({"milter_protocol": protocol},
                                                      {"greylist": {"delay": "1h"}})
                with smtp.Client(server.port) as client:
                    self.assertEqual(client.envelope("", "user@example.net")[0], 250)
                    self.assert_deferred(client.content("a bounce"))
                daemon.expect_decision(action="defer", sender="", told="end")
                self.assertEqual(server.delivered(), [])

    def test_an_unknown_recipient_is_refused_by_postfix_and_never_enters_the_greylist(self):
        server, daemon = self.guarded_postfix()
        for _ in range(2):
            code, text = smtp.send(server.port, recipient="nobody@example.net")
            self.assertEqual(code, 550, text)
            self.assertIn("User unknown", text)
        self.assertEqual(daemon.decisions(recipient="nobody@example.net", action="defer"), [])
        server.configure({"virtual_mailbox_maps": "inline:{nobody@example.net=nobody/}"})
        daemon.sit_out_delay()
        # Had it been remembered, it would pass now.
        support.eventually(lambda: smtp.send(server.port, recipient="nobody@example.net")[0] == 451,
                           10, "the new recipient deferred")

    def test_postmaster_and_abuse_are_not_greylisted(self):
        server, _ = self.guarded_postfix(
            {"virtual_mailbox_maps": "inline:{postmaster@example.net=user/}"})
        self.assertEqual(smtp.send(server.port, recipient="postmaster@example.net")[0], 250)


class Rules(PostfixCase):
    def test_a_rule_answers_in_its_own_words_by_what_postfix_calls_its_socket(self):
        rules = [{"name": "gone", "recipient": ["other@example.net"], "daemon": ["mx-one"],
                  "action": "reject", "code": "550 5.1.6",
                  "text": "{recipient} has moved, {sender}; ask {contact}"},
                 {"name": "elsewhere", "daemon": ["mx-two"], "action": "reject"},
                 {"name": "quick", "recipient": ["user@"], "greylist": "off"}]
        server, daemon = self.guarded_postfix(
            {"milter_macro_daemon_name": "mx-one"},
            {"rule": rules, "reply": {"contact": "postmaster@example.net"}})
        with smtp.Client(server.port) as client:
            client.pretend("198.51.100.23")
            code, text = client.envelope("100%s@example.org", "other@example.net")
            self.assertEqual(code, 550, text)
            self.assertIn("5.1.6", text)
            self.assertIn("other@example.net has moved, 100%s@example.org; ask "
                          "postmaster@example.net", text)
            client.reset()
            self.assertEqual(client.envelope("a@example.org", "user@example.net")[0], 250)
            self.assertEqual(client.content("by a rule")[0], 250)
        self.arrived(server, "by a rule")
        daemon.expect_decision(action="reject", reason="rule", recipient="other@example.net")


class Trouble(PostfixCase):
    def test_a_reload_in_between_changes_nothing_for_the_mail(self):
        server, daemon = self.guarded_postfix()
        self.assert_deferred(smtp.send(server.port, subject="reload"))
        with smtp.Client(server.port) as client:
            self.assert_deferred(client.envelope("open@example.org", "user@example.net"))
            daemon.reload()
            client.reset()
            self.assert_deferred(client.envelope("open2@example.org", "user@example.net"))
        self.accepted_after_delay(server, subject="reload")
        self.arrived(server, "reload")

    def test_a_daemon_killed_and_restarted_in_between_does_not_serve_the_delay_twice(self):
        server, daemon = self.guarded_postfix()
        self.assert_deferred(smtp.send(server.port, subject="killed"))
        daemon.kill()
        daemon.start()
        daemon.sit_out_delay()
        self.assertEqual(smtp.send(server.port, subject="killed")[0], 250)
        self.arrived(server, "killed")

    def test_mail_flows_while_the_filter_is_down_if_postfix_is_told_so(self):
        self.assert_flows_while_down(*self.guarded_postfix({"milter_default_action": "accept"}))

    def test_mail_flows_while_the_filter_is_down_in_the_form_of_the_readme(self):
        # What it says of the one filter goes before what guarded_postfix() says of all: "tempfail".
        name, form = readme_line(r"(smtpd_milters) = (\{ .* \})")
        self.assertIn("unix:mxward/milter.sock", form)
        self.assert_flows_while_down(*self.guarded_postfix({name: form}))

    def assert_flows_while_down(self, server, daemon):
        self.assert_deferred(smtp.send(server.port, subject="up"))
        daemon.kill()
        self.assertEqual(smtp.send(server.port, subject="down")[0], 250)
        self.arrived(server, "down")
        daemon.start()
        self.assert_deferred(smtp.send(server.port, subject="up again", sender="new@example.org"))

    def test_a_session_that_loses_its_filter_gets_the_default_action(self):
        server, daemon = self.guarded_postfix({"milter_default_action": "accept"})
        with smtp.Client(server.port) as client:
            self.assert_deferred(client.envelope("lost@example.org", "user@example.net"))
            daemon.kill()
            client.reset()
            self.assertEqual(client.envelope("lost@example.org", "user@example.net")[0], 250)


if __name__ == "__main__":
    support.main()
