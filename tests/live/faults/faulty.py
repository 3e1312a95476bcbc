"""Faults that a machine gives the exporter, and what is to be left of it while they last and afterwards."""

import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable

import binaries
import processes
from abuse import Figures
from exporter_process import Exporter
from exposition import Exposition
from lab import Namespace, skip
from live import LiveTest

PATIENCE = 120  # seconds
AT_REST = 16  # threads with default flags
CAPTURE = binaries.ROOT / "tests/fixtures/6.18-2cpu"
FIRST_USER_NAMESPACE = ["0", "0", "4294967295"]
_NETFILTER = "proc/sys/net/netfilter/"
_numbers = itertools.count()


def netfilter(name: str) -> str:
    """The file of a sysctl in a Tree."""
    return f"{_NETFILTER}nf_conntrack_{name}"


class Tree:
    """A /proc and a /sys of files, and a root with boot files, for the exporter to read instead of the kernel's."""

    def __init__(self, test: LiveTest | type[LiveTest]):
        """For a test case, or for all of a class."""
        whole = isinstance(test, type)
        enter, self.add_cleanup = (test.enterClassContext, test.addClassCleanup) if whole else (test.enterContext, test.addCleanup)
        self.path = pathlib.Path(enter(tempfile.TemporaryDirectory(prefix="conntrack-faults-")))
        self.path.chmod(0o755)
        for folder in ("proc", "sys"):
            shutil.copytree(CAPTURE / folder, self.path / folder)
        (self.path / "sys/module/nf_conntrack").mkdir(parents=True)  # that the kernel tracks, whatever /proc shows
        for folder in ("etc/sysctl.d", "usr/lib"):
            (self.path / "root" / folder).mkdir(parents=True)

    @property
    def flags(self) -> tuple[str, ...]:
        return (f"--path.procfs={self.path}/proc", f"--path.sysfs={self.path}/sys", f"--path.rootfs={self.path}/root")

    def file(self, name: str | bytes) -> pathlib.Path:
        return self.path / os.fsdecode(name)

    def replace(self, name: str | bytes, make: Callable[[pathlib.Path], object]) -> None:
        """At once, so that nobody finds nothing there: what `make` leaves at the path it is given."""
        draft = self.path / f"draft-{next(_numbers)}"
        make(draft)
        target = self.file(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        if draft.is_dir() and not draft.is_symlink() and target.exists():
            target.unlink()
        draft.rename(target)

    def write(self, name: str | bytes, content: bytes) -> None:
        self.replace(name, lambda path: path.write_bytes(content))

    def restore(self, name: str) -> None:
        """What the capture has."""
        self.write(name, (CAPTURE / name).read_bytes())

    def hang(self, name: str, opens: bool = True) -> "HungFile":
        """Whoever opens it waits for ever; where it `opens`, whoever reads it."""
        self.replace(name, os.mkfifo)
        return HungFile(self, name, opens)


class HungFile:
    """A file that keeps its readers waiting, as a dead FUSE does: a FIFO."""

    def __init__(self, tree: Tree, name: str, opens: bool):
        self.tree, self.name = tree, name
        self._fifo = os.open(tree.file(name), os.O_PATH | os.O_CLOEXEC)  # also when it has no name any more
        self._writer = os.open(tree.file(name), os.O_RDWR | os.O_CLOEXEC) if opens else None  # which writes nothing
        tree.add_cleanup(self.close)

    def readers(self, exporter: Exporter) -> int:
        """How many descriptors of it the exporter has. None before its open() is over."""
        wanted, found = os.stat(self._fifo), 0
        for entry in pathlib.Path(f"/proc/{exporter.process.pid}/fd").iterdir():
            try:
                found += os.path.samestat(wanted, entry.stat())
            except OSError:
                pass  # closed meanwhile
        return found

    def release(self) -> None:
        """Whoever waits reads what the capture has, and whoever comes finds that in place."""
        content = (CAPTURE / self.name).read_bytes()
        self.tree.write(self.name, content)
        if self._writer is None:
            self._writer = os.open(f"/proc/self/fd/{self._fifo}", os.O_RDWR | os.O_CLOEXEC)
        os.write(self._writer, content)
        self._let_go()

    def _let_go(self) -> None:
        if self._writer is not None:
            os.close(self._writer)
            self._writer = None

    def close(self) -> None:
        self._let_go()
        os.close(self._fifo)


class Cgroup:
    """A control group with one limit, version 1 or 2."""

    _FILES = {("pids", 1): "pids.max", ("pids", 2): "pids.max",
              ("memory", 1): "memory.limit_in_bytes", ("memory", 2): "memory.max"}  # fmt: skip

    def __init__(self, test: LiveTest, controller: str, limit: int | str = "max"):
        root, version = self._mounted(controller)
        self._file = self._FILES[controller, version]
        self._path = root / f"conntrack-faults-{os.stat('/proc/self/ns/pid').st_ino}-{next(_numbers)}"
        try:
            self._path.mkdir()
        except OSError as error:
            skip(f"no control group can be made here: {error}")
        test.addCleanup(self._remove)
        if not (self._path / self._file).exists():
            skip(f"the controller {controller} is not passed on below {root}: echo +{controller} > {root}/cgroup.subtree_control")
        self.limit(limit)

    @staticmethod
    def _mounted(controller: str) -> tuple[pathlib.Path, int]:
        for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            before, _, after = line.partition(" - ")
            root, path = before.split()[3:5]
            kind, _, options = after.split()[:3]
            if kind == "cgroup" and controller in options.split(",") and root == "/":
                return pathlib.Path(path), 1
            if kind == "cgroup2" and root == "/":
                controllers = pathlib.Path(path, "cgroup.controllers").read_text(encoding="ascii")
                if controller in controllers.split():
                    return pathlib.Path(path), 2
        skip(f"no control groups with the controller {controller} are mounted here")
        raise AssertionError

    def limit(self, value: int | str) -> None:
        if value == "max" and self._file == "memory.limit_in_bytes":
            value = -1
        (self._path / self._file).write_text(str(value), encoding="ascii")

    def inside(self, *words: str) -> tuple[str, ...]:
        """The words that run a command in it."""
        return ("sh", "-c", f"echo 0 > {self._path}/cgroup.procs && exec \"$@\"", "sh", *words)

    def _remove(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._path.rmdir()
                return
            except OSError:  # the kernel is not done with a process that has ended
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)


class UnseenExporter(Exporter):
    """One whose log goes elsewhere: it listens on a port that is known, of which there is one in a namespace."""

    PORT = 10318

    def __init__(self, namespace: Namespace, *flags: str, **how):
        super().__init__(namespace, f"--web.listen-address=127.0.0.1:{self.PORT}", *flags, **how)

    def _wait_until_listening(self, addresses: int) -> tuple[str, int]:
        self.host, self.port = "127.0.0.1", self.PORT
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if self.get("/-/ready").status == 200:
                    return self.host, self.port
            except OSError:
                pass
            if self.process.poll() is not None:
                raise AssertionError(f"the exporter ended with {self.process.returncode}")
            time.sleep(0.02)
        raise AssertionError(f"the exporter does not answer after {PATIENCE} s")


class FaultTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid() != 0 or pathlib.Path("/proc/self/uid_map").read_text("ascii").split() != FIRST_USER_NAMESPACE:
            skip("limits of other users, and a look at what the exporter holds, need root of the machine")

    def start_on(self, tree: Tree, *flags: str, **how) -> Exporter:
        return self.start(*tree.flags, *flags, **how)

    def eventually(self, what: str, condition, patience: float = PATIENCE):
        """The first value of condition() that is true."""
        end = time.monotonic() + patience
        while True:
            if value := condition():
                return value
            if time.monotonic() > end:
                self.fail(f"not within {patience} s: {what}")
            time.sleep(0.02)

    def popen(self, *words: str, **how) -> subprocess.Popen:
        with self.namespace.entered():
            return processes.start_for(self, words, **how)

    def run_to_end(self, *words: str, patience: float = PATIENCE, **how) -> subprocess.CompletedProcess:
        """A command that has to end by itself."""
        how = {"capture_output": True, "text": True, **how}
        with self.namespace.entered():
            return subprocess.run(words, check=False, timeout=patience, **how)

    def run_all(self, commands: list[tuple[str, ...]], **how) -> list[subprocess.CompletedProcess]:
        """Likewise, all at once: `report` watches for seconds."""
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        started = [self.popen(*words, **how) for words in commands]
        done = []
        for process in started:
            out, err = process.communicate(timeout=PATIENCE)
            done.append(subprocess.CompletedProcess(process.args, process.returncode, out, err))
        return done

    @staticmethod
    def failing(scrape: Exposition) -> set[str]:
        """The collectors that do not succeed."""
        success = scrape.by("conntrack_scrape_collector_success", "collector")
        return {name for name, value in success.items() if value != 1}

    def assert_answers(self, exporter: Exporter, *failing: str) -> Exposition:
        """All three pages, and all collectors but the `failing`. Yields the scrape."""
        self.assertEqual(200, exporter.get("/-/healthy").status)
        self.assert_status_page(exporter)
        scrape = exporter.scrape()
        self.assertEqual(set(failing), self.failing(scrape), exporter.log())
        return scrape

    def assert_status_page(self, exporter: Exporter) -> None:
        page = exporter.get("/")
        self.assertEqual(200, page.status)
        self.assertIn("</html>", page.text)

    def assert_nothing_left(self, exporter: Exporter, before: Figures) -> None:
        """Of threads and descriptors, after a fault. Those that serve connections end later: Threads of limits_test."""
        wanted = Figures(max(before.threads, AT_REST), before.descriptors)
        self.eventually(f"{Figures.of(exporter)} comes to {wanted}", lambda: Figures.of(exporter).within(wanted))

    def lines(self, exporter: Exporter, *parts: str) -> list[str]:
        """Of the log, with all of the parts in them."""
        return [line for line in exporter.log().splitlines() if all(part in line for part in parts)]

    def assert_said_once(self, exporter: Exporter, *parts: str) -> None:
        self.assertEqual(1, len(self.lines(exporter, *parts)), f"{parts} in\n{exporter.log()}")

    def assert_stops(self, exporter: Exporter) -> None:
        """Well. How fast is seen by signals_test."""
        self.assertEqual(0, exporter.stop(), exporter.log())

    def assert_promtool_accepts(self, body: bytes) -> None:
        promtool = binaries.tool("promtool")
        if not promtool:
            skip("promtool is neither in build/tools/usr/bin nor in PATH: scripts/install-dependencies puts it there")
        done = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, check=False)
        self.assertEqual((0, b"", b""), (done.returncode, done.stdout, done.stderr))


def warm(exporter: Exporter) -> Figures:
    """What it holds once each of its pages has been asked for."""
    for path in ("/metrics", "/", "/-/healthy"):
        exporter.get(path)
    end, last = time.monotonic() + PATIENCE, None
    while (now := Figures.of(exporter)) != last and time.monotonic() < end:
        last = now
        time.sleep(0.2)
    return now
