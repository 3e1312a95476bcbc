"""Processes that tests start: none outlives the test that started it, however that ends."""

import subprocess

# The kernel ends the process with the thread that started it.
_WITH_US = ("setpriv", "--pdeathsig", "KILL")


def start(words: list[str] | tuple[str, ...], **how) -> subprocess.Popen:
    """As Popen. Whoever calls it ends the process when it is no longer needed; should the test be killed, the kernel does."""
    return subprocess.Popen([*_WITH_US, *words], **how)


def start_for(test, words: list[str] | tuple[str, ...], **how) -> subprocess.Popen:
    """Likewise, and it is ended with the test case or, where `test` is a class, with that."""
    process = start(words, **how)
    add = test.addClassCleanup if isinstance(test, type) else test.addCleanup
    add(end, process)
    return process


def end(process: subprocess.Popen) -> None:
    """By SIGKILL, where it has not ended."""
    process.kill()
    process.wait()
