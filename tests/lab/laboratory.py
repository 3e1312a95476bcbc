"""The laboratory: client -- router -- server with real traffic, the exporter in the router, and what watches it.

    client (10.1.0.2, and 10.1.0.10 to .25) -- router (masquerade, DNAT) -- server (10.2.0.2, 10.2.0.3)
                                                  |
                                               monitor (Prometheus, Alertmanager, the recorder of notifications)

Everything is in namespaces of the laboratory's own (enclosure.py) and ends with them. Two settings are those of the whole
host, nf_conntrack_max and nf_conntrack_buckets: enclosure.py puts them back.
"""

import contextlib
import pathlib
import subprocess
import sys

import processes
import traffic
from boot_tree import BootTree
from exposition import Exposition
from host import Host
from incident import Incident
from lab import FirstNamespace, Namespace
from monitoring import Monitoring
from router_exporter import RouterExporter

HERE = pathlib.Path(__file__).resolve().parent
MONITOR, MONITOR_GATEWAY = "10.9.0.2", "10.9.0.1"

# Of the router, in seconds: flows end soon, so that the table follows the traffic at the pace of the laboratory.
TIMEOUTS = {
    "nf_conntrack_tcp_timeout_time_wait": 10,
    "nf_conntrack_tcp_timeout_fin_wait": 10,
    "nf_conntrack_udp_timeout": 10,
    "nf_conntrack_udp_timeout_stream": 20,
    "nf_conntrack_icmp_timeout": 5,
}
SWITCHES = {"nf_conntrack_timestamp": 1}  # for the lifetimes of flows

# The kernel removes entries whose time is over once a minute or so, which to the alerts is an hour; whoever reads by BPF removes none.
# A dump removes those that it meets, and shows nothing of a protocol that nobody has.
_COLLECT = "while sleep 1; do conntrack -L -p dccp; done >/dev/null 2>&1"

# What watches the traffic is no part of it. traffic.py does the same for lo.
_UNTRACKED = """
table inet monitoring {
  chain incoming { type filter hook prerouting priority raw; iifname "monitor" notrack; }
  chain outgoing { type filter hook output priority raw; oifname "monitor" notrack; }
}
"""


class Laboratory:
    """What an incident may use.

    client, router, server  namespaces (lab.Namespace: run, entered, nft, sysctl, drop_flows)
    network                 what joins them (traffic.Network: join)
    exporter                the one in the router (router_exporter.RouterExporter: start, kill, restart)
    boot_tree               the root file system that the exporter takes the boot files from (boot_tree.BootTree)
    monitoring              Prometheus and Alertmanager (monitoring.Monitoring: ask, alerts)
    until_end               carried out when the incident has ended: for callbacks that undo what begin() did
    """

    CLIENT, ROUTER, SERVER = traffic.CLIENT, traffic.ROUTER, traffic.SERVER  # 10.1.0.2, 10.1.0.1, 10.2.0.2
    CLIENTS = tuple(f"10.1.0.{n}" for n in range(10, 26))  # where the steady traffic comes from, in equal shares
    OTHER_SERVER = "10.2.0.3"
    GATEWAY = "10.2.0.1"  # what all that leaves to the servers is translated to
    SERVICE = traffic.SERVICE  # 80/tcp and 80/udp on the servers; so are 443/tcp and 53/udp
    PUBLISHED = traffic.PUBLISHED  # 8080/tcp of ROUTER, which DNAT leads to SERVICE of SERVER
    EXPORTER_PORT = 10318
    LIMIT = 20000  # nf_conntrack_max while the laboratory runs
    STEADY = 2500  # entries that the traffic comes to which is always there
    BOOT_FILE = "/etc/sysctl.d/90-conntrack.conf"  # in boot_tree: sets exactly what runs

    def __init__(self, folder: pathlib.Path, speed: int):
        self._open = contextlib.ExitStack()
        self._load: subprocess.Popen | None = None
        self._server: subprocess.Popen | None = None
        self.until_end = contextlib.ExitStack()
        self._background: list[subprocess.Popen] = []
        try:
            self._build(folder, speed)
        except BaseException:
            self.close()
            raise

    def _build(self, folder: pathlib.Path, speed: int) -> None:
        self.host = Host()
        self.host.set("nf_conntrack_max", self.LIMIT)
        self._build_network()
        self.boot_tree = BootTree()
        self._open.callback(self.boot_tree.close)
        self._settle_router()
        address = f"{MONITOR_GATEWAY}:{self.EXPORTER_PORT}"
        self.exporter = RouterExporter(self.router, address, str(self.boot_tree.path))
        self._open.callback(self.exporter.kill)
        self.exporter.start()
        self.for_good(self.router, "sh", "-c", _COLLECT)
        addresses = ("--address", self.SERVER, self.OTHER_SERVER)
        self._server = self.for_good(self.server, *self.tool("serve.py"), *addresses)
        self.load(self.STEADY)
        self.monitoring = Monitoring(self.monitor, address, folder, speed)
        self._open.callback(self.monitoring.close)
        self.monitoring.start()

    def _build_network(self) -> None:
        # Boot files are for the namespace of the first process, and so the exporter's: then it compares all settings.
        self.network = network = traffic.Network(router=FirstNamespace())
        self._open.callback(network.close)
        self.client, self.router, self.server = network.client, network.router, network.server
        for namespace, addresses in ((self.client, self.CLIENTS), (self.server, (self.OTHER_SERVER,))):
            for address in addresses:
                namespace.run("ip", "address", "add", f"{address}/24", "dev", "uplink")
        self.monitor = Namespace()
        self._open.callback(self.monitor.close)
        network.join(self.monitor, MONITOR, "fd09::2", "monitor", MONITOR_GATEWAY, "fd09::1")
        self.router.nft(_UNTRACKED)
        for namespace in (self.client, self.server):
            self._open.callback(namespace.drop_flows)
        self._open.callback(self.router.drop_flows)

    def _settle_router(self) -> None:
        wanted = {**TIMEOUTS, **SWITCHES}
        for name, value in wanted.items():
            self.write_sysctl(self.router, f"net/netfilter/{name}", value)
        of_the_host = {name: self.router.sysctl(name) for name in ("nf_conntrack_max", "nf_conntrack_buckets")}
        lines = (f"net.netfilter.{name} = {value}\n" for name, value in {**wanted, **of_the_host}.items())
        self.boot_tree.write(self.BOOT_FILE, "".join(lines))

    @staticmethod
    def write_sysctl(namespace: Namespace, path: str, value: int | str) -> None:
        """Writes /proc/sys/PATH as the namespace has it. It is not put back: for that, use until_end."""
        with namespace.entered():
            pathlib.Path("/proc/sys", path).write_text(f"{value}\n", encoding="ascii")

    def scrape(self) -> Exposition:
        """What the exporter says now."""
        return self.exporter.scrape()

    def background(self, namespace: Namespace, *words: str) -> subprocess.Popen:
        """Starts a command in a namespace. It ends with the incident."""
        process = self._start_in(namespace, words)
        self._background.append(process)
        return process

    def ended(self) -> list[str]:
        """The commands of background() that have ended, with their exit codes."""
        return [f"{' '.join(p.args)}: {p.returncode}" for p in self._background if p.poll() is not None]

    def for_good(self, namespace: Namespace, *words: str) -> subprocess.Popen:
        """Starts a command in a namespace. It ends with the laboratory."""
        process = self._start_in(namespace, words)
        self._open.callback(processes.end, process)
        return process

    @staticmethod
    def _start_in(namespace: Namespace, words: tuple[str, ...]) -> subprocess.Popen:
        with namespace.entered():
            return processes.start(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def load(self, entries: int, *flags: str) -> None:
        """Traffic as on a good day that comes to so many entries, in place of what there was (tools/load.py)."""
        if self._load:
            processes.end(self._load)
        words = ("--from", *self.CLIENTS, "--to", self.SERVER, self.OTHER_SERVER, "--entries", str(entries), *flags)
        self._load = self.for_good(self.client, *self.tool("load.py"), *words)

    def check(self) -> None:
        """AssertionError where the traffic has ended that is always to be there."""
        for process in (self._server, self._load):
            if process and process.poll() is not None:
                raise AssertionError(f"{' '.join(process.args)} has ended with {process.returncode}")

    @staticmethod
    def tool(name: str) -> tuple[str, str]:
        """The words that start a program of tests/lab/tools, for background(): lab.background(ns, *lab.tool("x.py"))."""
        return (sys.executable, str(HERE / "tools" / name))

    def add_table(self, ruleset: str, table: str) -> None:
        """Loads rules into the router. `table`, which they make ("ip clash"), goes when the incident ends."""
        self.router.nft(ruleset)
        self.until_end.callback(self.router.nft, f"delete table {table}\n")

    def takes(self, ruleset: str) -> bool:
        """Whether the router's kernel knows all that the rules ask for."""
        return self.router.run("nft", "--check", "--file", "-", stdin=ruleset, check=False).returncode == 0

    def set_limit(self, entries: int) -> None:
        """nf_conntrack_max, until the incident ends."""
        self.until_end.enter_context(self.host.changed("nf_conntrack_max", entries))

    def set_buckets(self, buckets: int) -> None:
        """nf_conntrack_buckets, until the incident ends. The kernel rounds up."""
        self.until_end.enter_context(self.host.changed("nf_conntrack_buckets", buckets))

    def end(self, incident: Incident) -> None:
        """Ends an incident and all that it has begun, whatever fails of that."""
        try:
            incident.end(self)
        finally:
            self.restore()

    def end_background(self) -> None:
        """Ends the processes that background() started, last first."""
        while self._background:
            processes.end(self._background.pop())

    def restore(self) -> None:
        """Ends what the incident has begun: processes, settings, callbacks."""
        ended, self.until_end = self.until_end, contextlib.ExitStack()
        ended.callback(self.end_background)  # runs first
        ended.close()

    def close(self) -> None:
        self.restore()
        self._open.close()
