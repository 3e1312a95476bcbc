"""Python-Markdown as GitHub reads Markdown: lists nest by two spaces, and headings have GitHub's anchors."""

import re

from markdown.extensions import Extension


def slug(heading: str, _separator: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


class GitHub(Extension):
    def extendMarkdown(self, md):
        md.tab_length = 2
