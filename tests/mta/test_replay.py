# SPDX-License-Identifier: Apache-2.0
"""mxwardctl replay of what a real Postfix logged, by the configuration that it was guarded with."""

from mta_case import PostfixCase, smtp

import support


class Replay(PostfixCase):
    def test_the_log_of_a_real_server_gives_what_really_happened(self):
        server, daemon = self.guarded_postfix()
        mail = {"address": "198.51.100.23", "name": "mail.example.org", "subject": "first"}
        self.assert_deferred(smtp.send(server.port, **mail))
        self.accepted_after_delay(server, **mail)
        self.arrived(server, "first")
        self.assertEqual(smtp.send(server.port, **{**mail, "subject": "second"})[0], 250)
        self.arrived(server, "second")
        with smtp.Client(server.port) as client:
            client.pretend("2001:db8:23::1")
            self.assertEqual(client.envelope("a@example.org", "nobody@example.net")[0], 550)
        support.eventually(lambda: "nobody@example.net" in server.log(), 10, "the last line")

        judged = sum(line["count"] for line in daemon.ask("stats")["decisions"])
        answer = daemon.ask("replay", str(server.log_file))
        self.assertEqual(answer["log"]["not_understood"], 0)
        self.assertEqual(answer["not_judged"]["refused_recipients"], 1)
        self.assertEqual(answer["not_judged"]["unfinished"], 0)
        self.assertEqual(answer["tries"]["total"], judged, answer)
        # One mail was held up, however often it was tried, and came back. The log has whole seconds:
        # by them the last try may have come too early, and is followed by one that is assumed.
        deferred = answer["deferred"]
        self.assertEqual(deferred["mails"], 1, answer)
        self.assertEqual(deferred["back_in_log"] + deferred["assumed_back"], 1, answer)
        against = {line["log"]: line for line in answer["against_log"]}
        self.assertEqual(against["deferred"]["accept"], 0, answer)
        self.assertGreaterEqual(against["taken"]["accept"], 1, answer)
        self.assertEqual([line["organisation"] for line in answer["organisations"]],
                         ["example.org"])


if __name__ == "__main__":
    support.main()
