#!/usr/bin/env python3
"""A server that is no good: it takes TCP connections and datagrams, and never reads, answers or closes any.

Usage: hold.py [--tcp PORT...] [--udp PORT...]
"""

import argparse
import socket

import descriptors


def bound(kind: int, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("0.0.0.0", port))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tcp", type=int, required=True)
    parser.add_argument("--udp", type=int, nargs="*", default=[])
    arguments = parser.parse_args()
    descriptors.as_many_as_allowed()
    held = [bound(socket.SOCK_DGRAM, port) for port in arguments.udp]  # without room, a datagram goes without a word
    listener = bound(socket.SOCK_STREAM, arguments.tcp)
    listener.listen(4096)
    while True:
        held.append(listener.accept()[0])


if __name__ == "__main__":
    main()
