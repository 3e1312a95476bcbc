"""nf_conntrack_max: the one setting of the whole host that a test or benchmark may change, and only while it runs."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

_LIMIT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")
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


def _stop(number, _frame):
    """A signal ends the run by the same way as everything else: through the `finally` above."""
    raise SystemExit(128 + number)


def run_raised(wanted: int, words: list[str]) -> int:
    """Runs a command with room for `wanted` flows, and yields its exit code. However this process is ended, short of
    SIGKILL, the command ends with it and the limit is put back."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _stop)
    with raised(wanted), subprocess.Popen(words, start_new_session=True) as child:
        try:
            return child.wait()
        finally:
            if child.poll() is None:  # it is, or has become, `unshare --kill-child`: all that it started ends too
                os.killpg(child.pid, signal.SIGKILL)


def raise_for_this_program(wanted: int) -> None:
    """Runs the command line of this process again with room for `wanted` flows, and ends with its exit code. Does
    nothing in that second run, nor where nobody has allowed it."""
    if os.environ.get(_ALLOWED) != "1" or _RAISED in os.environ:
        return
    os.environ[_RAISED] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        code = run_raised(wanted, [sys.executable, *sys.orig_argv[1:]])
    except SystemExit as end:  # which a test loader would take for a broken test
        code = end.code
    os._exit(code)


def why_not_raised() -> str | None:
    """None in the run that raise_for_this_program() started; else how to come by one."""
    if _RAISED in os.environ:
        return None
    return f"needs nf_conntrack_max raised for the whole host while it runs: allow it with {_ALLOWED}=1, as root"
