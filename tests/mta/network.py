# SPDX-License-Identifier: Apache-2.0
"""A network of its own, in which a mail server meets clients of many addresses."""

import concurrent.futures
import ctypes
import socket
import subprocess

from support import allow

CLONE_NEWNET = 0x40000000


class Network:
    """A network namespace whose loopback interface has the clients' addresses. Nothing outside
    reaches it but connect(); unix sockets work across. It ends with close(), or with this
    process."""

    def __init__(self, clients):
        addresses = "".join(f"ip address add {client} dev lo && " for client in clients)
        # cat lasts as long as its input.
        self.keeper = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", f"ip link set lo up && {addresses}echo && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.path = f"/proc/{self.keeper.pid}/ns/net"
        if not self.keeper.stdout.readline():
            self.close()
            raise OSError("no network of its own")

    def wrap(self, command):
        """The command, to be run in the network."""
        return ["nsenter", f"--net={self.path}", *command]

    def connect(self, target, client=None):
        """A connection within the network, from one of the clients."""
        def enter_and_connect():
            # A thread of its own enters the network; the socket stays there, whoever uses it.
            with open(self.path) as network:
                if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            source = (client, 0) if client else None
            return socket.create_connection(target, allow(30), source)

        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            return thread.submit(enter_and_connect).result()

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait()
        self.keeper.stdout.close()
