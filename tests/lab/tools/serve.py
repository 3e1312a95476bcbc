#!/usr/bin/env python3
"""The servers of the laboratory: what comes over TCP and each datagram over UDP is answered, until the client closes.

Usage: serve.py --address ADDRESS... [--tcp PORT...] [--udp PORT...]
"""

import argparse
import asyncio
import socket

import descriptors

_RECEIVE_BUFFER_FORCE = 33  # SO_RCVBUFFORCE, for which Python has no name


class Stream(asyncio.Protocol):
    """A connection. What the client closes is closed here too, which asyncio does by itself at the end of a stream."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


class Datagrams(asyncio.DatagramProtocol):
    """All who send to one port."""

    def connection_made(self, transport):
        self.transport = transport
        # Room for a datagram of each flow of a full table: on a busy machine they would be lost, and the flows stay UNREPLIED.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, 64 << 20)

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def serve(addresses: list[str], tcp: list[int], udp: list[int]) -> None:
    loop = asyncio.get_running_loop()
    for address in addresses:  # each by itself: an answer to a datagram has to come from the address that was asked
        for port in tcp:
            await loop.create_server(Stream, address, port, backlog=4096)
        for port in udp:
            await loop.create_datagram_endpoint(Datagrams, (address, port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", nargs="+", required=True)
    parser.add_argument("--tcp", type=int, nargs="*", default=[80, 443])
    parser.add_argument("--udp", type=int, nargs="*", default=[80, 53])
    arguments = parser.parse_args()
    descriptors.as_many_as_allowed()
    asyncio.run(serve(arguments.address, arguments.tcp, arguments.udp))
