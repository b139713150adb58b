# SPDX-License-Identifier: Apache-2.0
"""Makes databases as mxward 0.1.0 wrote them, in the folder of this file: see README.md."""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, "tests/milter")
import daemon as d
import wire

SMALL = {
    "store": {"map_size": "1M"},
    "greylist": {"apply": "all", "delay": "1s", "auto_allow_after": 1},
}


def make(name, privacy):
    daemon = d.Daemon(d.merged(SMALL, {"greylist": {"privacy": privacy}}))
    daemon.start()

    def attempt(sender, recipient, client):
        return str(wire.attempt(daemon.endpoint, sender=f"<{sender}>".encode(),
                                recipient=f"<{recipient}>".encode(), address=client))

    # Known: they pass, and earn allowances.
    known = [("a@example.org", "known@rcpt.example", "198.51.100.1"),
             ("a@bücher.example", "Known@bücher.example", "198.51.100.2"),
             ("a@example.org", "known@rcpt.example", "2001:db8:1:2::1")]
    for one in known:
        attempt(*one)
    daemon.sit_out_delay()
    for one in known:
        attempt(*one)
    # Waiting.
    for one in [("a@example.org", "b@rcpt.example", "192.0.2.1"),
                ("List-1234@Example.ORG.", "\"Bob\"@Rcpt.example", "192.0.2.2"),
                ("a@bücher.example", "chef@BÜCHER.example", "192.0.2.3"),
                ("a@example.org", "\"john\\ doe\"@rcpt.example", "192.0.2.4"),
                ("mu\u0308ller@example.org", "jo\\hn@rcpt.example", "192.0.2.5"),
                ("a@example.org", "b@rcpt.example", "64:ff9b::c633:6407"),
                ("a@example.org", "b@rcpt.example", "2001:db8:5:6::1")]:
        attempt(*one)
    for words in [("allow", "client", "203.0.113.1"),
                  ("allow", "recipient", "open@bücher.example"),
                  ("block", "sender-domain", "BLüTE.example"),
                  ("block", "sender", "\"x y\"@example.org"),
                  ("block", "client", "64:ff9b::cb00:7102")]:
        daemon.ask(*words)
    daemon.stop()
    dump = subprocess.run(["mdb_dump", "-a", str(daemon.store)], check=True, capture_output=True,
                          text=True).stdout
    (HERE / f"{name}.dump").write_text(
        re.sub(r"(?m)^(mapaddr|mapsize|maxreaders|db_pagesize)=.*\n", "", dump))
    daemon.remove()


make("plain", False)
make("privacy", True)
