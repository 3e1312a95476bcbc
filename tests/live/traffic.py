"""A client, a router that tracks connections and translates addresses, a server; and real packets between them."""

import os
import socket
import struct

from lab import Namespace

CLIENT, CLIENT6 = "10.1.0.2", "fd01::2"
ROUTER, ROUTER6 = "10.1.0.1", "fd01::1"
SERVER, SERVER6 = "10.2.0.2", "fd02::2"
SERVICE = 80
PUBLISHED = 8080  # the router's port that leads to the server's SERVICE

# The exporter is asked over lo, which is left out of the table: what is counted is the traffic, not the counting.
_RULES = """
table inet nat {{
  chain prerouting {{
    type nat hook prerouting priority dstnat;
    ip daddr {router} tcp dport {published} dnat ip to {server}:{service}
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    oifname "server" {translate}
  }}
}}
table inet untracked {{
  chain incoming {{ type filter hook prerouting priority raw; iifname "lo" notrack; }}
  chain outgoing {{ type filter hook output priority raw; oifname "lo" notrack; }}
}}
"""


class Network:
    """client -- router -- server, with NAT in the router: `translate` is what nft does with all that leaves to the server.

    `router` is the namespace to make a router of, where that is not to be a new one.
    """

    def __init__(self, translate: str = "masquerade", router: Namespace | None = None):
        self.client, self.router, self.server = Namespace(), router or Namespace(), Namespace()
        self.join(self.client, CLIENT, CLIENT6, "client", ROUTER, ROUTER6)
        self.join(self.server, SERVER, SERVER6, "server", "10.2.0.1", "fd02::1")
        self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        self.router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
        self.router.nft(
            _RULES.format(router=ROUTER, published=PUBLISHED, server=SERVER, service=SERVICE, translate=translate)
        )

    def join(self, host: Namespace, v4: str, v6: str, link: str, gateway: str, gateway6: str) -> None:
        """Connects a namespace to the router, whose end of it is called `link`."""
        self.router.run("ip", "link", "add", link, "type", "veth", "peer", "name", "uplink", "netns", host.path)
        for namespace, name, addresses in (
            (self.router, link, (f"{gateway}/24", f"{gateway6}/64")),
            (host, "uplink", (f"{v4}/24", f"{v6}/64")),
        ):
            for address in addresses:
                nodad = ("nodad",) if ":" in address else ()
                namespace.run("ip", "address", "add", address, "dev", name, *nodad)
            namespace.run("ip", "link", "set", name, "up")
        host.run("ip", "route", "add", "default", "via", gateway)
        host.run("ip", "-6", "route", "add", "default", "via", gateway6)

    def close(self) -> None:
        for namespace in (self.client, self.router, self.server):
            namespace.close()


class Traffic:
    """Makes flows through a Network, and holds what is to stay open."""

    def __init__(self, network: Network):
        self._network = network
        self._held: list[socket.socket] = []
        self._listeners = {
            (family, kind): self._listen(family, kind)
            for family in (socket.AF_INET, socket.AF_INET6)
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
        }

    def _open(self, namespace: Namespace, family: int, kind: int, protocol: int = 0) -> socket.socket:
        with namespace.entered():
            made = socket.socket(family, kind, protocol)
        made.settimeout(120)
        self._held.append(made)
        return made

    def _listen(self, family: int, kind: int) -> socket.socket:
        listener = self._open(self._network.server, family, kind)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", SERVICE))
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener

    def tcp(
        self, address: str, port: int = SERVICE, close: bool = False, source: tuple[str, int] | None = None
    ) -> None:
        """One connection with a question and an answer; closed by the client first, or left open."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        client = self._open(self._network.client, family, socket.SOCK_STREAM)
        if source:
            client.bind(source)
        client.connect((address, port))
        server, _ = self._listeners[family, socket.SOCK_STREAM].accept()
        self._held.append(server)
        client.sendall(b"?")
        server.recv(1)
        server.sendall(b"!")
        client.recv(1)
        if close:
            client.close()
            server.recv(1)  # the end of the stream
            server.close()

    def udp(self, address: str, answered: bool) -> None:
        """One datagram, and one back where `answered`."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        client = self._open(self._network.client, family, socket.SOCK_DGRAM)
        client.sendto(b"?", (address, SERVICE))
        listener = self._listeners[family, socket.SOCK_DGRAM]
        _, sender = listener.recvfrom(16)
        if answered:
            listener.sendto(b"!", sender)
            client.recv(16)

    def ping(self, address: str) -> None:
        """One echo request and its reply."""
        v6 = ":" in address
        family = socket.AF_INET6 if v6 else socket.AF_INET
        protocol = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
        request, reply = (128, 129) if v6 else (8, 0)
        client = self._open(self._network.client, family, socket.SOCK_RAW, protocol)
        identity = os.urandom(2)
        message = struct.pack("!BBH2sH", request, 0, 0, identity, 1)  # the kernel fills in ICMPv6's checksum
        if not v6:
            message = message[:2] + _checksum(message) + message[4:]
        client.sendto(message, (address, 0))
        while True:
            answer = client.recv(256)
            answer = answer if v6 else answer[20:]  # a raw IPv4 socket shows the IP header
            if answer[0] == reply and answer[4:6] == identity:
                return

    def close(self) -> None:
        for held in self._held:
            held.close()


def _checksum(message: bytes) -> bytes:
    total = sum(struct.unpack(f"!{len(message) // 2}H", message))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)
