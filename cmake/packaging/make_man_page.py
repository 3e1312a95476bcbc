#!/usr/bin/env python3
"""Writes conntrack_exporter(8) from what the binary says of itself. Usage: make_man_page.py BINARY FILE

help2man takes the headings of groups for options and puts all flags in one list; this keeps the groups, and gives each command a
section of its own."""

import pathlib
import re
import subprocess
import sys

_COLUMN = 30  # where CLI11 begins descriptions
_COMMANDS_WITH_FLAGS = ("report", "advise", "healthcheck")

_DESCRIPTION = """\
Serves on port 10318 what the kernel knows of its connection tracking table: how full it is, what fills it, and why packets are
lost. It reads only: it has no message that could change the table.

The flows need CAP_NET_ADMIN, everything else that is on by default works without. What cannot be read is left out, never zero;
\\fBconntrack_exporter check\\fR names it, with reason and remedy. All other privileges are given up at the start."""

_END = """\
.SH FILES
.TP
.IR /etc/default/conntrack\\-exporter ", in the RPM " /etc/sysconfig/conntrack\\-exporter
Flags for the service, in ARGS.
.TP
.I /usr/share/doc/conntrack\\-exporter
What every metric means, what each collector needs, and drop\\-ins of the unit for those that need more than CAP_NET_ADMIN.
After an installation from the tarball, this folder and the next are below /usr/local/share.
.TP
.I /usr/share/conntrack\\-exporter
Alert rules for Prometheus, and dashboards for Grafana where they are shipped.
.SH ENVIRONMENT
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Set by systemd for a unit of Type=notify, which is told when the exporter serves, that it is alive, and when it stops.
.TP
.BR LISTEN_FDS ", " LISTEN_PID
Set by systemd for a socket unit; see \\fB\\-\\-web.systemd\\-socket\\fR.
.SH EXIT STATUS
0 done, or stopped by SIGTERM or SIGINT; 1 failed while running; 2 the command line or an address is wrong.
.SH EXAMPLES
.TP
.B conntrack_exporter check
What can be read here, what cannot, and what to do about it.
.TP
.B conntrack_exporter \\-\\-collector.talkers \\-\\-web.listen\\-address=127.0.0.1:10318
Names what fills the table too, and listens on loopback alone.
.TP
.B conntrack_exporter report \\-\\-watch 2
The table and a diagnosis, drawn again every two seconds.
.SH SEE ALSO
.BR conntrack (8),
.BR prometheus (1),
.BR systemd.exec (5)
"""


def output(binary: str, *arguments: str) -> str:
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def roff(text: str) -> str:
    """No line of it is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


class Option:
    """One entry of a list of flags or of commands."""

    def __init__(self, head: str, text: str):
        self.conditions = re.findall(r" (Excludes|Needs): (\S+)", head)
        head = re.sub(r" (Excludes|Needs): \S+", "", head).replace(" TEXT:DIR", " DIR")
        self.name, _, value = head.partition(" ")
        self.range = re.search(r" in \[(.*?) - (.*?)\]", value)
        self.choice = re.search(r":\{(.*?)\}", value)
        value = re.sub(r" in \[.*?\]|:UINT\b|:\{.*?\}", "", value)
        # A capitalised word is a part of the value (CIDR=NAME), all else its default.
        self.default = re.search(r"=\[?((?![A-Z]+\b)[^\s\]]+)\]?", value)
        if self.default:
            value = value.replace(self.default[0], "")
        self.value, self.text = value, text

    def remarks(self) -> list[str]:
        known = []
        if self.range:
            known.append(f"From {self.range[1]} to {self.range[2]}.")
        if self.choice and not all(word in self.text for word in self.choice[1].split(",")):
            known.append(f"One of {self.choice[1].replace(',', ', ')}.")
        if self.default:
            known.append(f"The default is {self.default[1]}.")
        words = {"Excludes": "Not together with", "Needs": "Only with"}
        return known + [f"{words[word]} {flag}." for word, flag in self.conditions]

    def entry(self) -> str:
        value = f" \\fI{roff(self.value)}\\fR" if self.value else ""
        text = self.text if self.text.endswith(".") or not self.text else self.text + "."
        return f".TP\n\\fB{roff(self.name)}\\fR{value}\n{roff(' '.join([text, *self.remarks()]).strip())}\n"


def groups(help_text: str) -> dict[str, list[Option]]:
    """Heading to entries, in the order of the help text."""
    found: dict[str, list[Option]] = {}
    lines = help_text.splitlines()
    entries = None
    skip = False
    for number, line in enumerate(lines):
        if skip:
            skip = False
        elif re.match(r"\S.*:$", line) and not line.startswith("Usage:"):
            entries = found.setdefault(line[:-1], [])
        elif line.startswith("  ") and line.strip() and entries is not None:
            following = lines[number + 1] if number + 1 < len(lines) else ""
            skip = following.startswith(" " * _COLUMN)
            head, text = (line, following) if skip else (line[:_COLUMN], line[_COLUMN:])
            entries.append(Option(head.strip(), text.strip()))
    return found


def command(binary: str, entry: Option) -> str:
    text = f".SS {roff(entry.name)}\n{roff(entry.text)}.\n"
    if entry.name in _COMMANDS_WITH_FLAGS:
        for options in groups(output(binary, entry.name, "--help")).values():
            text += "".join(option.entry() for option in options)
    return text


def page(binary: str) -> str:
    help_text = output(binary, "--help")
    listed = groups(help_text)
    commands = listed.pop("Subcommands")
    version = re.search(r"version (\S+)", output(binary, "--version"))[1]
    summary = help_text.split(". ")[0]
    names = "|".join(entry.name for entry in commands)
    text = (f'.TH CONNTRACK_EXPORTER 8 "" "conntrack_exporter {version}" "System Administration"\n'
            f".nh\n.SH NAME\nconntrack_exporter \\- {roff(summary)}\n"
            f".SH SYNOPSIS\n.B conntrack_exporter\n[{roff(names)}] [\\fIflags\\fR]\n"
            f".SH DESCRIPTION\n{roff_paragraphs(_DESCRIPTION)}\n.SH OPTIONS\n")
    for heading, options in listed.items():
        text += f".SS {roff(heading)}\n" + "".join(option.entry() for option in options)
    text += ".SH COMMANDS\nEach takes the flags above too.\n"
    return text + "".join(command(binary, entry) for entry in commands) + _END


def roff_paragraphs(text: str) -> str:
    return text.replace("\n\n", "\n.PP\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_text(page(sys.argv[1]))
