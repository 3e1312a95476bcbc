"""Clients that mean no good, as a process of their own: `attack.py ADDRESS PORT` with an attack as JSON on standard input.

It keeps so many connections open, each from one of the sources by turns, and opens a new one for each that the server
ends. Twenty times a second it writes how far it is: a JSON object on a line, with the counts of State.
"""

import base64
import contextlib
import dataclasses
import itertools
import json
import os
import resource
import select
import socket
import struct
import sys
import time

_REPORTS = 0.05  # seconds between two of them


@dataclasses.dataclass
class Attack:
    """What each connection does. Bytes are given as latin-1 text, so that JSON can carry them."""

    connections: int = 100
    sources: int = 8  # 127.0.1.1 and up; 0: 127.0.0.1, where the right client is too
    opening: str = ""  # sent at once; every {n} becomes a number that is never the same, {basic} a wrong password of bob
    drip: str = ""  # sent again and again ...
    every: float = 0.5  # ... so many seconds after the last
    half_close: bool = False  # ends its own side after the opening
    reads: bool = True  # what comes, as fast as it comes
    reset: bool = False  # with the first byte of an answer, or after the opening where it does not read
    receive_buffer: int = 0  # bytes; 0: the kernel's choice
    takes: int = 0  # bytes of what comes, every so many seconds; 0: all


@dataclasses.dataclass
class State:
    open: int = 0  # connections now
    opened: int = 0  # since the start, as the other counts
    ended: int = 0  # by the server, or by a reset of ours
    answers: int = 0  # bytes of them


class Connection:
    def __init__(self, attack: Attack, to: tuple[str, int], number: int):
        self.attack, self.connected, self.next_drip = attack, False, 0.0
        self.out = b""
        self.number = number
        self.registered = 0  # what it waits for
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if attack.receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, attack.receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: the kernel's ports do not run out
        self.socket.bind((f"127.0.1.{1 + number % attack.sources}" if attack.sources else "127.0.0.1", 0))
        self.socket.connect_ex(to)

    def opening(self) -> bytes:
        wrong = base64.b64encode(b"bob:%d" % self.number).decode()
        return self.attack.opening.replace("{n}", str(self.number)).replace("{basic}", wrong).encode("latin-1")

    def interest(self) -> int:
        # A connection that takes nothing, or little, hears of its end all the same.
        wants = select.EPOLLIN if self.attack.reads and not self.attack.takes else select.EPOLLRDHUP
        return wants | (select.EPOLLOUT if self.out or not self.connected else 0)

    def write(self) -> None:
        if not self.connected:
            error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, os.strerror(error))
            self.connected = True
            self.out = self.opening()
            self.next_drip = time.monotonic() + self.attack.every
        self.out = self.out[self.socket.send(self.out) :] if self.out else b""
        if not self.out and self.attack.half_close:
            self.socket.shutdown(socket.SHUT_WR)
        if not self.out and self.attack.reset and not self.attack.reads:
            raise ConnectionResetError

    def read(self, most: int = 65536) -> int:
        data = self.socket.recv(most)
        if not data or self.attack.reset:
            raise ConnectionResetError
        return len(data)

    def drip(self, now: float) -> int:
        """Sends and takes what it is time for, and yields how many bytes it took."""
        if not self.connected or now < self.next_drip:
            return 0
        self.next_drip = now + self.attack.every
        self.out += self.attack.drip.encode("latin-1")
        return self.read(self.attack.takes) if self.attack.takes else 0

    def close(self) -> None:
        if self.attack.reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Attackers:
    def __init__(self, attack: Attack, to: tuple[str, int]):
        self.attack, self.to, self.state = attack, to, State()
        self.epoll = select.epoll()
        self.numbers = itertools.count()
        self.connections: dict[int, Connection] = {}  # by descriptor

    def run(self) -> None:
        next_report = 0.0
        while True:
            # A few at a time, so that those that are open are looked after meanwhile.
            for _ in range(min(200, self.attack.connections - len(self.connections))):
                self.open()
            for descriptor, events in self.epoll.poll(0.01):
                self.guarded(self.connections[descriptor], self.serve, events)
            now = time.monotonic()
            if self.attack.drip or self.attack.takes:
                for connection in list(self.connections.values()):
                    self.guarded(connection, self.drip, now)
            if now >= next_report:
                next_report = now + _REPORTS
                self.state.open = sum(connection.connected for connection in self.connections.values())
                print(json.dumps(dataclasses.asdict(self.state)), flush=True)

    def open(self) -> None:
        connection = Connection(self.attack, self.to, next(self.numbers))
        self.connections[connection.socket.fileno()] = connection
        connection.registered = connection.interest()
        self.epoll.register(connection.socket, connection.registered)

    def serve(self, connection: Connection, events: int) -> None:
        if events & select.EPOLLOUT:
            if not connection.connected:
                self.state.opened += 1
            connection.write()
        if events & select.EPOLLIN:
            self.state.answers += connection.read()
        elif events & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
            raise ConnectionResetError

    def drip(self, connection: Connection, now: float) -> None:
        self.state.answers += connection.drip(now)

    def guarded(self, connection: Connection, action, argument) -> None:
        """Lets a connection do something, and replaces it later where that was its end."""
        try:
            with contextlib.suppress(BlockingIOError):
                action(connection, argument)
            wanted = connection.interest()
            if wanted != connection.registered:
                self.epoll.modify(connection.socket, wanted)
                connection.registered = wanted
        except OSError:
            self.state.ended += 1
            self.epoll.unregister(connection.socket)
            del self.connections[connection.socket.fileno()]
            connection.close()


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    attack = Attack(**json.loads(sys.stdin.readline()))
    Attackers(attack, (sys.argv[1], int(sys.argv[2]))).run()


if __name__ == "__main__":
    main()
