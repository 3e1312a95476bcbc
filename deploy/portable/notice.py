#!/usr/bin/env python3
"""Prints the licences of all libraries in the static binary, as one text.

Usage: notice.py --build FOLDER [--status FOLDER]

With --status, also writes dpkg's data about each Debian package to a file in that folder, for vulnerability scanners.
"""

import argparse
import pathlib
import re

import sbom

_COMMON = pathlib.Path("/usr/share/common-licenses")  # Debian's copyright files refer to it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--status", type=pathlib.Path)
    arguments = parser.parse_args()
    sysroot, names = sbom.linked(arguments.build)
    packages = [sysroot.package(name) for name in names]
    texts: dict[str, list[str]] = {}  # text to packages; several packages can have the same text
    for one in packages:
        texts.setdefault(one.copyright.read_text(encoding="utf-8"), []).append(f"{one.source} {one.source_version}")
    for name, version, _ in sbom.from_source(arguments.build):
        text = (arguments.build.parent / "sources" / name / "copyright").read_text(encoding="utf-8")
        texts.setdefault(text, []).append(f"{name} {version}")
    print("As a whole, this static binary of conntrack_exporter is under GPL-3.0-or-later, whose text is below.\n")
    print("It is linked with these libraries. Their licences, as Debian records them:\n")
    for text, owners in sorted(texts.items(), key=lambda item: item[1]):
        print(f"{'=' * 100}\n{', '.join(sorted(set(owners)))}\n\n{text.strip()}\n")
    referred = {"GPL-3"} | set(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])", " ".join(texts)))
    for name in sorted(one for one in referred if (_COMMON / one).is_file()):
        print(f"{'=' * 100}\n{_COMMON / name}\n\n{(_COMMON / name).read_text(encoding='utf-8').strip()}\n")
    if arguments.status:
        arguments.status.mkdir(parents=True)
        for one in packages:
            (arguments.status / one.name).write_text(f"{one.status}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
