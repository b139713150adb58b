# SPDX-License-Identifier: Apache-2.0
"""Many sessions: at once, idle, and more than allowed."""

import contextlib
import itertools
import resource
import time

import protocol as p
import support
import wire
from case import DaemonCase
from daemon import need_control


def each_its_network(number):
    """One client address a number, all in networks of their own."""
    return f"{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.1"


class ManySessions(DaemonCase):
    def open(self, daemon, count):
        stack = self.enterContext(contextlib.ExitStack())
        return [stack.enter_context(daemon.session(timeout=60)) for _ in range(count)]

    def test_1000_sessions_at_once_are_all_answered(self):
        support.want_descriptors(3000)
        daemon = self.daemon()
        begun = time.monotonic()
        sessions = self.open(daemon, 1000)
        # Every stage is under way in all sessions before the first of them is read.
        for session in sessions:
            session.send(p.negotiation())
        for session in sessions:
            session.negotiated = p.Negotiated.parse(session.read().data)
        for number, session in enumerate(sessions):
            session.client(each_its_network(number))
            session.mail("<crowd@example.org>")
        recipients = [p.arguments(p.RCPT, f"<r{n}@example.net>") for n in range(1000)]
        for session, recipient in zip(sessions, recipients, strict=True):
            session.send(recipient)
        replies = [session.read() for session in sessions]
        self.assertEqual([str(r) for r in replies if not r.deferred], [])
        self.assertLess(time.monotonic() - begun, support.allow(30))
        for session in sessions:
            session.send(p.packet(p.QUIT))
        for session in sessions:
            self.assertTrue(session.ended())

    def test_a_live_session_among_5000_idle_ones_is_served_at_once(self):
        support.want_descriptors(12000)
        daemon = self.daemon({"milter": {"max_sessions": 6000}})
        for number, session in enumerate(self.open(daemon, 5000)):
            session.client(each_its_network(number))
        slowest = 0
        for number in range(20):
            begun = time.monotonic()
            self.assertTrue(daemon.attempt(sender="<live@example.org>",
                                           recipient=f"<live{number}@example.net>").deferred)
            slowest = max(slowest, time.monotonic() - begun)
        self.assertLess(slowest, support.allow(2))

    def test_idle_sessions_can_go_on_after_others_were_served(self):
        daemon = self.daemon()
        idle = self.open(daemon, 200)
        for session in idle:
            session.client()
        for _ in range(50):
            daemon.attempt(sender="<busy@example.org>")
        for number, session in enumerate(idle):
            self.assertTrue(session.envelope("<i@example.org>", f"<i{number}@example.net>").deferred)


# Of its open files the daemon keeps so many back, where there are twice as many at least; three
# quarters of the others may be sessions that it judges.
RESERVED, ROOM = 128, 132


class Cap(DaemonCase):
    numbers = itertools.count()

    def judged(self, daemon):
        """Whether a further session gets its recipient, a new one, deferred; it has to get through somehow."""
        try:
            reply = daemon.attempt(sender="<more@example.org>", recipient=f"<r{next(self.numbers)}@example.net>",
                                   timeout=5.0)
            return reply is not None and reply.deferred  # None: negotiated away
        except wire.Closed:
            return False

    def test_sessions_beyond_the_cap_pass_unjudged_and_do_not_disturb_the_others(self):
        daemon = self.daemon({"milter": {"max_sessions": 20}})
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(daemon.session()) for _ in range(20)]
            for session in sessions:
                session.client()
            self.assertFalse(self.judged(daemon))
            daemon.expect_log(r" connections at once, over milter\.max_sessions \(20\): some pass")
            daemon.counted("sessions_over_limit")
            for number, session in enumerate(sessions):
                self.assertTrue(session.envelope("<in@example.org>",
                                                 f"<in{number}@example.net>").deferred)
        support.eventually(lambda: self.judged(daemon), 5.0, "judged again below the cap")

    def test_a_very_low_limit_of_open_files_leaves_some_that_are_judged(self):
        limit = (64, 64)
        daemon = self.daemon(process={
            "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit)})
        self.assertTrue(self.judged(daemon))
        with contextlib.ExitStack() as stack:
            with self.assertRaises(wire.Closed):
                for _ in range(40):
                    stack.enter_context(daemon.session()).negotiate()
            # Said once a minute, so of the first that passed unjudged.
            daemon.expect_log(r" connections at once, but only 64 files may be open")
            self.assertNotIn("max_sessions", daemon.log())
        support.eventually(lambda: self.judged(daemon), 5.0, "judged again")

    @need_control
    def test_the_limit_of_open_files_is_a_cap_as_well(self):
        # The hard one, too: the daemon would raise its limit to it.
        limit = (RESERVED + ROOM, RESERVED + ROOM)
        daemon = self.daemon(process={
            "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit)})
        # The connections that saw the daemon start would be counted as well.
        support.eventually(lambda: daemon.ask("status")["sessions"] == 0, 5.0, "no session")
        with contextlib.ExitStack() as stack:
            def one_more():
                session = stack.enter_context(daemon.session())
                session.negotiate()
                return session

            sessions = [one_more() for _ in range(ROOM)]
            judged = [session.expects(p.RCPT) == "reply" for session in sessions]
            self.assertEqual(judged, [n < ROOM * 3 // 4 for n in range(ROOM)])
            # Where descriptors run out, the MTA is sent away, and does as it is configured.
            with self.assertRaises(wire.Closed):
                one_more()
            daemon.expect_log(rf"connections at once, but only {limit[0]} files may be open "
                              r"\(LimitNOFILE=\): some pass unjudged")
            daemon.counted("sessions_over_limit", ROOM - ROOM * 3 // 4 + 1)
            for number in (0, ROOM * 3 // 4 - 1):
                session = sessions[number].client(each_its_network(number))
                self.assertTrue(session.envelope("<in@example.org>", "<in@example.net>").deferred)
            self.assertTrue(sessions[-1].quit())
        support.eventually(lambda: self.judged(daemon), 5.0, "judged again below the cap")


if __name__ == "__main__":
    support.main()
