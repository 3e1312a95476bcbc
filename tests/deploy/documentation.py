"""What is wrong with an installed folder: dead links in Markdown, rule files of Prometheus that are not there, and empty folders."""

import os
import pathlib
import re

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]\n]+\]: (\S+)", re.MULTILINE)
_SOURCES = re.compile(r"https://github\.com/conntrack-exporter/conntrack_exporter/(blob|tree)/(?:v[^/]+|main)/([^#]+)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def faults(folder: pathlib.Path) -> list[str]:
    """All of them, in words."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_dir() and not any(path.iterdir()):
            found.append(f"{name} is an empty folder")
        if path.suffix == ".md":
            found += [f"{name}: {fault}" for fault in dead_links(path)]
        if path.suffix == ".yml":
            rules = re.findall(r"^ +- (\S+rules\.yml)\b", path.read_text(encoding="utf-8"), re.MULTILINE)
            found += [f"{name}: no rule file {one}" for one in rules if not (path.parent / one).is_file()]
    return found


def dead_links(page: pathlib.Path) -> list[str]:
    """Of one page of Markdown."""
    found = []
    for match in _LINK.finditer(page.read_text(encoding="utf-8")):
        link = match[1] or match[2]
        sources = _SOURCES.match(link)
        if sources:
            # Of the version that is being made, so it has to be in this tree.
            target = _ROOT / sources[2]
            if not (target.is_dir() if sources[1] == "tree" else target.is_file()):
                found.append(f"{link} is not in the sources")
        elif not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            target = pathlib.Path(os.path.normpath(page.parent / path)) if path else page
            if not target.exists():
                found.append(f"{link} leads nowhere")
            elif anchor and target.suffix == ".md" and anchor not in _anchors(target):
                found.append(f"{link}: no such heading")
    return found


def _anchors(page: pathlib.Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
    words = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", word).replace(" ", "-") for word in words}
