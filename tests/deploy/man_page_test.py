"""The man page and docs/flags.md say all that the help text says, the man page in a form that man(1) reads."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

_BUILD = pathlib.Path(os.environ["CONNTRACK_BUILD"])
_SOURCES = pathlib.Path(__file__).resolve().parents[2]
_COMMANDS = ("", "report", "advise", "healthcheck")


def _help(command: str) -> str:
    arguments = [str(_BUILD / "conntrack_exporter"), *command.split(), "--help"]
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


class FlagsPage(unittest.TestCase):
    def test_it_is_made_from_this_binary(self):
        page = _SOURCES / "docs/flags.md"
        with tempfile.TemporaryDirectory() as folder:
            made = pathlib.Path(folder) / "flags.md"
            subprocess.run([_SOURCES / "cmake/packaging/make_flags_page.py", _BUILD / "conntrack_exporter", made], check=True)
            if os.environ.get("CONNTRACK_UPDATE_GOLDEN"):
                page.write_bytes(made.read_bytes())
            self.assertEqual(made.read_text(), page.read_text(), "run this test with CONNTRACK_UPDATE_GOLDEN=1")


class ManPage(unittest.TestCase):
    def setUp(self):
        roff = (_BUILD / "packaging/conntrack_exporter.8").read_text()
        self.lines = roff.splitlines()
        self.text = re.sub(r"\\f[BIR]|\\&", "", roff).replace("\\-", "-").replace("\\e", "\\")

    def test_every_flag_of_every_command_has_an_entry(self):
        entries = {words[0] for tag, following in zip(self.lines, self.lines[1:]) if tag == ".TP"
                   for words in [re.sub(r"\\f[BIR]", "", following).replace("\\-", "-").split()]}
        for command in _COMMANDS:
            flags = re.findall(r"^  (-\S+)", _help(command), re.MULTILINE)
            self.assertGreater(len(flags), 1, command)
            self.assertEqual([], [flag for flag in flags if flag not in entries], command)
            page = (_SOURCES / "docs/flags.md").read_text(encoding="utf-8")
            self.assertEqual([], [flag for flag in flags if not re.search(rf"`{flag}[,` ]", page)], command)

    def test_every_description_is_there_word_for_word(self):
        for command in _COMMANDS:
            for description in re.findall(r"^ {30}(\S.*)$", _help(command), re.MULTILINE):
                self.assertTrue(description in self.text, description)

    def test_every_command_has_a_section(self):
        commands = re.findall(r"^  (\w+)  ", _help("").partition("Subcommands:")[2], re.MULTILINE)
        self.assertGreater(len(commands), 3)
        for command in commands:
            self.assertIn(f".SS {command}", self.lines)

    def test_whatis_finds_it(self):
        name = self.lines[self.lines.index(".SH NAME") + 1]
        self.assertEqual("conntrack_exporter \\- Prometheus exporter for the Linux connection tracking table", name)

    def test_requests_are_known_ones(self):
        known = {".B", ".BR", ".I", ".IR", ".PP", ".SH", ".SS", ".TH", ".TP", ".nh"}
        self.assertEqual(set(), {line.split()[0] for line in self.lines if line[:1] in (".", "'")} - known)
