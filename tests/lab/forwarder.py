"""Opens ports of a laboratory to the browsers of the host: nothing but a listening socket there, no link and no address."""

import asyncio
import contextlib
import socket
import threading

from lab import Namespace


class Forwarder:
    """Carries connections from `outside` to `inside`, both (namespace, address, port). In a thread of its own."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def forward(self, outside: tuple[Namespace, str, int], inside: tuple[Namespace, str, int]) -> None:
        """OSError where the port outside is taken."""
        namespace, address, port = outside
        with namespace.entered():
            listener = socket.create_server((address, port))

        async def serve() -> None:
            await asyncio.start_server(lambda *streams: _carry(*streams, inside), sock=listener)

        asyncio.run_coroutine_threadsafe(serve(), self._loop).result()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, inside: tuple[Namespace, str, int]) -> None:
    with contextlib.suppress(OSError), contextlib.closing(writer):
        namespace, address, port = inside
        with namespace.entered():  # a socket stays in the namespace in which it was made
            onward = socket.socket()
        onward.setblocking(False)
        await asyncio.get_running_loop().sock_connect(onward, (address, port))
        their_reader, their_writer = await asyncio.open_connection(sock=onward)
        with contextlib.closing(their_writer):
            await asyncio.gather(_copy(reader, their_writer), _copy(their_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
