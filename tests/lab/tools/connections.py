#!/usr/bin/env python3
"""Many TCP connections to one port, which say something and are then held open, or closed.

Usage: connections.py --from ADDRESS... --to ADDRESS --port PORT --count N [--growth CONNECTIONS_A_SECOND --most N]
                      [--say [LINE...]] [--close]
"""

import argparse
import contextlib
import itertools
import selectors
import socket
import time

import descriptors

_IP_BIND_ADDRESS_NO_PORT = 24  # the port is chosen when connecting
AT_ONCE = 100  # connections that are being opened
TICK = 0.02  # seconds
FIRST_DATA_PORT = 10000  # that a client announces; each has one of its own


class Clients:
    def __init__(self, arguments: argparse.Namespace):
        self._server, self._say, self._close = (arguments.to, arguments.port), arguments.say, arguments.close
        self._sources = itertools.cycle(arguments.sources)
        self._held: list[socket.socket] = []
        self._selector = selectors.DefaultSelector()
        self.opened = 0

    def opening(self) -> int:
        return len(self._selector.get_map())

    def open(self) -> None:
        source = next(self._sources)
        made = socket.socket()
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each line is a packet of its own
        made.bind((source, 0))
        made.connect_ex(self._server)
        self._selector.register(made, selectors.EVENT_WRITE, (self.opened, source))
        self.opened += 1

    def serve(self) -> None:
        """Goes on with those that are open by now."""
        for key, _ in self._selector.select(TICK):
            self._selector.unregister(key.fileobj)
            self._opened(key.fileobj, *key.data)

    def _opened(self, connection: socket.socket, number: int, source: str) -> None:
        high, low = divmod(FIRST_DATA_PORT + number, 256)
        here = f"{source.replace('.', ',')},{high},{low}"
        with contextlib.suppress(OSError):  # it found no way to the server, and stays what it is
            for line in self._say:
                connection.send(f"{line.replace('{here}', here)}\r\n".encode())
        if self._close:
            connection.close()
        else:
            self._held.append(connection)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="sources", nargs="+", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, default=0, help="to begin with")
    parser.add_argument("--growth", type=float, default=0, help="connections more each second ...")
    parser.add_argument("--most", type=int, default=0, help="... up to so many")
    parser.add_argument("--say", nargs="*", default=["?"], help="{here}: its address and a port, as FTP's PORT has them")
    parser.add_argument("--close", action="store_true", help="once it has said it")
    return parser.parse_args()


def main() -> None:
    descriptors.as_many_as_allowed()
    arguments = parse()
    clients = Clients(arguments)
    began = time.monotonic()
    while True:
        grown = arguments.count + int(arguments.growth * (time.monotonic() - began))
        wanted = min(max(arguments.most, arguments.count), grown)
        while clients.opened < wanted and clients.opening() < AT_ONCE:
            clients.open()
        clients.serve()


if __name__ == "__main__":
    main()
