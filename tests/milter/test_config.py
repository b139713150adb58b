# SPDX-License-Identifier: Apache-2.0
"""The configuration file as the daemon reads it: errors, all at once, with their places."""

import subprocess
import unittest

import daemon as d
import support

ERROR = 78


class Config(unittest.TestCase):
    def setUp(self):
        self.daemon = d.Daemon()
        self.addCleanup(self.daemon.remove)

    def check(self, text=None, *, words=("--check-config",)):
        if text is not None:
            self.daemon.config.write_text(text)
        return subprocess.run([d.PROGRAM, "--config", str(self.daemon.config), *words],
                              capture_output=True, text=True, timeout=support.allow(10),
                              stdin=subprocess.DEVNULL, check=False)

    def assert_refused(self, text, *parts):
        for words in (("--check-config",), ()):
            done = self.check(text, words=words)
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, ERROR, said)
            for part in parts:
                self.assertIn(part, said)
        return said

    def test_an_empty_file_is_good(self):
        self.assertEqual(self.check("").returncode, 0)

    def test_the_files_of_these_tests_are_good(self):
        self.assertEqual(self.check().returncode, 0)

    def test_an_unknown_key_is_named_with_its_place_and_the_nearest_key(self):
        self.assert_refused('[greylist]\ndealy = "4m"\n', "mxward.toml:2:1", "dealy", "delay")

    def test_an_unknown_table_is_named_with_its_place_and_the_nearest_one(self):
        self.assert_refused('\n\n[greylst]\ndelay = "4m"\n', "mxward.toml:3:", "greylst",
                            "greylist")

    def test_a_wrong_type_is_named_with_its_place(self):
        self.assert_refused("[greylist]\n  delay = 240\n", "mxward.toml:2:", "delay")
        self.assert_refused('[store]\nmap_size = true\n', "mxward.toml:2:", "map_size")
        self.assert_refused('greylist = "all"\n', "mxward.toml:1:", "greylist")
        self.assert_refused("[trust]\nnetworks = [1, 2]\n", "mxward.toml:2:", "networks")

    def test_a_value_out_of_bounds_is_named_with_its_place(self):
        self.assert_refused('[greylist]\nnetwork_v4 = 33\n', "mxward.toml:2:", "network_v4")
        self.assert_refused('[greylist]\ndelay = "900d"\n', "mxward.toml:2:", "delay")
        self.assert_refused('[greylist]\napply = "somebody"\n', "mxward.toml:2:", "apply", "all")

    def test_an_address_that_is_none_is_named_with_its_place(self):
        self.assert_refused('[trust]\nnetworks = ["10.0.0.0/33"]\n', "mxward.toml:2:",
                            "10.0.0.0/33")

    def test_several_errors_are_told_in_one_go(self):
        said = self.assert_refused(
            'mode = "enforced"\n[greylist]\ndealy = "4m"\nlifetime = 3\n[stor]\npath = "/x"\n',
            "mxward.toml:1:", "mxward.toml:3:", "mxward.toml:4:", "mxward.toml:5:")
        self.assertLessEqual(said.count("mxward.toml"), 8, "told twice")

    def test_a_syntax_error_is_named_with_its_place(self):
        self.assert_refused('[greylist]\ndelay = "4m\n', "mxward.toml:2:")

    def test_bytes_that_are_no_text_are_refused(self):
        self.daemon.config.write_bytes(b"[greylist]\ndelay = \"\xff\xfe\0\"\n")
        self.assertEqual(self.check().returncode, ERROR)

    def test_a_folder_is_refused(self):
        self.daemon.config.unlink()
        self.daemon.config.mkdir()
        for words in (("--check-config",), ()):
            done = self.check(words=words)
            self.assertEqual(done.returncode, ERROR, done.stderr)
            self.assertIn("directory", (done.stdout + done.stderr).lower())

    def test_a_missing_file_is_refused_by_its_name(self):
        self.daemon.config.unlink()
        done = self.check()
        self.assertEqual(done.returncode, ERROR)
        self.assertIn(str(self.daemon.config), done.stdout + done.stderr)

    def test_an_unknown_option_of_the_command_line_is_a_usage_error(self):
        self.assertEqual(self.check(words=("--no-such-option",)).returncode, 64)


if __name__ == "__main__":
    support.main()
