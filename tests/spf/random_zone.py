# SPDX-License-Identifier: Apache-2.0
"""Random SPF records, DNS answers and clients for comparisons: few names and addresses, so that they often meet, and
most of what RFC 7208 knows, with slips in between."""

CLIENTS = ("192.0.2.1", "192.0.2.130", "198.51.100.7", "203.0.113.9", "2001:db8::1", "2001:db8:8000::7")
ADDRESSES = CLIENTS + ("192.0.2.2", "198.51.100.200", "2001:db8::2", "2001:db8:ffff::1")
DOMAINS = tuple(f"d{n}.example.org" for n in range(6)) + ("example.org", "sub.d1.example.org")
HOSTS = tuple(f"h{n}.example.net" for n in range(5)) + ("mx.d2.example.org",)
LOCAL_PARTS = ("user", "a-b-c", "strong-bad", "x+y=z", "Ann.Lee", "")
HELOS = ("mx.d2.example.org", "h1.example.net", "HELO.example.com", "[192.0.2.1]", "d3.example.org")
LETTERS = "dddoiilshvp"


def reverse_name(address):
    import ipaddress

    return ipaddress.ip_address(address).reverse_pointer


class RandomZone:
    """answers: {(name, type): "none" | "nodata" | "fails" | [value, ...]}, as the table of mxward takes them."""

    def __init__(self, random):
        self.random = random
        self.answers = {}
        for name in DOMAINS + HOSTS:
            self._addresses(name)
            self.answers[name, "MX"] = self._trouble() or [
                f"{random.choice((0, 10, 10, 20))}:{random.choice(HOSTS + DOMAINS + ('',))}"
                for _ in range(random.choice((1, 1, 2, 3, 3, 7, 10, 11)))]
        for name in DOMAINS:
            self.answers[name, "TXT"] = self._texts()
        for name in HOSTS:
            self.answers[name, "TXT"] = random.choice(("none", "nodata", [self.record()]))
        for client in CLIENTS:
            self.answers[reverse_name(client), "PTR"] = self._trouble() or [
                random.choice(HOSTS + DOMAINS + ("nowhere.example",)) for _ in range(random.choice((1, 1, 2, 4, 12)))]

    def _addresses(self, name):
        for kind, mark in (("A", "."), ("AAAA", ":")):
            fitting = [each for each in ADDRESSES if mark in each]
            self.answers[name, kind] = self._trouble() or self.random.sample(fitting, self.random.choice((1, 1, 2, 3)))

    def _trouble(self):
        return self.random.choices((None, "none", "nodata", "fails"), (90, 4, 4, 2))[0]

    def _texts(self):
        return self.random.choices(
            (None, "none", "nodata", "fails", ["no SPF record"], [self.record(), self.record()]),
            (85, 2, 3, 2, 3, 2))[0] or ["another record", self.record()][self.random.random() < 0.8:]

    def record(self):
        random = self.random
        words = [random.choice(("v=spf1", "v=spf1", "v=spf1", "V=SPF1"))]
        words += [self._term() for _ in range(random.choice((0, 1, 2, 2, 3, 3, 4, 5, 8)))]
        if random.random() < 0.2:
            words.insert(random.randrange(1, len(words) + 1), f"redirect={self._domain()}")
        for _ in range(random.choices((0, 1, 2), (92, 6, 2))[0]):
            words.insert(random.randrange(1, len(words) + 1), self._modifier())
        if random.random() < 0.5:
            words.append(random.choice(("-all", "~all", "?all", "all", "-ALL")))
        return random.choice((" ", " ", " ", "  ")).join(words) + random.choice(("", "", "", " "))

    def _term(self):
        random = self.random
        if random.random() < 0.015:
            return self._slip()
        qualifier = random.choice(("", "", "", "+", "-", "~", "?"))
        kind = random.choice(("a", "a", "mx", "mx", "ip4", "ip4", "ip6", "include", "include", "exists", "ptr"))
        if random.random() < 0.1:
            kind = kind.upper()
        name = kind.lower()
        if name in ("a", "mx"):
            target = f":{self._domain()}" if random.random() < 0.6 else ""
            return qualifier + kind + target + self._lengths()
        if name == "ptr":
            return qualifier + kind + (f":{self._domain()}" if random.random() < 0.5 else "")
        if name == "ip4":
            address = random.choice([each for each in ADDRESSES if "." in each])
            return f"{qualifier}{kind}:{address}" + random.choice(("", "", "/24", "/25", "/8", "/0", "/32"))
        if name == "ip6":
            address = random.choice([each for each in ADDRESSES if ":" in each])
            return f"{qualifier}{kind}:{address}" + random.choice(("", "", "/32", "/33", "/0", "/128", "/64"))
        return f"{qualifier}{kind}:{self._domain()}"

    def _lengths(self):
        return self.random.choice(("", "", "", "", "/24", "/25//64", "//32", "/0", "/16//33", "//0"))

    def _domain(self):
        random = self.random
        if random.random() < 0.82:
            return random.choice(DOMAINS + HOSTS) + random.choice(("", "", "", "."))
        return random.choice(("%{X}", "%{X}.example.org", "%{X}.%{X}", "_spf.%{X}", "%{X}.d1.example.org")).replace(
            "X", "@").replace("@", self._letter(), 1).replace("@", self._letter())

    def _letter(self):
        random = self.random
        letter = random.choice(LETTERS)
        if random.random() < 0.15:
            letter = letter.upper()
        digits = random.choice(("", "", "1", "2", "3", "9"))
        return letter + digits + random.choice(("", "", "r", "R")) + random.choice(("", "", "", "-", ".-", "+="))

    def _modifier(self):
        return self.random.choice(("exp=exp.example.org", "moo=%{d}", "x-y.z_=", "op=auth",
                                   f"exp=%{{{self._letter()}}}.example.org"))

    def _slip(self):
        return self.random.choice((
            "all:x", "a:", "a/33", "mx//129", "include", "include:", "exists", "ip4", "ip4:192.0.2", "ip4:192.0.2.1/33",
            "ip4:192.0.2.01", "ip6:2001:db8::g", "ip6:192.0.2.1", "ptr/24", "ptr:", "a:org", "mx:example.org:25",
            "a:192.0.2.1", "exists:%{x}.example.org", "exists:%{d0}.example.org", "a:%{c}.example.org", "a:%d.example.org",
            "moo", "moo:example.org", "1x=y", "=x", "redirect=", "redirect=org", "exp=", "include:example.org/24",
            "a:-x.example.org-", "-", "+-a", "a\tb", "a:x..example.org", "exists:" + "a" * 64 + ".example.org"))

    def sender(self):
        local = self.random.choice(LOCAL_PARTS)
        return "" if self.random.random() < 0.1 else f"{local}@{self.random.choice(DOMAINS)}"

    def helo(self):
        return self.random.choice(HELOS)
