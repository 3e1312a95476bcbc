"""Nothing makes the kernel load a module: no command opens a netfilter socket before the modules are loaded."""

import json
import os
import pathlib
import tempfile

import binaries
from exporter_process import FRESH, NETLINK
from lab import require_strace, without_net_admin
from live import LiveTest

NOT_LOADED = binaries.ROOT / "tests/fixtures/module-not-loaded"
SOCKET = "NETLINK_NETFILTER"


def on_host(host: pathlib.Path) -> tuple[str, ...]:
    return f"--path.procfs={host / 'proc'}", f"--path.sysfs={host / 'sys'}"


class NothingIsLoaded(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        require_strace(cls.namespace)

    def sockets_of(self, *words: str) -> str:
        """The sockets that a command opens."""
        with tempfile.NamedTemporaryFile("r") as trace:
            strace = ("env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-f", "-e", "trace=socket,socketpair", "-o", trace.name)
            done = self.namespace.run(*strace, binaries.exporter(), *words, check=False)  # this host may have no boot files
            self.assertIn(done.returncode, (0, 1), done.stderr)
            return trace.read()

    def test_no_command_opens_a_socket_of_netfilter(self):
        on = tuple(f"--collector.{name}" for name in binaries.collectors() if name != "kernel_log")
        off = ("--no-collector.kernel_log",)
        for words in (("check", *on, *off), ("report",), ("advise",), ("--output.textfile=-", *on, *off)):
            with self.subTest(command=words[0]):
                self.assertIn(SOCKET, self.sockets_of(*words, NETLINK))  # it does where there is something to ask
                self.assertNotIn(SOCKET, self.sockets_of(*words, *on_host(NOT_LOADED)))

    def test_every_user_is_told_the_same(self):
        told = set()
        for words in ((binaries.exporter(),), without_net_admin(binaries.exporter())):
            check = self.namespace.run(*words, "check", "--no-collector.kernel_log", *on_host(NOT_LOADED))
            told.add(check.stdout.split("\n\nuser ")[0].split("\n\n", 1)[1])
        self.assertEqual(1, len(told), told)
        text = told.pop()
        self.assertRegex(text, r"(?m)^not_loaded +flows +nothing to read$")
        self.assertEqual(1, text.count("modprobe nf_conntrack_netlink, "))
        self.assertNotIn("CAP_NET_ADMIN", text)


class Hidden(LiveTest):
    """Neither /proc nor /sys shows whether nf_conntrack is loaded: nothing is said of it but that."""

    UNKNOWN = "unknown whether nf_conntrack is loaded"

    def setUp(self):
        empty = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("proc", "sys"):
            (empty / name).mkdir()
        self.flags = (*on_host(empty), NETLINK)

    def run_exporter(self, *words: str):
        return self.namespace.run(binaries.exporter(), *words, *self.flags, check=False)

    def test_check_fails_and_says_why(self):
        done = self.run_exporter("check")
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stdout, rf"(?m)^absent +table +{self.UNKNOWN}")
        self.assertNotIn("not_loaded", done.stdout)

    def test_report_does_not_say_that_the_host_tracks_nothing(self):
        done = self.run_exporter("report", "--format=json")
        self.assertEqual(1, done.returncode)
        report = json.loads(done.stdout)
        self.assertIsNone(report["table"]["present"])
        self.assertNotIn("no_tracking", done.stdout)
        self.assertIn(self.UNKNOWN, done.stdout)

    def test_the_metric_is_absent(self):
        done = self.run_exporter("--output.textfile=-")
        self.assertNotIn("conntrack_table_present", done.stdout)
        self.assertIn('conntrack_scrape_collector_success{collector="table"} 0', done.stdout)


class ModulesComeAndGo(LiveTest):
    """Folders stand in for modules."""

    def setUp(self):
        self.sys = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.sys / "devices").symlink_to("/sys/devices")
        self.load("nf_conntrack")
        flags = ("--collector.events", "--collector.talkers", NETLINK, *FRESH)
        self.exporter = self.start(f"--path.sysfs={self.sys}", *flags)

    def load(self, module: str) -> None:
        folder = self.sys / "module" / module
        folder.mkdir(parents=True)
        (folder / "initstate").write_text("live\n")

    def unload(self, module: str) -> None:
        folder = self.sys / "module" / module
        os.unlink(folder / "initstate")
        folder.rmdir()

    def said(self, words: str) -> int:
        return self.exporter.log().count(words)

    def test_what_is_loaded_is_read_by_the_next_scrape(self):
        scrape = self.exporter.scrape()
        self.assertEqual(1, scrape.value("conntrack_table_present"))
        self.assertEqual(0, scrape.value("conntrack_ctnetlink_present"))
        self.assert_success(scrape, table=1, stat=1, flows=1, talkers=1, events=1)
        self.assertEqual({"procfs": 1}, scrape.by("conntrack_stat_source_info", "via"))
        self.assertNotIn("conntrack_flows", scrape.names())
        self.assertNotIn("conntrack_events_total", scrape.names())
        self.exporter.scrape()
        self.assertEqual(1, self.said("nf_conntrack_netlink is not loaded"))
        self.assertNotIn("level=warn", self.exporter.log())

        self.load("nf_conntrack_netlink")
        scrape = self.exporter.scrape()
        self.assertEqual(1, scrape.value("conntrack_ctnetlink_present"))
        self.assert_success(scrape, table=1, stat=1, flows=1, talkers=1, events=1)
        self.assertIn("conntrack_flows", scrape.names())
        self.assertIn("conntrack_events_total", scrape.names())
        self.assertEqual(1, self.said("nf_conntrack_netlink is loaded"))

        self.unload("nf_conntrack_netlink")
        scrape = self.exporter.scrape()
        self.assertNotIn("conntrack_flows", scrape.names())
        self.assert_success(scrape, table=1, stat=1, flows=1, talkers=1, events=1)
        self.assertEqual(2, self.said("nf_conntrack_netlink is not loaded"))
