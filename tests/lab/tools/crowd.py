#!/usr/bin/env python3
"""Many UDP flows at once, of many clients: each socket talks to all ports of the server.

Usage: crowd.py --from ADDRESS... --to ADDRESS --ports PORT... [--flows N] [--growth FLOWS_A_SECOND --most N] [--again SECONDS]

A flow is ASSURED once both sides have sent, and one of them again after two seconds. So what is used --again, on ports that
answer, cannot be evicted from a table; and however short the timeout, it does not expire. Without --again and --growth it ends once
all flows have been sent.
"""

import argparse
import collections
import contextlib
import socket
import time

import descriptors

FIRST = 3.0  # seconds until a flow is used again for the first time: long enough to make it ASSURED
TICK = 0.02  # seconds
BURST = 200  # datagrams a tick: the sockets of a server have room for as many


class Crowd:
    def __init__(self, sources: list[str], server: str, ports: list[int]):
        self._sources, self._server, self._ports = sources, server, ports
        self._sockets: list[socket.socket] = []
        self.flows = 0

    def _socket(self) -> None:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # as little as there is: answers are not read
        made.setblocking(False)
        made.bind((self._sources[len(self._sockets) % len(self._sources)], 0))
        self._sockets.append(made)

    def grow(self) -> int:
        """One flow more; yields its number."""
        if self.flows == len(self._sockets) * len(self._ports):
            self._socket()
        self.flows += 1
        self.send(self.flows - 1)
        return self.flows - 1

    def send(self, flow: int) -> None:
        which, port = divmod(flow, len(self._ports))
        with contextlib.suppress(OSError):  # an ICMP error for an earlier one, or no room for a moment
            self._sockets[which].sendto(b"?", (self._server, self._ports[port]))


def run(crowd: Crowd, arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    young: collections.deque = collections.deque()  # (when to send again, flow), soonest first
    old: collections.deque = collections.deque()
    while arguments.again or arguments.growth or crowd.flows < arguments.flows:
        now = time.monotonic()
        wanted = min(max(arguments.most, arguments.flows), arguments.flows + int(arguments.growth * (now - began)))
        for _ in range(min(BURST, wanted - crowd.flows)):
            flow = crowd.grow()
            if arguments.again:
                young.append((now + FIRST, flow))
        for queue in (young, old):
            for _ in range(BURST):
                if not queue or queue[0][0] > now:
                    break
                _, flow = queue.popleft()
                crowd.send(flow)
                old.append((now + arguments.again, flow))
        time.sleep(TICK)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="sources", nargs="+", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--ports", type=int, nargs="+", required=True)
    parser.add_argument("--flows", type=int, default=0, help="to begin with")
    parser.add_argument("--growth", type=float, default=0, help="flows more each second ...")
    parser.add_argument("--most", type=int, default=0, help="... up to so many")
    parser.add_argument("--again", type=float, default=0, help="seconds after which a flow is used again; 0: never")
    return parser.parse_args()


def main() -> None:
    descriptors.as_many_as_allowed()
    arguments = parse()
    run(Crowd(arguments.sources, arguments.to, arguments.ports), arguments)


if __name__ == "__main__":
    main()
