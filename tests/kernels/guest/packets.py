"""Packets that no program of a healthy network sends."""

import socket
import struct

from lab import Namespace

SYN, FIN = 2, 1


def checksum(message: bytes) -> int:
    message += b"\0" * (len(message) % 2)
    total = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def sender(namespace: Namespace, protocol: int) -> socket.socket:
    """For IPv4 packets of a protocol."""
    with namespace.entered():
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)


def send(namespace: Namespace, protocol: int, message: bytes, to: str = "127.0.0.1") -> None:
    with sender(namespace, protocol) as raw:
        raw.sendto(message, (to, 0))


def tcp(flags: int, source: int, to: int, host: str = "127.0.0.1") -> bytes:
    """A segment without data, from `host` to itself."""
    message = struct.pack("!HHIIBBHHH", source, to, 1, 0, 5 << 4, flags, 1024, 0, 0)
    address = socket.inet_aton(host)
    found = checksum(address + address + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(message)) + message)
    return message[:16] + struct.pack("!H", found) + message[18:]


def icmp(kind: int, identity: int = 0) -> bytes:
    message = struct.pack("!BBHHH", kind, 0, 0, identity, 1)
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]
