"""One side of a game: a datagram there and back, over and over.

Usage: ping_pong.py server CPU PORT | client CPU ADDRESS PORT SECONDS
As root. The client prints one line of JSON: microseconds from a datagram to its answer, as p50, p99 and max.
"""

import gc
import json
import os
import socket
import sys
import time

LOST_AFTER = 5  # seconds


def serve(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("", port))
        print("serves", flush=True)
        while True:
            datagram, sender = ours.recvfrom(64)
            ours.sendto(datagram, sender)


def play(address: str, port: int, seconds: float) -> dict:
    times = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.settimeout(LOST_AFTER)
        ours.connect((address, port))
        end = time.monotonic() + seconds
        gc.disable()
        while time.monotonic() < end:
            began = time.perf_counter_ns()
            ours.send(b"?")
            ours.recv(64)
            times.append(time.perf_counter_ns() - began)
    times.sort()
    at = {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "max": times[-1]}
    return {"packets": len(times), **{name: value / 1000 for name, value in at.items()}}


def main() -> None:
    role, cpu, *rest = sys.argv[1:]
    os.sched_setaffinity(0, {int(cpu)})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # before whatever else this machine does
    if role == "server":
        serve(int(rest[0]))
    else:
        print(json.dumps(play(rest[0], int(rest[1]), float(rest[2]))))


if __name__ == "__main__":
    main()
