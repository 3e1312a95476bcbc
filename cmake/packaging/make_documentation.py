#!/usr/bin/env python3
"""Copies the documentation into the folder that is installed. Links lead to where a file is after the installation, or, for what is not
installed, to the sources of this version. With PATHs, those files are copied, to the same paths.
Usage: make_documentation.py SOURCES FOLDER VERSION [PATH...]"""

import os
import pathlib
import re
import shutil
import sys

_SOURCES_URL = "https://github.com/conntrack-exporter/conntrack_exporter"
# Of what is installed, the place relative to the documentation's folder. Debian renames CHANGELOG.md, and has LICENSE elsewhere.
_COPIED = ("README.md", "docs/**/*.md", "docs/**/*.png", "alerts/**/*.md")
_EXAMPLES = ("deploy/prometheus/*.yml",)
_DATA = ("alerts/*.yml", "alerts/*.libsonnet", "dashboards/*.json")
_LINK = re.compile(r"((?<!\[)\]\(|^\[[^\]\n]+\]: )(?![a-z]+:)([^)#\s]+)", re.MULTILINE)


def installed(sources: pathlib.Path, only: list[str]) -> dict[str, str]:
    """Path in the sources to path in the documentation's folder."""

    def found(patterns: tuple[str, ...]) -> list[str]:
        return [str(path.relative_to(sources)) for pattern in patterns for path in sources.glob(pattern)]

    places = {path: path for path in only or found(_COPIED)}
    if not only:
        places |= {path: path.replace("deploy/", "examples/", 1) for path in found(_EXAMPLES)}
        places |= {path: f"../../conntrack-exporter/{path}" for path in found(_DATA)}
    for path, place in list(places.items()):  # folders too
        places.setdefault(os.path.dirname(path), os.path.dirname(place))
    return places


def with_links(text: str, path: str, sources: pathlib.Path, version: str, places: dict[str, str]) -> str:
    def there(match: re.Match) -> str:
        target = os.path.normpath(os.path.join(os.path.dirname(path), match[2]))
        if target in places:
            return match[1] + os.path.relpath(places[target], os.path.dirname(places[path]) or ".")
        kind = "tree" if (sources / target).is_dir() else "blob"
        if not (sources / target).exists():
            sys.exit(f"{path}: a link to {match[2]}, which does not exist")
        return f"{match[1]}{_SOURCES_URL}/{kind}/v{version}/{target}"

    return _LINK.sub(there, text)


def with_rules(text: str, path: str, places: dict[str, str]) -> str:
    """A configuration of Prometheus, whose rule files are relative to it."""

    def there(match: re.Match) -> str:
        target = os.path.normpath(os.path.join(os.path.dirname(path), match[0]))
        return os.path.relpath(places[target], os.path.dirname(places[path]))

    return re.sub(r"\.\./[\w./-]+\.yml", there, text)


def main(sources: pathlib.Path, folder: pathlib.Path, version: str, only: list[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    places = installed(sources, only)
    for path, place in places.items():
        if place.startswith("../") or not (sources / path).is_file():
            continue
        to = folder / place
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".md"):
            text = (sources / path).read_text(encoding="utf-8")
            to.write_text(with_links(text, path, sources, version, places), encoding="utf-8")
        elif path.endswith(".yml"):
            text = (sources / path).read_text(encoding="utf-8")
            to.write_text(with_rules(text, path, places), encoding="utf-8")
        else:
            shutil.copyfile(sources / path, to)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
