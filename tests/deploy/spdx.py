"""What SPDX 2.3 asks of a document in JSON, as far as ours uses it."""

from __future__ import annotations

import hashlib
import re

_IDENTIFIER = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
_LICENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]+|[A-Za-z0-9.-]+\+?")
# Of SPDX's list, those that Debian's names are translated to: another one is worth a look before it ships.
_KNOWN = {
    "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-or-later", "LGPL-2.1-only",
    "LGPL-2.1-or-later", "MIT", "Zlib",
}  # fmt: skip
_RELATIONSHIPS = {"DESCRIBES", "CONTAINS", "DYNAMIC_LINK", "STATIC_LINK", "EXPANDED_FROM_ARCHIVE", "GENERATED_FROM"}
_PURL = re.compile(
    r"pkg:deb/debian/(?:[a-z0-9.-]|%2B)+@(?:[A-Za-z0-9.:~-]|%2B)+"
    r"\?arch=(?:source|[a-z0-9]+&distro=debian-\d+(?:&upstream=(?:[a-z0-9.-]|%2B)+)?)"
)


def faults(document: dict) -> list[str]:
    """All that is wrong with it, in words."""
    found: list[str] = []

    def need(condition: object, what: str) -> None:
        if not condition:
            found.append(what)

    need(document.get("spdxVersion") == "SPDX-2.3", "spdxVersion is not SPDX-2.3")
    need(document.get("dataLicense") == "CC0-1.0", "dataLicense is not CC0-1.0")
    need(document.get("SPDXID") == "SPDXRef-DOCUMENT", "SPDXID of the document is not SPDXRef-DOCUMENT")
    need(document.get("name"), "the document has no name")
    need(re.fullmatch(r"https://[^\s#]+", document.get("documentNamespace", "")), "documentNamespace is no URI without #")
    creation = document.get("creationInfo", {})
    created = creation.get("created", "")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created), f"created is no time: {created!r}")
    creators = creation.get("creators", [])
    need(creators and all(re.match(r"(Tool|Person|Organization): \S", one) for one in creators), "no creators, or malformed")

    texts = {entry.get("licenseId") for entry in document.get("hasExtractedLicensingInfos", []) if entry.get("extractedText")}
    packages, files = document.get("packages", []), document.get("files", [])
    identifiers = [entry.get("SPDXID", "") for entry in (*packages, *files)]
    for one in identifiers:
        need(_IDENTIFIER.fullmatch(one), f"no identifier: {one!r}")
    need(len(set(identifiers)) == len(identifiers), "an identifier occurs twice")
    for entry in packages:
        found += _package_faults(entry, texts)
    for entry in files:
        found += _file_faults(entry)
    ends = {*identifiers, "SPDXRef-DOCUMENT"}
    for entry in document.get("relationships", []):
        need(entry.get("relationshipType") in _RELATIONSHIPS, f"relationship {entry.get('relationshipType')!r}")
        for end in (entry.get("spdxElementId"), entry.get("relatedSpdxElement")):
            need(end in ends, f"a relationship with {end!r}, which is not there")
    described = [entry for entry in document.get("relationships", []) if entry.get("relationshipType") == "DESCRIBES"]
    need(len(described) == 1, "the document does not describe one thing")
    return found + _verification_faults(document)


def _package_faults(package: dict, texts: set) -> list[str]:
    name, found = package.get("name"), []
    for field in ("name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
        if not package.get(field):
            found.append(f"package {name}: no {field}")
    for word in re.split(r"\s+(?:AND|OR)\s+", package.get("licenseDeclared", "")):
        if not _LICENCE.fullmatch(word):
            found.append(f"package {name}: licence {word!r} is no expression")
        elif word.startswith("LicenseRef-") and word not in texts:
            found.append(f"package {name}: no text for {word}")
        elif not word.startswith("LicenseRef-") and word not in _KNOWN | {"NOASSERTION"}:
            found.append(f"package {name}: licence {word} is not known")
    if package.get("filesAnalyzed", True) != ("packageVerificationCode" in package):
        found.append(f"package {name}: a verification code goes with analysed files, and only with them")
    for reference in package.get("externalRefs", []):
        if not _PURL.fullmatch(reference.get("referenceLocator", "")):
            found.append(f"package {name}: purl {reference.get('referenceLocator')!r}")
    return found


def _file_faults(entry: dict) -> list[str]:
    name, found = entry.get("fileName", ""), []
    if not name.startswith("./"):
        found.append(f"file {name!r} is not relative to the image")
    lengths = {one.get("algorithm"): len(one.get("checksumValue", "")) for one in entry.get("checksums", [])}
    if lengths != {"SHA1": 40, "SHA256": 64}:
        found.append(f"file {name}: checksums {lengths}")
    for field in ("licenseConcluded", "copyrightText", "licenseInfoInFiles"):
        if not entry.get(field):
            found.append(f"file {name}: no {field}")
    return found


def _verification_faults(document: dict) -> list[str]:
    """A package's code is over what it contains; only one whose files were analysed may contain any."""
    sums = {entry["SPDXID"]: entry["checksums"][0]["checksumValue"] for entry in document.get("files", [])}
    contained: dict[str, list[str]] = {}
    for entry in document.get("relationships", []):
        if entry["relationshipType"] == "CONTAINS" and entry["relatedSpdxElement"] in sums:
            contained.setdefault(entry["spdxElementId"], []).append(sums[entry["relatedSpdxElement"]])
    found = []
    for package in document.get("packages", []):
        own = contained.pop(package["SPDXID"], [])
        code = package.get("packageVerificationCode", {}).get("packageVerificationCodeValue")
        if own and not code:
            found.append(f"package {package['name']} contains files, and is not analysed")
        if code and code != hashlib.sha1("".join(sorted(own)).encode()).hexdigest():
            found.append(f"package {package['name']}: the verification code is not that of its files")
    return found
