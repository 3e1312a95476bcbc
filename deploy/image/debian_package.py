"""What Debian says of an installed package: version, origin, licences in the names of SPDX."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import subprocess

# Debian's short names of licences (copyright-format 1.0) that are not SPDX's already.
_NAMES = {
    "expat": "MIT",
    "x11": "MIT",  # of yaml-cpp, whose text is that of Expat
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
    """As an SPDX expression. Where a name is not SPDX's, `texts` has what stands for it."""

    expression: str
    texts: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    maintainer: str
    homepage: str
    licence: Licence


def read(name: str) -> Package:
    fields = ("Version", "Architecture", "source:Package", "source:Version", "Maintainer", "Homepage")
    query = ["dpkg-query", "-W", "-f", "\n".join("${%s}" % field for field in fields), name]
    values = subprocess.run(query, check=True, capture_output=True, text=True).stdout.split("\n")
    text = pathlib.Path(f"/usr/share/doc/{name}/copyright").read_text(encoding="utf-8")
    return Package(name, *values, licence=licence(name, text))


def owner(file: str) -> str | None:
    """The package that a file comes from. The database has some under /usr, some in the folders that are links to it today."""
    for path in (file, file.removeprefix("/usr"), "/usr" + file):
        found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=False).stdout
        if found:
            return found.split(":")[0]
    return None


def licence(name: str, text: str) -> Licence:
    """What a copyright file declares for the package as a whole (`Files: *`); the file itself where it is none of the machine's."""
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
