# SPDX-License-Identifier: Apache-2.0
"""The build tree, installed into a folder of its own."""

import os
import pathlib
import subprocess

from support import allow

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MXWARD_BUILD", ROOT / "build/release"))


def install(destination, prefix="/usr"):
    """Installs below destination, as a package would."""
    done = subprocess.run(
        [os.environ.get("MXWARD_CMAKE", "cmake"), "--install", str(BUILD), "--prefix", prefix],
        env={**os.environ, "DESTDIR": str(destination)}, capture_output=True, text=True,
        check=False, timeout=allow(60))
    if done.returncode != 0:
        raise AssertionError(f"cmake --install: {done.stdout}{done.stderr}")


def files_below(folder):
    """Paths of all files, with the leading slash that they have when folder is the root."""
    return {"/" + path.relative_to(folder).as_posix()
            for path in pathlib.Path(folder).rglob("*") if not path.is_dir()}
