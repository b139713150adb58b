# SPDX-License-Identifier: Apache-2.0
"""The end of the daemon: orderly, bounded, and nothing it told is forgotten."""

import signal
import socket
import time

import protocol as p
import support
import wire
from case import DaemonCase
from daemon import STOP


class Stop(DaemonCase):
    def test_sigterm_and_sigint_end_it_with_status_0(self):
        daemons = [self.daemon() for _ in range(2)]
        for daemon, number in zip(daemons, (signal.SIGTERM, signal.SIGINT), strict=True):
            daemon.attempt()
            daemon.signal(number)
        for daemon in daemons:
            self.assertEqual(daemon.wait(), 0)

    def test_an_idle_one_ends_at_once_on_every_kind_of_socket(self):
        # Left to itself libmilter looks up every five seconds.
        opened = self.enterContext(socket.socket())
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        handed_over = {"settings": {"milter": {"listen": f"fd:{opened.fileno()}"}},
                       "endpoint": f"inet:127.0.0.1:{opened.getsockname()[1]}",
                       "process": {"pass_fds": [opened.fileno()]}}
        kinds = [{}, {"endpoint": f"inet:127.0.0.1:{support.free_port()}"}, handed_over]
        if support.have_ipv6():
            port = support.free_port(socket.AF_INET6, "::1")
            kinds.append({"endpoint": f"inet6:{port}@[::1]"})

        def seconds(kind):
            daemon = self.daemon(**kind)
            time.sleep(0.5)  # into the listener's poll
            begun = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            return time.monotonic() - begun

        for kind in kinds:
            # It would wait a second for a listener that does not notice; a busy machine may take as
            # long, but not each time.
            took = [seconds(kind)]
            while took[-1] > (3.0 if support.SLOW else 0.9) and len(took) < 6:
                took.append(seconds(kind))
            self.assertLess(min(took), 3.0 if support.SLOW else 0.9, kind)
            self.assertLess(max(took), 6.0 if support.SLOW else 4.0, kind)

    def test_it_ends_within_bounds_with_sessions_open_in_every_stage(self):
        daemon = self.daemon()
        with daemon.session() as fresh, daemon.session() as negotiated, daemon.session() as greeted, \
                daemon.session() as mailing, daemon.session() as half:
            self.assertIsNotNone(fresh.sock)
            negotiated.negotiate()
            greeted.client()
            mailing.client().envelope("<open@example.org>", "<b@example.net>")
            half.client().mail("<half@example.org>")
            half.send(p.arguments(p.RCPT, "<b@example.net>")[:7])
            begun = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - begun, support.allow(STOP))
            for session in (fresh, negotiated, greeted, mailing, half):
                self.assertTrue(session.ended())

    def test_what_was_deferred_before_the_end_is_known_after_a_restart(self):
        daemon = self.daemon()
        self.assertTrue(daemon.attempt(sender="<before@example.org>").deferred)
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        daemon.sit_out_delay()
        self.assertEqual(str(daemon.attempt(sender="<before@example.org>")), "c")

    def test_recipients_under_way_are_answered_or_cut_off_but_never_told_and_forgotten(self):
        daemon = self.daemon()
        sessions = [self.enterContext(daemon.session()) for _ in range(100)]
        for session in sessions:
            session.client().mail("<last@example.org>")
        told = []

        def read(number):
            try:
                if sessions[number].read().deferred:
                    told.append(number)
            except wire.Closed:
                pass

        for number, session in enumerate(sessions):
            try:
                session.send(p.arguments(p.RCPT, f"<last{number}@example.net>"))
            except OSError:
                break  # the daemon has ended
            if number == 50:
                read(0)
                daemon.signal(signal.SIGTERM)
        for number in range(1, len(sessions)):
            read(number)
        self.assertEqual(daemon.wait(), 0)
        self.assertIn(0, told)
        daemon.start()
        daemon.sit_out_delay()
        for number in told:
            reply = daemon.attempt(sender="<last@example.org>",
                                   recipient=f"<last{number}@example.net>")
            self.assertEqual(str(reply), "c", number)

    def test_it_ends_however_many_connect_just_then(self):
        # libmilter's listener can come to wait for ever for its own pool, which has gone.
        for _ in range(5):
            daemon = self.daemon()
            sessions = [self.enterContext(daemon.session()) for _ in range(60)]
            for session in sessions:
                session.send(p.negotiation(6, p.ACTIONS, p.EVERYTHING))
            begun = time.monotonic()
            daemon.signal(signal.SIGTERM)
            for session in sessions:
                self.assertTrue(session.ended(STOP))
            self.assertEqual(daemon.wait(), 0)
            self.assertLess(time.monotonic() - begun, support.allow(STOP))

    def test_a_second_sigterm_does_no_harm(self):
        daemon = self.daemon()
        daemon.signal(signal.SIGTERM)
        time.sleep(0.2)
        if daemon.process.poll() is None:
            daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)

    def test_the_socket_can_be_bound_again_at_once(self):
        port = support.free_port()
        for endpoint in (None, f"inet:127.0.0.1:{port}"):
            with self.subTest(endpoint):
                daemon = self.daemon(endpoint=endpoint)
                with daemon.session() as session:
                    session.client()
                    self.assertEqual(daemon.stop(), 0)
                daemon.start()
                self.assertTrue(daemon.attempt().deferred)

    def test_a_socket_left_over_by_a_killed_daemon_is_replaced(self):
        daemon = self.daemon()
        daemon.kill()
        daemon.start()
        self.assertTrue(daemon.attempt().deferred)


if __name__ == "__main__":
    support.main()
