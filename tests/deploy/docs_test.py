"""Links of the documentation, as it is in the repository, lead to files and headings that exist."""

import pathlib
import re
import tempfile
import unittest

import documentation

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_PAGES = ("*.md", "docs/*.md", "alerts/**/*.md", "mixin/*.md", "deploy/helm/*/README.md", "deploy/ansible/README.md")


class Links(unittest.TestCase):
    def test_none_is_dead(self):
        pages = [page for pattern in _PAGES for page in _ROOT.glob(pattern)]
        self.assertGreater(len(pages), 70)
        self.assertEqual([], [f"{page.relative_to(_ROOT)}: {fault}" for page in pages for fault in documentation.dead_links(page)])

    def test_dead_links_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text("# A heading\n```sh\n# no heading\n```\n[a](#a-heading) [b](#no-heading) [c](other.md) [d](page.md#else)\n")
            self.assertEqual(["#no-heading: no such heading", "other.md leads nowhere", "page.md#else: no such heading"],
                             documentation.dead_links(page))

    def test_every_page_can_be_reached_from_the_readme(self):
        reached, left = set(), [_ROOT / "README.md"]
        while left:
            page = left.pop()
            if page in reached or not page.is_file():
                continue
            reached.add(page)
            links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8"))
            left += [(page.parent / link).resolve() for link in links if "://" not in link]
        self.assertEqual([], [str(page.relative_to(_ROOT)) for page in _ROOT.glob("docs/*.md") if page not in reached])

    def test_every_page_is_in_the_navigation_of_the_site(self):
        navigation = (_ROOT / "scripts/site/mkdocs.yml").read_text(encoding="utf-8")
        self.assertEqual([], [page.name for page in _ROOT.glob("docs/*.md") if f": docs/{page.name}\n" not in navigation])


if __name__ == "__main__":
    unittest.main()
