#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the house that a compiler does not know.

  check_house.py [ROOT]        the tree at ROOT (default: the one this file stands in)
  check_house.py --self-test   plants a violation of each rule and looks whether it is found

Prints one line for each violation, "file:line: text", and ends with 1 if there are any. Files that
are growing long are mentioned, but do no harm yet.
"""

import pathlib
import re
import sys
import tempfile
from collections import namedtuple

Finding = namedtuple("Finding", "path line text")

# Folders of lib/ in order of dependency: a file includes only from its own and from earlier ones.
LIB_FOLDERS = (
    "base match config facts dns spf store greylist clients dnsbl limits entries outcomes policy engine metrics control"
).split()
# May use all of lib/, and nothing of each other.
PROGRAMS = ("milter", "cli")
SHIPPED = ("lib",) + PROGRAMS

# Third-party headers, and the places they may be included from. tests/ may include anything.
CONFINED = [
    (r"(libmilter/|mfapi\.h$|mfdef\.h$)", ("milter/adapter.cc",)),
    (r"lmdb\.h$", ("lib/store/",)),
    (r"ares(_\w+)?\.h$", ("lib/dns/",)),
    (r"(event2/|event\.h$|evhttp\.h$|evutil\.h$)", ("lib/dns/", "lib/control/")),
    (r"re2/", ("lib/match/",)),
    (r"(toml\+\+/|toml\.hpp$)", ("lib/config/",)),
    (r"CLI/", ("cli/",)),
    (r"nlohmann/", ("lib/control/", "cli/")),
    (r"sodium(\.h$|/)", ("lib/base/",)),
    (r"libpsl\.h$", ("lib/clients/",)),
    (r"(idn2|uni(case|norm|str))\.h$", ("lib/base/",)),
    (r"sqlite3\.h$", ("cli/import/",)),
    (r"(zlib|bzlib|lzma|zstd)\.h$", ("cli/input/",)),
    (r"(sys/)?syslog\.h$", ("lib/base/",)),
    (r"spdlog/", ("lib/base/",)),
    (r"(getopt|argp)\.h$", PROGRAMS),
    (r"(catch2|benchmark)/", ()),
    (r"systemd/", ()),
]

CLOCK_FILE = "lib/base/clock.cc"
CLOCK = re.compile(
    r"\b(?:system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now\b"
    r"|\bstd\s*::\s*time\s*\(|(?<![\w.>:])(?:::)?time\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)"
    r"|\b(?:gettimeofday|clock_gettime|timespec_get)\s*\("
)

# Only there they are wrapped, in what clang's -Wthread-safety understands.
LOCK_FILE = "lib/base/mutex.h"
LOCK = re.compile(
    r"\bstd\s*::\s*(?:(?:recursive_|timed_|shared_)*mutex|condition_variable(?:_any)?|lock_guard|unique_lock|scoped_lock|shared_lock)\b"
)
# A thread that nobody waits for may use what is gone. These live until the process ends.
DETACH = re.compile(r"\.\s*detach\s*\(\s*\)")
DETACHING = ("lib/control/server.cc", "milter/adapter.cc", "milter/daemon.cc", "milter/store_guard.cc")

# (what, where, text); what is searched in code without comments and strings.
FORBIDDEN = [
    (re.compile(r"\b(?:secure_)?getenv\b"), ("lib",), "lib/ reads no environment"),
    (re.compile(r"\busing\s+namespace\b"), ("lib", "milter"), "using namespace"),
    (re.compile(r"\bthread_local\b"), ("lib", "milter"), "thread_local: callbacks change threads"),
    (
        re.compile(r"\b(?:Get)?(?:Instance|Singleton)\s*\(\s*\)"),
        SHIPPED,
        "a singleton: hand the object down by reference",
    ),
]

# States by which many clients together, or one of them, can change what happens to others. A member
# with such a name needs its header in the register of ARCHITECTURE.md. What only counts or paces a
# log line is none.
STATE_WORDS = frozenset(
    "suspended suspect suspicion unhealthy health down full over folded blocks refusing responsive failing broken lying"
    " standing votes shares".split()
)
MEMBER = re.compile(r"^\s+(?:mutable\s+)?(?P<type>[\w:<>,*&\s]+?)\s+(?P<name>[a-z]\w*_)\s*(?:MXWARD_GUARDED_BY\(\w+\)\s*)?(?:=[^=;]*|\{[^;]*\})?;", re.M)
NO_STATE = re.compile(r"\b(?:Counter|OncePerMinute)\b")
REGISTER = re.compile(r"^## Register\b.*?(?=^## |\Z)", re.M | re.S)

CODE = (".h", ".cc")
WITH_LICENCE = CODE + (".py", ".sh", ".cmake", ".lua", ".cpp", ".hpp", ".c")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
WARN_LINES = 600
MAX_LINES = 800

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
TEST_CASE = re.compile(r'^TEST_CASE\(\s*((?:"(?:[^"\\\n]|\\.)*"\s*)+)(?:,\s*"([^"]*)")?', re.M)
CATCH_CONTAINS = re.compile(r"\bMatchers::Contains\b|\bCHECK_THAT\([^;]*[ (!]Contains\(")
TOKENS = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=mark)"'  # raw strings
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)*'"  # not the separators of 1'000
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
)


def without_comments_and_strings(text):
    """The code, with its line numbers."""
    return TOKENS.sub(lambda match: "\n" * match.group().count("\n") + " ", text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def rank(name):
    """(part, place in its order) of a path or an include, or None when it is not ours."""
    parts = name.split("/")
    if parts[0] == "lib":
        parts = parts[1:]
    if len(parts) < 2:
        return None
    if parts[0] in LIB_FOLDERS:
        return ("lib", LIB_FOLDERS.index(parts[0]))
    if parts[0] in PROGRAMS:
        return (parts[0], len(LIB_FOLDERS))
    return None


def check_include(path, bracket, name):
    """What is wrong with including name from path, if anything."""
    for pattern, places in CONFINED:
        if re.match(pattern, name):
            if any(path == place or path.startswith(place.rstrip("/") + "/") for place in places):
                return None
            return f"{name} belongs to {' and '.join(places) or 'tests/ at most'}"
    mine, theirs = rank(path), rank(name)
    if theirs is None:
        if bracket == '"':
            return f'"{name}": name headers of ours from lib/ on, those of programs from the top'
        return None
    if theirs[0] in PROGRAMS and theirs[0] != mine[0]:
        return f"{name}: nobody includes from {theirs[0]}/"
    if theirs[1] > mine[1]:
        return f"{name} stands below {path.rsplit('/', 1)[0]} in the order of folders"
    return None


def check_shipped_code(path, text):
    folder = path.split("/")
    if folder[0] == "lib" and (len(folder) < 3 or folder[1] not in LIB_FOLDERS):
        yield Finding(path, 1, "lib/ has no such folder in its order")
        return
    # Comments go, but not the strings: they hold the names of headers.
    plain = TOKENS.sub(
        lambda match: match.group()
        if match.group()[0] in "R\"'"
        else "\n" * match.group().count("\n"),
        text,
    )
    for match in INCLUDE.finditer(plain):
        wrong = check_include(path, match.group(1), match.group(2))
        if wrong:
            yield Finding(path, line_of(plain, match.start(2)), wrong)
    code = without_comments_and_strings(text)
    if path != CLOCK_FILE:
        for match in CLOCK.finditer(code):
            yield Finding(
                path,
                line_of(code, match.start()),
                f"{match.group().strip()}: only {CLOCK_FILE} reads the real clock",
            )
    for match in LOCK.finditer(code) if path != LOCK_FILE and folder[0] in SHIPPED else ():
        yield Finding(path, line_of(code, match.start()), f"{match.group()}: use {LOCK_FILE}")
    for match in DETACH.finditer(code) if path not in DETACHING and folder[0] in SHIPPED else ():
        yield Finding(path, line_of(code, match.start()), "a detached thread: use lib/base/thread.h")
    for pattern, places, message in FORBIDDEN:
        if folder[0] in places:
            for match in pattern.finditer(code):
                yield Finding(path, line_of(code, match.start()), message)


def check_unit_test(path, text):
    """ctest runs the unit tests by their folders' tags: a case without one would never run. Catch2 may be of
    either generation."""
    parts = path.split("/")
    if len(parts) < 4 or not path.endswith("_test.cc"):
        return
    for match in CATCH_CONTAINS.finditer(text):
        yield Finding(path, line_of(text, match.start()), "Contains means another thing in Catch2 3: HasText")
    for match in TEST_CASE.finditer(text):
        if f"[{parts[2]}]" not in (match.group(2) or ""):
            yield Finding(path, line_of(text, match.start()), f"a test case without [{parts[2]}]")


def needs_licence(path, text):
    name = path.rsplit("/", 1)[-1]
    return name == "CMakeLists.txt" or name.endswith(WITH_LICENCE) or text.startswith("#!")


def check_file(path, text):
    """(violations, warnings) of one file."""
    found, warnings = [], []
    lines = text.count("\n")
    if needs_licence(path, text) and LICENCE not in "\n".join(text.split("\n", 4)[:4]):
        found.append(Finding(path, 1, f'no "{LICENCE}" in its first lines'))
    if path.endswith(CODE + (".py", ".sh")):
        if lines > MAX_LINES:
            found.append(Finding(path, lines, f"{lines} lines: at most {MAX_LINES}, split it"))
        elif lines > WARN_LINES:
            warnings.append(Finding(path, lines, f"{lines} lines: getting long"))
    if path.endswith(CODE) and path.split("/")[0] in SHIPPED:
        found.extend(check_shipped_code(path, text))
    if path.startswith("tests/unit/"):
        found.extend(check_unit_test(path, text))
    return found, warnings


def files_of(root):
    for top in SHIPPED + ("tests", "cmake", "packaging", ".ci"):
        for path in sorted((root / top).rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and not path.is_symlink() and "__pycache__" not in relative.parts:
                yield relative.as_posix(), path
    if (root / "CMakeLists.txt").exists():
        yield "CMakeLists.txt", root / "CMakeLists.txt"


def check_register(name, text, register):
    """Violations: members of a header that are such a state, where the register has no row for it."""
    if not name.startswith(("lib/", "milter/")) or not name.endswith(".h") or name in register:
        return []
    return [
        Finding(name, 1,
                f"{match['name']}: a state that can change verdicts about others needs a row in "
                "ARCHITECTURE.md's register that names this header")
        for match in MEMBER.finditer(without_comments_and_strings(text))
        if STATE_WORDS.intersection(match["name"].strip("_").split("_"))
        and not NO_STATE.search(match["type"])
    ]


def check_tree(root):
    found, warnings = [], []
    page = root / "ARCHITECTURE.md"
    section = REGISTER.search(page.read_text(encoding="utf-8")) if page.exists() else None
    register = section.group() if section else ""
    for name, path in files_of(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # test data
        violations, growing = check_file(name, text)
        found += violations + check_register(name, text, register)
        warnings += growing
    return found, warnings


# ---- Self-test ----------------------------------------------------------------------------------

SPDX = "// " + LICENCE + "\n"

# path, text behind the SPDX line, and a part of the one finding ("" for none)
PLANTED = [
    ("lib/base/a.h", '#include "base/b.h"\n#include <vector>\n', ""),
    ("lib/base/a.cc", '#include "store/environment.h"\n', "stands below lib/base"),
    ("lib/greylist/a.cc", '#include "clients/history.h"\n', "stands below lib/greylist"),
    ("lib/clients/a.cc", '#include "greylist/key.h"\n', ""),
    ("lib/greylist/b.cc", '#include <clients/history.h>\n', "stands below lib/greylist"),
    ("lib/policy/a.cc", '#include "engine/engine.h"\n', "stands below lib/policy"),
    ("lib/control/a.cc", '#include "engine/engine.h"\n', ""),
    ("lib/control/b.cc", '#include "milter/adapter.h"\n', "nobody includes from milter/"),
    ("milter/a.cc", '#include "cli/table.h"\n', "nobody includes from cli/"),
    ("cli/a.cc", '#include "milter/adapter.h"\n', "nobody includes from milter/"),
    ("cli/b.cc", '#include "control/client.h"\n#include "cli/table.h"\n', ""),
    ("lib/base/c.cc", '#include "b.h"\n', "name headers of ours from lib/"),
    ("lib/base/d.cc", '#include "../store/environment.h"\n', "name headers of ours from lib/"),
    ("lib/base/e.cc", '// #include "store/environment.h"\n/*\n#include <lmdb.h>\n*/\n', ""),
    ("lib/misc/a.cc", "", "no such folder"),
    ("lib/a.cc", "", "no such folder"),
    ("milter/adapter.cc", "#include <libmilter/mfapi.h>\n", ""),
    ("milter/b.cc", "#include <libmilter/mfapi.h>\n", "belongs to milter/adapter.cc"),
    ("milter/adapter.h", "  #  include <libmilter/mfapi.h>\n", "belongs to milter/adapter.cc"),
    ("tests/milter/a.cc", "#include <libmilter/mfapi.h>\n", ""),
    ("lib/store/a.cc", "#include <lmdb.h>\n", ""),
    ("lib/greylist/c.cc", "#include <lmdb.h>\n", "belongs to lib/store"),
    ("lib/greylist/d.cc", '#include "lmdb.h"\n', "belongs to lib/store"),
    ("lib/engine/a.cc", "#include <ares.h>\n", "belongs to lib/dns"),
    ("lib/engine/b.cc", "#include <ares_nameser.h>\n", "belongs to lib/dns"),
    ("lib/engine/c.cc", "#include <event2/event.h>\n", "belongs to lib/dns/ and lib/control"),
    ("lib/control/c.cc", "#include <event2/http.h>\n#include <nlohmann/json.hpp>\n", ""),
    ("lib/facts/a.h", "#include <toml++/toml.h>\n", "belongs to lib/config"),
    ("lib/config/a.cc", "#include <CLI/CLI.hpp>\n", "belongs to cli"),
    ("milter/c.cc", "#include <nlohmann/json.hpp>\n", "belongs to lib/control/ and cli"),
    ("lib/store/b.cc", "#include <sodium.h>\n", "belongs to lib/base"),
    ("lib/greylist/e.cc", "#include <libpsl.h>\n", "belongs to lib/clients"),
    ("lib/engine/d.cc", "#include <idn2.h>\n", "belongs to lib/base"),
    ("milter/d.cc", "#include <sys/syslog.h>\n", "belongs to lib/base"),
    ("milter/e.cc", "#include <syslog.h>\n", "belongs to lib/base"),
    ("lib/base/f.cc", "#include <getopt.h>\n", "belongs to milter and cli"),
    ("milter/f.cc", "#include <getopt.h>\n", ""),
    ("lib/base/g.cc", "#include <catch2/catch.hpp>\n", "tests/ at most"),
    ("milter/g.cc", "#include <systemd/sd-daemon.h>\n", "tests/ at most"),
    (CLOCK_FILE, "auto now = std::chrono::system_clock::now();\n", ""),
    ("lib/base/h.cc", "auto now = std::chrono::system_clock::now();\n", "reads the real clock"),
    ("milter/h.cc", "auto now = std::chrono::steady_clock :: now();\n", "reads the real clock"),
    ("cli/c.cc", "auto now = time(nullptr);\n", "reads the real clock"),
    ("cli/d.cc", "auto now = ::time(NULL);\n", "reads the real clock"),
    ("cli/e.cc", "auto now = std::time(&now);\n", "reads the real clock"),
    ("cli/f.cc", "gettimeofday(&now, nullptr);\n", "reads the real clock"),
    ("cli/g.cc", "clock_gettime(CLOCK_MONOTONIC, &now);\n", "reads the real clock"),
    ("cli/h.cc", "record.time(0); wall_time(0); // time(nullptr)\n", ""),
    ("cli/i.cc", 'Say("never call time(nullptr)");\nauto a = 1\'000;\n', ""),
    ("cli/j.cc", "auto a = 1'000; auto b = time(nullptr); auto c = 'x';\n", "reads the real clock"),
    ("cli/k.cc", 'auto a = R"(time(nullptr) " )"; // "\n', ""),
    ("lib/base/i.cc", 'getenv("HOME");\n', "reads no environment"),
    ("cli/l.cc", 'getenv("NO_COLOR");\n', ""),
    ("lib/base/j.cc", "using namespace std;\n", "using namespace"),
    ("milter/i.cc", "  using  namespace mxward;\n", "using namespace"),
    ("tests/unit/base/a_test.cc", "using namespace std::chrono_literals;\n", ""),
    ("lib/base/k.cc", "thread_local int depth;\n", "thread_local"),
    ("milter/j.cc", "static thread_local int depth;\n", "thread_local"),
    ("lib/base/l.cc", "// no thread_local here\n", ""),
    ("lib/base/lock_a.h", "std::mutex mutex_;\n", "use lib/base/mutex.h"),
    ("cli/lock_b.cc", "const std::lock_guard lock(mutex_);\n", "use lib/base/mutex.h"),
    (LOCK_FILE, "std::mutex mutex_;\n", ""),
    ("lib/base/detach.cc", "std::thread(Run).detach();\n", "a detached thread"),
    ("lib/base/m.h", "static Log& Instance();\n", "a singleton"),
    ("lib/base/n.cc", "Log::GetInstance().Write();\n", "a singleton"),
    ("lib/base/o.cc", "int x;\n" * 799, ""),
    ("lib/base/p.cc", "int x;\n" * 800, "split it"),
    ("lib/dns/state_a.h", "class A {\n  std::atomic<bool> suspended_{false};\n};\n", "suspended_"),
    ("lib/dns/state_b.h", "class A {\n  bool down_for_errors_ = false;\n};\n", "needs a row"),
    ("lib/dns/state_e.h", "class A {\n  bool down_ MXWARD_GUARDED_BY(mutex_) = false;\n};\n", "needs a row"),
    ("lib/dns/state_c.h", "class A {\n  OncePerMinute log_down_;\n  Counter down_;\n};\n", ""),
    ("lib/dns/state_d.h", "class A {\n  bool shutdown_ = false;  // full_ = 1;\n};\n", ""),
    ("lib/dns/in_register.h", "class A {\n  bool down_ = false;\n};\n", ""),
    ("tests/unit/base/b_test.cc", 'TEST_CASE("it works", "[base]") {}\n', ""),
    ("tests/unit/base/c_test.cc", 'TEST_CASE("it works") {}\n', "without [base]"),
    ("tests/unit/base/d_test.cc", 'TEST_CASE("it works", "[bse]") {}\n', "without [base]"),
    ("tests/unit/base/f_test.cc", 'using Catch::Matchers::Contains;\n', "HasText"),
    ("tests/unit/base/g_test.cc", '  CHECK_THAT(text, !Contains("a"));\n', "HasText"),
    ("tests/unit/base/h_test.cc", '  CHECK_THAT(text, HasText("a"));\n  CHECK(Contains(1));\n', ""),
    ("tests/unit/base/e_test.cc", 'TEST_CASE("it"\n    " works", "[base][slow]") {}\n', ""),
]

# The same, with the whole text.
PLANTED_WHOLE = [
    ("lib/base/q.h", "#pragma once\n", "SPDX"),
    ("tests/run", "#!/bin/sh\nexit 0\n", "SPDX"),
    ("tests/ok", "#!/bin/sh\n# " + LICENCE + "\n", ""),
    ("tests/data.txt", "anything\n", ""),
    ("lib/CMakeLists.txt", "add_library(x)\n", "SPDX"),
    ("cmake/x.cmake", "include(y)\n", "SPDX"),
    ("lib/base/r.cc", "// SPDX-License-Identifier: MIT\n", "SPDX"),
    ("lib/base/s.cc", "int x;\n" * 10 + SPDX, "SPDX"),
]


def self_test():
    planted = [(path, SPDX + text, wanted) for path, text, wanted in PLANTED] + PLANTED_WHOLE
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for path, text, _ in planted:
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        (root / "ARCHITECTURE.md").write_text(
            "lib/dns/state_a.h\n## Register: x\n| `lib/dns/in_register.h` |\n## Next\nlib/dns/state_b.h\n", encoding="utf-8"
        )
        (root / "tests/binary").write_bytes(b"\xff\x00")
        found, warnings = check_tree(root)
    for path, _, wanted in planted:
        texts = [finding.text for finding in found if finding.path == path]
        good = len(texts) == 1 and wanted in texts[0] if wanted else not texts
        if not good:
            failures += 1
            print(f"self-test: {path}: wanted {wanted or 'nothing'!r}, found {texts}")
    known = {path for path, _, _ in planted}
    for finding in found:
        if finding.path not in known:
            failures += 1
            print(f"self-test: found in {finding.path}, where nothing was planted: {finding.text}")
    if [finding.path for finding in warnings] != ["lib/base/o.cc"]:
        failures += 1
        print(f"self-test: warnings {warnings}")
    print(f"self-test: {len(planted)} planted files, {failures} failures")
    return failures == 0


def main(arguments):
    if arguments == ["--self-test"]:
        return 0 if self_test() else 1
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        print(__doc__, file=sys.stderr)
        return 64
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[3]).resolve()
    found, warnings = check_tree(root)
    for finding in warnings:
        print(f"warning: {finding.path}:{finding.line}: {finding.text}")
    for finding in found:
        print(f"{finding.path}:{finding.line}: {finding.text}")
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
