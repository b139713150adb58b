# SPDX-License-Identifier: Apache-2.0
"""Dumps of real database servers, unpacked from their Debian packages and started here, are imported as
the recorded ones in tests/data/dumps are by the unit tests."""

import json
import os
import pathlib
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

import support
from daemon import need_control
from import_case import ImportCase, PATIENT
from support import allow, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNPACKED = pathlib.Path(os.environ.get("MXWARD_DATABASES", ROOT / "build/databases")) / "root"
LIBRARIES = ":".join(str(path) for path in [*UNPACKED.glob("usr/lib/*-gnu"), *UNPACKED.glob("lib/*-gnu")])
ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": LIBRARIES, "LC_ALL": "C", "TZ": "UTC"}

TABLES = """\
CREATE TABLE connect (sender_name varchar(64) NOT NULL, sender_domain varchar(255) NOT NULL,
  src varchar(39) NOT NULL, rcpt varchar(255) NOT NULL, first_seen timestamp NOT NULL);
CREATE TABLE from_awl (sender_name varchar(64) NOT NULL, sender_domain varchar(255) NOT NULL,
  src varchar(39) NOT NULL, first_seen timestamp NOT NULL, last_seen timestamp NOT NULL,
  PRIMARY KEY (src, sender_domain, sender_name));
CREATE TABLE optout_domain (domain varchar(255) NOT NULL, PRIMARY KEY (domain));
CREATE TABLE config (parameter varchar(255) NOT NULL, value varchar(255), PRIMARY KEY (parameter));
INSERT INTO config VALUES ('version','3');
"""


def statements():
    """sqlgrey's own tables, with 42 records, of which one text looks like the end of a statement."""
    seen = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - 600))
    yield TABLES
    yield f"INSERT INTO connect VALUES ('o''x;),(','example.org','192.0.2','b@example.net','{seen}');"
    for number in range(40):
        yield (f"INSERT INTO from_awl VALUES ('s{number}','example.com','198.51.100.{number}',"
               f"'{seen}','{seen}');")
    yield "INSERT INTO optout_domain VALUES ('example.edu');"


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), env=ENVIRONMENT, text=True, capture_output=True,
                          check=False, timeout=allow(120), **options)
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


class Databases(ImportCase):
    def setUp(self):
        super().setUp()
        # Of a server that gives up root.
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="mxward-db-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.home.chmod(0o755)

    def check(self, dumps):
        """Each has the records, and no line of it is left over; whatever compressed it."""
        for name, text in dumps.items():
            with self.subTest(name):
                totals = self.imported(self.daemon(PATIENT), text)
                self.assertEqual((totals["from"], totals["records"], totals["unreadable"]),
                                 ("sqlgrey", 42, 0))
        text = next(iter(dumps.values()))
        for program in ("gzip", "bzip2", "xz", "zstd"):
            if shutil.which(program) is None:
                continue
            packed = self.folder / program
            packed.write_bytes(subprocess.run([program, "-c"], input=text.encode(), check=True,
                                              capture_output=True, timeout=allow(30)).stdout)
            done = self.daemon(PATIENT).control("--format", "json", "import", str(packed))
            self.assertEqual(json.loads(done.stdout)["records"], 42, done.stderr)


@need_control
@support.need_root("the servers change to a user")
@unittest.skipUnless((UNPACKED / "usr/sbin/mariadbd").exists(), f"nothing unpacked in {UNPACKED}")
class MariaDb(Databases):
    def test_what_mariadb_dump_writes(self):
        data, socket = self.home / "data", self.home / "socket"
        shared = ("--no-defaults", f"--lc-messages-dir={UNPACKED}/usr/share/mysql")
        run(UNPACKED / "usr/bin/mariadb-install-db", "--no-defaults", f"--basedir={UNPACKED}/usr",
            f"--datadir={data}", "--user=root", "--auth-root-authentication-method=normal",
            "--skip-test-db", shared[1])
        with open(self.home / "log", "wb") as log:
            server = subprocess.Popen(
                [UNPACKED / "usr/sbin/mariadbd", *shared, "--user=root", f"--basedir={UNPACKED}/usr",
                 f"--datadir={data}", f"--socket={socket}", "--skip-networking",
                 "--default-time-zone=+00:00", f"--plugin-dir={UNPACKED}/usr/lib/mysql/plugin"],
                env=ENVIRONMENT, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        eventually(socket.exists, 60, "MariaDB")
        words = ("--no-defaults", f"--socket={socket}", "--user=root")
        run(UNPACKED / "usr/bin/mariadb", *words, "-e", "CREATE DATABASE sqlgrey")
        run(UNPACKED / "usr/bin/mariadb", *words, "sqlgrey", input="\n".join(statements()))
        self.check({option: run(UNPACKED / "usr/bin/mariadb-dump", *words, *option.split(), "sqlgrey")
                    for option in ("", "--replace", "--insert-ignore", "--skip-extended-insert",
                                   "--complete-insert", "--skip-quote-names", "--compatible=ansi",
                                   "--no-create-info", "--net-buffer-length=4096")})


@need_control
@support.need_root("the servers change to a user")
@unittest.skipUnless(list(UNPACKED.glob("usr/lib/postgresql/*/bin/initdb")), f"nothing unpacked in {UNPACKED}")
class PostgreSql(Databases):
    def test_what_pg_dump_writes(self):
        programs = next(UNPACKED.glob("usr/lib/postgresql/*/bin"))
        nobody = pwd.getpwnam("nobody")
        shutil.chown(self.home, nobody.pw_uid, nobody.pw_gid)

        def program(name, *words, **options):
            return run(programs / name, *words, user=nobody.pw_uid, group=nobody.pw_gid,
                       extra_groups=[], cwd=self.home, **options)

        share = next(UNPACKED.glob("usr/share/postgresql/*"))
        data = self.home / "data"
        program("initdb", "-D", data, "-A", "trust", "-U", "sqlgrey", "-E", "UTF8", "-L", share)
        program("pg_ctl", "-D", data, "-w", "-l", self.home / "log", "-o",
                f"-k {self.home} -c listen_addresses= -c timezone=UTC", "start")
        self.addCleanup(program, "pg_ctl", "-D", data, "-m", "immediate", "stop")
        words = ("-h", self.home, "-U", "sqlgrey")
        program("createdb", *words, "sqlgrey")
        program("psql", *words, "-q", "sqlgrey", input="\n".join(statements()))
        self.check({option: program("pg_dump", *words, *option.split(), "sqlgrey")
                    for option in ("", "--inserts", "--column-inserts", "--inserts --rows-per-insert=20",
                                   "--inserts --on-conflict-do-nothing",
                                   "--quote-all-identifiers --inserts", "--data-only")})


@need_control
class Sqlite(Databases):
    def test_the_database_that_sqlgrey_has_open(self):
        path = self.folder / "sqlgrey.db"
        database = sqlite3.connect(path)
        self.addCleanup(database.close)
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript("\n".join(statements()))
        database.commit()
        daemon = self.daemon(PATIENT)
        done = daemon.control("--format", "json", "import", str(path))
        self.assertEqual((done.returncode, json.loads(done.stdout)["records"]), (0, 42), done.stderr)
        # It still can write.
        database.execute("DELETE FROM connect")
        database.commit()
        packed = subprocess.run(["gzip", "-c", path], capture_output=True, check=True).stdout
        (self.folder / "packed").write_bytes(packed)
        done = daemon.control("import", str(self.folder / "packed"))
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertIn("not compressed", done.stderr)


if __name__ == "__main__":
    support.main()
