"""`conntrack_exporter advise`: what it says of this machine, and its files in the hands of the programs they are for."""

import json
import os
import pathlib
import re
import shutil
import stat
import tempfile

import binaries
import lab
from live import LiveTest

SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl"
GLOBAL = ("nf_conntrack_max", "nf_conntrack_buckets")  # one value for the host
ASSIGNMENT = re.compile(r"net\.netfilter\.(nf_conntrack_\w+) = (\d+)")


def like_a_host(test: LiveTest) -> str:
    """The flag for a /proc as if the namespace were that of a host with nf_conntrack as a module: the files would have an effect."""
    folder = tempfile.mkdtemp()
    test.addCleanup(shutil.rmtree, folder)
    script = (
        'cd "$1" && mkdir -p sys/net/ipv4 sys/kernel net/stat && cp -r /proc/sys/net/netfilter sys/net && '
        "cp /proc/sys/net/netfilter/nf_conntrack_max sys/net && cp /proc/sys/kernel/osrelease sys/kernel && "
        "cp /proc/meminfo . && cp /proc/net/stat/nf_conntrack net/stat && (cp /proc/slabinfo . 2>/dev/null || true) && "
        'echo "nf_conntrack 200704 1 - Live 0x0" > modules'
    )
    test.namespace.run("sh", "-c", script, "sh", folder)
    return f"--path.procfs={folder}"


class Advise(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", "5000")

    def advise(self, *flags: str, check: bool = True):
        # Walk the table whoever else fills one on this machine.
        walk = "--collector.flows.max-softirq-hold=60000"
        return self.namespace.run(binaries.exporter(), "advise", walk, *flags, check=check)

    def test_it_knows_what_this_kernel_says(self):
        said = json.loads(self.advise("--format=json").stdout)
        self.assertEqual(self.namespace.sysctl("nf_conntrack_max"), said["limit"]["now"])
        self.assertEqual(self.namespace.sysctl("nf_conntrack_buckets"), said["buckets"]["now"])
        self.assertEqual(5000, said["machine"]["entries"])
        self.assertEqual(5000, said["machine"]["flows"]["total"])
        self.assertEqual(5000, sum(state["flows"] for state in said["machine"]["flows"]["states"]))
        for timeout in said["timeouts"]:
            self.assertEqual(self.namespace.sysctl(timeout["sysctl"]), timeout["now"])
        self.assertEqual([], said["machine"]["missing"])

    def test_it_agrees_with_the_collector(self):
        said = json.loads(self.advise("--format=json", "--profile=nat-gateway").stdout)
        scrape = self.start("--collector.sizing.profile=nat-gateway").scrape()
        recommended = scrape.by("conntrack_recommended_entries_limit", "basis")
        self.assertEqual({basis: said["bases"][basis] for basis in recommended}, recommended)

    def test_without_the_capability_it_names_what_is_missing(self):
        done = self.namespace.run(*lab.without_net_admin(binaries.exporter()), "advise")
        self.assertRegex(done.stdout, r"(?s)Unknown\n  - what fills the table: .*CAP_NET_ADMIN")
        self.assertRegex(done.stdout, r"nf_conntrack_max +\d+ -> \d+")

    def test_plain_advice_opens_nothing_for_writing(self):
        with tempfile.NamedTemporaryFile("r") as trace:
            # LeakSanitizer cannot work under a tracer.
            strace = ("env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-f", "-e", "trace=open,openat,creat,rename,unlink")
            lab.require_strace(self.namespace)
            self.namespace.run(*strace, "-o", trace.name, binaries.exporter(), "advise")
            calls = trace.read().splitlines()
        self.assertTrue(any("meminfo" in call for call in calls))
        writes = [call for call in calls if re.search(r"O_WRONLY|O_RDWR|O_CREAT|creat\(|rename|unlink", call)]
        # ThreadSanitizer's runtime makes one file of its own as it starts.
        self.assertEqual([], [call for call in writes if "tsan.rodata" not in call])


class OutputDir(LiveTest):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(self.namespace.run, "rm", "-rf", str(self.folder))

    def write(self, where: str, *flags: str):
        host = like_a_host(self)
        return self.namespace.run(binaries.exporter(), "advise", host, f"--output-dir={where}", *flags, check=False)

    def test_folders_of_the_system_are_refused(self):
        (self.folder / "link").symlink_to("/etc")
        up = "../" * 20
        before = sorted(os.listdir("/etc"))
        for where in ("/etc", "/etc/sysctl.d", "/usr/lib/sysctl.d", "/run/sysctl.d", "/lib/sysctl.d", f"{up}etc",
                      str(self.folder / "link"), str(self.folder / "link/sysctl.d"), str(self.folder / "new/../link")):
            with self.subTest(where):
                done = self.write(where)
                self.assertEqual(2, done.returncode)
                self.assertEqual("", done.stdout)
                self.assertIn("remedy: name a folder of your own", done.stderr)
        self.assertEqual(before, sorted(os.listdir("/etc")))

    def test_files_are_written_once_unless_forced(self):
        where = str(self.folder / "deep/advice")
        self.assertEqual(0, self.write(where).returncode)
        sysctl = pathlib.Path(where, "sysctl.conf")
        sysctl.write_text("mine\n")
        refused = self.write(where)
        self.assertEqual(2, refused.returncode)
        self.assertIn("--force", refused.stderr)
        self.assertEqual("mine\n", sysctl.read_text())
        self.assertEqual(0, self.write(where, "--force").returncode)
        self.assertIn("nf_conntrack_max", sysctl.read_text())

    def test_files_are_those_that_the_formats_print(self):
        flags = ("--notrack=udp/53", "--profile=kubernetes")
        self.assertEqual(0, self.write(str(self.folder), *flags).returncode)
        for name, format in (("sysctl.conf", "sysctl"), ("modprobe.conf", "modprobe"), ("udev.rules", "udev"),
                             ("modules-load.conf", "modules-load"), ("notrack.nft", "nft-notrack"),
                             ("notrack.iptables", "iptables-notrack"), ("kube-proxy.yaml", "kubernetes")):
            host = like_a_host(self)
            printed = self.namespace.run(binaries.exporter(), "advise", host, *flags, f"--format={format}").stdout
            self.assertEqual(printed, (self.folder / name).read_text(), name)


class Consumers(LiveTest):
    """Each file, read by the program that it is for."""

    def printed(self, format: str, *flags: str) -> str:
        """The path of a file as it is printed."""
        done = self.namespace.run(binaries.exporter(), "advise", like_a_host(self), f"--format={format}", *flags)
        file = tempfile.NamedTemporaryFile("w", suffix=f".{format}")
        self.addCleanup(file.close)
        file.write(done.stdout)
        file.flush()
        os.chmod(file.name, 0o644)
        return file.name

    def assignments(self, path: str) -> dict[str, int]:
        """Strictly: every line is empty, a comment or one assignment, and no key stands twice."""
        found: dict[str, int] = {}
        for line in pathlib.Path(path).read_text().splitlines():
            if not line or line.startswith("# "):
                continue
            match = ASSIGNMENT.fullmatch(line)
            self.assertIsNotNone(match, line)
            self.assertNotIn(match[1], found)
            found[match[1]] = int(match[2])
        return found

    def apply(self, path: str, *program: str) -> None:
        """Applies the file for real in a namespace where limit and buckets cannot be written, and reads it back."""
        for name in GLOBAL:
            mode = int(self.namespace.run("stat", "-c", "%a", f"/proc/sys/net/netfilter/{name}").stdout, 8)
            if mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
                lab.skip(f"{name} can be written from a namespace on this kernel (before 5.13): the host's would change")
        before = {name: self.namespace.sysctl(name) for name in GLOBAL}
        done = self.namespace.run(*program, path, check=False)
        for line in done.stderr.splitlines():
            self.assertTrue(any(f"{name}\"" in line or f"/{name}" in line or f".{name}" in line for name in GLOBAL), line)
        wanted = self.assignments(path)
        self.assertLessEqual(set(GLOBAL), set(wanted))
        for name, value in wanted.items():
            self.assertEqual(before.get(name, value), self.namespace.sysctl(name), name)

    def test_sysctl_of_procps_applies_the_timeouts(self):
        # Another limit than the one in force, so that the errors about it are seen to be about it.
        self.namespace.run("sh", "-c", "echo 432000 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established")
        path = self.printed("sysctl", "--peak=10000000")
        self.assertEqual(21600, self.assignments(path)["nf_conntrack_tcp_timeout_established"])
        self.apply(path, "sysctl", "-p")

    def test_systemd_sysctl_applies_the_timeouts(self):
        if not os.access(SYSTEMD_SYSCTL, os.X_OK):
            lab.skip(f"no {SYSTEMD_SYSCTL}")
        self.namespace.run("sh", "-c", "echo 999 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established")
        path = self.printed("sysctl")
        self.assertEqual(999, self.assignments(path)["nf_conntrack_tcp_timeout_established"])  # shorter: kept
        self.apply(path, SYSTEMD_SYSCTL)

    def test_accounting_and_timestamps_are_set_and_priced(self):
        path = self.printed("sysctl", "--accounting", "--timestamps")
        self.apply(path, "sysctl", "-p")  # reads back all that the file sets
        self.assertEqual(1, self.namespace.sysctl("nf_conntrack_acct"))
        self.assertEqual(1, self.namespace.sysctl("nf_conntrack_timestamp"))
        said = self.namespace.run(binaries.exporter(), "advise", "--accounting").stdout
        self.assertRegex(said, r"nf_conntrack_acct +1 -> 1: packets and bytes of each flow")
        self.assertNotIn("nf_conntrack_timestamp  ", said)

    def test_modprobe_reads_the_option(self):
        shown = self.namespace.run("modprobe", "-C", self.printed("modprobe"), "--showconfig").stdout
        options = [line for line in shown.splitlines() if line.startswith("options nf_conntrack ")]
        buckets = json.loads(self.namespace.run(binaries.exporter(), "advise", "--format=json").stdout)["buckets"]
        self.assertEqual([f"options nf_conntrack hashsize={buckets['advised']}"], options)

    def test_modules_load_names_the_module_alone(self):
        lines = pathlib.Path(self.printed("modules-load")).read_text().splitlines()
        self.assertEqual(["nf_conntrack"], [line for line in lines if not line.startswith("#")])

    def test_udev_would_run_systemd_sysctl_for_the_module(self):
        if not os.path.isdir("/sys/module/nf_conntrack"):
            lab.skip("no /sys/module/nf_conntrack")
        # Debian 12's udevadm has no verify; its test reads rules from the system's folders only, so ours is put over one
        # of them in a mount namespace. It runs no program.
        script = (
            'mount -t tmpfs none /run && mkdir -p /run/udev/rules.d && cp "$1" /run/udev/rules.d/90-conntrack.rules && '
            "udevadm test --action=add /sys/module/nf_conntrack"
        )
        done = self.namespace.run("unshare", "--mount", "sh", "-c", script, "sh", self.printed("udev"))
        self.assertIn("run: '/usr/lib/systemd/systemd-sysctl --prefix=/net/netfilter'", done.stdout)
        self.assertNotRegex(done.stderr, r"90-conntrack\.rules:\d+ (?!RUN)")

    def test_nft_takes_the_rules_again_and_again_and_lets_go_of_them(self):
        path = self.printed("nft-notrack", "--service=udp/53", "--service=tcp/8080", "--service=sctp/5060")
        self.namespace.run("nft", "-c", "-f", path)
        self.namespace.run("nft", "-f", path)
        once = self.namespace.run("nft", "list", "ruleset").stdout
        self.assertEqual(4 * 3, once.count("notrack\n"))
        self.namespace.run("nft", "-f", path)
        self.assertEqual(once, self.namespace.run("nft", "list", "ruleset").stdout)
        self.namespace.run("nft", "delete", "table", "inet", "conntrack_notrack")
        self.namespace.run("nft", "-c", "-f", self.printed("nft-notrack"))  # without a rule

    def test_iptables_takes_the_rules(self):
        for program in ("iptables-restore", "ip6tables-restore"):
            probe = self.namespace.run(program, "--test", stdin="*raw\n-A OUTPUT -j CT --notrack\nCOMMIT\n", check=False)
            if probe.returncode != 0:
                lab.skip(f"{program} cannot have NOTRACK here: {probe.stderr.strip()}")
            for flags in ((), ("--service=udp/53", "--service=tcp/8080", "--service=sctp/5060")):
                self.namespace.run(program, "--test", "--noflush", self.printed("iptables-notrack", *flags))

    def test_kube_proxy_snippet_has_the_fields_of_its_type(self):
        try:
            import yaml
        except ImportError:
            lab.skip("no python3-yaml")
        # KubeProxyConntrackConfiguration in staging/src/k8s.io/kube-proxy/config/v1alpha1/types.go; there is no published
        # schema of it. Fields that every version has: kube-proxy refuses unknown ones.
        fields = {"maxPerCore": int, "min": int, "tcpEstablishedTimeout": str, "tcpCloseWaitTimeout": str}
        snippet = yaml.safe_load(pathlib.Path(self.printed("kubernetes", "--profile=kubernetes")).read_text())
        self.assertEqual({"apiVersion", "kind", "conntrack"}, set(snippet))
        self.assertEqual("kubeproxy.config.k8s.io/v1alpha1", snippet["apiVersion"])
        self.assertEqual("KubeProxyConfiguration", snippet["kind"])
        self.assertEqual(fields, {name: type(value) for name, value in snippet["conntrack"].items()})
        for timeout in ("tcpEstablishedTimeout", "tcpCloseWaitTimeout"):
            self.assertRegex(snippet["conntrack"][timeout], r"^[1-9]\d*s$")  # a duration of Go
        self.assertGreater(snippet["conntrack"]["maxPerCore"], 0)  # with 0 it ignores min
