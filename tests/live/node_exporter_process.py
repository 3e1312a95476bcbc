"""Debian's node_exporter with its conntrack collector alone, as a process."""

import contextlib
import re
import subprocess
import time

import binaries
import processes

_LISTENING = re.compile(r'msg="Listening on" address=127\.0\.0\.1:(\d+)')
_PATIENCE = 120  # seconds


@contextlib.contextmanager
def node_exporter(*flags: str):
    """Yields the port of 127.0.0.1 that it serves; in the namespace that the calling thread is in."""
    program = binaries.tool("prometheus-node-exporter")
    if not program:
        raise AssertionError("no prometheus-node-exporter: scripts/install-dependencies test unpacks it into build/tools")
    only = ("--collector.disable-defaults", "--collector.conntrack", "--web.disable-exporter-metrics")
    with processes.log_file() as log:
        words = [program, *only, "--web.listen-address=127.0.0.1:0", *flags]
        process = processes.start(words, stderr=log, stdout=subprocess.DEVNULL)
        try:
            yield _port(process, log)
        finally:
            processes.end(process)


def _port(process: subprocess.Popen, log) -> int:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        log.seek(0)
        match = _LISTENING.search(log.read())
        if match:
            return int(match[1])
        time.sleep(0.05)
    log.seek(0)
    raise AssertionError(f"node_exporter does not listen:\n{log.read()}")
