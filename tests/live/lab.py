"""Private namespaces, so that tests can do to a connection tracking table what they like.

enter() runs the whole test process again in namespaces of its own: as root with plain unshare, as an ordinary user in a
user namespace in which it is root. It has a process namespace too, so when the tests end, however they end, the kernel
ends everything they started and drops every network namespace and its table.
"""

import contextlib
import ctypes
import os
import pathlib
import subprocess
import sys
import threading
import unittest

_CLONE_NEWNET = 0x40000000
_INSIDE = "CONNTRACK_LAB"  # set in the environment of the process that runs inside
_libc = ctypes.CDLL(None, use_errno=True)


def unshare_command() -> list[str]:
    """The words that run a command in fresh network, mount and process namespaces."""
    command = ["unshare", "--net", "--mount-proc", "--pid", "--fork", "--kill-child"]
    return command if os.geteuid() == 0 else [*command, "--user", "--map-root-user"]


def why_impossible() -> str | None:
    """None where this process can have namespaces of its own, else the reason and the remedy."""
    probe = subprocess.run([*unshare_command(), "true"], capture_output=True, text=True, check=False)
    if probe.returncode == 0:
        return None
    remedy = (
        "run as root with CAP_SYS_ADMIN and CAP_NET_ADMIN"
        if os.geteuid() == 0
        else "run as root, or allow user namespaces (kernel.unprivileged_userns_clone, user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns)"
    )
    return f"no private namespaces here ({probe.stderr.strip()}): {remedy}"


def enter() -> None:
    """Replaces this process by the same command line inside namespaces. Does nothing inside, or where it cannot."""
    if inside() or why_impossible():
        return
    os.environ[_INSIDE] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    words = [*unshare_command(), sys.executable, *sys.orig_argv[1:]]
    os.execvp(words[0], words)


def inside() -> bool:
    return _INSIDE in os.environ


def skip(reason: str) -> None:
    """Skips the running test or class, aloud."""
    print(f"SKIPPED: {reason}", file=sys.stderr, flush=True)
    raise unittest.SkipTest(reason)


def with_etc(files: dict[str, str], folder: str, *words: str) -> tuple[str, ...]:
    """The words that run a command with these files in /etc, for that command alone. `folder` is empty, and outlives it."""
    mounts = []
    for name, text in files.items():
        path = pathlib.Path(folder, name)
        path.write_text(text, encoding="utf-8")
        mounts.append(f'mount --bind {path} "$(realpath /etc/{name})"')
    return ("unshare", "--mount", "sh", "-c", " && ".join([*mounts, 'exec "$0" "$@"']), *words)


def without_net_admin(program: str) -> tuple[str, ...]:
    """The words that run `program` without CAP_NET_ADMIN, as another user where there is one who may run it."""
    plain = ("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")
    nobody = (*plain, "--reuid=65534", "--regid=65534", "--clear-groups")
    # There is no other user inside a user namespace of an ordinary user, nor one who may look into root's home.
    probe = subprocess.run([*nobody, program, "--version"], capture_output=True, check=False)
    return (*(nobody if probe.returncode == 0 else plain), program)


def require_strace(namespace: "Namespace") -> None:
    """Skips where strace cannot be used."""
    probe = namespace.run("strace", "-o", "/dev/null", "true", check=False)
    if probe.returncode != 0:
        skip(f"strace cannot be used here: {probe.stderr.strip()}")


class Namespace:
    """A network namespace with its own, empty table; `lo` is up. It goes when it is closed and nothing runs in it."""

    def __init__(self):
        maker = threading.Thread(target=self._make)  # only the thread that makes it moves into it
        maker.start()
        maker.join()
        self.run("ip", "link", "set", "lo", "up")

    def _make(self):
        _check(_libc.unshare(_CLONE_NEWNET), "unshare")
        self._fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def path(self) -> str:
        """A name for it that `ip link set ... netns` takes."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    @contextlib.contextmanager
    def entered(self):
        """Inside, this thread opens sockets and starts processes in the namespace. Both stay there afterwards."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check(_libc.setns(self._fd, _CLONE_NEWNET), "setns")
            yield self
        finally:
            _check(_libc.setns(home, _CLONE_NEWNET), "setns back")
            os.close(home)

    def run(
        self, *words: str, stdin: str | None = None, check: bool = True, patience: float = 300
    ) -> subprocess.CompletedProcess:
        """Runs a command in the namespace, for `patience` seconds at most. With `check`, its failure shows what it
        printed."""
        with self.entered():
            done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False, timeout=patience)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def sysctl(self, name: str) -> int:
        """The number in /proc/sys/net/netfilter/NAME."""
        return int(self.run("cat", f"/proc/sys/net/netfilter/{name}").stdout)

    def nft(self, ruleset: str) -> None:
        self.run("nft", "-f", "-", stdin=ruleset)

    def drop_flows(self) -> None:
        """Empties its table at once. Where the namespace just goes, a worker of the kernel does that some time later, one
        namespace after the other, and until then every walk of anybody's table passes the dead flows."""
        self.run("conntrack", "-F", patience=600)

    def close(self) -> None:
        os.close(self._fd)


class OpenNamespace(Namespace):
    """One that is there already, and known by a descriptor or a file of it (/proc/PID/ns/net)."""

    def __init__(self, source: int | str):  # pylint: disable=super-init-not-called
        self._fd = source if isinstance(source, int) else os.open(source, os.O_RDONLY | os.O_CLOEXEC)


class FirstNamespace(OpenNamespace):
    """That of the first process in here: the one that boot files are for, if proc_of_a_host() is /proc."""

    def __init__(self):
        super().__init__("/proc/1/ns/net")
        self.run("ip", "link", "set", "lo", "up")


def proc_of_a_host(folder: str) -> str:
    """The flag for a /proc like this one, made in `folder`, in which process 1 is that of the host: it has the kernel's own thread of
    the first process namespace. The exporter needs --no-sandbox with it, since its links lead out of what the sandbox allows."""
    for name in os.listdir("/proc"):
        if name == "1" or not name.isdigit():
            os.symlink(f"/proc/{name}", f"{folder}/{name}")
    os.mkdir(f"{folder}/2")
    with open(f"{folder}/2/comm", "w", encoding="ascii") as comm:
        comm.write("kthreadd\n")
    return f"--path.procfs={folder}"


def _check(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
