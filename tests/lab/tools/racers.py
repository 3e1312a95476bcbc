#!/usr/bin/env python3
"""Two datagrams of one client to two published addresses at the very same moment, again and again.

Usage: racers.py --from ADDRESS --to ADDRESS --ports PORT PORT [--every SECONDS]

One socket, as a resolver has it, sends to two ports of the router that lead to one port of one server. The router tracks
two flows whose answers would look alike. Whichever comes second is given another port by NAT, unless both are on their way
through the router at once, on two CPUs: then neither is in the table when NAT looks, and the one that is confirmed last is
dropped. So there is a process on each of two CPUs, and each waits for the other before it sends.
"""

import argparse
import mmap
import os
import socket
import time

FIRST_PORT, PORTS = 20000, 20000  # that the client sends from, one after the other


def race(me: int, cpu: int, meeting: memoryview, arguments: argparse.Namespace) -> None:
    os.sched_setaffinity(0, {cpu})
    number = 0
    while os.getppid() == arguments.parent:
        number += 1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # both send from the same port
            sender.bind((arguments.source, FIRST_PORT + number % PORTS))
            sender.connect((arguments.to, arguments.ports[me]))
            time.sleep(arguments.every)
            meeting[me] = number
            while meeting[1 - me] < number and os.getppid() == arguments.parent:
                pass
            sender.send(b"?")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--ports", type=int, nargs=2, required=True, help="two that lead to the same")
    parser.add_argument("--every", type=float, default=0.03, help="seconds from one pair to the next")
    arguments = parser.parse_args()
    arguments.parent = os.getpid()
    meeting = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("Q")
    children = []
    for me, cpu in enumerate(sorted(os.sched_getaffinity(0))[:2]):
        child = os.fork()
        if child == 0:
            race(me, cpu, meeting, arguments)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
