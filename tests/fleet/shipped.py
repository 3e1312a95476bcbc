"""The files of deploy/prometheus, as tests see them."""

import pathlib
import re

import rule_pack

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = rule_pack.ROOT / "deploy/prometheus"


def load(name: str) -> dict:
    return rule_pack.load(FOLDER / name)


def broken_links(page: pathlib.Path) -> list[str]:
    """Links of a page to files that are not there."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [link for link in links if not (page.parent / link).exists()]


def sends(name: str):
    """Whether a configuration of Prometheus sends a series of that name away, by its write_relabel_configs: keep by name."""
    (relabelling,) = load(name)["remote_write"][0]["write_relabel_configs"]
    if (relabelling["source_labels"], relabelling["action"]) != (["__name__"], "keep"):
        raise AssertionError(f"{name}: not a choice by name: {relabelling}")
    return lambda series: re.fullmatch(relabelling["regex"], series) is not None
