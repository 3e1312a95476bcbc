"""The settings of the whole host that a test, a benchmark or the laboratory may change, and only while it runs."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

_FOLDER = pathlib.Path("/proc/sys/net/netfilter")
_LIMIT = _FOLDER / "nf_conntrack_max"
_BUCKETS = _FOLDER / "nf_conntrack_buckets"
_OF_THE_HOST = ("nf_conntrack_buckets", "nf_conntrack_max")
_ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_ALLOWED = "CONNTRACK_CHANGE_LIMITS"  # set to 1 by whoever allows tests to raise it
_RAISED = "CONNTRACK_LIMITS_RAISED"  # set in the environment of the process that runs meanwhile


@contextlib.contextmanager
def raised(wanted: int):
    """Room for `wanted` flows in a table; afterwards as much as before."""
    before = _LIMIT.read_text(encoding="ascii").strip()
    if int(before) >= wanted:
        yield
        return
    try:
        _LIMIT.write_text(str(wanted), encoding="ascii")
    except OSError as error:
        print(f"nf_conntrack_max stays at {before} ({error}): no larger tables", file=sys.stderr)
        yield
        return
    try:
        yield
    finally:
        _LIMIT.write_text(before, encoding="ascii")


@contextlib.contextmanager
def kept():
    """Afterwards the limit and the buckets are what they were, whatever has been written there meanwhile."""
    before = {name: (_FOLDER / name).read_text(encoding="ascii") for name in _OF_THE_HOST}
    try:
        yield
    finally:
        for name, value in before.items():
            if (_FOLDER / name).read_text(encoding="ascii") != value:
                (_FOLDER / name).write_text(value, encoding="ascii")


def _stop(number, _frame):
    """A signal ends the run by the same way as everything else: through the `finally` above. A second one does not
    disturb that."""
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


@contextlib.contextmanager
def _alone():
    """Ends this process where another one changes the limits: the one that ends last would leave the other's values. The
    name goes with the socket, however this process ends."""
    with socket.socket(socket.AF_UNIX) as held:
        try:
            held.bind("\0conntrack-exporter-limits")
        except OSError:
            print("somebody else changes nf_conntrack_max of this host just now: wait for it to end", file=sys.stderr)
            raise SystemExit(2) from None
        yield


def run_within(meanwhile: contextlib.AbstractContextManager, words: list[str], **how) -> int:
    """Runs a command with `meanwhile` entered, and yields its exit code. However this process is ended, short of
    SIGKILL, the command ends with it, and then `meanwhile` is left. `how` goes to Popen."""
    for number in _ENDINGS:
        signal.signal(number, _stop)
    with _alone(), meanwhile, subprocess.Popen(words, start_new_session=True, **how) as child:
        try:
            return child.wait()
        finally:
            if child.poll() is None:  # it is, or has become, `unshare --kill-child`: all that it started ends too
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                _wait_until_gone(child.pid)


def _wait_until_gone(group: int) -> None:
    """The first process inside ends a moment after unshare, and until then could still write a limit."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)


def run_raised(wanted: int, words: list[str]) -> int:
    """Runs a command with room for `wanted` flows, as run_within()."""
    return run_within(raised(wanted), words)


def raise_for_this_program(wanted: int) -> None:
    """Runs the command line of this process again with room for `wanted` flows, and ends with its exit code. Does
    nothing in that second run, nor where nobody has allowed it."""
    _run_again(lambda: raised(wanted))


def keep_for_this_program() -> None:
    """Likewise, with the limit and the buckets put back in the end."""
    _run_again(kept)


def _run_again(meanwhile) -> None:
    if os.environ.get(_ALLOWED) != "1" or _RAISED in os.environ:
        return
    # A descriptor of the host's network namespace: the second run goes to another, from which the buckets cannot be changed.
    network = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    os.set_inheritable(network, True)
    os.environ[_RAISED] = f"{network} {_BUCKETS.read_text(encoding='ascii').strip()}"
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        code = run_within(meanwhile(), [sys.executable, *sys.orig_argv[1:]], pass_fds=(network,))
    except SystemExit as end:  # which a test loader would take for a broken test
        code = end.code
    os._exit(code)


def host_network() -> int:
    """In the second run: a descriptor of the host's network namespace, for whoever takes it over."""
    return os.dup(int(os.environ[_RAISED].split()[0]))


def buckets_before() -> int:
    """In the second run: how many the hash table of the host had."""
    return int(os.environ[_RAISED].split()[1])


def write_buckets(count: int) -> None:
    """By a thread that is in the host's network namespace: elsewhere the file is for reading only."""
    _BUCKETS.write_text(str(count), encoding="ascii")


def why_not_raised() -> str | None:
    """None in the run that raise_for_this_program() or keep_for_this_program() started; else how to come by one."""
    if _RAISED in os.environ:
        return None
    return f"needs nf_conntrack_max or the buckets changed for the whole host while it runs: allow it with {_ALLOWED}=1, as root"
