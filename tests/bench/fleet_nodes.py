"""Hundreds of exporters, each the real binary on a capture root of its own, whose figures move."""

import pathlib
import random
import threading

import binaries
import lab
from capture_root import CaptureRoot
from exporter_process import HELD_BACK_LATE, Exporter
from lab import Namespace

_PAUSE = 10  # seconds between two changes
_FLOWS = 1500  # in the table that all of them walk, more or less
_LIMIT = 262144  # of the capture


class Node:
    """A machine: a root whose count and counters take random steps."""

    def __init__(self, number: int, folder: pathlib.Path, cpus: int, chance: random.Random):
        self.name = f"node-{number:04}"
        self._chance = chance
        self.root = CaptureRoot(folder / self.name).set_cpus(cpus).persist_settings().add_namespaces(1)
        self._entries = chance.randrange(_LIMIT // 10, _LIMIT // 2)
        self._counters = [{"found": 0, "invalid": 0, "search_restart": 0, "clashres": 0} for _ in range(cpus)]

    def step(self) -> None:
        self._entries = max(0, min(_LIMIT // 2, self._entries + self._chance.randrange(-2000, 2001)))
        self.root.set_entries(self._entries)
        for row in self._counters:
            for name in row:
                row[name] += self._chance.randrange(100)
        self.root.set_counters(self._counters)


class Nodes:
    """Starts `count` of them in `namespace`, with CAP_NET_ADMIN and all that is on by default, or `bare`: without both."""

    def __init__(self, namespace: Namespace, folder: pathlib.Path, count: int, cpus: int, bare: bool):
        self._namespace, self._bare = namespace, bare
        chance = random.Random(7)
        self._nodes = [Node(number, folder, cpus, chance) for number in range(count)]
        if not bare:
            self._fill(0)
        self.exporters = [self._start(node) for node in self._nodes]  # not in a pool: the kernel kills an exporter with the thread that started it
        self._stop = threading.Event()
        self._mover = threading.Thread(target=self._move)
        self._mover.start()

    def _start(self, node: Node) -> Exporter:
        if self._bare:
            program = lab.without_net_admin(binaries.exporter())
            return Exporter(self._namespace, *node.root.flags(), "--no-collector.flows", program=program)
        return Exporter(self._namespace, *node.root.flags(), HELD_BACK_LATE)

    def _fill(self, turn: int) -> None:
        """Flows that come while older ones go: each turn's live for three turns."""
        words = ("--profile=mixed", f"--first={turn * _FLOWS}", f"--count={_FLOWS // 3 + turn % 7}")
        self._namespace.run(binaries.conntrack_fill(), *words, f"--timeout={3 * _PAUSE}")

    def _move(self) -> None:
        turn = 0
        while not self._stop.wait(_PAUSE):
            turn += 1
            for node in self._nodes:
                node.step()
            if not self._bare:
                self._fill(turn)

    def targets(self) -> dict[str, str]:
        return {node.name: f"127.0.0.1:{exporter.port}" for node, exporter in zip(self._nodes, self.exporters)}

    def pids(self) -> list[int]:
        return [exporter.process.pid for exporter in self.exporters]

    def close(self) -> None:
        self._stop.set()
        self._mover.join()
        for exporter in self.exporters:
            exporter.kill()
