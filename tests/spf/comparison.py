# SPDX-License-Identifier: Apache-2.0
"""Runs random cases through lib/spf and through another implementation, and looks at the differences."""

import os
import random
import re
import sys
import time

from random_zone import CLIENTS, RandomZone
from table import Table

CASES, ALL_CASES = 2000, 100000
CASES_OF_A_ZONE = 4


def skip(why):
    print(f"SKIPPED: this comparison of SPF did not run: {why}", file=sys.stderr)
    sys.exit(77)


def why(explained, ours, theirs):
    for name, mine, other in explained:
        if re.match(mine, ours) and re.match(other, theirs):
            return name
    return None


def compare(program, set_zone, check, explained, arguments):
    """set_zone(answers) and check(client, sender, helo) -> "RESULT what it says" are the other implementation's;
    explained: (name, what ours says, what theirs says) of differences that are known. arguments: [CASES [SEED]].
    The exit status."""
    cases = int(arguments[0]) if arguments else ALL_CASES if os.environ.get("MXWARD_EVERYTHING") else CASES
    seed = int(arguments[1]) if len(arguments) > 1 else 7208
    table, chance, begun = Table(program), random.Random(seed), time.monotonic()
    results, counts, unexplained = {}, {}, 0
    for case in range(cases):
        if case % CASES_OF_A_ZONE == 0:
            made = RandomZone(chance)
            set_zone(made.answers)
            table.zone(made.answers)
        client, sender, helo = chance.choice(CLIENTS), made.sender(), made.helo()
        said = table.check(client, sender, helo)
        ours, theirs = f"{said.result} {said.problem}", check(client, sender, helo)
        results[said.result] = results.get(said.result, 0) + 1
        if said.result == theirs.split()[0]:
            continue
        reason = why(explained, ours, theirs)
        if reason:
            counts[reason] = counts.get(reason, 0) + 1
            continue
        unexplained += 1
        if unexplained <= 10:
            print(f"case {case} of seed {seed}: {client} <{sender}> {helo}\n  ours:   {ours} {said}\n  theirs: {theirs}")
            for (name, kind), answer in made.answers.items():
                if kind == "TXT" and isinstance(answer, list):
                    print(f"    {name}: {answer}")
    print(f"{cases} cases in {time.monotonic() - begun:.1f} s: {results}; explained differences: {counts}; "
          f"others: {unexplained}")
    return 1 if unexplained or table.close() != 0 else 0
