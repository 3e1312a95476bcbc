"""Packets that no program of a healthy network sends, and a queue in which packets wait until they are let go."""

import socket
import struct

from lab import Namespace

SYN, FIN = 2, 1
_NETLINK_NETFILTER = 12
_QUEUE = 3  # the subsystem NFNL_SUBSYS_QUEUE
_PACKET, _VERDICT, _CONFIG = 0, 1, 2  # NFQNL_MSG_*
_REQUEST, _ACK = 1, 4  # NLM_F_*
_ACCEPT = 1


def checksum(message: bytes) -> int:
    message += b"\0" * (len(message) % 2)
    total = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send(namespace: Namespace, protocol: int, message: bytes, to: str = "127.0.0.1") -> None:
    """One IPv4 packet. A packet that is dropped on its way out is what is wanted here, not an error."""
    with namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as sender:
        try:
            sender.sendto(message, (to, 0))
        except PermissionError:
            pass


def tcp(flags: int, source: int, to: int, host: str = "127.0.0.1") -> bytes:
    """A segment without data, from `host` to itself."""
    message = struct.pack("!HHIIBBHHH", source, to, 1, 0, 5 << 4, flags, 1024, 0, 0)
    address = socket.inet_aton(host)
    found = checksum(address + address + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(message)) + message)
    return message[:16] + struct.pack("!H", found) + message[18:]


def icmp(kind: int, identity: int = 0) -> bytes:
    message = struct.pack("!BBHHH", kind, 0, 0, identity, 1)
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


class Queue:
    """Packets that nftables puts into queue 0 of the namespace wait here. As a context."""

    def __init__(self, namespace: Namespace):
        with namespace.entered():
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.settimeout(60)
        self._socket.bind((0, 0))
        self._configure(1, struct.pack("!BxH", 1, socket.AF_INET))  # NFQA_CFG_CMD, NFQNL_CFG_CMD_BIND
        self._configure(2, struct.pack("!IB", 0, 1))  # NFQA_CFG_PARAMS, NFQNL_COPY_META
        self._waiting: list[int] = []

    def _send(self, kind: int, flags: int, attribute: int, content: bytes) -> None:
        body = struct.pack("!BBH", 0, 0, 0) + struct.pack("=HH", 4 + len(content), attribute) + content
        body += b"\0" * (-len(body) % 4)
        self._socket.send(struct.pack("=IHHII", 16 + len(body), _QUEUE << 8 | kind, _REQUEST | flags, 0, 0) + body)

    def _configure(self, attribute: int, content: bytes) -> None:
        self._send(_CONFIG, _ACK, attribute, content)
        answer = self._socket.recv(8192)
        error = struct.unpack_from("=i", answer, 16)[0]
        if error != 0:
            raise OSError(-error, "a queue of nftables")

    def await_packets(self, count: int) -> None:
        while len(self._waiting) < count:
            data = self._socket.recv(65536)
            while data:
                length, kind = struct.unpack_from("=IH", data)
                if kind == _QUEUE << 8 | _PACKET:
                    self._waiting.append(self._number(data[20:length]))
                data = data[length + -length % 4:]

    @staticmethod
    def _number(attributes: bytes) -> int:
        """From NFQA_PACKET_HDR."""
        while attributes:
            length, kind = struct.unpack_from("=HH", attributes)
            if kind & 0x3FFF == 1:
                return struct.unpack_from("!I", attributes, 4)[0]
            attributes = attributes[length + -length % 4:]
        raise ValueError("a packet without a number")

    def let_go(self) -> None:
        """All that wait, in the order in which they came."""
        for number in self._waiting:
            self._send(_VERDICT, 0, 2, struct.pack("!II", _ACCEPT, number))
        self._waiting.clear()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
