#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the manual pages: mandoc(1) has nothing to say of them but matters of style, and they name
what the code has: commands, options, reasons, findings, exit statuses, signals, environment
variables, doctor's checks. And docs/API.md has every request and parameter of lib/control.

  check_man.py [ROOT]       the tree at ROOT (default: the one this file stands in)
  check_man.py --self-test  plants a fault of each kind and looks whether it is found

Prints one line for each fault and ends with 1 if there are any; with 77 when there is no mandoc on
this machine and nothing else is wrong.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DAEMON, CONTROL, CONFIG = PAGES = ("man/mxward.8", "man/mxwardctl.8", "man/mxward.toml.5")
COMMAND_TABLE = "cli/command_table.cc"
API, API_PAGE = "lib/control", "docs/API.md"

COMMAND = re.compile(r'\bCommand\{\s*"([^"]+)",\s*(?:"[^"]*"\s*)+,\s*\w+,\s*(\w+),')
# ".It Cm dnsbl test Op Ar name", and ".It Xo" with ".Cm probe" below it.
ITEM = re.compile(r"^\.It (?:Xo\n\.)?Cm ([a-z-]+(?: [a-z-]+)*)", re.M)

# A comment above a row of a table: a test that fails when the row is no longer true.
KEPT_TRUE = re.compile(r'^\.\\" kept true by: (\S+)$', re.M)

# What the code has a word for, and where the pages tell of it. A word is the group of the pattern;
# in the page it stands in an ".It MACRO" line of the section, alone or with others: "a , b".
WORDS = (
    # what, file or folder of the code, pattern, page, section, macro, whether the page has no others
    ("reason", "lib/facts/decision.h", r'\{Reason::\w+,\s+"([a-z-]+)"\}', DAEMON, "Reasons", "Li", True),
    ("finding", "lib/facts/finding.h", r'\{Check::\w+,\s+"([a-z-]+)"\}', DAEMON, "FINDINGS", "Li", True),
    ("option", "milter/main.cc", r'\{"([a-z-]+)", (?:no|required)_argument', DAEMON, "DESCRIPTION",
     "Fl", False),
    ("signal", "milter/signals.cc", r"\b(SIG(?!_)[A-Z0-9]+)\b", DAEMON, "SIGNALS", "Dv", False),
    ("exit status", "milter/daemon.h", r"\bkExit\w+ = (\d+);", DAEMON, "EXIT STATUS", "", False),
    ("exit status", "cli/exit_status.h", r"\bkExit\w+ = (\d+);", CONTROL, "EXIT STATUS", "", False),
    ("variable", "milter", r'\bgetenv\("(\w+)"\)', DAEMON, "ENVIRONMENT", "Ev", False),
    ("variable", "cli", r'\b(?:getenv|Variable)\("(\w+)"\)', CONTROL, "ENVIRONMENT", "Ev", False),
    ("check of doctor", "cli/doctor/check_table.cc", r'\bCheck\{"([a-z-]+)"', CONTROL, "COMMANDS",
     "Cm", False),
    ("common option", COMMAND_TABLE,
     r'Switch\{"--([a-z-]+)"(?=(?:(?!constexpr)(?:.|\n))*constexpr std::array kFamilies)', CONTROL,
     "Options of all commands", "Fl", False),
)


def text_of(root, name):
    """A file's text, or that of all code below a folder."""
    path = root / name
    files = [path] if path.is_file() else sorted(path.rglob("*.cc"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def section_of(page, title):
    """From its heading to the next of its kind; that of a section (.Sh) with its subsections."""
    match = re.search(rf"^\.(S[hs]) {re.escape(title)}\n", page, re.M)
    if not match:
        return ""
    end = re.compile(r"^\.Sh " if match.group(1) == "Sh" else r"^\.S[hs] ", re.M)
    following = end.search(page, match.end())
    return page[match.end():following.start() if following else len(page)]


def items_of(section, macro):
    """The words in the lines of items: ".It Li a , b", ".It Fl c , -config Ar file", ".It 64"."""
    for line in re.findall(rf"^\.It {macro + ' ' if macro else ''}(.+)", section, re.M):
        for word in re.split(r" (?:,|No or) ", line):
            yield word.split(" ")[0].lstrip("-").rstrip(":")


def lint(root):
    run = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *PAGES], cwd=root,
                         capture_output=True, text=True, check=False)
    found = (run.stdout + run.stderr).splitlines()
    if run.returncode and not found:
        found.append(f"mandoc ended with {run.returncode}")
    return found


def missing_words(root):
    for what, source, pattern, name, title, macro, exact in WORDS:
        page = text_of(root, name)
        words = set(re.findall(pattern, text_of(root, source)))
        items = set(items_of(section_of(page, title), macro))
        if not words:
            yield f"{source}: no {what} found; has it another form now?"
        for word in sorted(words - items):
            yield f"{name}: {title}: no item for the {what} {word} of {source}"
        for word in sorted(items - words) if exact else ():
            yield f"{name}: {title}: {source} has no {what} {word}"


def switches_of(code):
    """The options of each command of the table."""
    shared = dict(re.findall(r'constexpr Switch (k\w+) = \{"--([a-z-]+)"', code))
    arrays = {}
    for name, body in re.findall(r"constexpr std::array (k\w+) = \{((?:.|\n)*?)\};", code):
        arrays[name] = re.findall(r'Switch\{"--([a-z-]+)"', body)
        arrays[name] += [shared[word] for word in re.findall(r"\bk\w+", body) if word in shared]
    return {command: arrays.get(name, []) for command, name in COMMAND.findall(code)}


def missing_commands(root):
    commands = switches_of(text_of(root, COMMAND_TABLE))
    page = text_of(root, CONTROL)
    if not any(commands.values()):
        yield f"{COMMAND_TABLE}: no commands with options found; has the table another form now?"
    begins = [match for match in ITEM.finditer(page) if match.group(1) in commands]
    told = {}  # each command's text: up to the next command or section
    for match in begins:
        end = re.compile(r"^\.S[hs] ", re.M).search(page, match.end())
        ends = [other.start() for other in begins] + [end.start() if end else len(page)]
        told[match.group(1)] = page[match.start():min(n for n in ends if n > match.start())]
    for command, switches in commands.items():
        if command not in told:
            yield f'{CONTROL}: no item ".It Cm {command}"'
            continue
        text = told[command]
        if "Ar filters" in text:  # as of "list", which tells of them
            text += told.get("list", "")
        for switch in switches:
            if not re.search(rf"(?:\bFl|,) -{switch}(?![\w-])", text):
                yield f'{CONTROL}: {command}: no "Fl -{switch}"'


ROUTE = re.compile(r'\{"([A-Z]+)", "(/v1/[a-z/-]+)", (\w+|\{\}),')
PARAMS = re.compile(r"(k\w+Params) = \{([^}]*)\}")


def missing_requests(root):
    code = text_of(root, API)
    page = text_of(root, API_PAGE)
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


def tests_of_claims(root):
    """The tests that the page says keep its rows true, as paths from the root."""
    return ["tests/" + name for name in KEPT_TRUE.findall(text_of(root, DAEMON))]


def claims_without_a_test(root):
    for name in tests_of_claims(root):
        if not (root / name).is_file():
            yield f"{DAEMON}: a row is said to be kept true by {name}, which is not there"


def check_tree(root):
    found = [*missing_commands(root), *missing_words(root), *missing_requests(root), *claims_without_a_test(root)]
    return found + lint(root) if shutil.which("mandoc") else found


# ---- Self-test ----------------------------------------------------------------------------------

# A file, what is replaced in it (a pattern, the first time it is there), by what, and a part of the
# one finding that this has to lead to.
PLANTED = [
    (DAEMON, r"^\.It Li rule$", ".It Li ruler", "no item for the reason rule "),
    (DAEMON, r"^\.It Li greylist-known$", ".It Li greylist-known , greylist-lost",
     "has no reason greylist-lost"),
    ("lib/facts/decision.h", r'"greylist-known"', '"greylist-friend"',
     "no item for the reason greylist-friend"),
    ("lib/facts/finding.h", r'"helo-ip"', '"helo-address"',
     "no item for the finding helo-address"),
    (DAEMON, r"^\.It Li sender-null-mx ", ".It Li sender-none-mx ", "the finding sender-null-mx"),
    (DAEMON, r"^\.It Fl n , -check-config$", ".It Fl n", "no item for the option check-config"),
    (DAEMON, r"^\.It Dv SIGHUP , SIGUSR1$", ".It Dv SIGHUP , SIGUSR2", "no item for the signal SIGUSR1"),
    ("milter/daemon.h", "kExitUsage = 64", "kExitUsage = 66", "no item for the exit status 66"),
    (CONTROL, r"^\.It 2$", ".It 3", "no item for the exit status 2"),
    ("milter/main.cc", r'getenv\("NOTIFY_SOCKET"\)', 'getenv("MXWARD_SOCKET")',
     "no item for the variable MXWARD_SOCKET"),
    (CONTROL, r"^\.It Ev NO_COLOR$", ".It Ev COLOR", "no item for the variable NO_COLOR"),
    ("cli/doctor/check_table.cc", r'Check\{"nat"', 'Check{"proxy"', "the check of doctor proxy"),
    (CONTROL, r"^\.It Fl -no-header$", ".It Fl -header", "no item for the common option no-header"),
    (CONTROL, r"^\.It Cm reload$", ".It Cm read-again", 'no item ".It Cm reload"'),
    (COMMAND_TABLE, r'Switch\{"--progress"', 'Switch{"--verbose"', 'import: no "Fl -verbose"'),
    (CONTROL, r"^\.It Fl -older-than Ar time , ", ".It ", 'list: no "Fl -older-than"'),
    (COMMAND_TABLE, r'kNote = \{"--note"', 'kNote = {"--remark"', 'allow: no "Fl -remark"'),
    ("lib/control/api_status.cc", r'\{"GET", "/v1/status",', '{"GET", "/v1/state",', "no row for GET /v1/state"),
    (DAEMON, r"kept true by: scenario/cost_of_a_name", "kept true by: scenario/cost_of_nothing",
     "which is not there"),
    (CONFIG, r"^\.Sh NAME$", ".Sh NAME\n.Xx", "mandoc"),
]


def self_test(root):
    failures = 0
    if faults := check_tree(root):
        print(f"self-test: faults before any is planted: {faults}")
        return False
    sources = {name for _, name, *_ in WORDS} | {COMMAND_TABLE, API, API_PAGE, *PAGES, *tests_of_claims(root)}
    for name, pattern, replacement, wanted in PLANTED:
        if wanted == "mandoc" and not shutil.which("mandoc"):
            continue
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory)
            for source in sources:
                target = copy / source
                target.parent.mkdir(parents=True, exist_ok=True)
                if (root / source).is_dir():
                    shutil.copytree(root / source, target, dirs_exist_ok=True)
                else:
                    shutil.copy(root / source, target)
            text, count = re.subn(pattern, lambda _: replacement, text_of(copy, name), count=1,
                                  flags=re.M)
            (copy / name).write_text(text, encoding="utf-8")
            found = check_tree(copy)
        if count != 1 or not any(wanted in line for line in found):
            failures += 1
            print(f"self-test: {name}: {pattern}: wanted {wanted!r}, found {found}")
    print(f"self-test: {len(PLANTED)} planted faults, {failures} not found")
    return failures == 0


def main(arguments):
    here = pathlib.Path(__file__).parents[3]
    if arguments == ["--self-test"]:
        return 0 if self_test(here.resolve()) else 1
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__, file=sys.stderr)
        return 64
    found = check_tree(pathlib.Path(arguments[0] if arguments else here).resolve())
    has_mandoc = shutil.which("mandoc") is not None
    if not has_mandoc:
        print("check_man: no mandoc on this machine, so the pages' form is not checked")
    for line in found:
        print(line)
    print(f"{len(found)} faults")
    if found:
        return 1
    return 0 if has_mandoc else 77


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
