# SPDX-License-Identifier: Apache-2.0
"""count = "concurrent": what is open is counted, and given back however a session ends."""

import contextlib
import os
import random
import socket
import struct

import lmdb
import protocol as p
import support
from limit_case import CLIENT, OTHER, LimitCase, limit
from support import eventually

# In the order of a session; each stage includes those before it.
STAGES = {
    "negotiation": lambda session, _: session.negotiate(),
    "CONNECT": lambda session, address: session.connect(f"[{address}]", address),
    "HELO": lambda session, _: session.helo(),
    "MAIL": lambda session, _: session.mail("<a@example.org>"),
    "RCPT": lambda session, _: session.rcpt("<b@example.net>"),
    "end of message": lambda session, _: session.eom(),
}


def reset(session):
    """RST in place of FIN."""
    session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.close()


def cut_off(session):
    session.send(p.arguments(p.RCPT, "<half@example.net>")[:9])
    session.close()


def leave_unread(session):
    session.send(p.arguments(p.RCPT, "<unread@example.net>"))
    session.close()


# However a session ends, in order or not.
ENDS = {
    "closed": lambda session: session.close(),
    "reset": reset,
    "cut off in a packet": cut_off,
    "closed before its answer": leave_unread,
    "QUIT": lambda session: session.send(p.packet(p.QUIT)),
    "ABORT and QUIT": lambda session: session.send(p.packet(p.ABORT) + p.packet(p.QUIT)),
    "an unknown command": lambda session: session.send(p.packet(b"?")),
}


def proceed(session, stage, address=CLIENT):
    for name, step in STAGES.items():
        step(session, address)
        if name == stage:
            return


class OpenConnections(LimitCase):
    def at_once(self, number, settings=None, **more):
        """A daemon on an inet socket: a unix socket knows no reset."""
        return self.limited(limit("concurrent", str(number), **more), settings=settings,
                            endpoint=f"inet:127.0.0.1:{support.free_port()}")

    def is_over(self, daemon, address=CLIENT):
        with daemon.session() as session:
            session.client(address)
            over = session.envelope("<a@example.org>", "<b@example.net>").deferred
            self.assertTrue(session.quit())
            return over

    def assert_free(self, daemon, address=CLIENT, what="given back"):
        eventually(lambda: not self.is_over(daemon, address), 10.0, what)

    def open(self, daemon, stack, address=CLIENT):
        session = stack.enter_context(daemon.session())
        session.client(address)
        return session

    def test_so_many_at_once_and_no_more(self):
        daemon = self.at_once(3)
        with contextlib.ExitStack() as stack:
            sessions = [self.open(daemon, stack) for _ in range(4)]
            replies = [s.envelope("<a@example.org>", "<b@example.net>") for s in sessions]
            for reply in replies[:3]:
                self.assert_passes(reply)
            self.assert_over(replies[3], f"connections at once from {CLIENT}")
            self.assertFalse(self.is_over(daemon, OTHER))
            # The end of a message is not the end of its connection.
            sessions[0].abort()
            sessions[1].eom()
            self.assertTrue(self.is_over(daemon))
            # One that is over stays so; those that come after two others have ended do not.
            for session in sessions[:2]:
                self.assertTrue(session.quit())
            sessions[3].abort()
            self.assertTrue(sessions[3].envelope("<a@example.org>", "<b@example.net>").deferred)
            self.assert_free(daemon)

    def test_whatever_ends_a_session_at_whatever_stage_gives_it_back(self):
        daemon = self.at_once(1)
        for stage_number, stage in enumerate(STAGES):
            for end_number, (end, finish) in enumerate(ENDS.items()):
                address = f"10.{stage_number}.{end_number}.1"
                with self.subTest(stage=stage, end=end), daemon.session() as session:
                    proceed(session, stage, address)
                    # Otherwise there would be nothing to give back.
                    self.assertEqual(self.is_over(daemon, address), stage != "negotiation")
                    finish(session)
                    self.assert_free(daemon, address)

    def test_a_wave_of_sessions_leaves_nothing_behind(self):
        seed = int(os.environ.get("MXWARD_SEED", random.randrange(1 << 32)))
        print(f"MXWARD_SEED={seed}")
        dice = random.Random(seed)
        daemon = self.at_once(5)
        for _ in range(4):
            with contextlib.ExitStack() as stack:
                sessions = [stack.enter_context(daemon.session()) for _ in range(100)]
                for session in sessions:
                    proceed(session, dice.choice(list(STAGES)))
                self.assertTrue(self.is_over(daemon))
                for session in dice.sample(sessions, len(sessions)):
                    # Some of them may have been ended by the filter already.
                    with contextlib.suppress(OSError):
                        dice.choice(list(ENDS.values()))(session)
                self.assert_free(daemon)
        self.assert_exactly(daemon, 5)

    def assert_exactly(self, daemon, number):
        """So many fit in, which tells that none is counted that is not there."""
        def fits():
            with contextlib.ExitStack() as stack:
                replies = [self.open(daemon, stack).envelope("<a@example.org>", "<b@example.net>")
                           for _ in range(number + 1)]
            return [reply.deferred for reply in replies] == [False] * number + [True]
        eventually(fits, 10.0, f"{number} of {number} given back", every=0.1)

    def test_the_next_client_of_an_mtas_connection_is_counted_by_itself(self):
        daemon = self.at_once(1)
        with daemon.session() as session:
            for address in (CLIENT, OTHER, CLIENT):
                self.assert_passes(self.one_of_many(session, address))
                # Nothing is open while the MTA keeps the connection for its next client.
                self.assert_free(daemon, address)
            session.client()
            self.assertTrue(self.is_over(daemon))

    def test_a_reload_that_takes_the_limit_away_and_brings_it_back(self):
        daemon = self.at_once(1)
        one = limit("concurrent", "1")
        with daemon.session() as session:
            session.client()
            self.reload(daemon)
            self.assertFalse(self.is_over(daemon))
            self.reload(daemon, one)
            self.assertTrue(self.is_over(daemon))
            self.reload(daemon)
            self.assertTrue(session.quit())
        self.reload(daemon, one)
        self.assert_free(daemon)

    def test_a_session_that_began_before_the_limit_takes_nothing_away(self):
        daemon = self.at_once(1)
        self.reload(daemon)
        with daemon.session() as session:
            session.client()
            self.reload(daemon, limit("concurrent", "1"))
            self.assert_passes(session.envelope("<a@example.org>", "<b@example.net>"))
            self.assertTrue(session.quit())
        with daemon.session() as session:
            session.client()
            self.assertTrue(self.is_over(daemon))

    def test_one_that_is_told_at_connect_is_given_back(self):
        daemon = self.at_once(1, at="connect")
        with contextlib.ExitStack() as stack:
            first = self.open(daemon, stack)
            for _ in range(3):
                told = stack.enter_context(daemon.session())
                reply = told.connect(f"[{CLIENT}]", CLIENT)
                self.assert_over(reply, f"connections at once from {CLIENT}")
            self.assertTrue(first.quit())
            # What was told stays open until the MTA ends it.
            self.assertTrue(self.is_over(daemon))
        self.assert_free(daemon)

    def test_a_session_that_is_left_while_the_filter_is_in_trouble(self):
        daemon = self.at_once(1, settings={"greylist": {"apply": "all"},
                                           "store": {"deadline": "1s"}})
        with lmdb.writer_blocked(daemon.store):
            for number in range(10):
                with daemon.session() as session:
                    session.client().mail("<a@example.org>")
                    # Its deferral cannot be committed: the callback waits, and nobody listens.
                    session.send(p.arguments(p.RCPT, f"<b{number}@example.net>"))
                    reset(session)

        def free():
            with daemon.session() as session:
                reply = session.client().envelope("<a@example.org>", "<free@example.net>")
                self.assertTrue(session.quit())
                return "Greylisted" in reply.smtp or reply.passed
        eventually(free, 10.0, "given back")

    def test_open_connections_do_not_survive_a_kill(self):
        daemon = self.at_once(1)
        with daemon.session() as session:
            session.client()
            self.assertTrue(self.is_over(daemon))
            daemon.kill()
        daemon.start()
        self.assertFalse(self.is_over(daemon))


if __name__ == "__main__":
    support.main()
