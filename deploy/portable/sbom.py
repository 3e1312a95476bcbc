#!/usr/bin/env python3
"""Prints the bill of materials of a folder with the static binary, as SPDX 2.3 in JSON.

Usage: sbom.py --name NAME --root FOLDER --build FOLDER --version VERSION --revision COMMIT

It lists every file below --root, and everything that is linked or compiled into the binary: Debian's libraries and headers, as recorded
by ninja in --build, and the sources from scripts/fetch-sources.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

import debian_package

HOME = "https://github.com/conntrack-exporter/conntrack_exporter"
BINARY = "conntrack_exporter"
NONE = "NOASSERTION"  # SPDX: no statement


def identifier(*words: str) -> str:
    return "SPDXRef-" + "-".join(re.sub(r"[^A-Za-z0-9.-]+", "-", word).strip("-") for word in words)


def package(name: str, version: str, licence: debian_package.Licence, **more) -> dict:
    return {
        "name": name,
        "SPDXID": identifier("Package", name),
        "versionInfo": version,
        "downloadLocation": NONE,
        "filesAnalyzed": False,
        "licenseConcluded": NONE,
        "licenseDeclared": licence.expression,
        "copyrightText": NONE,
        **more,
    }


def purl(locator: str) -> dict[str, str]:
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator.replace("+", "%2B")}


def debian(found: debian_package.Package, **more) -> dict:
    locator = f"pkg:deb/debian/{found.name}@{found.version}?arch={found.architecture}&distro=debian-{found.release}"
    if found.source != found.name:
        locator += f"&upstream={found.source}"
    if found.homepage:
        more["homepage"] = found.homepage
    return package(
        found.name,
        found.version,
        found.licence,
        supplier="Person: " + found.maintainer if "<" in found.maintainer else "Organization: Debian",
        sourceInfo=f"Debian source package {found.source} {found.source_version}",
        externalRefs=[purl(locator)],
        **more,
    )


def file(root: pathlib.Path, path: pathlib.Path) -> dict:
    content, name = path.read_bytes(), path.relative_to(root).as_posix()
    return {
        "fileName": "./" + name,
        "SPDXID": identifier("File", name),
        "checksums": [
            {"algorithm": "SHA1", "checksumValue": hashlib.sha1(content).hexdigest()},
            {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()},
        ],
        "licenseConcluded": NONE,
        "licenseInfoInFiles": [NONE],
        "copyrightText": NONE,
    }


def verification_code(files: list[dict]) -> str:
    """The verification code of SPDX: the SHA1 of the sorted SHA1 of all files."""
    return hashlib.sha1("".join(sorted(f["checksums"][0]["checksumValue"] for f in files)).encode()).hexdigest()


def linked(build: pathlib.Path) -> tuple[debian_package.Sysroot, list[str]]:
    """The sysroot of a build, and the packages in it whose headers or static libraries are in the binary."""
    cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
    toolchain = re.search(r"^CMAKE_TOOLCHAIN_FILE:.*/(\w+)\.cmake$", cache, re.MULTILINE)
    if not toolchain:
        sys.exit(f"{sys.argv[0]}: {build} is no static build: scripts/build-portable makes one")
    architecture = toolchain[1]
    folder = (build.parent / "sysroot" / architecture).resolve()
    sysroot = debian_package.Sysroot(folder)

    def ninja(*words: str) -> str:
        return subprocess.run(["ninja", "-C", build, "-t", *words], check=True, capture_output=True, text=True).stdout

    paths = re.findall(rf"\S*/sysroot/{architecture}/(\S+\.\w+)", ninja("deps") + ninja("commands", BINARY).splitlines()[-1])
    owners = {sysroot.owner(os.path.normpath(path)) for path in paths}
    if None in owners or len(owners) < 10:
        sys.exit(f"{sys.argv[0]}: {build} is no finished static build, or {folder} is another than it was built with")
    return sysroot, sorted(owners | sysroot.always_linked())


def from_source(build: pathlib.Path) -> list[tuple[str, str, debian_package.Licence]]:
    """Name, version and licence of the sources from scripts/fetch-sources."""
    found = []
    for name in ("civetweb", "prometheus-cpp"):
        folder = build.parent / "sources" / name
        stamp = (folder / "stamp").read_text(encoding="ascii")
        text = (folder / "copyright").read_text(encoding="utf-8")
        found.append((name, re.search(rf"^{name} (\S+)$", stamp, re.MULTILINE)[1], debian_package.licence(name, text)))
    return found


def document(arguments: argparse.Namespace) -> dict:
    root, build = pathlib.Path(arguments.root), pathlib.Path(arguments.build)
    files = [file(root, path) for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    sysroot, names = linked(build)
    found = [sysroot.package(name) for name in names]
    sources = from_source(build)

    gpl = debian_package.Licence("GPL-2.0-or-later", {})
    code = verification_code(files)
    whole = package(
        arguments.name,
        arguments.version,
        debian_package.Licence("GPL-3.0-or-later", {}),  # docs/releasing.md
        filesAnalyzed=True,
        packageVerificationCode={"packageVerificationCodeValue": code},
        licenseInfoFromFiles=[NONE],
    )
    ours = package(
        "conntrack_exporter",
        arguments.version,
        gpl,
        homepage=HOME,
        downloadLocation=NONE if arguments.revision == "unknown" else f"git+{HOME}.git@{arguments.revision}",
        primaryPackagePurpose="APPLICATION",
    )
    compiled = [
        package(
            name,
            version,
            licence,
            sourceInfo=f"Debian's source package {name}, with the patches in patches/{name} if any",
            externalRefs=[purl(f"pkg:deb/debian/{name}@{version}?arch=source")],
        )
        for name, version, licence in sources
    ]
    libraries = [debian(one) for one in found]

    relationships = []

    def relate(one: str, how: str, other: str) -> None:
        relationships.append({"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other})

    relate("SPDXRef-DOCUMENT", "DESCRIBES", whole["SPDXID"])
    relate(whole["SPDXID"], "CONTAINS", ours["SPDXID"])
    for entry in files:
        relate(whole["SPDXID"], "CONTAINS", entry["SPDXID"])
        if pathlib.PurePosixPath(entry["fileName"]).name == BINARY:
            relate(entry["SPDXID"], "GENERATED_FROM", ours["SPDXID"])
    for part in (*compiled, *libraries):
        relate(ours["SPDXID"], "STATIC_LINK", part["SPDXID"])

    texts: dict[str, str] = {}
    for licence in (*(one.licence for one in found), *(licence for _, _, licence in sources)):
        texts.update(licence.texts)
    when = datetime.datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp()), datetime.timezone.utc
    )
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{arguments.name}-{arguments.version}",
        "documentNamespace": f"{HOME}/sbom/{arguments.name}-{arguments.version}-{uuid.uuid5(uuid.NAMESPACE_URL, code)}",
        "creationInfo": {
            "created": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: conntrack_exporter-sbom.py-{arguments.version}"],
        },
        "packages": [whole, ours, *compiled, *libraries],
        "files": files,
        "relationships": relationships,
        "hasExtractedLicensingInfos": [
            {"licenseId": key, "extractedText": text, "name": "Debian's copyright file"} for key, text in sorted(texts.items())
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag in ("--name", "--root", "--build", "--version", "--revision"):
        parser.add_argument(flag, required=True)
    json.dump(document(parser.parse_args()), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
