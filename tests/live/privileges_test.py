"""What the exporter holds, in each way of starting it, and that it cannot get out of its confinement."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import binaries
import bpf
import deny_calls
import exporter_process
import processes
from exporter_process import FRESH
from lab import skip
from live import LiveTest

NUMBERS = {
    "CAP_DAC_OVERRIDE": 1,
    "CAP_DAC_READ_SEARCH": 2,
    "CAP_NET_BIND_SERVICE": 10,
    "CAP_NET_ADMIN": 12,
    "CAP_SYS_PTRACE": 19,
    "CAP_SYS_ADMIN": 21,
    "CAP_SYSLOG": 34,
    "CAP_PERFMON": 38,
    "CAP_BPF": 39,
}
NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
NO_CAPABILITY = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
ONLY_NET_ADMIN = ("setpriv", "--bounding-set=-all,+net_admin", "--inh-caps=-all")
AMBIENT = (*AS_NOBODY, "--bounding-set=-all,+net_admin", "--inh-caps=-all,+net_admin", "--ambient-caps=+net_admin")
NOTHING, NET_ADMIN = frozenset(), frozenset({"CAP_NET_ADMIN"})
DENY = (sys.executable, deny_calls.__file__)


def bits(names: frozenset) -> int:
    return sum(1 << NUMBERS[name] for name in names)


def log_is_restricted() -> bool:
    return pathlib.Path("/proc/sys/kernel/dmesg_restrict").read_text().strip() != "0"


def threads(process: int) -> list[dict[str, str]]:
    """/proc/PID/task/*/status of each."""
    return [
        {key: value.strip() for key, _, value in (line.partition(":") for line in status.splitlines())}
        for status in processes.of_threads(process, "status")
    ]


class PrivilegesTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid() != 0 or not os.access("/proc/1/environ", os.R_OK) or not cls.is_first_user_namespace():
            skip("the ways of starting with privileges need root of the machine")
        cls.fill("--count", "100")
        # Where another user may run it, and where file capabilities can be set.
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.folder.chmod(0o755)
        cls.exporter = str(cls.folder / "conntrack_exporter")
        shutil.copy(binaries.exporter(), cls.exporter)
        check = subprocess.run([cls.exporter, "check"], capture_output=True, text=True, check=False).stdout
        cls.sanitized = binaries.sanitized()
        cls.landlock = "confined, Landlock" in check
        cls.log_rights = frozenset({"CAP_SYSLOG"}) if "needed by kernel_log" in check else NOTHING

    @staticmethod
    def is_first_user_namespace() -> bool:
        return pathlib.Path("/proc/self/uid_map").read_text().split() == ["0", "0", "4294967295"]

    def with_file_capability(self, kind: str) -> str:
        """A copy of the exporter with `cap_net_admin=KIND`."""
        if self.sanitized:
            skip("a sanitizer cannot look for leaks in a program with file capabilities")
        path = self.folder / f"with_{kind}"
        shutil.copy(binaries.exporter(), path)
        done = subprocess.run(["setcap", f"cap_net_admin={kind}", path], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            skip(f"no file capabilities in {self.folder}: {done.stderr.strip()}")
        return str(path)

    def own_threads(self, exporter) -> list[dict[str, str]]:
        """Without the one that ThreadSanitizer makes before main()."""
        found = threads(exporter.process.pid)
        if not self.sanitized:
            return found
        return [one for one in found if one["Pid"] == one["Tgid"] or one["Name"].startswith("civetweb")]

    def assert_holds(self, exporter, kept: frozenset, bounding: frozenset = NOTHING) -> None:
        """Of each thread, exactly."""
        for thread in self.own_threads(exporter):
            with self.subTest(thread["Name"]):
                for key, names in (("CapPrm", kept), ("CapEff", kept), ("CapInh", NOTHING), ("CapAmb", NOTHING),
                                   ("CapBnd", bounding)):
                    self.assertEqual(f"{bits(names):016x}", thread[key], f"{key}\n{exporter.log()}")
                self.assertEqual("1", thread["NoNewPrivs"])
                self.assertEqual("0" if self.sanitized else "2", thread["Seccomp"])
                if not self.sanitized:  # two at the start, one once it listens, and that of the test
                    self.assertGreaterEqual(int(thread["Seccomp_filters"]), 3)

    def started(self, *words: str, flags: tuple[str, ...] = FRESH):
        """An exporter that was started by `words`, and its first scrape."""
        exporter = self.start(*flags, program=words)
        scrape = exporter.scrape()
        self.assertGreater(len(threads(exporter.process.pid)), 2)
        return exporter, scrape

    def check(self, *words: str) -> str:
        return self.namespace.run(*words, "check", check=False).stdout


class Matrix(PrivilegesTest):
    def assert_cell(self, *words: str, flows: int, kept: frozenset, bounding: frozenset = NOTHING) -> str:
        """The same from the process, from its metrics, its log and `check`, which it yields."""
        exporter, scrape = self.started(*words)
        self.assert_success(scrape, table=1, stat=1, timeouts=1, settings=1, flows=flows)
        self.assertEqual(100, scrape.value("conntrack_entries"))
        self.assertEqual("conntrack_flows" in scrape.names(), flows == 1)
        source = "ctnetlink" if flows else "procfs"
        self.assertEqual({source: 1}, scrape.by("conntrack_stat_source_info", "via"))
        self.assert_holds(exporter, kept, bounding)
        names = [name for name in sorted(NUMBERS, key=NUMBERS.get) if name in kept]
        said = f"capabilities={','.join(names) or 'none'} "
        self.assertIn(said, exporter.log())
        text = self.check(*words)
        held = ",".join(names) or "none"
        self.assertRegex(text, rf"(?m)^capabilities +effective {held}, permitted {held};")
        self.assertRegex(text, r"(?m)^no_new_privs +yes$")
        self.assertRegex(text, rf"(?m)^CAP_NET_ADMIN +{'held' if flows else 'MISSING'}, needed by flows")
        return text

    def test_root_keeps_what_the_collectors_need(self):
        text = self.assert_cell(self.exporter, flows=1, kept=NET_ADMIN | self.log_rights)
        self.assertRegex(text, r"(?m)^user +uid 0, gid 0$")
        self.assertRegex(text, r"(?m)^ok +memory .* slabinfo$")

    def test_root_with_nothing_but_net_admin(self):
        # Without CAP_SETPCAP the bounding set stays as it is.
        self.assert_cell(*ONLY_NET_ADMIN, self.exporter, flows=1, kept=NET_ADMIN, bounding=NET_ADMIN)

    def test_root_without_any_capability(self):
        self.assert_cell(*NO_CAPABILITY, self.exporter, flows=0, kept=NOTHING)

    def test_root_with_no_new_privs(self):
        self.assert_cell("setpriv", "--no-new-privs", self.exporter, flows=1, kept=NET_ADMIN | self.log_rights)

    def test_another_user_without_any(self):
        text = self.assert_cell(*NO_CAPABILITY, *AS_NOBODY[1:], self.exporter, flows=0, kept=NOTHING)
        self.assertRegex(text, rf"(?m)^user +uid {NOBODY}, gid {NOBODY}$")

    def test_another_user_with_the_ambient_capability(self):
        self.assert_cell(*AMBIENT, self.exporter, flows=1, kept=NET_ADMIN, bounding=NET_ADMIN)

    def test_another_user_with_the_ambient_capability_and_no_new_privs(self):
        words = (AMBIENT[0], "--no-new-privs", *AMBIENT[1:], self.exporter)
        self.assert_cell(*words, flows=1, kept=NET_ADMIN, bounding=NET_ADMIN)

    def test_file_capability_effective(self):
        words = (*AS_NOBODY, "--bounding-set=-all,+net_admin", "--inh-caps=-all", self.with_file_capability("ep"))
        self.assert_cell(*words, flows=1, kept=NET_ADMIN, bounding=NET_ADMIN)

    def test_file_capability_effective_beyond_the_bounding_set_does_not_start(self):
        done = self.namespace.run(*NO_CAPABILITY, *AS_NOBODY[1:], self.with_file_capability("ep"), check=False)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("Operation not permitted", done.stderr)

    def test_file_capability_permitted_is_made_effective(self):
        words = (*AS_NOBODY, "--bounding-set=-all,+net_admin", "--inh-caps=-all", self.with_file_capability("p"))
        self.assert_cell(*words, flows=1, kept=NET_ADMIN, bounding=NET_ADMIN)

    def test_file_capability_permitted_beyond_the_bounding_set_starts_without(self):
        words = (*NO_CAPABILITY, *AS_NOBODY[1:], self.with_file_capability("p"))
        self.assert_cell(*words, flows=0, kept=NOTHING)

    def test_file_capability_with_no_new_privs_gives_nothing_new(self):
        for kind in ("p", "ep"):
            with self.subTest(kind):
                # The second setpriv begins without any.
                words = (*AS_NOBODY, "--bounding-set=-all,+net_admin", "--inh-caps=-all", "setpriv", "--no-new-privs",
                         self.with_file_capability(kind))
                self.assert_cell(*words, flows=0, kept=NOTHING, bounding=NET_ADMIN)

    def test_file_capability_with_no_new_privs_counts_where_it_was_permitted_before(self):
        words = (AMBIENT[0], "--no-new-privs", *AMBIENT[1:], self.with_file_capability("p"))
        self.assert_cell(*words, flows=1, kept=NET_ADMIN, bounding=NET_ADMIN)

    def test_user_namespace_rules_only_what_it_owns(self):
        for unshare, flows in ((("unshare", "-Ur"), 0), (("unshare", "-Urn"), 1)):
            with self.subTest(unshare):
                text = self.check(*unshare, self.exporter)
                self.assertRegex(text, rf"(?m)^{'ok' if flows else 'denied'} +flows ")
                self.assertRegex(text, r"(?m)^ok +table ")
                # It holds the capability either way: of a namespace that has a say, or of one that has none.
                self.assertRegex(text, r"(?m)^CAP_NET_ADMIN +held, needed by flows")


class TrustedCaller(PrivilegesTest):
    """Who has privileges from the file of the program alone does not choose what it reads and writes."""

    ORDINARY = (*AS_NOBODY, "--bounding-set=-all,+net_admin", "--inh-caps=-all")

    def choices(self) -> list[list[str]]:
        folder = str(self.folder)
        paths = [[f"--path.{name}={folder}"] for name in ("procfs", "sysfs", "rootfs")]
        return [*paths, [f"--web.config.file={folder}/web.yml"], [f"--output.textfile={folder}/x.prom"], ["--no-sandbox"],
                ["advise", f"--output-dir={folder}/advice"], ["report", f"--path.procfs={folder}"]]

    def test_flags_that_choose_are_refused(self):
        for kind in ("p", "ep"):
            program = self.with_file_capability(kind)
            for words in self.choices():
                with self.subTest(kind=kind, words=words):
                    done = self.namespace.run(*self.ORDINARY, program, *words, check=False)
                    self.assertEqual(2, done.returncode, done.stderr)
                    flag = words[-1].partition("=")[0]
                    self.assertIn(f"{flag}: not allowed, because the file of this program (setcap, set-user-ID)", done.stderr)
                    self.assertIn("AmbientCapabilities=", done.stderr)
        # Nor is it told whether a path is there.
        done = self.namespace.run(*self.ORDINARY, program, "--path.procfs=/nowhere", check=False)
        self.assertIn("--path.procfs: not allowed", done.stderr)

    def test_a_set_user_id_program_is_one_as_well(self):
        if self.sanitized:
            skip("a sanitizer does not start in a set-user-ID program")
        program = self.folder / "set_user_id"
        shutil.copy(binaries.exporter(), program)
        program.chmod(0o4755)
        done = self.namespace.run(*NO_CAPABILITY, *AS_NOBODY[1:], str(program), "check", f"--path.procfs={self.folder}", check=False)
        self.assertEqual(2, done.returncode, done.stderr)

    def test_they_are_allowed_where_the_privileges_are_those_of_the_caller(self):
        flags = ("check", "--path.procfs=/proc", "--no-sandbox")
        program = self.with_file_capability("p")
        ambient = (AMBIENT[0], "--no-new-privs", *AMBIENT[1:])
        for words in ((program,), (*AMBIENT, self.exporter), (*ambient, program), (*NO_CAPABILITY, *AS_NOBODY[1:], program),
                      (*self.ORDINARY, "unshare", "--user", "--map-root-user", program)):
            with self.subTest(words=words):
                self.assertIn("\ncapabilities", self.namespace.run(*words, *flags, check=False).stdout)

    def test_they_are_allowed_to_process_1_which_a_container_engine_starts(self):
        words = ("unshare", "--pid", "--fork", "--kill-child", *self.ORDINARY, self.with_file_capability("p"))
        text = self.namespace.run(*words, "check", "--path.procfs=/proc", check=False).stdout
        self.assertRegex(text, r"(?m)^CAP_NET_ADMIN +held, needed by flows")


class Needs(PrivilegesTest):
    """The capabilities follow what is switched on."""

    def kept(self, *flags: str, kept: frozenset):
        exporter, scrape = self.started(self.exporter, flags=(*FRESH, *flags))
        self.assert_holds(exporter, kept)
        return exporter, scrape

    def test_collectors_that_need_nothing_leave_nothing(self):
        _, scrape = self.kept("--collector.disable-defaults", "--collector.timeouts", "--collector.memory", kept=NOTHING)
        self.assert_success(scrape, timeouts=1, memory=1)

    def test_the_kernel_log_needs_its_own_where_it_is_restricted(self):
        if not os.access("/dev/kmsg", os.R_OK):
            skip("/dev/kmsg cannot be read here")
        kept = frozenset({"CAP_SYSLOG"}) if log_is_restricted() else NOTHING
        _, scrape = self.kept("--collector.disable-defaults", "--collector.kernel_log", kept=kept)
        self.assert_success(scrape, kernel_log=1)

    def test_what_can_only_be_read_with_what_is_given_up_is_left_out(self):
        root = self.folder / "root"
        (root / "etc/sysctl.d").mkdir(parents=True)
        (root / "etc/sysctl.d").chmod(0o700)
        reads_all = ("--bounding-set=-all,+dac_read_search", "--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search")
        exporter, scrape = self.started(*AS_NOBODY, *reads_all, self.exporter, flags=(*FRESH, f"--path.rootfs={root}"))
        self.assert_holds(exporter, NOTHING, bounding=frozenset({"CAP_DAC_READ_SEARCH"}))
        self.assert_success(scrape, persistence=None)
        self.assertRegex(exporter.log(), r"level=info .*persistence.*Permission denied")

    def test_namespaces_need_more_and_landlock_is_off(self):
        kept = NET_ADMIN | {"CAP_SYS_ADMIN", "CAP_SYS_PTRACE"}
        exporter, scrape = self.kept("--collector.disable-defaults", "--collector.netns", kept=kept)
        self.assert_success(scrape, netns=1)
        if not self.sanitized:
            self.assertIn("the netns collector inspects other processes", exporter.log())

    def test_bpf_needs_more_until_it_is_loaded(self):
        self.require_bpf()
        for flags in ((exporter_process.BPF,), (exporter_process.BPF, "--collector.flows.threads=2"), ()):
            exporter, scrape = self.kept(*flags, kept=NET_ADMIN | self.log_rights)
            self.assertEqual({"bpf": 1}, scrape.by("conntrack_flows_source_info", "via"))
            self.assertEqual({"anon_inode:bpf-map", "anon_inode:bpf-prog"}, set(bpf.descriptors(exporter.process.pid)))

    def test_a_low_port_is_listened_on_and_the_capability_gone(self):
        exporter, _ = self.kept("--web.listen-address=127.0.0.1:81", kept=NET_ADMIN | self.log_rights)
        self.assertIn("until_listening=CAP_NET_BIND_SERVICE", exporter.log())
        self.assertIn("address=127.0.0.1:81", exporter.log())

    def test_a_name_to_listen_on_is_looked_up(self):
        exporter, _ = self.kept("--web.listen-address=localhost:10319", kept=NET_ADMIN | self.log_rights)
        self.assertIn("address=127.0.0.1:10319", exporter.log())

    def test_a_key_of_another_user_is_still_read(self):
        config = self.folder / "web.yml"
        config.write_text("rate_limit:\n  interval: 1ms\n  burst: 1000\n")
        kept = NET_ADMIN | self.log_rights
        self.kept(f"--web.config.file={config}", kept=kept)
        config.chmod(0o600)
        os.chown(config, NOBODY, NOBODY)
        self.kept(f"--web.config.file={config}", kept=kept | {"CAP_DAC_READ_SEARCH"})

    def test_files_that_links_lead_to_are_read_again_when_the_link_turns(self):
        # As Kubernetes mounts a secret: web.yml -> ..data/web.yml, ..data -> ..1
        secret = self.folder / "secret"
        for version in ("..1", "..2"):
            (secret / version).mkdir(parents=True)
            (secret / version / "web.yml").write_text(f"http_server_config:\n  headers:\n    X-Frame-Options: deny\n# {version}\n")
        (secret / "..data").symlink_to("..1")
        (secret / "web.yml").symlink_to("..data/web.yml")
        exporter, _ = self.started(self.exporter, flags=(*FRESH, f"--web.config.file={secret}/web.yml"))
        (secret / "..new").symlink_to("..2")
        (secret / "..new").rename(secret / "..data")
        end = time.monotonic() + 120
        while "the web configuration was reloaded" not in exporter.log() and time.monotonic() < end:
            exporter.scrape()
            time.sleep(0.1)
        self.assertIn("the web configuration was reloaded", exporter.log())

    def test_a_text_file_in_a_folder_of_another_user(self):
        theirs = self.folder / "theirs"
        theirs.mkdir()
        os.chown(theirs, NOBODY, NOBODY)
        done = self.namespace.run(self.exporter, f"--output.textfile={theirs}/x.prom", check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("CAP_DAC_OVERRIDE", done.stderr)
        self.assertIn("conntrack_entries", (theirs / "x.prom").read_text())
        done = self.namespace.run(self.exporter, f"--output.textfile={self.folder}/x.prom", check=False)
        self.assertNotIn("CAP_DAC", done.stderr)

    def test_no_sandbox_keeps_all(self):
        exporter, _ = self.started(self.exporter, flags=(*FRESH, "--no-sandbox"))
        own = threads(os.getpid())[0]
        for thread in threads(exporter.process.pid):
            self.assertEqual([own["CapPrm"], own["CapBnd"], "0", "0"],
                             [thread[key] for key in ("CapPrm", "CapBnd", "NoNewPrivs", "Seccomp")])
        self.assertEqual(1, sum("--no-sandbox" in line for line in exporter.log().splitlines()))


class Loading(PrivilegesTest):
    """Another user, with what it takes to load the BPF programs, and with some of it."""

    ALL = ("net_admin", "bpf", "perfmon", "syslog")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.require_bpf()

    def started_with(self, *given: str):
        words = "".join(f",+{name}" for name in given)
        return self.started(*AS_NOBODY, f"--bounding-set=-all{words}", f"--inh-caps=-all{words}",
                            f"--ambient-caps={words[1:]}", self.exporter)

    def test_what_loading_takes_is_enough_and_given_up(self):
        exporter, scrape = self.started_with(*self.ALL)
        source = scrape.by("conntrack_flows_source_info", "via", "why_not_bpf")
        self.assertEqual({("bpf", ""): 1}, source, exporter.log())
        self.assertEqual(100, scrape.total("conntrack_flows"))
        self.assert_holds(exporter, NET_ADMIN | self.log_rights, frozenset(f"CAP_{name.upper()}" for name in self.ALL))

    def test_with_less_it_is_netlink(self):
        for missing in ("bpf", "perfmon"):
            with self.subTest(missing):
                exporter, scrape = self.started_with(*(name for name in self.ALL if name != missing))
                source = scrape.by("conntrack_flows_source_info", "via", "why_not_bpf")
                self.assertEqual({("ctnetlink", "denied"): 1}, source, exporter.log())
                self.assertEqual(100, scrape.total("conntrack_flows"))


class RefusedMeasures(PrivilegesTest):
    """An outer filter refuses what confinement is made with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not deny_calls.known():
            skip("the numbers of the system calls of this machine are not known to the tests")

    def complaints(self, exporter) -> list[str]:
        return [line for line in exporter.log().splitlines() if "level=warn" in line]

    def test_without_capset_the_ambient_capability_is_enough(self):
        # SystemCallFilter=~@privileged with AmbientCapabilities=
        exporter, scrape = self.started(*AMBIENT, *DENY, "capset", self.exporter)
        self.assert_success(scrape, flows=1)
        self.assertEqual([], [] if self.sanitized else self.complaints(exporter))
        for thread in threads(exporter.process.pid):
            self.assertEqual([f"{bits(NET_ADMIN):016x}"] * 2, [thread["CapPrm"], thread["CapEff"]])

    def test_without_capset_too_much_is_said_once(self):
        exporter, scrape = self.started(*DENY, "capset", self.exporter)
        self.assert_success(scrape, flows=1)
        about = [line for line in self.complaints(exporter) if "capabilities are left as they are" in line]
        self.assertEqual(1, len(about), exporter.log())
        self.assertIn("remedy=", about[0])

    def test_a_capability_that_is_only_permitted_stays_so_without_capset(self):
        # Not by setpriv, which has to call capset itself.
        become = f"import os,sys; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY}); os.execv(sys.argv[1], sys.argv[1:])"
        words = (*DENY, "capset", sys.executable, "-c", become, self.with_file_capability("p"))
        exporter, scrape = self.started(*words)
        self.assert_success(scrape, flows=0, table=1)
        self.assertIn("capabilities=none", exporter.log())
        self.assertEqual({f"{bits(NET_ADMIN):016x}"}, {thread["CapPrm"] for thread in self.own_threads(exporter)})
        about = [line for line in self.complaints(exporter) if "capabilities are left as they are" in line]
        self.assertEqual(1, len(about), exporter.log())

    def test_without_landlock_it_serves_on_and_filters_by_the_older_call(self):
        # SystemCallFilter=@system-service
        if self.sanitized:
            skip("a sanitizer's build is not confined")
        exporter, scrape = self.started(*DENY, "seccomp,landlock_create_ruleset", self.exporter)
        self.assert_success(scrape, flows=1, table=1)
        about = [line for line in self.complaints(exporter) if "files are not confined" in line]
        self.assertEqual(1, len(about), exporter.log())
        self.assertIn("remedy=", about[0])
        # Ours, two, besides that of the test.
        self.assertEqual({"3"}, {thread["Seccomp_filters"] for thread in threads(exporter.process.pid)})

    def test_without_a_filter_it_serves_on(self):
        if self.sanitized:
            skip("a sanitizer's build is not confined")
        exporter, scrape = self.started(*DENY, "seccomp,install_filter", self.exporter)
        self.assert_success(scrape, flows=1, table=1)
        self.assertRegex(exporter.log(), r"level=warn.*system calls are not filtered.*remedy=")
        self.assertEqual({"1"}, {thread["Seccomp_filters"] for thread in threads(exporter.process.pid)})


class NoWayOut(PrivilegesTest):
    """A program that confines itself in the same way, and tries."""

    STILL = {"thread", "exception", "signal to itself", "memory", "ctnetlink", "bind netlink", "read what is allowed", "read /proc",
             "listen", "connect to itself", "accept", "send", "receive", "descriptor flags", "do not block", "duplicate", "alarm",
             "interval timer"}
    START = {"tcp", "tcp 6", "bind own port", "listen again", "listen without bind", "connect again", "connect to own port",
             "filter"}  # until a server is sealed
    WRITER = ("read and write", "rename", "unlink")
    BEYOND_FILES = {"read /etc/shadow", "list the root", "memory of the parent"}
    OTHER_PORTS = {"bind other port", "connect to other port"}
    HIDDEN = {"clone3": "ENOSYS", "openat2": "ENOSYS", "unix socket": "EAFNOSUPPORT", "udp": "EAFNOSUPPORT"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.sanitized:
            skip("a sanitizer's build is not confined")

    def tries(self, mode: str) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as readable, tempfile.TemporaryDirectory() as writable:
            pathlib.Path(readable, "file").write_text("x")
            lines = self.namespace.run(binaries.confined_probe(), mode, readable, writable, "10318").stdout.splitlines()
        return dict(line.rsplit(" ", 1) for line in lines if line[0].islower())

    def test_what_is_forbidden_fails_and_what_is_needed_works(self):
        free, confined = self.tries("free"), self.tries("confined")
        self.assert_only(self.STILL | self.START, confined)
        # Without the confinement none of them fails like this: it is the confinement that forbids.
        self.assertEqual([], [name for name in free if free[name] == "EPERM"])
        self.assertEqual([], [name for name in self.HIDDEN if free[name] == self.HIDDEN[name]])
        self.assertEqual("ok", free["kill by a descriptor"])

    def assert_only(self, allowed: set[str], tries: dict[str, str]) -> None:
        self.assertEqual(dict.fromkeys(allowed, "ok"), {name: tries[name] for name in allowed})
        self.assertEqual(self.HIDDEN, {name: tries[name] for name in self.HIDDEN})
        calls = tries.keys() - allowed - self.HIDDEN.keys() - self.BEYOND_FILES - self.OTHER_PORTS - {"landlock"}
        self.assertGreater(len(calls), 60)
        self.assertEqual(dict.fromkeys(calls, "EPERM"), {name: tries[name] for name in calls})

    def test_who_has_started_to_serve_starts_nothing_else(self):
        # In a thread that is older than the seal. Names were looked up before, which takes more than most servers need.
        sealed = self.tries("sealed")
        self.assert_only(self.STILL, sealed)
        self.assertEqual(dict.fromkeys(self.OTHER_PORTS, "EPERM"), {name: sealed[name] for name in self.OTHER_PORTS})

    def test_who_looks_up_names_loads_libraries_and_no_other_code(self):
        tries = self.tries("names")
        self.assertEqual(("ok", "ok"), (tries["udp"], tries["code of a file"]))
        self.assertEqual(["EPERM"] * 3, [tries[name] for name in ("nameless code", "writable code", "code later")])

    def test_files_and_ports_that_are_not_named(self):
        if not self.landlock:
            skip("this kernel has no Landlock")
        free, confined = self.tries("free"), self.tries("confined")
        for name in self.BEYOND_FILES:
            self.assertEqual(("ok", "EACCES"), (free[name], confined[name]), name)
        if int(confined["landlock"]) < 4:
            skip(f"Landlock {confined['landlock']} has no ports")
        self.assertEqual(("ok", "EACCES"), (free["bind other port"], confined["bind other port"]))
        self.assertEqual(("ECONNREFUSED", "EACCES"), (free["connect to other port"], confined["connect to other port"]))

    def test_who_writes_a_text_file_writes_there_and_nowhere_else(self):
        tries = self.tries("writer")
        if self.landlock:
            self.assertEqual({name: "ok" for name in self.WRITER}, {name: tries[name] for name in self.WRITER})
            outside = {"write there", "make a file there", "nameless file there", "rename out"}
            if int(tries["landlock"]) >= 3:  # Linux 6.2
                outside.add("truncate there")
            self.assertEqual(dict.fromkeys(outside, "EACCES"), {name: tries[name] for name in outside})
        for name in ("link", "chmod", "execve"):
            self.assertEqual("EPERM", tries[name], name)

    def test_who_enters_namespaces_enters_those_of_the_network_only(self):
        tries = self.tries("namespaces")
        self.assertEqual(("ok", "EPERM"), (tries["setns net"], tries["setns any"]))
        # Without Landlock the filter alone keeps it from other processes.
        self.assertEqual("EPERM", tries["kill by a descriptor"])

    def test_who_asks_drivers_does_nothing_else_with_interfaces(self):
        tries = self.tries("drivers")
        self.assertEqual(("ok", "EPERM"), (tries["ask a driver"], tries["set an address"]))
        self.assert_only(self.STILL | self.START | {"ask a driver"}, tries)

    def test_who_walks_by_bpf_runs_programs_and_loads_none(self):
        if tuple(int(number) for number in os.uname().release.split(".")[:2]) < (5, 19):
            skip("before Linux 5.19 running a program takes CAP_BPF too: flows come by netlink")
        free, tries = self.tries("free"), self.tries("walker")
        by_bpf = {name: result for name, result in tries.items() if name.split()[0] == "bpf"}
        self.assertEqual(free["bpf run"], by_bpf.pop("bpf run"))  # the kernel's own answer
        self.assertGreater(len(by_bpf), 5)
        self.assertEqual(dict.fromkeys(by_bpf, "EPERM"), by_bpf)
        self.assertEqual("EPERM", tries["perf_event_open"])

    def test_memory_of_the_exporter_is_not_for_others_of_its_user(self):
        exporter, _ = self.started(*AMBIENT, self.exporter)
        looked = subprocess.run([*NO_CAPABILITY, *AS_NOBODY[1:], "cat", f"/proc/{exporter.process.pid}/environ"],
                                capture_output=True, check=False)
        self.assertNotEqual(0, looked.returncode)
        scrape = exporter.scrape()
        self.assertGreater(scrape.value("process_open_fds"), 3)  # which it can still see of itself
