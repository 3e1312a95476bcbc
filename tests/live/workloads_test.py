"""Flows by the pods, units and namespaces that own them: through a real router, with real cgroups, compared with conntrack(8)."""

import os
import pathlib
import socket
import tempfile

import conntrack_list
import processes
import traffic
from exporter_process import BPF, FRESH, NETLINK, Exporter
from lab import Namespace, skip
from live import BpfTest, LiveTest
from memory import peak_own_megabytes
from namespaces import HostNamespace, private_names
from netns_test import wait_until
from privileges_test import AS_NOBODY

HIERARCHIES = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
POD = "2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c"
CONTAINER = "8a1c2a4e0d3f" + 52 * "5"
POD_CGROUP = f"conntrack-test-{os.getpid()}/kubepods/besteffort/pod{POD}/{CONTAINER}"
UNIT_CGROUP = f"conntrack-test-{os.getpid()}/system.slice/demo.service"
HOLDER_CGROUP = f"conntrack-test-{os.getpid()}/system.slice/holder.service"
FLAGS = (*FRESH, "--collector.disable-defaults", "--collector.workloads")
ASKED = 5  # flows to the unit
CROWD = 1000


def hierarchy() -> pathlib.Path:
    """Where cgroups of version 2 are made."""
    for folder in map(pathlib.Path, HIERARCHIES):
        if (folder / "cgroup.controllers").exists():
            return folder
    skip("there is no cgroup version 2")


class Cgroup:
    """A cgroup of version 2 with a path that a container runtime or systemd would make."""

    def __init__(self, path: str):
        self.folder = hierarchy() / path
        self.folder.mkdir(parents=True)

    def enter(self, process: int = 0) -> None:
        (self.folder / "cgroup.procs").write_text(str(process or os.getpid()), encoding="ascii")

    def close(self) -> None:
        """Its processes have ended. Removes the folders above it as well, where nothing else is in them."""
        folder = self.folder
        while "conntrack-test" in str(folder):
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


class Workloads(LiveTest):
    """client -- router -- server: a pod is in the client's namespace, and a unit of the router serves a port."""

    SOURCE = NETLINK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = traffic.Network(router=cls.namespace)
        # All flows outlast the tests.
        cls.namespace.run("sh", "-c", "echo 86400 | tee /proc/sys/net/netfilter/nf_conntrack_udp_timeout*")
        for namespace in (cls.network.client, cls.network.server):  # the router is that of the class
            cls.addClassCleanup(namespace.close)
        pod = Cgroup(POD_CGROUP)
        cls.addClassCleanup(pod.close)
        cls.occupy(cls.network.client, pod)
        cls.occupy(cls.network.server)
        cls.serve(9000)
        made = traffic.Traffic(cls.network)
        cls.addClassCleanup(made.close)
        for _ in range(3):
            made.tcp(traffic.SERVER)
            made.tcp(traffic.SERVER6)
        for _ in range(2):
            made.tcp(traffic.ROUTER, traffic.PUBLISHED)
        made.udp(traffic.SERVER, answered=False)
        cls.ask(cls.network.client, traffic.ROUTER, 9000, ASKED)
        cls.ask(cls.network.client, traffic.ROUTER, 9001, 4)
        cls.ask(cls.network.router, traffic.SERVER, 53, 6)

    @classmethod
    def occupy(cls, namespace: Namespace, cgroup: Cgroup | None = None) -> None:
        with namespace.entered():
            process = processes.start(("sleep", "infinity"))
        cls.addClassCleanup(processes.end, process)
        if cgroup:
            cgroup.enter(process.pid)

    @classmethod
    def serve(cls, port: int) -> None:
        """A UDP port of the router, by a unit: the socket's cgroup is that of the process that made it."""
        unit = Cgroup(UNIT_CGROUP)
        before = pathlib.Path("/proc/self/cgroup").read_text(encoding="ascii")
        home = next(line.partition("::")[2] for line in before.splitlines() if line.startswith("0::"))
        unit.enter()
        try:
            with cls.namespace.entered():
                cls.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        finally:
            (hierarchy() / home.lstrip("/") / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")
        cls.server.bind(("0.0.0.0", port))
        cls.addClassCleanup(unit.close)
        cls.addClassCleanup(cls.server.close)

    @staticmethod
    def ask(namespace: Namespace, address: str, port: int, times: int) -> None:
        """Datagrams that are flows of their own, to a port where somebody listens or nobody."""
        with namespace.entered():
            for _ in range(times):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(b"?", (address, port))

    def shown(self, *flags: str) -> dict:
        scrape = self.start(*FLAGS, self.SOURCE, *flags).scrape()
        self.assert_success(scrape, workloads=1)
        return scrape.by("conntrack_workload_flows", "kind", "workload", "direction")

    def assert_owners(self, shown: dict) -> None:
        """What conntrack(8) tells of the pod, the host and the server."""
        flows = conntrack_list.flows(self.namespace)
        host = (traffic.ROUTER, "10.2.0.1", traffic.ROUTER6, "fd02::1", "127.0.0.1", "::1")
        for owner, addresses in (("pod", POD), (traffic.CLIENT, traffic.CLIENT6)), (("host", "host"), host):
            opened = sum(flow.source in addresses for flow in flows)
            self.assertEqual(opened, shown[(*owner, "opened")])
        at_the_server = sum(flow.backend in (traffic.SERVER, traffic.SERVER6) for flow in flows)
        self.assertEqual(at_the_server, shown["netns", "sleep", "received"])
        self.assertEqual(ASKED, shown["unit", "demo.service", "received"])
        self.assertEqual(sum(flow.backend in host for flow in flows) - ASKED, shown["host", "host", "received"])

    def test_flows_have_the_owners_that_conntrack_tells(self):
        shown = self.shown()
        self.assertGreaterEqual(shown["pod", POD, "opened"], 3 + 3 + 2 + 1 + ASKED + 4)
        self.assertGreaterEqual(shown["host", "host", "opened"], 6)
        self.assert_owners(shown)

    def test_a_pod_has_its_uid(self):
        scrape = self.start(*FLAGS, self.SOURCE).scrape()
        self.assertIn((POD, POD), scrape.by("conntrack_workload_flows", "workload", "pod_uid"))

    def test_without_cgroups_of_sockets_a_port_belongs_to_who_has_it_open(self):
        """As with cgroup v1: no cgroup is found."""
        unit = Cgroup(HOLDER_CGROUP)
        self.addCleanup(unit.close)
        with self.namespace.entered():
            holder = processes.start_for(self, (*AS_NOBODY, "sleep", "infinity"), pass_fds=(self.server.fileno(),))
        unit.enter(holder.pid)
        with tempfile.TemporaryDirectory() as empty:
            self.assertEqual(ASKED, self.shown(f"--path.sysfs={empty}")["unit", "holder.service", "received"])

    def test_those_with_few_flows_are_other(self):
        every, one = self.shown(), self.shown("--collector.workloads.max=1")
        self.assertEqual({("pod", POD), ("other", "other")}, {(kind, name) for kind, name, _ in one})
        for direction in ("opened", "received"):
            total = [sum(n for key, n in shown.items() if key[2] == direction) for shown in (every, one)]
            self.assertEqual(*total)

    def test_many_addresses_of_an_attack_take_no_memory(self):
        before = self.shown()
        attacked = self.start(*FLAGS, self.SOURCE)
        attacked.scrape()
        memory = peak_own_megabytes(attacked.process.pid)
        self.fill("--count=100000", "--sources=100000")
        after = attacked.scrape().by("conntrack_workload_flows", "kind", "workload", "direction")
        self.assertEqual(before.keys(), after.keys())
        self.assert_owners(after)
        self.assertLess(peak_own_megabytes(attacked.process.pid) - memory, 1)


class WorkloadsByBpf(Workloads, BpfTest):
    SOURCE = BPF


class Crowd(LiveTest):
    def names(self, exporter: Exporter) -> set[str]:
        scrape = exporter.scrape()
        self.assert_success(scrape, workloads=1)
        return {name for kind, name in scrape.by("conntrack_workload_flows", "kind", "workload") if kind == "netns"}

    def test_a_thousand_namespaces_come_and_go(self):
        private_names()
        crowd = {f"w{number}": HostNamespace() for number in range(CROWD)}
        for number, (name, namespace) in enumerate(crowd.items()):
            self.addCleanup(namespace.close)
            address = f"10.9.{number // 250}.{number % 250 + 1}"
            namespace.run("sh", "-c", f"ip link set lo up && ip address add {address}/32 dev lo")
            namespace.bind(name).occupy()
        exporter = self.start(*FLAGS, NETLINK, f"--collector.workloads.max={CROWD}")
        self.assertLessEqual(CROWD - 1, len(self.names(exporter)))  # one of the host is among the most as well
        gone = {f"w{number}" for number in range(0, CROWD, 2)}
        for name in gone:
            crowd[name].leave()
        wait_until("those that are gone are no longer named", lambda: not self.names(exporter) & gone)
        self.assertEqual(crowd.keys() - gone, self.names(exporter))
