"""What packets wait for while the table is walked in a loop.

client -- router -- server: a datagram through the router and its answer back, over and over. The router, which tracks the
flow and translates its address, does that on one CPU (receive packet steering), as for a network card whose interrupts come
there; on the same CPU, and on no other, the table of the router is walked. Client and server have another CPU, before all other
processes, so nobody waits for a process, only for what holds off the interrupts' work.
"""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys

import effort
from figure import Figure, show, show_missing
from lab import Namespace
from traffic import CLIENT, SERVER, SERVICE, Network

PLAYER = pathlib.Path(__file__).resolve().parent / "ping_pong.py"
SECONDS = 3
ROUNDS = effort.rounds(5)
LOOPS = {"the netlink dump": (), "the BPF walk": ("--bpf-threads=1",)}
FOREVER = 3600  # seconds
MEASURES = ("p50", "p99", "max")


class Impossible(Exception):
    """Why nothing could be measured."""


def steer(network: Network, cpu: int) -> None:
    """What comes in at the router is worked on by this CPU."""
    files = " ".join(f"/sys/class/net/{link}/queues/rx-0/rps_cpus" for link in ("client", "server"))
    script = f"mount -t sysfs none /sys && for file in {files}; do echo {1 << cpu:x} >$file || exit 1; done"
    done = network.router.run("unshare", "--mount", "sh", "-ec", script, check=False)
    if done.returncode != 0:
        raise Impossible(f"no receive packet steering: {done.stderr.strip()}")


@contextlib.contextmanager
def running(namespace: Namespace, said: str, *words: str):
    """A program that has said so."""
    with namespace.entered():
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            if process.stdout.readline().strip() != said:
                process.kill()
                raise Impossible(process.stderr.read().strip())
            yield
        finally:
            process.kill()


def play(network: Network, cpu: int) -> dict[str, float]:
    words = (sys.executable, str(PLAYER), "client", str(cpu), SERVER, str(SERVICE), str(SECONDS))
    done = network.client.run(*words, check=False)
    if done.returncode != 0:
        raise Impossible(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def measure_rounds(build: pathlib.Path, network: Network) -> dict[str, list[dict[str, float]]]:
    """What was measured in each round, idle ("") and beside each of LOOPS, in turn."""
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        raise Impossible("two CPUs are needed")
    players, router = cpus[0], cpus[1]
    steer(network, router)
    found: dict[str, list[dict[str, float]]] = {}
    server = (sys.executable, str(PLAYER), "server", str(players), str(SERVICE))
    with running(network.server, "serves", *server):
        for _ in range(ROUNDS):
            found.setdefault("", []).append(play(network, players))
            for name, flags in LOOPS.items():
                bench = str(build / "tests/bench/dump_bench")
                words = ("taskset", "--cpu-list", str(router), bench, f"--loop-seconds={FOREVER}", *flags)
                with running(network.router, "runs", *words):
                    found.setdefault(name, []).append(play(network, players))
    return found


def typical(rounds: list[dict[str, float]], measure: str) -> float:
    """The median of the rounds, so that one disturbance of the machine is not the result."""
    return statistics.median(one[measure] for one in rounds)


def measure(build: pathlib.Path, router: Namespace, flows: int) -> None:
    """Shows the figures for the table that is in this namespace."""
    title = "latency of packets through the host"
    network = Network(router=router)
    try:
        found = measure_rounds(build, network)
    except Impossible as reason:
        show_missing(flows, title, str(reason))
        return
    finally:
        network.router.run("conntrack", "-D", "-s", CLIENT, check=False)  # the flows of the game
        network.client.close()
        network.server.close()
    idle = found.pop("")
    for name, rounds in found.items():
        for what in MEASURES:
            value, without = typical(rounds, what), typical(idle, what)
            command = f"ping_pong.py beside dump_bench --loop-seconds {' '.join(LOOPS[name])}".rstrip()
            command += f", median of {ROUNDS} rounds ({value:.0f} us, {without:.0f} us idle)"
            show(flows, Figure(f"{title}, {what}: {name} in a loop / idle", value / without, command))
    dump, walk = found.values()
    for what in MEASURES:
        ratio = typical(walk, what) / typical(dump, what)
        show(flows, Figure(f"{title}, {what}: walk / dump in a loop", ratio, "the same"))
