"""Processes that tests start: none outlives the test that started it, however that ends."""

import contextlib
import fcntl
import os
import pathlib
import subprocess
import tempfile

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


def of_threads(pid: int, name: str) -> list[str]:
    """The text of /proc/PID/task/*/NAME, of each thread that has not ended meanwhile."""
    texts = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            texts.append((task / name).read_text())
    return texts


def log_file():
    """A temporary file for the output of a process, which may be read while the process writes.

    Both share the position in the file, so without O_APPEND the process would write where the reader has just been.
    """
    file = tempfile.TemporaryFile("w+")
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
    return file
