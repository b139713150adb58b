# SPDX-License-Identifier: Apache-2.0
"""At which of the client's steps an MTA hands CONNECT, HELO and MAIL to a filter.

What is started at CONNECT can only overlap the client's round trips if CONNECT has arrived by
then. ARCHITECTURE.md ("The life of a session") builds on what is tested here."""

import socket
import time
import unittest

from mta_case import PostfixCase
from case import DaemonCase

import protocol as p
import sendmail
import support
from recording_filter import RecordingFilter

PAUSE = 0.6  # between the steps; a real client's round trip is a tenth of it
ALL_QUIET = p.NR_CONNECT | p.NR_HELO | p.NR_MAIL
STAGES = {"CONNECT": p.CONNECT, "HELO": p.HELO, "MAIL": p.MAIL, "RCPT": p.RCPT}


class SlowClient:
    """Lets time pass before each of its commands, and remembers when it sent which."""

    def __init__(self, port):
        self.steps = [("connection", time.monotonic())]
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=support.allow(30))
        self.replies = self.sock.makefile("rb")

    def __enter__(self):
        self._reply()
        return self

    def __exit__(self, *_):
        self.replies.close()
        self.sock.close()

    def say(self, step, line):
        time.sleep(PAUSE)
        self.steps.append((step, time.monotonic()))
        self.sock.sendall(line.encode() + b"\r\n")
        self._reply()

    def _reply(self):
        line = self.replies.readline()
        while line[3:4] == b"-":
            line = self.replies.readline()
        assert line[:1] == b"2", line

    def step_at(self, moment):
        """The last step that the client had taken by then."""
        if moment is None:
            return "never"
        return [step for step, taken in self.steps if taken <= moment][-1]


def steps_of_arrival(port, recording, recipient):
    """For every stage the step of the client at which the filter got it."""
    recording.forget()  # of the one that tried whether the MTA listens
    with SlowClient(port) as client:
        client.say("EHLO", "EHLO client.example.org")
        client.say("MAIL", "MAIL FROM:<a@example.org>")
        client.say("RCPT", f"RCPT TO:<{recipient}>")
        time.sleep(PAUSE)
    return {stage: client.step_at(recording.seen(command)) for stage, command in STAGES.items()}


class TimingCase:
    """Mixed into the case of an MTA, which has `arrival(quiet)`."""

    AT_ONCE = {"CONNECT": "connection", "HELO": "EHLO", "MAIL": "MAIL", "RCPT": "RCPT"}

    def test_stages_with_replies_arrive_when_the_client_reaches_them(self):
        self.assertEqual(self.arrival(quiet=0), self.AT_ONCE)


class PostfixTiming(TimingCase, PostfixCase):
    """Postfix leaves an event without a reply in its output buffer until it has to wait for one."""

    def arrival(self, quiet):
        recording = RecordingFilter(quiet)
        self.addCleanup(recording.close)
        server = self.postfix({"smtpd_milters": f"inet:127.0.0.1:{recording.port}"})
        return steps_of_arrival(server.port, recording, "user@example.net")

    def test_stages_without_replies_all_arrive_with_the_first_recipient(self):
        self.assertEqual(self.arrival(ALL_QUIET), dict.fromkeys(STAGES, "RCPT"))

    def test_a_reply_at_connect_alone_brings_connect_at_once_and_the_rest_with_the_recipient(self):
        self.assertEqual(self.arrival(p.NR_HELO | p.NR_MAIL),
                         {"CONNECT": "connection", "HELO": "RCPT", "MAIL": "RCPT", "RCPT": "RCPT"})

    def test_replies_at_connect_and_mail_bring_helo_with_mail(self):
        self.assertEqual(self.arrival(p.NR_HELO),
                         {"CONNECT": "connection", "HELO": "MAIL", "MAIL": "MAIL", "RCPT": "RCPT"})

    def test_a_reply_at_mail_alone_brings_all_before_it_with_mail(self):
        self.assertEqual(self.arrival(p.NR_CONNECT | p.NR_HELO),
                         {"CONNECT": "MAIL", "HELO": "MAIL", "MAIL": "MAIL", "RCPT": "RCPT"})


@unittest.skipIf(sendmail.missing(), sendmail.missing())
class SendmailTiming(TimingCase, DaemonCase):
    """Sendmail writes every event at once, whether it waits for a reply or not."""

    def arrival(self, quiet):
        recording = RecordingFilter(quiet)
        self.addCleanup(recording.close)
        server = sendmail.Sendmail(f"inet:{recording.port}@127.0.0.1")
        self.addCleanup(server.remove)
        server.start()
        return steps_of_arrival(server.port, recording, "daemon@example.net")

    def test_stages_without_replies_arrive_at_once_as_well(self):
        self.assertEqual(self.arrival(ALL_QUIET), self.AT_ONCE)


if __name__ == "__main__":
    support.main()
