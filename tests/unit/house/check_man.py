#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the manual pages: mandoc(1) has nothing to say of them but matters of style, and
mxwardctl(8) has an item for every command of cli/command_table.cc. And docs/API.md has every request
and parameter of lib/control/api.cc.

  check_man.py [ROOT]    the tree at ROOT (default: the one this file stands in)

Prints one line for each fault and ends with 1 if there are any; with 77 when there is no mandoc on
this machine and nothing else is wrong.
"""

import pathlib
import re
import shutil
import subprocess
import sys

PAGES = ("man/mxward.8", "man/mxwardctl.8", "man/mxward.toml.5")
COMMAND_TABLE = "cli/command_table.cc"
API, API_PAGE = "lib/control/api.cc", "docs/API.md"

COMMAND = re.compile(r'\bCommand\{\s*"([^"]+)"')
# ".It Cm dnsbl test Op Ar name", and ".It Xo" with ".Cm probe" below it.
ITEM = re.compile(r"^\.It (?:Xo\n\.)?Cm ([a-z-]+(?: [a-z-]+)*)", re.M)


def lint(root):
    run = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *PAGES], cwd=root,
                         capture_output=True, text=True, check=False)
    found = (run.stdout + run.stderr).splitlines()
    if run.returncode and not found:
        found.append(f"mandoc ended with {run.returncode}")
    return found


def missing_commands(root):
    commands = COMMAND.findall((root / COMMAND_TABLE).read_text(encoding="utf-8"))
    page = (root / PAGES[1]).read_text(encoding="utf-8")
    if not commands:
        yield f"{COMMAND_TABLE}: no commands found; has the table another form now?"
    items = set(ITEM.findall(page))
    for command in commands:
        if command not in items:
            yield f'{PAGES[1]}: no item ".It Cm {command}"'


ROUTE = re.compile(r'\{"([A-Z]+)", "(/v1/[a-z/-]+)", (\w+),')
PARAMS = re.compile(r"(k\w+Params) = \{([^}]*)\}")


def missing_requests(root):
    code = (root / API).read_text(encoding="utf-8")
    page = (root / API_PAGE).read_text(encoding="utf-8")
    routes = ROUTE.findall(code)
    params = {name: re.findall(r'"(\w+)"', words) for name, words in PARAMS.findall(code)}
    if not routes:
        yield f"{API}: no requests found; has the table another form now?"
    for method, path, names in routes:
        row = re.search(rf"^\|[^|]*`{method} {re.escape(path)}`[^|]*\|([^|]*)\|", page, re.M)
        if not row:
            yield f"{API_PAGE}: no row for {method} {path}"
            continue
        for name in params.get(names, []):
            if f"`{name}`" not in row.group(1) and "the same" not in row.group(1):
                yield f"{API_PAGE}: {method} {path}: no parameter `{name}`"


def main(arguments):
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__, file=sys.stderr)
        return 64
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[3]).resolve()
    found = list(missing_commands(root)) + list(missing_requests(root))
    has_mandoc = shutil.which("mandoc") is not None
    if has_mandoc:
        found += lint(root)
    else:
        print("check_man: no mandoc on this machine, so the pages' form is not checked")
    for line in found:
        print(line)
    print(f"{len(found)} faults")
    if found:
        return 1
    return 0 if has_mandoc else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
