# SPDX-License-Identifier: Apache-2.0
"""The build tree, installed into a folder of its own."""

import os
import pathlib
import subprocess
import unittest

from support import allow

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MXWARD_BUILD", ROOT / "build/release"))
CMAKE = os.environ.get("MXWARD_CMAKE", "cmake")


def _have_git():
    try:
        return subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--verify", "-q", "HEAD"],
                              capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


# Packages are made from what is committed.
need_git = unittest.skipUnless(_have_git(), f"needs git, and {ROOT} as a clone")


def run(*arguments, within=240, **options):
    """What the program printed. A failure if it ends with one."""
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          check=False, timeout=allow(within), **options)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
    return done.stdout


def install(destination, prefix="/usr"):
    """Installs below destination, as a package would."""
    run(CMAKE, "--install", BUILD, "--prefix", prefix, within=60,
        env={**os.environ, "DESTDIR": str(destination)})


def files_below(folder):
    """Paths of all files, with the leading slash that they have when folder is the root."""
    return {"/" + path.relative_to(folder).as_posix()
            for path in pathlib.Path(folder).rglob("*") if not path.is_dir()}
