# SPDX-License-Identifier: Apache-2.0
"""lib/spf as a program that answers (spf_table.cc), over a zone that a test makes."""

import subprocess
from collections import namedtuple

TYPES = ("A", "AAAA", "MX", "TXT", "PTR")
Said = namedtuple("Said", "result questions terms voids matched problem")


def to_hex(text):
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return data.hex() or "-"


def from_hex(word):
    return "" if word == "-" else bytes.fromhex(word).decode("utf-8", "replace")


class Table:
    def __init__(self, *program):
        self.program = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1 << 20
        )

    def zone(self, answers):
        """answers: {(name, type): "none" | "nodata" | "fails" | [value, ...]}"""
        lines = ["zone"]
        for (name, kind), answer in answers.items():
            words = ["answer", to_hex(name.lower()), kind]
            words += [answer] if isinstance(answer, str) else ["found"] + [to_hex(one) for one in answer]
            lines.append(" ".join(words))
        self.program.stdin.write("\n".join(lines) + "\n")

    def check(self, client, sender, helo, one_label=False):
        words = ["check", client, to_hex(sender), to_hex(helo)] + ["one-label"] * one_label
        self.program.stdin.write(" ".join(words) + "\n")
        self.program.stdin.flush()
        words = self.program.stdout.readline().split()
        if len(words) != 6:
            raise RuntimeError("the evaluator has ended")
        return Said(words[0], *map(int, words[1:4]), from_hex(words[4]), from_hex(words[5]))

    def close(self):
        self.program.stdin.close()
        return self.program.wait()
