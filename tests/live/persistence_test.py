"""What the boot files would set, compared with what their real readers do with them."""

import pathlib
import tempfile

from boot_tree import BootTree
from lab import FirstNamespace, proc_of_a_host, skip
from live import LiveTest

SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl"
PERSISTED, DRIFT = "conntrack_setting_persisted", "conntrack_setting_drift"
# Timeouts and switches, each by a way of its own. The limit and the buckets are not ours to change.
FILES = {
    "/usr/lib/sysctl.d/50-replaced.conf": "net.netfilter.nf_conntrack_tcp_timeout_close = 1\n",
    "/etc/sysctl.d/50-replaced.conf": "net.netfilter.nf_conntrack_tcp_timeout_last_ack = 41\n",
    "/usr/lib/sysctl.d/51-masked.conf": "net.netfilter.nf_conntrack_icmp_timeout = 1\n",
    "/usr/local/lib/sysctl.d/90-local.conf": "net.netfilter.nf_conntrack_udp_timeout = 42\n",
    "/etc/sysctl.d/10-early.conf": "net.netfilter.nf_conntrack_udp_timeout = 2\n",
    "/usr/local/lib/sysctl.d/95-local.conf": "net/netfilter/nf_conntrack_generic_timeout=43\n",
    "/etc/sysctl.d/60-globs.conf": "net.netfilter.nf_conntrack_tcp_timeout_* = 44\n"
    "-net.netfilter.nf_conntrack_tcp_timeout_established\n"
    "net.netfilter.nf_conntrack_tcp_timeout_syn_recv = 45 # with a comment\n",
    "/etc/sysctl.d/61-forms.conf": "; comment\n  # comment\nnet.netfilter.nf_conntrack_tcp_loose=0\n"
    "-net.netfilter.nf_conntrack_acct = 1\n"
    "/net/netfilter/nf_conntrack_udp_timeout_stream = 0x40\n"
    "net.netfilter.nf_conntrack_gre_timeout = 0110\nnot an assignment\n",
    "/etc/sysctl.d/70-nonsense.conf": "net.netfilter.nf_conntrack_tcp_max_retrans = lots\n"
    "net.netfilter.nf_conntrack_log_invalid = 256\nnet.netfilter.nf_conntrack_icmpv6_timeout = +5\n",
    "/etc/sysctl.d/README": "net.netfilter.nf_conntrack_checksum = 0\n",
    "/etc/sysctl.conf": "net.netfilter.nf_conntrack_tcp_be_liberal = 1\n",
    "/etc/elsewhere": "net.netfilter.nf_conntrack_timestamp = 1\n",
}
LINKS = {
    "/etc/sysctl.d/51-masked.conf": "/dev/null",
    "/etc/sysctl.d/99-sysctl.conf": "/etc/sysctl.conf",  # in this root, not in ours
    "/usr/local/lib/sysctl.d/80-link.conf": "../../../../etc/elsewhere",
}
# One value for the host, that others on this machine may change while we look.
GLOBAL = {"nf_conntrack_max", "nf_conntrack_buckets", "nf_conntrack_expect_max"}
NONSENSE = {"nf_conntrack_tcp_max_retrans", "nf_conntrack_log_invalid", "nf_conntrack_icmpv6_timeout"}


class PersistenceTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.tree = BootTree()
        except OSError as error:
            skip(f"no root file system can be mounted here: {error}")
        cls.addClassCleanup(cls.tree.close)
        cls.namespace = FirstNamespace()
        cls.addClassCleanup(cls.namespace.close)

    def scraped(self, *flags: str):
        proc = proc_of_a_host(self.enterContext(tempfile.TemporaryDirectory()))
        exporter = self.start(f"--path.rootfs={self.tree.path}", proc, "--no-sandbox", *flags)
        scrape = exporter.scrape("/metrics?collect[]=persistence")
        self.assert_success(scrape, persistence=1)
        return scrape, exporter.log()

    def reasons(self, scrape) -> dict[str, tuple[str, str]]:
        info = scrape.by("conntrack_setting_drift_info", "setting", "reason", "file")
        return {setting: (reason, file) for setting, reason, file in info if setting not in GLOBAL}

    def running(self) -> dict[str, int]:
        names = self.namespace.run("ls", "/proc/sys/net/netfilter").stdout.split()
        names = [name for name in names if name.startswith("nf_conntrack_") and "frag6" not in name]
        return {name: self.namespace.sysctl(name) for name in names if name not in {"nf_conntrack_count", *GLOBAL}}

    def restore(self, values: dict[str, int]) -> None:
        script = "".join(f"echo {value} > /proc/sys/net/netfilter/{name}\n" for name, value in values.items())
        self.namespace.run("sh", "-c", script)


class Sysctls(PersistenceTest):
    def test_systemd_sets_what_was_foretold(self):
        if not self.tree.has(SYSTEMD_SYSCTL):
            skip(f"no {SYSTEMD_SYSCTL} here")
        for path, text in FILES.items():
            self.tree.write(path, text)
        for path, target in LINKS.items():
            self.tree.link(path, target)
        before = self.running()
        scrape, log = self.scraped()
        foretold = scrape.by(PERSISTED, "setting")
        drifting = {name for name, drifts in scrape.by(DRIFT, "setting").items() if drifts} - GLOBAL
        for name in NONSENSE:
            self.assertIn(name, log)
            self.assertEqual("invalid_value", self.reasons(scrape)[name][0])

        self.namespace.run("chroot", str(self.tree.path), SYSTEMD_SYSCTL, check=False)  # fails on the nonsense
        after = self.running()
        changed = {name for name in after if after[name] != before[name]}
        self.assertGreater(len(changed), 15)
        self.assertEqual({name: after[name] for name in foretold}, foretold)
        self.assertLessEqual(changed, foretold.keys())
        self.assertEqual(changed | NONSENSE, drifting)

        # Now what runs is what boots.
        scrape, _ = self.scraped()
        self.assertEqual(NONSENSE, set(self.reasons(scrape)))
        # Somebody sets one by hand, that no file sets.
        self.namespace.run("sh", "-c", "echo 12345 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established")
        scrape, _ = self.scraped()
        self.assertEqual(("not_set", ""), self.reasons(scrape)["nf_conntrack_tcp_timeout_established"])


# For each command to choose from: keys with dots, with slashes, and with globs.
CHOICE = """net.netfilter.nf_conntrack_udp_timeout = {0}1
net/netfilter/nf_conntrack_icmp_timeout = {0}2
net.*.nf_conntrack_gre_timeout = {0}3
net.netfilter.nf_conntrack_tcp_timeout_* = {0}4
"""
COMMANDS = (
    f"{SYSTEMD_SYSCTL} --prefix=/net/netfilter",
    f"{SYSTEMD_SYSCTL} --prefix=/net/netfilter/nf_conntrack_udp_timeout --prefix net.netfilter.nf_conntrack_gre_timeout",
    f"{SYSTEMD_SYSCTL} --prefix=/net/ipv4",
    "/sbin/sysctl --quiet --pattern 'net[.]netfilter[.]nf_conntrack.*' --system",
    "/sbin/sysctl -q --pattern 'net/netfilter' -p /etc/choice",
    "/sbin/sysctl -e -p /etc/sysctl.d/80-choice.conf",
    "/bin/sh -c 'sysctl -w net.netfilter.nf_conntrack_udp_timeout=55; /sbin/sysctl net/netfilter/nf_conntrack_gre_timeout=56'",
)


# Rare forms, of which nothing is foretold.
DOUBTED = (f"{SYSTEMD_SYSCTL} 80-choice.conf", "/sbin/sysctl -r netfilter -p /etc/choice", "/sbin/sysctl -p/etc/sysctl.d/80-choice.conf")


class Commands(PersistenceTest):
    """What an install line runs when the module is loaded, by the programs themselves."""

    SETTINGS = ("udp_timeout", "icmp_timeout", "gre_timeout", "tcp_timeout_close")

    def values(self) -> dict[str, int]:
        return {f"nf_conntrack_{name}": self.namespace.sysctl(f"nf_conntrack_{name}") for name in self.SETTINGS}

    def test_commands_set_what_was_foretold(self):
        for program in (SYSTEMD_SYSCTL, "/sbin/sysctl"):
            if not self.tree.has(program):
                skip(f"no {program} here")
        self.addCleanup(self.restore, self.running())
        for number, command in enumerate(COMMANDS, start=1):
            with self.subTest(command):
                self.tree.write("/etc/sysctl.d/80-choice.conf", CHOICE.format(number))
                self.tree.write("/etc/choice", CHOICE.format(number + 20))
                self.tree.write("/etc/modprobe.d/nf.conf", f"install nf_conntrack modprobe -i nf_conntrack; {command}\n")
                scrape, _ = self.scraped(loadable(self))
                persisted = scrape.by(PERSISTED, "setting", "managed_by")
                foretold = {name: value for (name, who), value in persisted.items() if who == "modprobe"}
                late = {name for name, (reason, _) in self.reasons(scrape).items() if reason == "before_module"}
                before = self.values()
                self.namespace.run("chroot", str(self.tree.path), "/bin/sh", "-c", command, check=False)
                after = self.values()
                self.assertEqual({name: foretold.get(name, value) for name, value in before.items()}, after)
                self.assertLessEqual({name for name in after if name not in foretold}, late)

    def test_rare_forms_are_unknown(self):
        self.tree.write("/etc/sysctl.d/80-choice.conf", CHOICE.format(9))
        for command in DOUBTED:
            with self.subTest(command):
                self.tree.write("/etc/modprobe.d/nf.conf", f"install nf_conntrack modprobe -i nf_conntrack; {command}\n")
                scrape, _ = self.scraped(loadable(self))
                drift = scrape.by("conntrack_setting_drift", "setting")
                self.assertNotIn("nf_conntrack_udp_timeout", drift)
                self.assertIn("nf_conntrack_udp_timeout", scrape.by("conntrack_setting_drift_unknown_info", "setting"))


def loadable(test: LiveTest) -> str:
    """A /sys on which nf_conntrack is a module that was loaded."""
    sys = pathlib.Path(test.enterContext(tempfile.TemporaryDirectory()))
    (sys / "module/nf_conntrack").mkdir(parents=True)
    (sys / "module/nf_conntrack/initstate").write_text("live\n")
    return f"--path.sysfs={sys}"


class HashSize(PersistenceTest):
    def test_modprobe_takes_the_same_hash_size(self):
        if not self.tree.has("/sbin/modprobe"):
            skip("no /sbin/modprobe here")
        self.tree.write("/etc/modprobe.d/10-a.conf", "options nf_conntrack hashsize=1024\n")
        self.tree.write("/usr/lib/modprobe.d/60-b.conf", "# options nf_conntrack hashsize=1\n")
        self.tree.write("/etc/modprobe.d/50-c.conf", "options nf-conntrack \\\n  acct=1 hashsize=40960\n")
        self.tree.write("/usr/lib/modprobe.d/50-c.conf", "options nf_conntrack hashsize=2\n")
        self.tree.write("/etc/modprobe.d/70-d.conf.bak", "options nf_conntrack hashsize=3\n")
        theirs = [
            words.partition("hashsize=")[2].split()[0]
            for words in self.tree.run("/sbin/modprobe", "--showconfig").stdout.splitlines()
            if words.startswith("options nf_conntrack ") and "hashsize=" in words
        ]
        self.assertEqual("40960", theirs[-1])
        scrape, _ = self.scraped(loadable(self))
        persisted = scrape.by(PERSISTED, "setting")
        self.assertEqual(int(theirs[-1]), persisted["nf_conntrack_buckets"])
        self.assertEqual(8 * int(theirs[-1]), persisted["nf_conntrack_max"])

    def test_sysctls_miss_a_module_that_is_loaded_late(self):
        self.tree.write("/etc/sysctl.d/late.conf", "net.netfilter.nf_conntrack_udp_timeout = 30\n")
        late = ("before_module", "/etc/sysctl.d/late.conf:1")
        scrape, _ = self.scraped(loadable(self))
        self.assertEqual(late, self.reasons(scrape)["nf_conntrack_udp_timeout"])
        self.tree.write("/etc/modules-load.d/conntrack.conf", "nf_conntrack\n")
        scrape, _ = self.scraped(loadable(self))
        self.assertNotIn("nf_conntrack_udp_timeout", self.reasons(scrape))


class Container(LiveTest):
    def test_the_file_system_of_a_container_is_not_taken_for_the_hosts(self):
        exporter = self.start()  # in a process namespace of its own, with / as its root
        self.assert_success(exporter.scrape(), persistence=None)
        self.assertIn("--path.rootfs", exporter.log())
        asked = self.start("--collector.persistence").scrape()
        self.assert_success(asked, persistence=0)
