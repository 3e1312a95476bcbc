#!/usr/bin/env python3
"""Traffic of a working day: connections that are held, connections that are short, queries over UDP, now and then a ping.

Usage: load.py --from ADDRESS... --to ADDRESS... --entries N [--valley N --period SECONDS] [--bursts]

--entries is how many entries of the router's table it comes to, roughly. With --valley they go up and down between that
and --entries, once in --period, beginning on the way up. With --bursts there are short connections in bunches as well.
"""

import argparse
import asyncio
import math
import random
import socket
import struct
import time

import descriptors

_IP_BIND_ADDRESS_NO_PORT = 24  # the port is chosen when connecting, so that one is used for many remote endpoints
TICK = 0.1  # seconds
HELD = 20  # seconds, in the mean
TIME_WAIT, UDP = 10, 10  # the router's timeouts: laboratory.py
# Of the entries, and for how long one such event keeps one: so many are begun each second.
HELD_SHARE, SHORT_SHARE, QUERY_SHARE = 0.55, 0.2, 0.25


class Load:
    """`wanted` says how many entries there are to be at a time.monotonic()."""

    def __init__(self, sources: list[str], servers: list[str]):
        self._sources, self._servers = sources, servers
        self._tasks: set[asyncio.Task] = set()
        self._due = {"held": 0.0, "short": 0.0, "query": 0.0}

    def begin(self, kind: str, count: float) -> None:
        """Begins that many, what is left over of one the next time."""
        self._due[kind] += count
        while self._due[kind] >= 1:
            self._due[kind] -= 1
            self._spawn({"held": self._held, "short": self._short, "query": self._query}[kind]())

    def _spawn(self, work) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _socket(self, kind: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, kind)
        made.setblocking(False)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        made.bind((random.choice(self._sources), 0))
        return made

    async def _held(self) -> None:
        await self._connection(random.expovariate(1 / HELD), pause=5)

    async def _short(self) -> None:
        await self._connection(random.uniform(0, 0.2), pause=0.1)

    async def _connection(self, seconds: float, pause: float) -> None:
        """Asks and is answered for so long, with pauses, then closes: the client first, as most do."""
        loop, end = asyncio.get_running_loop(), time.monotonic() + seconds
        with self._socket(socket.SOCK_STREAM) as client:
            try:
                async with asyncio.timeout(10 + seconds):
                    await loop.sock_connect(client, (random.choice(self._servers), random.choice((80, 443))))
                    while True:
                        await loop.sock_sendall(client, b"?" * 64)
                        await loop.sock_recv(client, 64)
                        if time.monotonic() >= end:
                            return
                        await asyncio.sleep(min(pause, max(0.0, end - time.monotonic())))
            except OSError:  # TimeoutError too: while an incident lasts, that happens
                pass

    async def _query(self) -> None:
        loop = asyncio.get_running_loop()
        with self._socket(socket.SOCK_DGRAM) as client:
            try:
                client.connect((random.choice(self._servers), 53))
                async with asyncio.timeout(2):
                    await loop.sock_sendall(client, b"?" * 40)
                    await loop.sock_recv(client, 64)
            except OSError:
                pass

    def ping(self) -> None:
        """One echo request. The answer is not waited for."""
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as client:
            client.bind((random.choice(self._sources), 0))
            identity = random.randrange(1 << 16)
            checksum = ~(0x0800 + identity) & 0xFFFF if 0x0800 + identity <= 0xFFFF else ~(0x0801 + identity) & 0xFFFF
            client.sendto(struct.pack("!BBHHH", 8, 0, checksum, identity, 0), (random.choice(self._servers), 0))


def entries_at(seconds: float, arguments) -> float:
    """How many entries the table is to hold, so long after the beginning."""
    if arguments.valley is None:
        return arguments.entries
    middle, swing = (arguments.entries + arguments.valley) / 2, (arguments.entries - arguments.valley) / 2
    return middle - swing * math.cos(2 * math.pi * seconds / arguments.period)


async def run(arguments) -> None:
    load = Load(arguments.sources, arguments.servers)
    start = last = time.monotonic()
    next_burst = start + random.expovariate(1 / 15)
    while True:
        await asyncio.sleep(TICK)
        now = time.monotonic()
        passed, last = min(now - last, 1), now
        entries = entries_at(now - start, arguments)
        load.begin("held", entries * HELD_SHARE / (HELD + TIME_WAIT) * passed)
        load.begin("short", entries * SHORT_SHARE / TIME_WAIT * passed)
        load.begin("query", entries * QUERY_SHARE / UDP * passed)
        if entries and random.random() < passed:
            load.ping()
        if arguments.bursts and now > next_burst:
            load.begin("short", entries * 0.03)
            next_burst = now + random.expovariate(1 / 15)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="sources", nargs="+", required=True)
    parser.add_argument("--to", dest="servers", nargs="+", required=True)
    parser.add_argument("--entries", type=float, required=True)
    parser.add_argument("--valley", type=float)
    parser.add_argument("--period", type=float, default=240)
    parser.add_argument("--bursts", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    descriptors.as_many_as_allowed()
    asyncio.run(run(parse()))
