"""Debian's data about the packages in a sysroot (scripts/make-sysroot): version, origin, and licence as SPDX."""

from __future__ import annotations

import dataclasses
import pathlib
import re

# Debian's short names of licences (copyright-format 1.0) that are not SPDX names.
_NAMES = {
    "expat": "MIT",
    "x11": "MIT",  # yaml-cpp, with the text of Expat
    "zlib": "Zlib",
    "apache-2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "cc0-1.0": "CC0-1.0",
    "gpl-2": "GPL-2.0-only",
    "gpl-2+": "GPL-2.0-or-later",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-2.1+": "LGPL-2.1-or-later",
}


@dataclasses.dataclass(frozen=True)
class Licence:
    """A licence as an SPDX expression. `texts` has the text of each name that is not an SPDX name."""

    expression: str
    texts: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str  # the source package
    source_version: str
    maintainer: str
    homepage: str
    licence: Licence
    status: str  # its paragraph of /var/lib/dpkg/status
    copyright: pathlib.Path
    release: str  # of Debian


class Sysroot:
    def __init__(self, folder: pathlib.Path):
        self._folder = folder
        self._release = (folder / "release").read_text(encoding="ascii").strip()
        self._status: dict[str, str] = {}
        for paragraph in (folder / "packages").read_text(encoding="utf-8").split("\n\n"):
            if name := re.search(r"^Package: (.+)$", paragraph, re.MULTILINE):
                self._status[name[1]] = paragraph
        lines = (folder / "contents").read_text(encoding="utf-8").splitlines()
        # /lib is a link to /usr/lib in the sysroot, but a folder in the packages.
        self._owners = {re.sub("^lib/", "usr/lib/", path): name for name, path in (line.split(" ", 1) for line in lines)}

    def owner(self, path: str) -> str | None:
        """The package of a file, by its path relative to the sysroot."""
        return self._owners.get(path)

    def always_linked(self) -> set[str]:
        """The packages that the compiler links without being asked."""
        return {name for name in self._status if re.fullmatch(r"libc6-dev|lib(gcc|stdc\+\+)-\d+-dev", name)}

    def package(self, name: str) -> Package:
        status = self._status[name]

        def field(key: str, default: str = "") -> str:
            found = re.search(rf"^{key}: (.*)$", status, re.MULTILINE)
            return found[1] if found else default

        version = field("Version")
        source = re.fullmatch(r"(\S+)(?: \((.+)\))?", field("Source", name))
        path = self._folder / f"usr/share/doc/{name}/copyright"
        found = licence(name, path.read_text(encoding="utf-8"))
        return Package(
            name, version, field("Architecture"), source[1], source[2] or version, field("Maintainer"), field("Homepage"), found,
            status, path, self._release)  # fmt: skip


def licence(name: str, text: str) -> Licence:
    """The licence that a copyright file declares for `Files: *`, or the text of the file if it declares none."""
    whole = re.search(r"^Files:\s*\*\s*\n(?:(?!\s*\n).*\n)*?License:[ \t]*(\S.*)$", text, re.MULTILINE)
    if not text.startswith("Format:") or not whole:
        reference = _reference(f"{name}-copyright")
        return Licence(reference, {reference: text})
    texts: dict[str, str] = {}
    words = []
    for term in re.split(r"\s+(or|and)\s+", whole[1].strip()):
        if term in ("or", "and"):
            words.append(term.upper())
            continue
        known = _NAMES.get(term.lower())
        if not known:
            known = _reference(f"{name}-{term}")
            texts[known] = text
        words.append(known)
    return Licence(" ".join(words), texts)


def _reference(what: str) -> str:
    return "LicenseRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", what)
