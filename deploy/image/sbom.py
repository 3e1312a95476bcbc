#!/usr/bin/env python3
"""The bill of materials of the image, SPDX 2.3 in JSON, on standard output. Runs in the build stage of the Dockerfile.

Usage: sbom.py --root FOLDER --build FOLDER --version VERSION --revision COMMIT

Every file below --root is in it, with the package that it comes from; and what is compiled into the binary without a file
of its own: CivetWeb, and libraries that are only headers, as ninja in --build noted them.
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
BINARY = "usr/bin/conntrack_exporter"
NONE = "NOASSERTION"  # SPDX's word for: we do not say


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


def debian(found: debian_package.Package, **more) -> dict:
    locator = f"pkg:deb/debian/{found.name}@{found.version}?arch={found.architecture}&distro=debian-12"
    if found.homepage:
        more["homepage"] = found.homepage
    return package(
        found.name,
        found.version,
        found.licence,
        supplier="Person: " + found.maintainer if "<" in found.maintainer else "Organization: Debian",
        sourceInfo=f"Debian source package {found.source} {found.source_version}",
        externalRefs=[
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator.replace("+", "%2B")}
        ],
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
    """As SPDX defines it: over the sorted SHA1 of all files."""
    return hashlib.sha1("".join(sorted(f["checksums"][0]["checksumValue"] for f in files)).encode()).hexdigest()


def owner_in_image(name: str) -> str | None:
    """The Debian package that a file of the image belongs to; None for our own."""
    kept = re.match(r"\./(?:usr/share/doc|var/lib/dpkg/status\.d)/([a-z0-9.+-]+)(?:/copyright)?$", name)
    if kept:
        return kept[1]
    if re.match(r"\./usr/(lib|lib64)/", name):
        return debian_package.owner(os.path.realpath(name[1:]))
    return {"./etc/os-release": "base-files"}.get(name) or ("base-files" if "/common-licenses/" in name else None)


def compiled_in(build: pathlib.Path, sources: set[str]) -> list[str]:
    """Packages whose headers were compiled and whose source has no library in the image."""
    deps = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], check=True, capture_output=True, text=True).stdout
    headers = sorted(set(re.findall(r"^ +(/usr/\S+)$", deps, re.MULTILINE)))
    if not headers:
        sys.exit(f"{sys.argv[0]}: ninja knows of no header in {build}")
    owners = subprocess.run(["dpkg-query", "-S", *headers], capture_output=True, text=True, check=False).stdout
    names = sorted({line.split(":")[0] for line in owners.splitlines()})
    return [name for name in names if debian_package.read(name).source not in sources]


def document(arguments: argparse.Namespace) -> dict:
    root, build = pathlib.Path(arguments.root), pathlib.Path(arguments.build)
    files = [file(root, path) for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    owners = {entry["SPDXID"]: owner_in_image(entry["fileName"]) for entry in files}
    found = {name: debian_package.read(name) for name in sorted({name for name in owners.values() if name})}
    libraries = {
        owners[entry["SPDXID"]] for entry in files if entry["fileName"].startswith(("./usr/lib/", "./usr/lib64/"))
    }
    headers = [debian_package.read(name) for name in compiled_in(build, {p.source for p in found.values()})]
    stamp = (build.parent / "civetweb/stamp").read_text(encoding="ascii")
    web = debian_package.read("libcivetweb-dev")

    gpl = debian_package.Licence("GPL-2.0-or-later", {})
    code = verification_code(files)
    image = package(
        "conntrack_exporter-image",
        arguments.version,
        debian_package.Licence(NONE, {}),
        filesAnalyzed=True,
        packageVerificationCode={"packageVerificationCodeValue": code},
        licenseInfoFromFiles=[NONE],
        primaryPackagePurpose="CONTAINER",
    )
    ours = package(
        "conntrack_exporter",
        arguments.version,
        gpl,
        homepage=HOME,
        downloadLocation=NONE if arguments.revision == "unknown" else f"git+{HOME}.git@{arguments.revision}",
        primaryPackagePurpose="APPLICATION",
    )
    civetweb = package(
        "civetweb",
        re.search(r"^civetweb (\S+)$", stamp, re.MULTILINE)[1],
        web.licence,
        homepage=web.homepage or NONE,
        sourceInfo="Debian's source package civetweb with the patches in patches/civetweb, compiled into the binary",
    )
    header_only = [debian(p, comment="Only headers, compiled into the binary") for p in headers]

    relationships = []

    def relate(one: str, how: str, other: str) -> None:
        relationships.append({"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other})

    relate("SPDXRef-DOCUMENT", "DESCRIBES", image["SPDXID"])
    relate(image["SPDXID"], "CONTAINS", ours["SPDXID"])
    for entry in files:
        relate(image["SPDXID"], "CONTAINS", entry["SPDXID"])
        if owners[entry["SPDXID"]]:
            relate(entry["SPDXID"], "EXPANDED_FROM_ARCHIVE", identifier("Package", owners[entry["SPDXID"]]))
        elif entry["fileName"] == "./" + BINARY:
            relate(entry["SPDXID"], "GENERATED_FROM", ours["SPDXID"])
    for name in found:
        relate(image["SPDXID"], "CONTAINS", identifier("Package", name))
        if name in libraries:
            relate(ours["SPDXID"], "DYNAMIC_LINK", identifier("Package", name))
    for part in (civetweb, *header_only):
        relate(ours["SPDXID"], "STATIC_LINK", part["SPDXID"])

    texts: dict[str, str] = {}
    for one in (*found.values(), *headers, web):
        texts.update(one.licence.texts)
    when = datetime.datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp()), datetime.timezone.utc
    )
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"conntrack_exporter-image-{arguments.version}",
        "documentNamespace": f"{HOME}/sbom/{arguments.version}-{uuid.uuid5(uuid.NAMESPACE_URL, code)}",
        "creationInfo": {
            "created": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": [f"Tool: conntrack_exporter-sbom.py-{arguments.version}"],
        },
        "packages": [image, ours, civetweb, *(debian(p) for p in found.values()), *header_only],
        "files": files,
        "relationships": relationships,
        "hasExtractedLicensingInfos": [
            {"licenseId": key, "extractedText": text, "name": "Debian's copyright file"} for key, text in sorted(texts.items())
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag in ("--root", "--build", "--version", "--revision"):
        parser.add_argument(flag, required=True)
    json.dump(document(parser.parse_args()), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
