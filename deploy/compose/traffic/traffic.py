#!/usr/bin/env python3
"""Traffic for the demo, in a network namespace of its own: normal traffic of a small gateway, and every ten minutes a SYN flood.

Usage: traffic.py [--quiet SECONDS] [--flood SECONDS] [--of-limit SHARE]

Needs CAP_NET_ADMIN in that namespace, for the rules that make the kernel track its loopback. No packet leaves the namespace.
"""

import argparse
import itertools
import pathlib
import signal
import socket
import subprocess
import sys
import time

TOOLS = pathlib.Path(__file__).resolve().parent / "tools"
CLIENTS = [f"127.10.0.{number}" for number in range(2, 22)]
SERVERS = ["127.20.0.2", "127.20.0.3", "127.20.0.4"]
FLOODED = ("127.20.0.9", 80)
SYN_SENT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent")
LIMIT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")
TICK = 0.05  # seconds
_IP_BIND_ADDRESS_NO_PORT = 24  # the kernel chooses the port at connect(2), so it can reuse a port for many remote endpoints

# Monitoring is not tracked. The clients share one SNAT address, as behind a gateway. The flooded address does not answer.
RULES = """
table inet traffic {
  set watching { type inet_service; elements = { 3000, 9090, 9093, 9095, 10318 } }
  chain raw-in { type filter hook prerouting priority raw; tcp dport @watching notrack; tcp sport @watching notrack; }
  chain raw-out { type filter hook output priority raw; tcp dport @watching notrack; tcp sport @watching notrack; }
  chain in { type filter hook input priority filter; ip daddr 127.20.0.9 drop; ct state new accept; }
  chain source-nat {
    type nat hook postrouting priority srcnat;
    ip saddr 127.10.0.0/24 ip daddr 127.20.0.2-127.20.0.4 snat ip to 127.30.0.1
  }
}
"""


def say(what: str) -> None:
    print(time.strftime("%H:%M:%S"), what, flush=True)


def begin_connection(source: str) -> None:
    """Sends one SYN. It gets no answer, and the entry stays in the table."""
    with socket.socket() as client:
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        client.bind((source, 0))
        client.connect_ex(FLOODED)


def flood(seconds: float, rate: float) -> None:
    sources = itertools.cycle(f"127.40.{third}.{fourth}" for third in range(8) for fourth in range(1, 255))
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < rate * passed:
            begin_connection(next(sources))
            sent += 1
        time.sleep(TICK)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quiet", type=float, default=60, help="seconds before the first flood; five times that after one")
    parser.add_argument("--flood", type=float, default=300, help="seconds that a flood lasts")
    parser.add_argument("--of-limit", type=float, default=0.2, help="share of the limit that a flood takes")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # process 1 of a container ignores SIGTERM by default
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)
    rate = arguments.of_limit * int(LIMIT.read_text()) / int(SYN_SENT.read_text())
    ends = ["--from", *CLIENTS, "--to", *SERVERS]
    children = [
        subprocess.Popen([sys.executable, TOOLS / "serve.py", "--address", *SERVERS]),
        subprocess.Popen([sys.executable, TOOLS / "load.py", *ends, "--entries=3000", "--valley=800", "--bursts"]),
    ]
    try:
        pause = arguments.quiet
        while True:
            say(f"normal traffic only for {pause:.0f} s")
            time.sleep(pause)
            say(f"a SYN flood for {arguments.flood:.0f} s: {rate:.0f} SYN/s, which take {arguments.of_limit:.0%} of the table")
            flood(arguments.flood, rate)
            if any(child.poll() is not None for child in children):
                sys.exit("the normal traffic has ended")
            pause = 5 * arguments.quiet
    finally:
        for child in children:
            child.terminate()


if __name__ == "__main__":
    main()
