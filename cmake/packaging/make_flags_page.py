#!/usr/bin/env python3
"""Writes docs/flags.md from the help texts of the binary. Usage: make_flags_page.py BINARY FILE"""

import pathlib
import sys

from make_man_page import COMMANDS_WITH_FLAGS, EXIT_STATUS, Option, groups, output

_HEAD = f"""\
# Flags

<!-- made by cmake/packaging/make_flags_page.py from the help texts -->
`conntrack_exporter [serve|check|report|advise|healthcheck] [flags]`. `serve` is the default. A command accepts the flags of `serve` too.

Exit codes: {EXIT_STATUS}

Paths of the HTTP server: `/metrics` (accepts `collect[]=` and `exclude[]=`, as node_exporter does), `/` ([status page](status-page.md)),
`/history.json` (its data), `/-/healthy` and `/-/ready`.
"""


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def row(option: Option) -> str:
    value = f" {option.value.strip()}" if option.value else ""
    name = f"`{option.name}{cell(value)}`" if "|" not in value else f"`{option.name}` {cell(value.strip())}"
    text = option.sentences()
    return f"| {name} | {cell(text[:1].upper() + text[1:])} |\n"


def table(heading: str, options: list[Option]) -> str:
    return f"\n## {heading}\n\n| flag | |\n|---|---|\n" + "".join(row(option) for option in options)


def page(binary: str) -> str:
    listed = groups(output(binary, "--help"))
    commands = listed.pop("Subcommands")
    text = _HEAD + "".join(table(heading, options) for heading, options in listed.items())
    for command in commands:
        if command.name in COMMANDS_WITH_FLAGS:
            own = [option for options in groups(output(binary, command.name, "--help")).values() for option in options]
            text += table(f"{command.name}: {command.text[:1].lower() + command.text[1:]}", own)
    return text


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_text(page(sys.argv[1]), encoding="utf-8")
