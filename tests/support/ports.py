"""Ports of this machine for servers of tests."""

import socket


def free_port() -> int:
    """A port without a server."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
