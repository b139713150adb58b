#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random records, clients and DNS answers: what lib/spf says of them beside Debian's python3-spf. Each difference has
to be one of those below. Usage: test_python3_spf.py SPF_TABLE ROOT [CASES [SEED]]

Where python3-spf differs from RFC 7208 for many cases at once, it is made to agree here (Theirs): otherwise nothing
of what follows could be compared.

| what python3-spf does | RFC 7208 |
| --- | --- |
| void lookups: counts those about MX hosts, a client's names and records as well | 4.6.4: terms |
| an error of the DNS about a client's names is a temporary error | 5.5: the term does not match, the name is passed over |
| looks up all MX hosts before it compares, so that a later one's error hides an earlier match; those of equal preference by their names | 5.4 |
| a name of more than 253 bytes loses one label | 7.3: as many as it takes |
| transformed letters but l and s keep their delimiters | 7.3: dots |
| "R" does not reverse | RFC 5234: capitals mean the same |
| %{p} is what it was for the first domain | 7.3: depends on the domain |

EXPLAINED are the others, by what either side says of the case."""

import re
import sys
import types
from pathlib import Path

from comparison import compare, skip

# (name, what ours says, what theirs says): why they differ.
EXPLAINED = (
    # 4.6.4: the PTR that %{p} needs is one of the ten.
    ("%{p} is a term", r"permerror more than 10 terms", r""),
    # Counted as soon as it is read, and for each record; it causes no lookup when a term matches.
    ("redirect that is not followed", r"", r"permerror .*Too many DNS lookups"),
    # Ours alone: spf.questions.
    ("questions", r"permerror more than 20 DNS queries", r""),
    # Section 6: of exp and redirect only.
    ("a modifier twice", r"", r"permerror .*(op|moo|x-y\.z_)= MUST appear at most once"),
    # A record may name itself: what is not evaluated is no loop.
    ("an include of itself", r"", r"permerror .*include has trivial recursion"),
    # 7.1: "%{d0}", "%{d!}" and the like are errors.
    ("malformed macros", r"permerror .*is not a valid macro", r""),
)


def load(root):
    """The module, which wants a DNS library that is not used: a stub has to do."""
    folder = root / "usr/lib/python3/dist-packages"
    if not (folder / "spf.py").is_file():
        skip(f"python3-spf is not unpacked in {root}; tests/run does it")
    stub = types.ModuleType("DNS")
    stub.Type = types.SimpleNamespace(SPF=99)
    stub.DiscoverNameServers = lambda: None
    sys.modules["DNS"], sys.modules["dns"] = stub, None
    sys.path.insert(0, str(folder))
    import spf

    spf.RE_ARGS = re.compile(spf.RE_ARGS.pattern, re.IGNORECASE)
    spf.JOINERS = {letter: "." for letter in "slodipvh"}
    return spf


def theirs_of(spf):
    class Theirs(spf.query):
        about_others = False  # a lookup that is not a term's own

        def aside(self, function, *arguments):
            before, self.about_others = self.about_others, True
            try:
                return function(*arguments)
            finally:
                self.about_others = before

        def dns(self, name, qtype, cnames=None, ignore_void=False):
            return super().dns(name, qtype, cnames, ignore_void or self.about_others)

        def dns_spf(self, domain):
            return self.aside(super().dns_spf, domain)

        def dns_mx(self, domainname):
            names = sorted(self.dns(domainname, "MX"), key=lambda mx: mx[0])
            if len(names) > spf.MAX_MX:
                raise spf.PermError("More than 10 MX records returned")
            return (address for _, name in names for address in self.aside(self.dns_a, name, self.A))

        def cidrmatch(self, ipaddrs, n):
            # One by one: an answer that is not needed is not looked up.
            return any(super(Theirs, self).cidrmatch([each], n) for each in ipaddrs)

        def validated_ptrs(self):
            try:
                names = self.dns_ptr(self.i)[: spf.MAX_PTR]
            except spf.TempError:
                return []
            return [name for name in names if self.is_own(name)]

        def is_own(self, name):
            try:
                return self.cidrmatch(self.aside(self.dns_a, name, self.A), self.cidrmax)
            except spf.TempError:
                return False

        def getp(self):
            self.p = None
            return self.aside(super().getp)

        def expand(self, s, stripdot=True):
            name = super().expand(s, stripdot)
            while stripdot and len(name) > 253 and "." in name:
                name = name[name.index(".") + 1:]
            return name

    return Theirs


class Zone:
    """DNSLookup() of the module over the answers of a RandomZone."""

    def __init__(self, spf):
        self.spf, self.answers = spf, {}

    def __call__(self, name, qtype, strict=True, timeout=None):
        answer = self.answers.get((name.lower().rstrip("."), qtype), "none")
        if answer == "fails":
            raise self.spf.TempError("DNS SERVFAIL")
        return [((name, qtype), self.value(qtype, each)) for each in answer] if isinstance(answer, list) else []

    @staticmethod
    def value(qtype, text):
        if qtype == "TXT":
            return (text.encode(),)
        if qtype == "MX":
            preference, name = text.split(":", 1)
            return (int(preference), name)
        return text


def main():
    spf = load(Path(sys.argv[2]))
    theirs_class, zone = theirs_of(spf), Zone(spf)
    spf.DNSLookup = zone

    def set_zone(answers):
        zone.answers = answers

    def check(client, sender, helo):
        result, _, text = theirs_class(client, sender, helo).check()
        return f"{result} {text}"

    return compare(sys.argv[1], set_zone, check, EXPLAINED, sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
