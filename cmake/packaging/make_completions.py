#!/usr/bin/env python3
"""Writes completions for bash, zsh and fish from what the binary says of itself. Usage: make_completions.py BINARY FOLDER"""

import pathlib
import re
import sys

from make_man_page import Option, groups, output

PROGRAM = "conntrack_exporter"


class Flag:
    """One name of a flag, and what its value can be: words, "file", "folder", "any", or None where it takes none."""

    def __init__(self, name: str, option: Option):
        self.name, self.text = name, option.text.rstrip(".")
        if option.choice:
            self.value = option.choice[1].split(",")
        elif re.match(r"DIR\b", option.value):
            self.value = "folder"
        elif re.match(r"FILE\b|PATH\.prom\b", option.value):
            self.value = "file"
        else:
            self.value = "any" if option.value or option.range or option.default else None


def flags(binary: str, *command: str) -> list[Flag]:
    found = []
    for heading, options in groups(output(binary, *command, "--help")).items():
        for option in options if heading != "Subcommands" else ():
            found += [Flag(name, option) for name in option.name.split(",") if name.startswith("--")]
            collector = re.search(r"^--collector\.(\w+)$", option.name)
            if collector and option.text.endswith(")"):  # (on), (off)
                without = Option(f"--no-collector.{collector[1]}", f"Turn off: {option.text}")
                found.append(Flag(without.name, without))
    return found


def bash(everywhere: list[Flag], by_command: dict[str, list[Flag]], commands: dict[str, str]) -> str:
    known = [(f"{command}\\ {flag.name}", flag) for command, found in by_command.items() for flag in found]
    known += [(f"*\\ {flag.name}", flag) for flag in everywhere]
    generate = {"file": "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")",
                "folder": "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$current\")", "any": ":"}  # fmt: skip
    text = f"# Completions of {PROGRAM} for bash.\n_{PROGRAM}() {{\n"
    text += "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' word words\n"
    text += "  COMPREPLY=()\n"
    text += "  # bash splits --flag=value into three words.\n"
    text += "  if [[ $current == = ]]; then current=''; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
    text += '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do\n'
    text += f'    case $word in {"|".join(commands)}) command=$word ;; esac\n  done\n'
    text += '  case "$command $before" in\n'
    for pattern, flag in known:
        if flag.value:
            what = generate.get(str(flag.value)) or f"mapfile -t COMPREPLY < <(compgen -W '{' '.join(flag.value)}' -- \"$current\")"
            text += f"    {pattern}) {what}; return ;;\n"
    text += f"  esac\n  words='{' '.join(flag.name for flag in everywhere)}'\n  case $command in\n"
    text += f"    '') words+=' {' '.join(commands)}' ;;\n"
    for command, found in by_command.items():
        text += f"    {command}) words+=' {' '.join(flag.name for flag in found)}' ;;\n"
    text += '  esac\n  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")\n}\n'
    return text + f"complete -F _{PROGRAM} {PROGRAM}\n"


def zsh(everywhere: list[Flag], by_command: dict[str, list[Flag]], commands: dict[str, str]) -> str:
    def quoted(text: str) -> str:
        return re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''")

    def spec(flag: Flag) -> str:
        values = {"file": ": :_files", "folder": ": :_files -/", "any": ": : ", None: ""}
        value = f": :({' '.join(flag.value)})" if isinstance(flag.value, list) else values[flag.value]
        return f"'*{flag.name}{'=' if flag.value else ''}[{quoted(flag.text)}]{value}'"

    def lines(found: list[Flag]) -> str:
        return "".join(f"    {spec(flag)}\n" for flag in found)

    text = f"#compdef {PROGRAM}\nlocal -a flags commands\nflags=(\n{lines(everywhere)})\ncommands=(\n"
    text += "".join(f"    '{command}:{quoted(about)}'\n" for command, about in commands.items()) + ")\n"
    text += f"case ${{words[(r)({'|'.join(by_command)})]}} in\n"
    for command, found in by_command.items():
        text += f"  {command}) flags+=(\n{lines(found)}  ) ;;\n"
    return text + "esac\n_arguments -S $flags '1: :{_describe command commands}'\n"


def fish(everywhere: list[Flag], by_command: dict[str, list[Flag]], commands: dict[str, str]) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def line(flag: Flag, condition: str = "") -> str:
        values = {"file": " -rF", "folder": " -x -a '(__fish_complete_directories)'", "any": " -x", None: ""}
        value = f" -x -a {quoted(' '.join(flag.value))}" if isinstance(flag.value, list) else values[flag.value]
        return f"complete -c {PROGRAM}{condition} -l {flag.name[2:]}{value} -d {quoted(flag.text)}\n"

    text = f"# Completions of {PROGRAM} for fish.\ncomplete -c {PROGRAM} -f\n"
    for command, about in commands.items():
        text += f"complete -c {PROGRAM} -n 'not __fish_seen_subcommand_from {' '.join(commands)}' -a {command} -d {quoted(about)}\n"
    text += "".join(map(line, everywhere))
    for command, found in by_command.items():
        text += "".join(line(flag, f" -n '__fish_seen_subcommand_from {command}'") for flag in found)
    return text


def main(binary: str, folder: pathlib.Path) -> None:
    commands = {entry.name: entry.text for entry in groups(output(binary, "--help"))["Subcommands"]}
    everywhere = flags(binary)
    names = {flag.name for flag in everywhere}
    of_commands = {command: [flag for flag in flags(binary, command) if flag.name not in names] for command in commands}
    by_command = {command: found for command, found in of_commands.items() if found}
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in ((f"{PROGRAM}.bash", bash), (f"_{PROGRAM}", zsh), (f"{PROGRAM}.fish", fish)):
        (folder / name).write_text(make(everywhere, by_command, commands), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
