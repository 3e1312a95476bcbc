"""The file system that a machine boots into, in memory: a small Debian, a kernel's modules, and what is under test.

Each is a cpio archive, and the kernel takes several of them one after the other.
"""

import hashlib
import pathlib
import re
import shutil
import subprocess
import sysconfig

import mirror

SUITE = "bookworm"  # what the programs beside the exporter are built for
PACKAGES = ("conntrack", "iproute2", "kmod", "mount", "nftables", "procps", "python3", "systemd", "udev", "ufw", "util-linux")
# Removed afterwards, since no check needs it: a smaller archive boots faster.
_LEFT_OUT = ("boot", "dev", "home", "media", "mnt", "srv", "usr/games", "usr/include", "usr/lib/apt", "usr/lib/*/perl*",
             "usr/lib/*/gconv", "usr/lib/locale", "usr/lib/*/libapt*", "usr/lib/*/libperl*", "usr/lib/*/security", "usr/lib/*/libmvec*", "usr/lib/udev/hwdb*",
             "usr/lib/*/systemd/libsystemd-core*", "usr/bin/systemd*", "usr/bin/*ctl",
             "usr/lib/python3*/idlelib", "usr/lib/python3*/lib2to3", "usr/lib/python3*/pydoc_data", "usr/lib/python3*/distutils",
             "usr/lib/python3*/test", "usr/lib/python3*/turtledemo", "usr/lib/python3*/ensurepip", "usr/bin/perl*",
             "usr/share/[!p]*", "usr/share/p[!y]*", "var/cache", "var/lib", "var/log")
# Of these folders nothing stays but what carries out boot files.
_KEPT = {"usr/lib/systemd": ("systemd", "systemd-modules-load", "systemd-sysctl", "systemd-udevd"), "usr/lib/udev": ("rules.d",)}
_RECIPE = "5"  # another number makes roots anew


def pack(folder: pathlib.Path, archive: pathlib.Path) -> None:
    """All of a folder as a cpio archive, root's."""
    part = archive.with_name(f"{archive.name}.part")
    with part.open("wb") as file:
        names = subprocess.run(["find", ".", "-mindepth", "1", "-print0"], cwd=folder, check=True, stdout=subprocess.PIPE).stdout
        words = ["cpio", "--create", "--null", "--format=newc", "--owner=+0:+0", "--quiet"]
        subprocess.run(words, cwd=folder, check=True, input=names, stdout=file)
    part.rename(archive)


def libraries(programs: list[pathlib.Path]) -> list[str]:
    """The packages of the shared libraries that programs name, if any. Those that they need in turn, apt knows."""
    dynamic = subprocess.run(["readelf", "--dynamic", *programs], check=True, capture_output=True, text=True).stdout
    names = sorted(set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)))
    # Those of this machine: the packages of another architecture have the same names.
    here = f"lib/{sysconfig.get_config_var('MULTIARCH')}"
    words = ["dpkg-query", "--search", *(f"{up}/{here}/{name}" for name in names for up in ("", "/usr"))]
    owners = subprocess.run(words, check=False, capture_output=True, text=True)
    found = {}
    for line in owners.stdout.splitlines():
        package, _, path = line.partition(": ")
        found.setdefault(pathlib.Path(path).name, package.partition(":")[0])
    missing = [name for name in names if name not in found and not name.startswith("ld-linux")]
    if missing:
        raise RuntimeError(f"no installed package has {', '.join(missing)}, which one of {', '.join(map(str, programs))} needs")
    return sorted(set(found.values()))


class Root:
    """A Debian for an architecture, made once and kept."""

    def __init__(self, cache: pathlib.Path, arch: str):
        self._folder = cache / f"root-{arch}"
        self._arch = arch
        self.archive = self._folder / "root.cpio"

    def prepare(self, programs: list[pathlib.Path]) -> None:
        """With the libraries of the programs that will run there."""
        wanted = sorted({*PACKAGES, *libraries(programs)})
        key = hashlib.sha256("\n".join([_RECIPE, *_LEFT_OUT, str(_KEPT), *wanted]).encode()).hexdigest()
        made_for = self._folder / "made-for"
        if self.archive.exists() and made_for.exists() and made_for.read_text() == key:
            return
        print(f"making a small Debian ({self._arch}) for the machines", flush=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        root = self._folder / "root"
        root.mkdir(parents=True)
        packed = self._folder / "root.tar"
        # Packages are only unpacked: maintainer scripts of another architecture cannot run here.
        words = ["mmdebstrap", "--quiet", "--variant=extract", f"--architectures={self._arch}", "--include=?essential",
                 f"--include={','.join(wanted)}", "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", SUITE, str(packed),
                 f"{mirror.archive(SUITE)}"]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        subprocess.run(["tar", "--extract", "--file", packed, "--directory", root, "--exclude=./dev/*", "--no-same-owner"], check=True)
        packed.unlink()
        superfluous = [path for pattern in _LEFT_OUT for path in root.glob(pattern)]
        superfluous += [path for folder, kept in _KEPT.items() for path in (root / folder).iterdir() if path.name not in kept]
        for path in superfluous:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for name in ("dev", "out", "var/lib", "var/log", "root"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "etc/modules").touch()  # by the script of kmod; modules-load.d has a link to it
        pack(root, self.archive)
        shutil.rmtree(root)
        made_for.write_text(key)


def pack_payload(archive: pathlib.Path, programs: dict[str, pathlib.Path], strip: str, tests: pathlib.Path) -> None:
    """What is under test, by its name in /usr/bin and without its symbols; the suite; and tests/live, of which that uses some."""
    folder = archive.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "usr/bin").mkdir(parents=True)
    for name, path in programs.items():
        subprocess.run([strip, "-o", folder / "usr/bin" / name, path], check=True)
    guest = tests / "kernels/guest"
    suite = folder / "suite"
    for path in [*guest.glob("*.py"), *(tests / "live").glob("*.py")]:
        copy = suite / path.relative_to(tests.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    # The machine has Debian 12's Python, as this one may have; compiling there would be slow.
    subprocess.run(["/usr/bin/python3", "-m", "compileall", "-q", suite], check=True)
    shutil.copy2(guest / "init.sh", folder / "init")
    (folder / "init").chmod(0o755)
    pack(folder, archive)
    shutil.rmtree(folder)
