"""Clients that mean no good, as a process of their own: `attack.py ADDRESS PORT` with an attack as JSON on standard input.

It keeps so many connections open, each from one of the sources by turns, and opens a new one for each that the server
ends. Twenty times a second it writes how far it is: a JSON object on a line, with the counts of State.
"""

import base64
import dataclasses
import itertools
import json
import os
import resource
import selectors
import socket
import struct
import sys
import time

_REPORTS = 0.05  # seconds between two of them


@dataclasses.dataclass
class Attack:
    """What each connection does. Bytes are given as latin-1 text, so that JSON can carry them."""

    connections: int = 100
    sources: int = 8  # 127.0.1.1 and up; the right client is 127.0.0.1
    opening: str = ""  # sent at once; every {n} becomes a number that is never the same, {basic} a wrong password
    drip: str = ""  # sent again and again ...
    every: float = 0.5  # ... so many seconds after the last
    half_close: bool = False  # ends its own side after the opening
    reads: bool = True  # what comes, as fast as it comes
    reset: bool = False  # with the first byte of an answer, or after the opening where it does not read
    receive_buffer: int = 0  # bytes; 0: the kernel's choice


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
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if attack.receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, attack.receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: the kernel's ports do not run out
        self.socket.bind((f"127.0.1.{1 + number % attack.sources}", 0))
        self.socket.connect_ex(to)

    def opening(self) -> bytes:
        wrong = base64.b64encode(b"alice:%d" % self.number).decode()
        return self.attack.opening.replace("{n}", str(self.number)).replace("{basic}", wrong).encode("latin-1")

    def interest(self) -> int:
        wants = selectors.EVENT_READ if self.attack.reads else 0
        return wants | (selectors.EVENT_WRITE if self.out or not self.connected else 0)

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

    def read(self) -> int:
        data = self.socket.recv(65536)
        if not data or self.attack.reset:
            raise ConnectionResetError
        return len(data)

    def drip(self, now: float) -> None:
        if self.connected and self.attack.drip and now >= self.next_drip:
            self.next_drip = now + self.attack.every
            self.out += self.attack.drip.encode("latin-1")

    def close(self) -> None:
        if self.attack.reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Attackers:
    def __init__(self, attack: Attack, to: tuple[str, int]):
        self.attack, self.to, self.state = attack, to, State()
        self.selector = selectors.EpollSelector()
        self.numbers = itertools.count()
        self.connections: set[Connection] = set()

    def run(self) -> None:
        next_report = 0.0
        while True:
            # A few at a time, so that those that are open are looked after meanwhile.
            for _ in range(min(200, self.attack.connections - len(self.connections))):
                self.open()
            for key, events in self.selector.select(0.01):
                self.serve(key.data, events)
            now = time.monotonic()
            if self.attack.drip:
                for connection in list(self.connections):
                    connection.drip(now)
                    self.look_after(connection)
            if now >= next_report:
                next_report = now + _REPORTS
                self.state.open = sum(connection.connected for connection in self.connections)
                print(json.dumps(dataclasses.asdict(self.state)), flush=True)

    def open(self) -> None:
        connection = Connection(self.attack, self.to, next(self.numbers))
        self.connections.add(connection)
        self.selector.register(connection.socket, connection.interest(), connection)

    def look_after(self, connection: Connection) -> None:
        wanted = connection.interest()
        if self.selector.get_key(connection.socket).events != wanted:
            self.selector.modify(connection.socket, wanted, connection)

    def serve(self, connection: Connection, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                if not connection.connected:
                    self.state.opened += 1
                connection.write()
            if events & selectors.EVENT_READ:
                self.state.answers += connection.read()
            self.look_after(connection)
        except BlockingIOError:
            pass
        except OSError:
            self.state.ended += 1
            self.selector.unregister(connection.socket)
            self.connections.discard(connection)
            connection.close()


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    attack = Attack(**json.loads(sys.stdin.readline()))
    Attackers(attack, (sys.argv[1], int(sys.argv[2]))).run()


if __name__ == "__main__":
    main()
