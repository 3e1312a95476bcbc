"""The checks of the bill of materials find what is wrong."""

import copy
import hashlib
import pathlib
import sys
import unittest

import spdx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "deploy/portable"))

import debian_package  # noqa: E402

SHA1 = hashlib.sha1(b"content").hexdigest()
COMMON = {"downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION"}
SOUND = {
    "spdxVersion": "SPDX-2.3",
    "dataLicense": "CC0-1.0",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "image",
    "documentNamespace": "https://example.org/sbom/1",
    "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: this"]},
    "packages": [
        {
            "name": "image",
            "SPDXID": "SPDXRef-Package-image",
            "versionInfo": "1",
            "licenseDeclared": "MIT OR LicenseRef-own",
            "filesAnalyzed": True,
            "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1(SHA1.encode()).hexdigest()},
            "externalRefs": [{"referenceLocator": "pkg:deb/debian/libstdc%2B%2B6@1:2.0-3%2Bdeb12u1?arch=amd64&distro=debian-12"}],
            **COMMON,
        }
    ],
    "files": [
        {
            "fileName": "./bin/program",
            "SPDXID": "SPDXRef-File-program",
            "checksums": [{"algorithm": "SHA1", "checksumValue": SHA1}, {"algorithm": "SHA256", "checksumValue": "0" * 64}],
            "licenseInfoInFiles": ["NOASSERTION"],
            **COMMON,
        }
    ],
    "relationships": [
        {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Package-image"},
        {"spdxElementId": "SPDXRef-Package-image", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-File-program"},
    ],
    "hasExtractedLicensingInfos": [{"licenseId": "LicenseRef-own", "extractedText": "Do as you like."}],
}


class Faults(unittest.TestCase):
    def setUp(self):
        self.document = copy.deepcopy(SOUND)

    def assert_fault(self, words: str) -> None:
        self.assertIn(words, "\n".join(spdx.faults(self.document)))

    def test_a_sound_document_has_none(self):
        self.assertEqual([], spdx.faults(self.document))

    def test_a_licence_that_is_not_on_the_list(self):
        self.document["packages"][0]["licenseDeclared"] = "Expat"
        self.assert_fault("licence Expat is not known")

    def test_a_licence_without_its_text(self):
        self.document["hasExtractedLicensingInfos"] = []
        self.assert_fault("no text for LicenseRef-own")

    def test_a_file_that_has_changed(self):
        self.document["files"][0]["checksums"][0]["checksumValue"] = "0" * 40
        self.assert_fault("the verification code is not that of its files")

    def test_a_package_that_is_not_analysed_and_contains_files(self):
        self.document["packages"][0]["filesAnalyzed"] = False
        del self.document["packages"][0]["packageVerificationCode"]
        self.assert_fault("contains files, and is not analysed")

    def test_a_relationship_with_nothing(self):
        self.document["relationships"][1]["relatedSpdxElement"] = "SPDXRef-File-other"
        self.assert_fault("a relationship with 'SPDXRef-File-other'")

    def test_an_identifier_that_occurs_twice(self):
        self.document["packages"].append(self.document["packages"][0])
        self.assert_fault("an identifier occurs twice")

    def test_no_version_and_no_time(self):
        del self.document["packages"][0]["versionInfo"]
        self.document["creationInfo"]["created"] = "yesterday"
        self.assert_fault("no versionInfo")
        self.assert_fault("created is no time")


class Licences(unittest.TestCase):
    HEAD = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"

    def test_that_of_all_files_is_declared(self):
        text = self.HEAD + "Files: *\nCopyright: somebody\n and others\nLicense: Expat\n\nFiles: debian/*\nLicense: GPL-2+\n"
        self.assertEqual(("MIT", {}), tuple(vars(debian_package.licence("x", text)).values()))

    def test_a_choice_stays_one(self):
        text = self.HEAD + "Files: *\nCopyright: somebody\nLicense: BSD-3-clause or GPL-2\n text\n"
        self.assertEqual("BSD-3-Clause OR GPL-2.0-only", debian_package.licence("x", text).expression)

    def test_another_name_is_a_reference_to_the_text(self):
        text = self.HEAD + "Files: *\nCopyright: somebody\nLicense: Beerware\n"
        found = debian_package.licence("libx", text)
        self.assertEqual(("LicenseRef-libx-Beerware", {"LicenseRef-libx-Beerware": text}), (found.expression, found.texts))

    def test_a_file_in_no_format_is_a_reference_to_itself(self):
        found = debian_package.licence("libc6", "Prepackaged by somebody.\nLicense: see below\n")
        self.assertEqual("LicenseRef-libc6-copyright", found.expression)
        self.assertIn("Prepackaged", found.texts[found.expression])


if __name__ == "__main__":
    unittest.main()
