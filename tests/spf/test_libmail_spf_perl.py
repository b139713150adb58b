#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random records, clients and DNS answers: what lib/spf says of them beside Debian's libmail-spf-perl, which was made
for RFC 4408. Each difference has to be one of EXPLAINED. Usage: test_libmail_spf_perl.py SPF_TABLE ROOT [CASES [SEED]]"""

import os
import sys
from pathlib import Path

from comparison import compare, skip
from table import Table

# (name, what ours says, what theirs says): why they differ.
EXPLAINED = (
    # RFC 7208 4.6.4; theirs looks at the first ten.
    ("more than ten MX hosts", r"permerror .* has more than 10 MX hosts", r""),
    # RFC 7208 4.6.4; theirs counts other lookups than terms as well, and is told not to count.
    ("void lookups", r"permerror more than 2 void lookups", r""),
    ("%{p} is a term", r"permerror more than 10 terms", r""),
    # Ours alone: spf.questions.
    ("questions", r"permerror more than 20 DNS queries", r""),
    # 5.5: the term does not match.
    ("an error of the DNS about a client's names", r"", r"temperror .*'PTR' lookup"),
    # 4.6: a syntax error anywhere. Theirs reads macros when it needs what they come to.
    ("malformed macros", r"permerror .*is not a valid macro", r""),
    # RFC 5234: capitals mean the same.
    ("\"R\" is an error", r"", r"permerror .*%\{[A-Za-z][0-9]*R"),
    # Counted even where a term has matched.
    ("redirect that is not followed", r"", r"permerror Maximum DNS-interactive terms limit"),
)


def main():
    root = Path(sys.argv[2])
    folders = [str(folder) for folder in (root / "usr/share/perl5", *root.glob("usr/lib/*/perl5/*")) if folder.is_dir()]
    if not (root / "usr/share/perl5/Mail/SPF.pm").is_file():
        skip(f"libmail-spf-perl is not unpacked in {root}; tests/run does it")
    os.environ["PERL5LIB"] = ":".join(folders)
    theirs = Table("perl", str(Path(__file__).with_name("mail_spf.pl")))

    def check(client, sender, helo):
        said = theirs.check(client, sender, helo)
        return f"{said.result} {said.problem}"

    return compare(sys.argv[1], theirs.zone, check, EXPLAINED, sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
