"""The boots of trees.py, carried out by the programs of this system and held against what the exporter says of them before.

The machine is not booted anew: connection tracking is unloaded, the files of a tree are laid out over those of the machine, and what
reads them at a boot runs in the order of one. What a tree has below /run is gone by then.
"""

import contextlib
import ctypes
import functools
import json
import os
import pathlib
import re
import signal
import time

import binaries
import expected
import host
import oracle
import trees
from checks import OUT, check, expect, say
from exposition import Exposition

SYSCTLS = pathlib.Path("/proc/sys/net/netfilter")
MOST_UNKNOWN = 1 / 5  # of the trees
# What a firewall does, after all files have been read.
FIREWALL = ("add table inet late; add chain inet late in { type filter hook input priority 0; }; "
            "add rule inet late in ct state established accept")
BY_SYSTEMD = (("/usr/lib/systemd/systemd-modules-load",), ("/usr/lib/systemd/systemd-sysctl",))
BY_SYSV = (("sh", "/etc/init.d/kmod", "start"), ("sh", "/etc/init.d/procps", "start"))
_PREFIX = "nf_conntrack_"
_LINK = "-> "
_libc = ctypes.CDLL(None, use_errno=True)


def values() -> dict[str, int]:
    """All settings of connection tracking. Nothing if it is not loaded."""
    names = [path.name for path in SYSCTLS.glob(f"{_PREFIX}*")] if SYSCTLS.is_dir() else []
    names = [name for name in names if name != f"{_PREFIX}count" and not name.startswith(f"{_PREFIX}frag6")]
    return {name: int((SYSCTLS / name).read_text(encoding="ascii")) for name in names}


def _content(file: pathlib.Path) -> str | None:
    if file.is_symlink():
        return f"{_LINK}{os.readlink(file)}"
    return file.read_bytes().decode("latin-1") if file.exists() else None


def _put(file: pathlib.Path, content: str | None) -> None:
    file.unlink(missing_ok=True)
    if content is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    if content.startswith(_LINK):
        file.symlink_to(content.removeprefix(_LINK))
    else:
        file.write_bytes(content.encode("latin-1"))
        file.chmod(0o755 if content.startswith("#!") else 0o644)


@contextlib.contextmanager
def laid_out(tree: trees.Tree):
    """Its files are those of the machine, and its words are on the kernel's command line."""
    files = {pathlib.Path("/", path): content for path, content in tree.files.items()}
    before = {file: _content(file) for file in files}
    for file, content in files.items():
        _put(file, content)
    words = pathlib.Path("/tmp/cmdline")
    words.write_text(f"{pathlib.Path('/proc/cmdline').read_text(encoding='ascii').strip()} {tree.words}\n", encoding="ascii")
    if tree.words:
        run("mount", "--bind", str(words), "/proc/cmdline")
    try:
        yield
    finally:
        if tree.words:
            run("umount", "/proc/cmdline")
        for file, content in before.items():
            _put(file, content)


def run(*words: str) -> None:
    done = host.run(*words)
    expect(done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")


@functools.cache
def _nft():
    """libnftables and a context: nft(8) without a process, each of which takes long in an emulated machine."""
    library = ctypes.CDLL("libnftables.so.1")
    library.nft_ctx_new.restype = ctypes.c_void_p
    library.nft_ctx_buffer_error.argtypes = (ctypes.c_void_p,)
    library.nft_run_cmd_from_buffer.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
    library.nft_ctx_get_error_buffer.argtypes = (ctypes.c_void_p,)
    library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
    context = library.nft_ctx_new(0)
    library.nft_ctx_buffer_error(context)
    return library, context


def nft(commands: str) -> str:
    """Yields what is wrong with them."""
    library, context = _nft()
    return "" if library.nft_run_cmd_from_buffer(context, commands.encode()) == 0 else library.nft_ctx_get_error_buffer(context).decode()


def unload() -> None:
    """Connection tracking, and what uses it."""

    def still_there() -> str:
        """What a transaction of nftables leaves is freed a moment later."""
        waiting = ["nf_conntrack"]
        while waiting:
            users = host.users()
            name = waiting[-1]
            if above := [user for user in users.get(name, ()) if user]:
                waiting += above
            elif name not in users or _libc.delete_module(name.encode(), os.O_NONBLOCK) == 0:
                waiting.pop()
            else:
                return f"{name}: {os.strerror(ctypes.get_errno())}"
        return ""

    expect(not nft("flush ruleset"), "nft flush ruleset fails")
    host.await_that("unloaded", still_there)


def prediction() -> dict[str, oracle.Said]:
    done = host.run(binaries.exporter(), "--output.textfile=-", "--web.disable-exporter-metrics", "--collector.disable-defaults",
                    "--collector.persistence")
    expect(done.returncode == 0, f"the exporter ended with {done.returncode}: {done.stderr}")
    return oracle.said(Exposition(done.stdout))


def end_udevd() -> None:
    """It would take the events of the next tree by the rules of this one. It has nothing left to do, but may take long to end itself."""

    def still_there() -> str:
        found = []
        for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if comm.read_text(encoding="utf-8").strip() in ("systemd-udevd", "(udev-worker)"):
                    found.append(comm.parent.name)
                    os.kill(int(comm.parent.name), signal.SIGKILL)
        return ", ".join(found)

    host.await_that("udevd has ended", still_there)


def boot(tree: trees.Tree) -> list[str]:
    """Carries out the files of the tree. Yields what the programs complain about."""
    complaints = []

    def step(*words: str) -> None:
        done = host.run(*words)
        complaints.extend(line for line in (done.stdout + done.stderr).splitlines() if line.strip())

    has = {folder for folder in ("udev/rules.d", "ufw.conf", "rc.local", "tmpfiles.d") if any(folder in path for path in tree.files)}
    # The script of initramfs-tools: a module and its parameters in a line.
    for line in tree.files.get("etc/initramfs-tools/modules", "").splitlines():
        if line and not line.startswith("#"):
            step("modprobe", *line.split())
    for path in tree.files:
        if path.startswith("run/"):
            pathlib.Path("/", path).unlink()
    if "udev/rules.d" in has:
        step("/usr/lib/systemd/systemd-udevd", "--daemon")
        step("udevadm", "trigger", "--type=all", "--action=add", "--subsystem-match=module", "--sysname-match=nf_conntrack", "--settle")
    for program in BY_SYSTEMD if os.path.exists("/usr/lib/systemd/systemd") else BY_SYSV:
        step(*program)
        if "udev/rules.d" in has:
            step("udevadm", "settle")
    if "ufw.conf" in has:
        step("/usr/lib/ufw/ufw-init", "start", "quiet")
    complaints.append(nft(FIREWALL))
    if "udev/rules.d" in has:
        step("udevadm", "settle")
        end_udevd()
    if os.access("/etc/rc.local", os.X_OK):
        step("/etc/rc.local", "start")
    return [line for line in complaints if line]


def named(tree: trees.Tree, settings) -> set[str]:
    """The settings that the tree is about."""
    text = "\n".join([tree.words, *(content for content in tree.files.values() if content)])
    found = {f"{_PREFIX}{name}" for name in tree.hand} | set(re.findall(rf"{_PREFIX}\w+", text))
    if "hashsize" in text:
        found |= {f"{_PREFIX}max", f"{_PREFIX}buckets"}
    return found & set(settings)


def in_vain(said: oracle.Said) -> int | None:
    """The value in the line that the exporter names."""
    path, _, line = said.file.rpartition(":")
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        return int(text.rpartition("=")[2].split()[0], 0)
    except (OSError, ValueError, IndexError):
        return None


def judge(about: set[str], said: dict[str, oracle.Said], before: dict[str, int], after: dict[str, int], vain: dict) -> list[str]:
    wrong = []
    for name, value in sorted(before.items()):
        if name not in after and name not in about:
            continue  # nothing tracks, and nobody says that it will
        what = said.get(name, oracle.Said())
        reason = oracle.contradiction(what, value, after.get(name), vain.get(name))
        if reason:
            wrong.append(f"{name}: {reason}: {what.words()}; {value} before, {after.get(name)} after")
    return wrong


def carry_out(tree: trees.Tree, defaults: dict[str, int]) -> dict:
    if not values():
        host.load("nf_conntrack")
    for name, value in tree.start(defaults).items():
        (SYSCTLS / name).write_text(f"{value}\n", encoding="ascii")
    before = values()
    with laid_out(tree):
        said = prediction()
        vain = {name: in_vain(what) for name, what in said.items() if what.file}
        unload()
        complaints = boot(tree)
        after = values()
        # What the boot has set is there after the next one as well.
        again = said if after == before else prediction() if after else {}
        vain_again = {name: in_vain(what) for name, what in again.items() if what.file}
    about = named(tree, before)
    wrong = judge(about, said, before, after, vain) + [f"once booted, {line}" for line in judge(about, again, after, after, vain_again)]
    unknown = {name: said[name].unknown for name in sorted(about) if name in said and said[name].unknown is not None}
    if tree.known and unknown:
        wrong.append(f"unknown, and nothing is in doubt: {unknown}")
    shown = {name: [before[name], after.get(name), said.get(name, oracle.Said()).words()] for name in sorted(about)}
    return {"tree": tree.name, "wrong": wrong, "unknown": unknown, "settings": shown, "complaints": complaints}


def boots() -> tuple[str, str]:
    unload()
    host.run("modprobe", "--remove", "dummy", "bridge")  # which earlier checks have loaded
    host.load("nf_conntrack")
    defaults = values()
    results = []
    for tree in trees.TREES:
        began = time.monotonic()
        results.append(carry_out(tree, defaults))
        word = "WRONG" if results[-1]["wrong"] else "unknown" if results[-1]["unknown"] else "as said"
        say(f"{time.monotonic() - began:10.1f} s  {word:9}{tree.name}")
        (OUT / "boots.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    unload()
    wrong = [f"{result['tree']}: {line}" for result in results for line in result["wrong"]]
    unknown = [result["tree"] for result in results if result["unknown"]]
    expect(not wrong, "\n".join(["", *wrong]))
    expect(len(unknown) <= MOST_UNKNOWN * len(results), f"{len(unknown)} of {len(results)} unknown: {', '.join(unknown)}")
    return f"{len(results)}, {len(unknown)} unknown", ", ".join(unknown)


if expected.BOOTS:
    check("boots: what is said before is what they do")(boots)
