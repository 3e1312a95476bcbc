"""Which packages are taken from a mirror, and that what was downloaded is what the mirror's list names."""

import hashlib
import lzma
import pathlib
import tempfile
import unittest
from unittest import mock

import kernel
import mirror


class MirrorTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.object(mirror, "MIRROR", self.folder.as_uri()))
        self.cache = self.folder / "cache"

    def publish(self, *packages: tuple[str, str, str, bytes], suite: str = "stable") -> None:
        """Packages by name, version, what they depend on, and content."""
        archive = self.folder / ("debian-security" if suite.endswith("-security") else "debian")
        (archive / "pool").mkdir(parents=True, exist_ok=True)
        paragraphs = []
        for name, version, depends, content in packages:
            (archive / "pool" / f"{name}.deb").write_bytes(content)
            paragraphs.append(f"Package: {name}\nVersion: {version}\nDepends: {depends}\nFilename: pool/{name}.deb\n"
                              f"SHA256: {hashlib.sha256(content).hexdigest()}\n")
        listed = archive / "dists" / suite / "main/binary-amd64/Packages.xz"
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.write_bytes(lzma.compress("\n".join(paragraphs).encode()))

    def packages(self, suite: str = "stable") -> dict[str, mirror.Package]:
        return mirror.packages(suite, "amd64", self.cache)

    def test_the_newest_is_that_with_the_highest_numbers(self):
        self.publish(("a", "6.18.5-1~bpo13+1", "", b""), ("b", "6.18.15-1~bpo13+1", "", b""), ("c", "6.18.9-2~bpo13+1", "", b""))
        self.assertEqual("b", mirror.newest(list(self.packages().values())).name)

    def test_a_security_suite_is_of_its_own_archive(self):
        self.publish(("a", "1", "", b"content"), suite="old-security")
        self.assertEqual(b"content", mirror.fetch(self.packages("old-security")["a"], self.cache).read_bytes())

    def test_what_is_not_what_the_list_names_is_refused_and_not_kept(self):
        self.publish(("a", "1", "", b"as listed"))
        found = self.packages()["a"]
        (self.folder / "debian/pool/a.deb").write_bytes(b"another")
        with self.assertRaisesRegex(mirror.MirrorError, "SHA256"):
            mirror.fetch(found, self.cache)
        (self.folder / "debian/pool/a.deb").write_bytes(b"as listed")
        self.assertEqual(b"as listed", mirror.fetch(found, self.cache).read_bytes())

    def test_a_mirror_that_is_away_leaves_the_list_of_before(self):
        self.publish(("a", "1", "", b""))
        self.packages()
        with mock.patch.object(mirror, "MIRROR", "file:///nowhere"), mock.patch.object(mirror, "_A_DAY", -1):
            self.assertEqual({"a"}, set(self.packages()))
            with self.assertRaisesRegex(mirror.MirrorError, "cannot download"):
                self.packages("another")

    def test_parts_of_the_same_release_come_with_it(self):
        self.publish(("linux-image-7.3.4", "1", "linux-binary-7.3.4 (= 1), linux-modules-7.3.4 (= 1), kmod | other", b""),
                     ("linux-binary-7.3.4", "1", "linux-base-7.3.4", b""), ("linux-modules-7.3.4", "1", "", b""),
                     ("linux-base-7.3.4", "1", "", b""), ("linux-modules-7.3.3", "1", "", b""), ("kmod", "1", "", b""))
        listed = self.packages()
        parts = kernel.parts(listed["linux-image-7.3.4"], listed, "7.3.4")
        self.assertEqual({"linux-image-7.3.4", "linux-binary-7.3.4", "linux-modules-7.3.4", "linux-base-7.3.4"},
                         {package.name for package in parts})

    def test_a_name_is_listed_once_for_an_architecture(self):
        names = [(found.name, found.arch) for found in kernel.known(self.folder)]
        self.assertTrue(names)
        self.assertEqual(sorted(set(names)), sorted(names))


if __name__ == "__main__":
    unittest.main()
