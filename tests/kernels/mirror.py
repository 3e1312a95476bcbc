"""Debian's packages, straight from the mirror: apt's sources and its state stay as they are."""

import dataclasses
import hashlib
import lzma
import os
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org")
_FIELD = re.compile(r"^(Package|Version|Depends|Filename|SHA256): (.*)$", re.MULTILINE)
_A_DAY = 24 * 60 * 60
_PATIENCE = 60  # seconds without a byte


class MirrorError(Exception):
    """What could not be downloaded, and why."""


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    depends: tuple[str, ...]
    url: str
    sha256: str


def archive(suite: str) -> str:
    return f"{MIRROR}/{'debian-security' if suite.endswith('-security') else 'debian'}"


def packages(suite: str, arch: str, cache: pathlib.Path) -> dict[str, Package]:
    """All of a suite's main, by name. The list is kept for a day, and used beyond that where the mirror cannot be reached."""
    kept = cache / f"Packages-{suite}-{arch}.xz"
    url = f"{archive(suite)}/dists/{suite}/main/binary-{arch}/Packages.xz"
    if not kept.exists() or time.time() - kept.stat().st_mtime > _A_DAY:
        try:
            _download(url, kept)
        except MirrorError as error:
            if not kept.exists():
                raise
            print(f"{error}; using the list of {time.ctime(kept.stat().st_mtime)}", flush=True)
    return {found.name: found for found in _parse(lzma.decompress(kept.read_bytes()).decode(), archive(suite))}


def _parse(text: str, base: str):
    for paragraph in text.split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        if "Package" in fields:
            depends = tuple(re.findall(r"(?:^|[,|] *)([a-z0-9][a-z0-9+.-]+)", fields.get("Depends", "")))
            yield Package(fields["Package"], fields["Version"], depends, f"{base}/{fields['Filename']}", fields["SHA256"])


def newest(found: list[Package]) -> Package:
    """By version. Those of one suite and one regular expression differ in numbers only."""
    return max(found, key=lambda package: [int(number) for number in re.findall(r"\d+", package.version)])


def fetch(package: Package, folder: pathlib.Path) -> pathlib.Path:
    """The file of the package, downloaded where it is not there yet. It is the one that the list names, by its SHA256."""
    path = folder / package.url.rpartition("/")[2]
    if not path.exists():
        _download(package.url, path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != package.sha256:
        path.unlink()
        raise MirrorError(f"{package.url} has the SHA256 {found}, but the list says {package.sha256}")
    return path


def unpack(path: pathlib.Path, folder: pathlib.Path) -> None:
    subprocess.run(["dpkg-deb", "-x", path, folder], check=True)


def _download(url: str, path: pathlib.Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer, part.open("wb") as file:
            while block := answer.read(1 << 20):
                file.write(block)
    except (OSError, urllib.error.URLError) as error:
        raise MirrorError(f"cannot download {url}: {error}") from error
    part.rename(path)
