# SPDX-License-Identifier: Apache-2.0
"""The shells themselves, with what `mxwardctl completion` prints."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import support

MXWARDCTL = os.environ["MXWARDCTL"]

# A command line up to the cursor, some words that are offered, and some that are not.
CASES = [
    ("", {"status", "dnsbl", "doctor", "completion"}, {"test", "--state"}),
    ("st", {"status", "stats"}, {"list"}),
    ("--format ", {"table", "json", "tsv"}, {"status"}),
    ("--format json dnsbl ", {"list", "test", "check"}, {"status"}),
    ("dnsbl check --f", {"--fresh", "--format"}, {"--state"}),
    ("list --", {"--state", "--limit", "--config", "--help"}, {"--fresh"}),
    ("list --state ", {"pending", "passed", "expired"}, {"--limit", "status"}),
    ("allow ", {"client", "sender-domain"}, {"reset"}),
    ("allow client ", set(), {"client", "sender"}),
    ("limits ", {"reset"}, {"list"}),
    ("doctor --only ", {"socket-path", "default-action"}, {"pending"}),
    ("watch --action ", {"accept", "defer", "reject"}, {"allow"}),
    ("completion ", {"bash", "zsh", "fish"}, {"status"}),
]


def script(shell):
    done = subprocess.run([MXWARDCTL, "completion", shell], capture_output=True, text=True,
                          check=True, timeout=support.allow(10))
    return done.stdout


def needs(shell):
    return unittest.skipUnless(shutil.which(shell), f"needs {shell}")


class Completions(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text, encoding="utf-8")
        return path

    def run_shell(self, *arguments, **options):
        done = subprocess.run(arguments, capture_output=True, text=True, check=False,
                              cwd=self.folder.name, timeout=support.allow(60), **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def check_offers(self, offered):
        for line, wanted, unwanted in CASES:
            with self.subTest(line):
                words = offered(line)
                self.assertLessEqual(wanted, words)
                self.assertFalse(unwanted & words)

    @needs("bash")
    def test_bash(self):
        source = self.file("mxwardctl.bash", script("bash"))

        def offered(line):
            words = ["mxwardctl", *line.split()] + ([""] if line[-1:] in ("", " ") else [])
            return set(self.run_shell(
                "bash", "--norc", "-c", 'source "$1"; shift; COMP_WORDS=("$@"); '
                'COMP_CWORD=$(($# - 1)); _mxwardctl; printf "%s\\n" "${COMPREPLY[@]}"',
                "bash", str(source), *words).split())

        self.check_offers(offered)
        self.assertIn("complete -F _mxwardctl mxwardctl", self.run_shell(
            "bash", "--norc", "-c", f'source "{source}"; complete -p mxwardctl'))

    @needs("bash")
    def test_bash_offers_files_and_takes_an_equals_sign(self):
        source = self.file("mxwardctl.bash", script("bash"))
        self.file("mail log", "")
        for words, wanted in ((["replay", "mai"], "mail log\n"), (["--config", "mai"], "mail log\n"),
                              (["--format", "=", "js"], "json\n"), (["--format", "="], "table\n")):
            out = self.run_shell(
                "bash", "--norc", "-c", 'source "$1"; shift; COMP_WORDS=(mxwardctl "$@"); '
                'COMP_CWORD=$#; _mxwardctl; printf "%s\\n" "${COMPREPLY[@]}"',
                "bash", str(source), *words)
            self.assertTrue(out.startswith(wanted), (words, out))

    @needs("fish")
    def test_fish(self):
        source = self.file("mxwardctl.fish", script("fish"))
        home = {**os.environ, "HOME": self.folder.name}

        def offered(line):
            out = self.run_shell("fish", "--no-config", "-c", 'source $argv[1]; complete -C $argv[2]',
                                 str(source), "mxwardctl " + line, env=home)
            return {offer.split("\t")[0] for offer in out.splitlines()}

        self.check_offers(offered)
        self.assertIn("dnsbl\tthe DNS lists", self.run_shell(
            "fish", "--no-config", "-c", 'source $argv[1]; complete -C "mxwardctl "', str(source),
            env=home))

    @needs("zsh")
    def test_zsh(self):
        """What is handed to zsh's own functions, with others in their place that print it."""
        self.file("_mxwardctl", script("zsh"))
        self.run_shell("zsh", "-f", "-n", "_mxwardctl")
        printing = ("compdef() { : }; _describe() { print -rl -- ${(P)4}; }; "
                    "_arguments() { print -rl -- $@; false; }; source ./_mxwardctl; ")
        top = self.run_shell("zsh", "-f", "-c", printing + "_mxwardctl_words")
        self.assertIn("dnsbl:the DNS lists\\: their health", top)
        self.assertIn("list:the greylist\n", top)
        below = self.run_shell("zsh", "-f", "-c", printing + "_mxwardctl_dnsbl_words")
        self.assertIn("test:query the test points of every list\n", below)
        listing = self.run_shell("zsh", "-f", "-c", printing + "_mxwardctl_list || true")
        self.assertIn("--state[only pending, passed or expired ones]:STATE:(pending passed expired)",
                      listing)
        allow = self.run_shell("zsh", "-f", "-c", printing + "_mxwardctl_allow || true")
        self.assertRegex(allow, r"(?m)^:KIND:\(client client-name ")
        called = set(re.findall(r"(?m)^    [a-z-]+\) (_mxwardctl\S*) ;;", script("zsh")))
        self.assertLess(20, len(called))
        known = self.run_shell("zsh", "-f", "-c", printing + "print -rl -- ${(k)functions}")
        self.assertLessEqual(called, set(known.split()))


if __name__ == "__main__":
    support.main()
