# SPDX-License-Identifier: Apache-2.0
"""Just enough of LMDB to stand in a writer's way: its write lock, held from outside."""

import contextlib
import ctypes
import ctypes.util
import unittest


def _library():
    name = ctypes.util.find_library("lmdb") or "liblmdb.so.0"
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise unittest.SkipTest("needs liblmdb") from None


@contextlib.contextmanager
def writer_blocked(store):
    """While the context lasts, whoever wants to write to the database in `store` waits."""
    lmdb = _library()
    env, txn = ctypes.c_void_p(), ctypes.c_void_p()

    def call(function, *arguments):
        code = function(*arguments)
        if code:
            raise OSError(f"{function.__name__}: {code}")

    call(lmdb.mdb_env_create, ctypes.byref(env))
    try:
        call(lmdb.mdb_env_open, env, str(store).encode(), ctypes.c_uint(0), ctypes.c_int(0o640))
        call(lmdb.mdb_txn_begin, env, None, ctypes.c_uint(0), ctypes.byref(txn))
        try:
            yield
        finally:
            lmdb.mdb_txn_abort(txn)
    finally:
        lmdb.mdb_env_close(env)
