# SPDX-License-Identifier: Apache-2.0
"""What no MTA sends. The filter may answer or hang up; it must stay well and serve the next."""

import os
import random
import struct
import time

import protocol as p
import support
import wire
from case import SharedDaemonCase


class BrokenPackets(SharedDaemonCase):
    def tearDown(self):
        super().tearDown()
        name = f"<{self._testMethodName}@example.org>"
        begun = time.monotonic()
        self.assertTrue(self.daemon.attempt(sender=name).deferred)
        self.assertLess(time.monotonic() - begun, support.allow(2.0))

    def after(self, *packets, negotiated=True):
        """Sends packets and QUIT; returns what was answered until the filter hung up, or was
        silent for a moment because it took the QUIT for a part of something else."""
        replies = []
        with self.daemon.session() as session:
            if negotiated:
                session.negotiate()
            session.sock.settimeout(0.3)
            try:
                for each in packets:
                    session.send(each)
                session.send(p.packet(p.QUIT))
                while True:
                    replies.append(session.read())
            except (wire.Closed, OSError):
                return replies

    def test_commands_before_the_negotiation(self):
        for command in (p.MAIL, p.RCPT, p.HELO, p.DATA, p.BODYEOB, p.QUIT, p.ABORT):
            with self.subTest(command):
                self.after(p.arguments(command, "<a@example.org>"), negotiated=False)

    def test_a_recipient_without_a_sender_is_not_judged(self):
        replies = self.after(p.connection("[192.0.2.1]", "192.0.2.1"),
                             p.arguments(p.RCPT, "<b@example.net>"))
        self.assertFalse([r for r in replies if r.deferred or r.rejected])

    def test_a_sender_without_a_connection(self):
        self.after(p.arguments(p.MAIL, "<a@example.org>"), p.arguments(p.RCPT, "<b@example.net>"))

    def test_data_and_the_end_of_a_message_without_recipients(self):
        self.after(p.connection("[192.0.2.1]", "192.0.2.1"), p.arguments(p.HELO, "h"),
                   p.arguments(p.MAIL, "<>"), p.packet(p.DATA), p.packet(p.BODYEOB))

    def test_two_connections_in_one_session(self):
        self.after(p.connection("[192.0.2.1]", "192.0.2.1"),
                   p.connection("[192.0.2.2]", "192.0.2.2"), p.arguments(p.MAIL, "<a@b.example>"),
                   p.arguments(p.RCPT, "<b@example.net>"))

    def test_stages_that_the_filter_did_not_ask_for(self):
        self.after(p.connection("[192.0.2.1]", "192.0.2.1"), p.arguments(p.UNKNOWN, "XYZZY"),
                   p.arguments(p.MAIL, "<a@example.org>"), p.arguments(p.HEADER, "Subject", "x"),
                   p.packet(p.EOH), p.packet(p.BODY, b"x" * 1000), p.packet(p.BODYEOB))

    def test_an_unknown_smtp_command_leaves_the_session_alive(self):
        with self.daemon.session() as session:
            session.negotiate(protocol=p.EVERYTHING & ~p.NO_UNKNOWN)
            session.client()
            session.unknown("XYZZY plugh")
            self.assertTrue(session.envelope("<xyzzy@example.org>", "<b@example.net>").deferred)

    def test_every_unknown_command_byte(self):
        known = p.ABORT + p.BODY + p.CONNECT + p.MACRO + p.BODYEOB + p.HELO + p.QUIT_NC + p.HEADER
        known += p.MAIL + p.EOH + p.OPTNEG + p.QUIT + p.RCPT + p.DATA + p.UNKNOWN
        for value in set(range(256)) - set(known):
            with self.daemon.session() as session:
                session.negotiate()
                session.send(p.packet(bytes([value]), b"data\0"))

    def test_commands_without_the_data_they_need(self):
        for command in (p.CONNECT, p.HELO, p.MAIL, p.RCPT, p.MACRO, p.OPTNEG, p.UNKNOWN):
            with self.subTest(command):
                self.after(p.connection("[192.0.2.1]", "192.0.2.1"), p.packet(command))

    def test_arguments_that_are_not_terminated(self):
        start = p.connection("[192.0.2.1]", "192.0.2.1")
        mail = p.arguments(p.MAIL, "<a@example.org>")
        # Not among them: a macro without a value, past which smfi_getsymval() itself reads.
        for broken in (p.packet(p.MAIL, b"<a@example.org>"), p.packet(p.HELO, b"h"),
                       mail + p.packet(p.RCPT, b"<b@example.net>"), mail + p.packet(p.RCPT, b"\0"),
                       p.packet(p.CONNECT, b"name"), p.packet(p.CONNECT, b"name\0"),
                       p.packet(p.CONNECT, b"name\x004"), p.packet(p.CONNECT, b"name\x004\0\x19"),
                       p.packet(p.CONNECT, b"name\x004\0\x19192.0.2.1"),
                       p.packet(p.MACRO, b"C"), p.packet(p.MACRO, b"Cj"),
                       p.packet(p.MACRO, b"\xffj\0x\0"),
                       p.packet(p.OPTNEG, b"\0\0\0\6"), p.packet(p.OPTNEG, b"")):
            with self.subTest(broken):
                self.after(start, broken)
                self.after(broken, start, mail)

    def test_lengths_that_are_wrong(self):
        for length in (0, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 65536, 1 << 24):
            with self.subTest(hex(length)):
                self.after(struct.pack("!I", length) + p.MAIL + b"<a@example.org>\0")
                self.after(struct.pack("!I", length) + p.OPTNEG, negotiated=False)

    def test_an_oversized_packet_is_refused_without_reading_it_into_memory(self):
        before = self.resident()
        with self.daemon.session() as session:
            session.negotiate()
            session.send(struct.pack("!I", 64 << 20) + p.MAIL)
            try:
                for _ in range(64):
                    session.send(b"x" * (1 << 20))
            except OSError:
                pass
        self.assertLess(self.resident() - before, 32 << 20)

    def resident(self):
        with open(f"/proc/{self.daemon.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def test_a_packet_of_the_largest_size_allowed(self):
        local = "x" * 65000
        self.after(p.connection("[192.0.2.1]", "192.0.2.1"),
                   p.arguments(p.MAIL, f"<{local}@example.org>"),
                   p.arguments(p.RCPT, f"<{local}@example.net>"))

    def test_disconnects_in_the_middle_of_every_packet(self):
        whole = (p.negotiation() + p.connection("[192.0.2.1]", "192.0.2.1")
                 + p.arguments(p.HELO, "h") + p.macros(p.MAIL, {"i": "X"})
                 + p.arguments(p.MAIL, "<cut@example.org>")
                 + p.arguments(p.RCPT, "<b@example.net>") + p.packet(p.DATA))
        for length in range(len(whole)):
            with self.daemon.session() as session:
                session.send(whole[:length])

    def test_a_packet_that_arrives_byte_by_byte(self):
        with self.daemon.session() as session:
            session.client()
            session.mail("<slow@example.org>")
            for value in p.arguments(p.RCPT, "<b@example.net>"):
                session.send(bytes([value]))
                time.sleep(0.002)
            self.assertTrue(session.read().deferred)

    def test_a_whole_session_in_one_write(self):
        with self.daemon.session() as session:
            session.negotiate()
            session.send(p.connection("[192.0.2.1]", "192.0.2.1") + p.arguments(p.HELO, "h")
                         + p.arguments(p.MAIL, "<burst@example.org>")
                         + p.arguments(p.RCPT, "<b@example.net>")
                         + p.arguments(p.RCPT, "<c@example.net>") + p.packet(p.ABORT)
                         + p.packet(p.QUIT))
            self.assertEqual(str(session.read()), "c")  # MAIL: a lookup begins there
            self.assertTrue(session.read().deferred)
            self.assertTrue(session.read().deferred)
            self.assertTrue(session.ended())

    def test_thousands_of_macros(self):
        many = {f"{{macro{n}}}": "v" * 10 for n in range(2000)}
        with self.daemon.session() as session:
            session.client(macros=many)
            self.assertTrue(session.envelope("<macros@example.org>", "<b@example.net>").deferred)

    def test_random_garbage(self):
        seed = int(os.environ.get("MXWARD_SEED", random.randrange(1 << 32)))
        print(f"MXWARD_SEED={seed}")
        dice = random.Random(seed)
        for _ in range(200):
            with self.daemon.session() as session:
                try:
                    if dice.random() < 0.8:
                        session.send(p.negotiation())
                    for _ in range(dice.randrange(12)):
                        command = bytes([dice.choice(b"ABCDEHKLMNOQRTU")])
                        data = dice.randbytes(dice.choice((0, 1, 13, 300)))
                        if command == p.MACRO:  # always a name and a value, see above
                            data = dice.choice([b"C", b"M", b"R"]) + data.replace(b"\0", b".")
                            data += b"\0value\0"
                        session.send(p.packet(command, data))
                    session.send(dice.randbytes(dice.randrange(40)))
                except OSError:
                    pass


if __name__ == "__main__":
    support.main()
