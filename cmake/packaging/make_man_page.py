#!/usr/bin/env python3
"""Writes conntrack_exporter(8) from the output of --help. Usage: make_man_page.py BINARY FILE

help2man cannot be used: it puts all flags in one list. This keeps their groups, and gives each command its own section."""

import pathlib
import re
import subprocess
import sys

_COLUMN = 30  # where CLI11 begins descriptions
COMMANDS_WITH_FLAGS = ("report", "advise", "healthcheck")

_DESCRIPTION = """\
A Prometheus exporter for the connection tracking table of Linux. It listens on port 10318 and exposes how full the table is, which
flows fill it, and why packets are lost. It never changes the table.

The flows collector needs CAP_NET_ADMIN. The other default collectors need no privileges. The exporter drops all other privileges at
the start. A metric that cannot be read is absent, never zero: \\fBconntrack_exporter check\\fR shows the reason and how to fix it."""

EXIT_STATUS = ("0: success, or stopped by SIGTERM or SIGINT. 1: failed while running, or an output cannot be written. "
               "2: wrong command line, configuration file or address.")

_END = """\
.SH FILES
.TP
.IR /etc/default/conntrack\\-exporter ", in the RPM " /etc/sysconfig/conntrack\\-exporter
Flags for the service, in ARGS.
.TP
.I /usr/share/doc/conntrack\\-exporter
Documentation of metrics and privileges, and drop\\-ins of the unit for collectors that need more than CAP_NET_ADMIN.
The tarball installs this folder and the next below /usr/local/share.
.TP
.I /usr/share/conntrack\\-exporter
Alert rules for Prometheus and, if installed, dashboards for Grafana.
.SH ENVIRONMENT
.TP
.BR NOTIFY_SOCKET ", " WATCHDOG_USEC
Set by systemd for a unit of Type=notify: the exporter reports that it is ready, alive or stopping.
.TP
.BR LISTEN_FDS ", " LISTEN_PID
Set by systemd for a socket unit; see \\fB\\-\\-web.systemd\\-socket\\fR.
.SH EXIT STATUS
@EXIT_STATUS@
.SH EXAMPLES
.TP
.B conntrack_exporter check
Show what can be read on this host, what cannot, and how to fix it.
.TP
.B conntrack_exporter \\-\\-collector.talkers \\-\\-web.listen\\-address=127.0.0.1:10318
Also expose the busiest sources, destinations and services. Listen on loopback only.
.TP
.B conntrack_exporter report \\-\\-watch 2
Show the table and a diagnosis, refreshed every two seconds.
.SH SEE ALSO
.BR conntrack (8),
.BR prometheus (1),
.BR systemd.exec (5)
"""


def output(binary: str, *arguments: str) -> str:
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def roff(text: str) -> str:
    """Escapes text, so that no line of it is a roff request."""
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

    def sentences(self) -> str:
        text = self.text if self.text.endswith(".") or not self.text else self.text + "."
        return " ".join([text, *self.remarks()]).strip()

    def entry(self) -> str:
        value = f" \\fI{roff(self.value)}\\fR" if self.value else ""
        return f".TP\n\\fB{roff(self.name)}\\fR{value}\n{roff(self.sentences())}\n"


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
    if entry.name in COMMANDS_WITH_FLAGS:
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
    return text + "".join(command(binary, entry) for entry in commands) + _END.replace("@EXIT_STATUS@", EXIT_STATUS)


def roff_paragraphs(text: str) -> str:
    return text.replace("\n\n", "\n.PP\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_text(page(sys.argv[1]))
