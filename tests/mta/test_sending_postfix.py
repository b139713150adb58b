# SPDX-License-Identifier: Apache-2.0
"""A second Postfix queues mail for the first one and retries by itself until it arrives."""

from mta_case import PostfixCase, smtp

import support
from support import eventually

# Now and then a queue run meets the file while its first delivery holds it ("skipped, still being
# delivered"), and Postfix comes back to it only minutes later: then it is told to look again.
COMES_BACK = 30


class SendingPostfix(PostfixCase):
    def sender_to(self, server):
        return self.postfix({
            "myhostname": "out.example.org", "virtual_mailbox_domains": "",
            "relayhost": f"[127.0.0.1]:{server.port}",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "queue_run_delay": "1s", "minimal_backoff_time": "1s", "maximal_backoff_time": "2s",
        })

    def wait_for(self, server, sender, subject):
        def arrived():
            return any(subject in mail for mail in server.delivered())

        try:
            eventually(arrived, COMES_BACK, f"{subject} in the mailbox", every=0.2)
        except AssertionError:
            if "still being delivered" not in sender.log():
                raise
            sender.command("-f", program="postqueue")
            eventually(arrived, COMES_BACK, f"{subject} in the mailbox", every=0.2)
        eventually(lambda: not sender.queued(), 20, "an empty queue", every=0.2)
        self.assertEqual(len([m for m in server.delivered() if subject in m]), 1)

    def test_mail_arrives_once_and_by_itself(self):
        server, _ = self.guarded_postfix()
        sender = self.sender_to(server)
        self.assertEqual(smtp.send(sender.port, subject="by itself")[0], 250)
        self.wait_for(server, sender, "by itself")
        self.assertRegex(sender.log(), r"status=deferred \(host .* said: 451 4\.7\.1 .*reylisted")
        self.assertRegex(sender.log(), r"status=sent")
        # The tuple is known: the next mail does not wait.
        self.assertEqual(smtp.send(sender.port, subject="known")[0], 250)
        self.wait_for(server, sender, "known")
        self.assertEqual(sender.log().count("status=sent"), 2)

    def test_mail_arrives_although_the_daemon_is_killed_and_reloaded_meanwhile(self):
        server, daemon = self.guarded_postfix()
        sender = self.sender_to(server)
        self.assertEqual(smtp.send(sender.port, subject="meanwhile")[0], 250)
        # The log may lose its last lines to kill -9; the store nothing.
        daemon.expect_decision(reason="greylist-new", within=20)
        daemon.kill()
        daemon.start()
        daemon.reload()
        self.wait_for(server, sender, "meanwhile")
        # The record of before the kill counted: one tuple, never new again.
        fresh = daemon.decisions(reason="greylist-new", recipient="user@example.net")
        self.assertEqual(len(fresh), 1, fresh)


if __name__ == "__main__":
    support.main()
