#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published test suite of RFC 7208 and its two companions, all of it, as Debian's package
golang-blitiri-go-spf-dev carries it. Usage: test_suite.py SPF_TABLE ROOT

Where a test allows several results, one of them is right. What is only about explanations (exp=) is not
looked at: they are not fetched. 77, said loudly, when the package or the YAML reader is not there."""

import sys
from pathlib import Path

from table import TYPES, Table

FOLDER = "usr/share/gocode/src/blitiri.com.ar/go/spf/testdata"
# How many tests each holds; whether names without a dot are domains there, as it takes for granted.
SUITES = {
    "rfc7208-tests.yml": (203, False),
    "pyspf-tests.yml": (16, False),
    "blitirispf-tests.yml": (21, True),
}

# Of a record "default=-" one companion wants what an old draft had, in two modes of the library that it is of
# ("strict: 0" and "strict: 2"). RFC 7208 has no such modifier, and the main suite wants "neutral" for the same
# record (default-modifier-obsolete): so do we.
OF_A_LIBRARY = {
    ("pyspf-tests.yml", "default-modifier"): "neutral",
    ("pyspf-tests.yml", "default-modifier-harsh"): "neutral",
}


def skip(why):
    print(f"SKIPPED: the published SPF test suite did not run: {why}", file=sys.stderr)
    sys.exit(77)


def as_list(value):
    return value if isinstance(value, list) else [value]


def as_bytes(text):
    """Escapes like "\\x80" in the suite are bytes of the record."""
    return text.encode("latin-1", "replace")


def plain(name):
    return name.lower().rstrip(".")


def records_of(entries):
    """(records by type, types that are not to be had: "*" is all of which there are none)"""
    records, trouble = {kind: [] for kind in TYPES + ("SPF", "CNAME")}, set()
    for entry in entries:
        for kind, value in ({entry: True} if isinstance(entry, str) else entry).items():
            if kind in ("TIMEOUT", "SERVFAIL", "CNAMELOOP"):
                trouble.add("*")
            elif kind == "MX":
                records["MX"].append(f"{value[0]}:{plain(value[1])}")
            elif kind in ("TXT", "SPF"):
                records[kind].append("NONE" if value == "NONE" else b"".join(map(as_bytes, as_list(value))))
            elif kind in ("PTR", "CNAME"):
                records[kind].append(plain(value))
            else:
                records[kind] += as_list(value)
    # The suite was made when there was a type SPF as well: what stands there is meant as TXT, unless there is any.
    if not records["TXT"]:
        records["TXT"] = records["SPF"]
    records["TXT"] = [text for text in records["TXT"] if text != "NONE"]
    return records, trouble


def answers_of(zonedata):
    zone = {plain(name): records_of(entries) for name, entries in zonedata.items()}
    answers = {}
    for first in zone:
        for kind in TYPES:
            name, links, answer = first, 0, None
            while answer is None:
                if name not in zone:
                    answer = "none"
                    break
                records, trouble = zone[name]
                if records[kind]:
                    answer = records[kind]
                elif trouble or links > 16:
                    answer = "fails"
                elif records["CNAME"]:
                    name, links = records["CNAME"][0], links + 1
                else:
                    answer = "nodata"
            answers[first, kind] = answer
    return answers


def run(table, path, expected, one_label):
    import yaml

    tests, failures = 0, []
    for part in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        if not part:
            continue
        table.zone(answers_of(part["zonedata"]))
        for name, test in part["tests"].items():
            tests += 1
            sender = test["mailfrom"]
            said = table.check(test["host"], sender, test.get("helo", ""), one_label)
            allowed = as_list(OF_A_LIBRARY.get((path.name, name), test["result"]))
            if said.result not in allowed:
                failures.append(f"{path.name}: {name}: {said.result}, not {' or '.join(allowed)}: {said}")
    print(f"{path.name}: {tests - len(failures)} of {tests}")
    if tests != expected:
        failures.append(f"{path.name}: {tests} tests; it had {expected}")
    return failures


def main():
    program, root = sys.argv[1], Path(sys.argv[2])
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("python3-yaml is not installed")
    folder = root / FOLDER
    if not folder.is_dir():
        skip(f"golang-blitiri-go-spf-dev is not unpacked in {root}; tests/run does it")
    table = Table(program)
    failures = []
    for name, (expected, one_label) in SUITES.items():
        failures += run(table, folder / name, expected, one_label)
    for failure in failures:
        print(failure)
    return 1 if failures or table.close() != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
