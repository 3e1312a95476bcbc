"""The namespaces that the laboratory lives in, and what is left of it afterwards: nothing.

run() starts the command line of this process again in network, mount and process namespaces of its own. However that
process ends, the kernel ends all that it has started; its files are on a tmpfs that nobody else sees. The process
outside waits, and puts the limit and the buckets of the host back: only SIGKILL keeps it from that.
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

import host
import lab
import limits

_FOLDER = "CONNTRACK_LABORATORY_FOLDER"  # for files, in the process inside
_LIMIT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")


def why_impossible() -> str | None:
    """None where this process can have a laboratory, else the reason and the remedy."""
    if os.geteuid() != 0:
        return "must run as root: it makes network namespaces, and lowers nf_conntrack_max of the host meanwhile"
    if not _LIMIT.exists():
        return "no connection tracking in this kernel: modprobe nf_conntrack"
    try:
        _LIMIT.open("r+", encoding="ascii").close()
    except OSError as error:
        return f"cannot change {_LIMIT} ({error.strerror}): run it on the host, not in a container"
    return lab.why_impossible()


def inside() -> bool:
    return host.VARIABLE in os.environ


def run() -> int:
    """Runs this command line inside, and yields its exit code."""
    network = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    with contextlib.ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="conntrack-laboratory-")
        stack.callback(os.rmdir, folder)
        environment = {**os.environ, host.VARIABLE: str(network), _FOLDER: folder}
        # Should this process be killed, what is inside ends all the same.
        words = ["setpriv", "--pdeathsig", "KILL", *lab.unshare_command(), sys.executable, *sys.orig_argv[1:]]
        return limits.run_within(limits.kept(), words, env=environment, pass_fds=(network,))


def private_folder() -> pathlib.Path:
    """Inside: an empty folder in memory, where all temporary files go from now on."""
    folder = os.environ[_FOLDER]
    subprocess.run(["mount", "-t", "tmpfs", "laboratory", folder], check=True)
    tempfile.tempdir = folder
    return pathlib.Path(tempfile.mkdtemp())
