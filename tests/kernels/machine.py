"""A virtual machine: QEMU with a kernel and an initramfs, with KVM where it works, emulated otherwise."""

import contextlib
import dataclasses
import os
import pathlib
import platform
import subprocess
import threading
import time

import processes

CPUS = 2
MEMORY = 1024  # MiB
_DISK = 64 << 20  # bytes, for what the machine leaves
_TAIL = 200  # lines of a console that are shown where it failed
# On a busy host a machine may get no CPU for a while: its kernel must not report that as a stall.
_BUSY = "no_timer_check nowatchdog rcupdate.rcu_cpu_stall_suppress=1"
# Keys for the console of a machine that hangs. Ctrl-a c switches to QEMU's monitor and back. Ctrl-a b sends a break, and the key
# after it is a SysRq: 9 logs everything to the console, w the blocked tasks, l a backtrace of each CPU.
_WHERE = (b"\x01cinfo registers -a\n", b"\x01c", b"\x01b9", b"\x01bw", b"\x01bl")
_BOOTED = b"booted in"  # guest/init.sh prints it before the suite begins
_CONSOLE = "console.log"
_PROBE = 20  # seconds for the test of KVM


@dataclasses.dataclass(frozen=True)
class Architecture:
    qemu: str
    machine: str
    emulated: str  # the processor without KVM
    console: str
    host: str  # uname -m of a host where KVM can run it
    preset: str  # the CMake preset that builds for it
    strip: str


ARCHITECTURES = {
    # Under TCG the kernels' early code fails with five levels of page tables.
    "amd64": Architecture("qemu-system-x86_64", "q35", "max,la57=off", "ttyS0", "x86_64", "release", "strip"),
    # The default cipher of pointer authentication is slow to emulate.
    "arm64": Architecture("qemu-system-aarch64", "virt", "max,pauth-impdef=on", "ttyAMA0", "aarch64", "release-arm64",
                          "aarch64-linux-gnu-strip"),
}


class MachineFailed(Exception):
    """Why there is no result, with the end of the console."""


class NotBooted(MachineFailed):
    """It hung or panicked before the suite began, so the exporter is not the cause. Emulated kernels do so now and then, while
    they patch their own code."""


def command(arch: Architecture, kvm: bool, image: pathlib.Path, append: str, *more: str) -> list[str]:
    accelerator = ("-accel", "kvm", "-cpu", "host") if kvm else ("-accel", "tcg,thread=multi", "-cpu", arch.emulated)
    return [arch.qemu, "-machine", arch.machine, *accelerator, "-smp", str(CPUS), "-m", str(MEMORY), "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot", "-serial", "mon:stdio", "-kernel", str(image),
            "-append", f"console={arch.console} panic=-1 sysrq_always_enabled {_BUSY} {append}", *more]


class Kvm:
    """Whether KVM works here, tried once for each architecture: a device that can be opened may still run nothing."""

    def __init__(self):
        self._lock = threading.Lock()
        self._found: dict[str, bool] = {}

    def works(self, name: str, image: pathlib.Path) -> bool:
        with self._lock:
            if name not in self._found:
                self._found[name] = self._try(ARCHITECTURES[name], image)
            return self._found[name]

    @staticmethod
    def _try(arch: Architecture, image: pathlib.Path) -> bool:
        """A kernel without a root panics, and a panic ends the machine."""
        if platform.machine() != arch.host or not os.access("/dev/kvm", os.R_OK | os.W_OK):
            return False
        try:
            done = subprocess.run(command(arch, True, image, "quiet"), stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=_PROBE, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0 and b"Kernel panic" in done.stdout


class Running:
    """The machines that run now: none outlives the runner, however that ends."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen] = set()
        self._over = False

    def start(self, words: list[str], **how) -> subprocess.Popen:
        with self._lock:
            if self._over:
                raise MachineFailed("not started: the run was ended")
            process = processes.start(words, **how)
            self._running.add(process)
            return process

    def ended(self, process: subprocess.Popen) -> None:
        with self._lock:
            self._running.discard(process)

    def end(self) -> None:
        with self._lock:
            self._over = True
            for process in self._running:
                process.kill()


def boot(running: Running, arch: Architecture, kvm: bool, image: pathlib.Path, archives: list[pathlib.Path], append: str,
         folder: pathlib.Path, silence: float) -> float:
    """Boots the machine, waits for its end, and unpacks what it leaves into `folder`, beside its console. Yields the seconds. A
    machine whose console is silent for `silence` seconds hangs: the error has its registers and backtraces."""
    initrd, disk, console = folder / "initrd", folder / "disk", folder / _CONSOLE
    with initrd.open("wb") as file:
        for archive in archives:
            file.write(archive.read_bytes())
    with disk.open("wb") as file:
        file.truncate(_DISK)
    words = command(arch, kvm, image, f"quiet rdinit=/init {append}", "-initrd", str(initrd), "-drive",
                    f"file={disk},if=virtio,format=raw")
    began = time.monotonic()
    try:
        with console.open("wb") as file:
            process = running.start(words, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT)
            try:
                _await(process, console, silence)
            except subprocess.TimeoutExpired:
                _ask_where_it_hangs(process)
                raise _failed(folder, f"hangs: silent for {silence:.0f} s") from None
            finally:
                processes.end(process)
                running.ended(process)
        if process.returncode != 0:
            raise _failed(folder, f"{arch.qemu} ended with {process.returncode}")
        words = ["tar", "--extract", "--file", disk, "--directory", folder, "--no-same-owner"]
        left = subprocess.run(words, capture_output=True, text=True, check=False)
        if left.returncode != 0:
            raise _failed(folder, f"it left no results ({left.stderr.strip()})")
    finally:
        initrd.unlink(missing_ok=True)
        disk.unlink(missing_ok=True)
    return time.monotonic() - began


def _failed(folder: pathlib.Path, why: str) -> MachineFailed:
    kind = MachineFailed if _BOOTED in (folder / _CONSOLE).read_bytes() else NotBooted
    return kind(f"{why}\n{tail(folder)}")


def _await(process: subprocess.Popen, console: pathlib.Path, silence: float) -> None:
    """Waits for the process to end while its console grows."""
    said = -1
    while said != (said := console.stat().st_size):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(silence)
            return
    raise subprocess.TimeoutExpired(process.args, silence)


def _ask_where_it_hangs(process: subprocess.Popen) -> None:
    """The machine answers on its console."""
    with contextlib.suppress(OSError):  # it may end meanwhile
        for keys in _WHERE:
            process.stdin.write(keys)
            process.stdin.flush()
            time.sleep(2)


def tail(folder: pathlib.Path) -> str:
    """The end of the console that a machine has left in its folder."""
    console = folder / _CONSOLE
    lines = console.read_text(errors="replace").replace("\r", "").splitlines()
    return "\n".join([f"the end of {console}:", *(f"  | {line}" for line in lines[-_TAIL:])])
