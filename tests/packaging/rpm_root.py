# SPDX-License-Identifier: Apache-2.0
"""A root folder in which rpm can install packages and run their scripts."""

import os
import pathlib
import re
import shutil

from installed import run

# The scripts' programs. Of systemd's only the first can do without a running system.
COPIED = ("sh", "rm", "rmdir", "systemd-sysusers")
LOGGED = ("systemctl", "systemd-tmpfiles")


class Root:
    def __init__(self, folder):
        self.path = pathlib.Path(folder)
        for name in ("etc", "usr/bin", "usr/lib", "usr/lib64", "dev", "tmp", "var/tmp", "var/lib/rpm"):
            (self.path / name).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (self.path / name).symlink_to(f"usr/{name}")
        (self.path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
        (self.path / "etc/group").write_text("root:x:0:\n")
        for name in COPIED:
            self._copy_program(shutil.which(name))
        for name in LOGGED:
            program = self.path / "usr/bin" / name
            program.write_text(f'#!/bin/sh\necho "{name} $*" >>/called\n')
            program.chmod(0o755)

    def _copy_program(self, program):
        self._copy(program, self.path / "usr/bin" / pathlib.Path(program).name)
        for library in re.findall(r"(/\S+) \(0x", run("ldd", program)):
            self._copy(library, self.path / library[1:])

    def _copy(self, source, destination):
        if not destination.exists():
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(source), destination)

    def rpm(self, *arguments):
        """rpm here; what the scripts of packages called."""
        (self.path / "called").unlink(missing_ok=True)
        # No package of the root says that it has a shell and libraries.
        run("rpm", "--root", self.path, "--define", "_dbpath /var/lib/rpm", "--nodeps", *arguments)
        try:
            return (self.path / "called").read_text().splitlines()
        except FileNotFoundError:
            return []

    def owner(self, name):
        """Mode, and names of user and group."""
        info = (self.path / name).stat()
        return (oct(info.st_mode & 0o7777), self._name("passwd", info.st_uid),
                self._name("group", info.st_gid))

    def _name(self, database, number):
        for line in (self.path / "etc" / database).read_text().splitlines():
            fields = line.split(":")
            if int(fields[2]) == number:
                return fields[0]
        return number
