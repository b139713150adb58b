# SPDX-License-Identifier: Apache-2.0
"""mxwardctl doctor, on set-ups of a real Postfix that are broken in the ways of the field: each is
found, and what the doctor advises mends it. Postfix need not run for most: its configuration is
what is looked at."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from mta_case import PostfixCase, readme_line
from case import DaemonCase
from daemon import CONTROL, need_control

import sendmail
import support

# Whether the clock of the machine that tests is right is not what is tested.
SKIPPED = ["--skip", "clock"]
# The store's own deadline: what the doctor reckons Postfix has to wait for goes with it.
SETTINGS = {"trust": {"networks": ["loopback", "self"]}, "milter": {"max_sessions": 100},
            "store": {"deadline": "1s"}}
MASTER = """\
smtp      inet n - y - - smtpd
pickup    unix n - y 60 1 pickup
cleanup   unix n - y - 0 cleanup
"""
POSTSCREEN = MASTER.replace("smtpd", "postscreen").replace("y - -", "y - 1", 1)
MILTER = "{ unix:mxward/milter.sock, connect_timeout=5s, command_timeout=15s, default_action=accept }"

CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"


class DoctorCase(PostfixCase):
    def postfix(self, settings=None, **options):
        # What tests of mail need, and a server in order has not; and what this one has.
        return super().postfix({"smtpd_authorized_xclient_hosts": "",
                                "smtpd_tls_security_level": "may", **(settings or {})}, **options)

    def doctor(self, server, daemon, *words):
        # Postfix waits for seconds before it believes a file that was written just now.
        for name in ("main.cf", "master.cf"):
            os.utime(server.config / name, (0, 0))
        return daemon.control("doctor", "--postfix", str(server.config), *SKIPPED, *words)

    def items(self, server, daemon, *words):
        done = self.doctor(server, daemon, "--format", "json", *words)
        self.assertIn(done.returncode, (0, 1, 2), done.stderr)
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout), done.returncode

    def complaints(self, server, daemon):
        """What is not in order, and the exit status."""
        items, status = self.items(server, daemon)
        return [item for item in items if item["state"] != "ok"], status


@need_control
class HealthyPostfix(DoctorCase):
    def test_a_running_postfix_set_up_as_the_readme_says_yields_no_complaint(self):
        _, form = readme_line(r"(smtpd_milters) = (\{ .* \})")
        server, daemon = self.guarded_postfix({"smtpd_milters": form}, SETTINGS)
        self.assertEqual(self.complaints(server, daemon), ([], 0))
        done = self.doctor(server, daemon)
        self.assertRegex(done.stdout, r"^\d+ checks: 0 wrong, 0 warnings, 0 notes, 0 not checked\n$")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_ordinary_user_is_told_what_could_not_be_checked(self):
        server, daemon = self.guarded_postfix({"smtpd_milters": MILTER}, SETTINGS)
        program = shutil.copy(CONTROL, daemon.directory)
        done = subprocess.run(
            [program, "--config", str(daemon.config), "doctor", "--postfix", str(server.config),
             *SKIPPED, "--format", "json"],
            capture_output=True, text=True, check=False, timeout=support.allow(30), cwd="/",
            user="nobody", group="nogroup", extra_groups=[])
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        states = {item["check"]: item["state"] for item in json.loads(done.stdout)}
        self.assertEqual(states["daemon"], "unchecked")
        self.assertEqual(states["socket-access"], "unchecked")
        self.assertEqual(states["default-action"], "ok")
        self.assertNotIn("wrong", states.values())


    def test_a_second_instance_that_does_not_ask_is_worth_a_note(self):
        server, daemon = self.guarded_postfix({"smtpd_milters": MILTER}, SETTINGS)
        second = self.postfix(start=False)
        items, status = self.items(server, daemon, "--postfix", str(second.config))
        found = [item for item in items if item["state"] != "ok"]
        self.assertEqual([(item["check"], item["state"]) for item in found], [("mta", "note")], found)
        self.assertIn(str(second.config), found[0]["what"])
        self.assertEqual(status, 0)


@need_control
class BrokenPostfix(DoctorCase):
    """One daemon for all; each test has a Postfix's configuration of its own, which is all right
    until the test breaks it."""

    def setUp(self):
        self.server = self.postfix({"mynetworks": "127.0.0.0/8", "smtpd_milters": MILTER},
                                   start=False)
        self.folder = self.server.queue / "mxward"
        self.folder.mkdir()
        shutil.chown(self.folder, group="postfix")
        self.folder.chmod(0o2750)
        self.guard = self.daemon(SETTINGS, endpoint=f"unix:{self.folder}/milter.sock")
        self.master(MASTER)
        self.assertEqual(self.complaints(self.server, self.guard), ([], 0))

    def master(self, text):
        (self.server.config / "master.cf").write_text(text)

    def mend(self, commands):
        """Does what is advised, but for what concerns running services."""
        for command in commands:
            if command.startswith(("#", "postfix ", "systemctl ", "mxwardctl ")):
                continue
            done = subprocess.run(["sh", "-ec", command], check=False, timeout=support.allow(30),
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")

    def assert_found_and_mended(self, check, state, what):
        """Exactly one complaint, and none once its commands have been run."""
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([(item["check"], item["state"]) for item in found], [(check, state)], found)
        self.assertRegex(found[0]["what"], what)
        self.assertTrue(found[0]["why"])
        self.assertEqual(status, 1 if state == "wrong" else 0)
        self.mend(found[0]["mend"])
        left, _ = self.complaints(self.server, self.guard)
        self.assertEqual([item for item in left if item["state"] != "note"], [], found)
        return found[0]

    def test_postfix_does_not_ask(self):
        self.server.configure({"smtpd_milters": ""})
        self.assert_found_and_mended("mta", "wrong", "does not use mxward")

    def test_a_service_leaves_the_filter_out(self):
        self.master(MASTER + "192.0.2.1:25 inet n - y - - smtpd\n  -o smtpd_milters=\n")
        self.assert_found_and_mended("mta", "wrong", r"192\.0\.2\.1:25/inet .* does not use mxward")

    def test_a_whole_path_in_a_chroot(self):
        whole = f"unix:{self.folder}/milter.sock"
        self.server.configure({"smtpd_milters": MILTER.replace("unix:mxward/milter.sock", whole)})
        found = self.assert_found_and_mended("socket-path", "wrong", "inside its chroot")
        self.assertIn(f"expects mxward at {self.server.queue}{self.folder}/milter.sock",
                      found["what"])
        # Without a chroot it is right.
        self.server.configure({"smtpd_milters": MILTER.replace("unix:mxward/milter.sock", whole)})
        self.master(MASTER.replace("- y -", "- n -"))
        self.assertEqual(self.complaints(self.server, self.guard), ([], 0))

    def test_a_folder_that_postfix_may_not_enter(self):
        self.assertTrue(self.postfix_user_connects())
        self.folder.chmod(0o700)
        self.assertFalse(self.postfix_user_connects())
        self.assert_found_and_mended("socket-access", "wrong", r"may not enter .* \(drwx------")
        self.assertTrue(self.postfix_user_connects())

    def test_a_socket_that_postfix_may_not_write_to(self):
        path = self.folder / "milter.sock"
        path.chmod(0o600)
        self.assertFalse(self.postfix_user_connects())
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([item["check"] for item in found], ["socket-access"], found)
        self.assertRegex(found[0]["what"], r"may not write to .* \(srw-------")
        self.assertEqual(status, 1)

    def postfix_user_connects(self):
        done = subprocess.run(["/usr/bin/python3", "-c", CONNECT, str(self.folder / "milter.sock")],
                              user="postfix", group="postfix", extra_groups=[], check=False,
                              capture_output=True, text=True, timeout=support.allow(30), cwd="/")
        self.assertTrue(done.returncode == 0 or "Permission" in done.stderr, done.stderr)
        return done.returncode == 0

    def test_mail_stops_while_the_filter_is_down(self):
        self.server.configure({"smtpd_milters": "unix:mxward/milter.sock"})
        self.assert_found_and_mended("default-action", "warning", "is tempfail")
        self.assertEqual(self.doctor(self.server, self.guard).returncode, 0)

    def test_postfix_gives_up_too_early(self):
        self.server.configure({"smtpd_milters": MILTER.replace("15s", "2s")})
        self.assert_found_and_mended("timeouts", "warning", "command_timeout for mxward is 2s")

    def test_an_old_protocol(self):
        self.server.configure({"milter_protocol": "2"})
        self.assert_found_and_mended("protocol", "warning", "is version 2")

    def test_the_service_behind_postscreen_does_not_ask(self):
        self.master(POSTSCREEN + "smtpd pass - - y - - smtpd\n  -o smtpd_milters=\n"
                    "submission inet n - y - - smtpd\n")
        items, status = self.items(self.server, self.guard, "--only", "postscreen")
        self.assertEqual([item["state"] for item in items], ["wrong"], items)
        self.assertEqual(status, 1)
        self.mend(items[0]["mend"])
        items, status = self.items(self.server, self.guard, "--only", "postscreen")
        self.assertEqual(([item["state"] for item in items], status), (["note"], 0), items)

    def test_postscreen_delays_as_well(self):
        self.master(POSTSCREEN + "smtpd pass - - y - - smtpd\n")
        self.server.configure({"postscreen_bare_newline_enable": "yes"})
        items, _ = self.items(self.server, self.guard, "--only", "postscreen-tests")
        self.assertEqual([item["state"] for item in items], ["warning"], items)
        self.mend(items[0]["mend"])
        items, _ = self.items(self.server, self.guard, "--only", "postscreen-tests")
        self.assertEqual([item["state"] for item in items], ["ok"], items)

    def test_postgrey_is_still_there(self):
        self.server.configure({"smtpd_recipient_restrictions":
                               "permit_mynetworks, reject_unauth_destination,\n"
                               "  check_policy_service inet:127.0.0.1:10023, permit"})
        found = self.assert_found_and_mended("other-greylisters", "warning", "^postgrey greylists")
        self.assertIn("permit_mynetworks, reject_unauth_destination, permit'", found["mend"][0])

    def test_a_re_injection_port_asks(self):
        self.master(MASTER + "127.0.0.1:10025 inet n - n - - smtpd\n  -o content_filter=\n")
        self.assert_found_and_mended("reinjection", "warning", "127.0.0.1:10025/inet")

    def test_the_filter_in_non_smtpd_milters(self):
        self.server.configure({"non_smtpd_milters": "$smtpd_milters"})
        self.assert_found_and_mended("non-smtpd", "warning", "non_smtpd_milters")

    def test_mynetworks_that_mxward_does_not_trust(self):
        self.server.configure({"mynetworks": "127.0.0.0/8 198.51.100.0/24 [2001:db8::]/32"})
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([(item["check"], item["state"]) for item in found],
                         [("mynetworks", "warning")], found)
        self.assertEqual(status, 0)
        self.assertIn('[trust] networks = ["loopback", "self", "198.51.100.0/24", "2001:db8::/32"]',
                      found[0]["mend"][0])

    def test_a_submission_port_that_asks_is_worth_a_note(self):
        self.master(MASTER + "submission inet n - y - - smtpd\n")
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([(item["check"], item["state"]) for item in found],
                         [("submission", "note")], found)
        self.assertEqual(status, 0)

    def test_clients_through_xclient_appear_to_have_no_tls(self):
        self.server.configure({"smtpd_authorized_xclient_hosts": "192.0.2.7"})
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([(item["check"], item["state"]) for item in found],
                         [("tls", "warning")], found)
        self.assertIn("[tls] offered = false", found[0]["mend"][1])
        self.assertEqual(status, 0)

    def test_a_server_without_tls_is_worth_a_note(self):
        self.server.configure({"smtpd_tls_security_level": ""})
        self.assert_found_and_mended("tls", "note", "offers no TLS")
        self.assertEqual(self.complaints(self.server, self.guard), ([], 0))

    def test_a_configuration_that_was_not_read(self):
        self.guard.configure({"greylist": {"delay": "7m"}})
        found, _ = self.complaints(self.server, self.guard)
        self.assertEqual([item["check"] for item in found], ["config-loaded"], found)
        self.assertIn("greylist.delay", found[0]["what"])
        self.assertEqual(self.guard.control("reload").returncode, 0)
        self.assertEqual(self.complaints(self.server, self.guard), ([], 0))

    def test_a_database_that_root_has_touched(self):
        shutil.chown(self.guard.store / "lock.mdb", "nobody")
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([item["check"] for item in found], ["database"], found)
        self.assertEqual(status, 1)

    def test_the_daemon_is_down(self):
        self.guard.kill()
        found, status = self.complaints(self.server, self.guard)
        self.assertEqual([item["check"] for item in found if item["state"] == "wrong"], ["daemon"],
                         found)
        self.assertEqual(status, 1)

    def test_what_people_read(self):
        self.server.configure({"smtpd_milters": "unix:mxward/milter.sock"})
        done = self.doctor(self.server, self.guard)
        self.assertEqual(done.stdout.replace(str(self.server.config), "DIR"), """\
warning default-action: default_action for mxward is tempfail in Postfix in DIR
    While mxward is down or restarting, no mail is accepted.
    $ postconf -c DIR -e 'smtpd_milters = { unix:mxward/milter.sock, default_action=accept }'
    $ postfix -c DIR reload
27 checks: 0 wrong, 1 warning, 0 notes, 0 not checked
""")

    def test_what_programs_read(self):
        self.server.configure({"smtpd_milters": "unix:mxward/milter.sock"})
        done = self.doctor(self.server, self.guard, "--only", "default-action", "--format", "json")
        self.assertEqual(json.loads(done.stdout.replace(str(self.server.config), "DIR")), [{
            "check": "default-action",
            "title": "mail is accepted while mxward is down",
            "state": "warning",
            "what": "default_action for mxward is tempfail in Postfix in DIR",
            "why": "While mxward is down or restarting, no mail is accepted.",
            "mend": ["postconf -c DIR -e 'smtpd_milters = { unix:mxward/milter.sock, "
                     "default_action=accept }'", "postfix -c DIR reload"]}])


@need_control
@unittest.skipIf(sendmail.missing(), sendmail.missing())
class RealSendmail(DaemonCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mxward-", dir=sendmail.SAFE))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.guard = self.daemon(SETTINGS, directory=self.directory)

    def sendmail(self, equates):
        server = sendmail.Sendmail(f"local:{self.directory}/milter.sock", equates=equates)
        self.addCleanup(server.remove)
        return server

    def found(self, server):
        done = self.guard.control("doctor", "--sendmail", str(server.config), *SKIPPED,
                                  "--format", "json")
        self.assertEqual(done.stderr, "")
        return [item["check"] for item in json.loads(done.stdout) if item["state"] != "ok"]

    def test_the_configuration_that_m4_makes(self):
        self.assertEqual(self.found(self.sendmail("T=S:10s;R:10s")), [])
        self.assertEqual(self.found(self.sendmail("F=T, T=S:10s;R:10s")), ["default-action"])
        self.assertEqual(self.found(self.sendmail("T=R:1s")), ["timeouts"])

    def test_a_folder_that_sendmail_does_not_trust(self):
        self.directory.chmod(0o775)
        server = self.sendmail("T=S:10s;R:10s")
        self.assertEqual(self.found(server), ["socket-access"])
        with self.assertRaisesRegex(AssertionError, "unsafe: Group writable directory"):
            server.start()


if __name__ == "__main__":
    support.main()
