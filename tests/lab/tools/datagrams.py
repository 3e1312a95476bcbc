#!/usr/bin/env python3
"""UDP from ever new source ports: each datagram is a flow of its own.

Usage: datagrams.py --from ADDRESS... --to ADDRESS [--port 80] [--rate DATAGRAMS_A_SECOND]
"""

import argparse
import itertools
import socket
import struct
import time

TICK = 0.02  # seconds


def datagrams(sources: list[str], port: int):
    """Source address and the datagram, for all ports of one address and then for those of the next."""
    for address in itertools.cycle(sources):
        for source_port in range(1024, 65536):
            yield address, struct.pack("!HHHH", source_port, port, 9, 0) + b"?"  # 0: without a checksum


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="sources", nargs="+", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--port", type=int, default=80)
    parser.add_argument("--rate", type=int, default=2000)
    arguments = parser.parse_args()
    senders = {address: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) for address in arguments.sources}
    for address, sender in senders.items():
        sender.bind((address, 0))
    due, last = 0.0, time.monotonic()
    supply = datagrams(arguments.sources, arguments.port)
    while True:
        time.sleep(TICK)
        now = time.monotonic()
        due, last = min(due + (now - last) * arguments.rate, arguments.rate), now
        for address, datagram in itertools.islice(supply, int(due)):
            try:
                senders[address].sendto(datagram, (arguments.to, 0))
            except OSError:  # its buffer is full for a moment: this one is lost
                pass
        due -= int(due)


if __name__ == "__main__":
    main()
