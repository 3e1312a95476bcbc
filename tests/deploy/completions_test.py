"""The completions know every flag of the help text, and shells take them."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "live"))

from lab import skip  # noqa: E402

_BUILD = pathlib.Path(os.environ["CONNTRACK_BUILD"])
_FOLDER = _BUILD / "packaging/completions"


def flags(*command: str) -> list[str]:
    words = [str(_BUILD / "conntrack_exporter"), *command, "--help"]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return [name for head in re.findall(r"^  (-\S+)", text, re.MULTILINE) for name in head.split(",") if name.startswith("--")]


class Completions(unittest.TestCase):
    def bash(self, *words: str) -> list[str]:
        """What bash offers for the last of the words."""
        script = f'. {_FOLDER}/conntrack_exporter.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
                 'compopt() { :; }; _conntrack_exporter; printf "%s\\n" "${COMPREPLY[@]}"'  # fmt: skip
        done = subprocess.run(["bash", "-c", script, "bash", "conntrack_exporter", *words], check=True, capture_output=True, text=True)
        return done.stdout.split()

    def fish(self, line: str) -> list[str]:
        if not shutil.which("fish"):
            skip("fish is not installed: scripts/install-dependencies check")
        script = f"source {_FOLDER}/conntrack_exporter.fish; complete -C'conntrack_exporter {line}'"
        done = subprocess.run(["fish", "--no-config", "-c", script], check=True, capture_output=True, text=True)
        return [found.split("\t")[0] for found in done.stdout.splitlines()]

    def zsh(self, line: str) -> str:
        """What a terminal shows after the line and a tab."""
        if not shutil.which("zsh"):
            skip("zsh is not installed: scripts/install-dependencies check")
        script = f"""
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'PS1=; TERM=dumb; LISTMAX=9999; fpath=({_FOLDER} $fpath); autoload -Uz compinit; compinit -u -D; zstyle ":completion:*" insert-tab false; print READ''Y'
            zpty -r -m shell text '*READY*2004h*'  # its line editor is there
            zpty -n -w shell 'conntrack_exporter {line}'$'\\t'
            zpty -n -w shell $'\\x15print DON''E\\n'
            zpty -r -m shell text '*DONE*'
            print -r -- "$text"
        """
        return subprocess.run(["zsh", "-f", "-c", script], check=True, capture_output=True, text=True, timeout=300).stdout

    def test_bash_knows_every_flag_and_command(self):
        self.assertEqual([], [flag for flag in flags() if flag not in self.bash("--")])
        for command in ("report", "advise", "healthcheck"):
            self.assertEqual([], [flag for flag in flags(command) if flag not in self.bash(command, "--")], command)
        self.assertEqual(["report"], self.bash("re"))
        self.assertIn("--no-collector.nat", self.bash("--no-"))

    def test_bash_knows_values(self):
        self.assertEqual(["debug"], self.bash("--log.level", "=", "d"))
        self.assertEqual(["debug"], self.bash("--log.level", "d"))
        self.assertEqual(["json", "text"], sorted(self.bash("report", "--format", "=")))
        self.assertIn("sysctl", self.bash("advise", "--format", "="))
        for words in (("advise", "--profile"), ("--collector.sizing.profile",)):
            self.assertEqual(["nat-gateway"], self.bash(*words, "=", "nat"))
        self.assertEqual([], self.bash("--web.listen-address", ""))
        self.assertIn("/etc/passwd", self.bash("--web.config.file", "=", "/etc/pass"))

    def test_fish_knows_every_flag_command_and_values(self):
        offered = self.fish("--")
        self.assertEqual([], [flag for flag in flags() if flag not in offered])
        self.assertIn("--format", self.fish("report --fo"))
        self.assertEqual(["report"], self.fish("repo"))
        self.assertEqual(["report"], self.fish("--log.level info repo"))
        self.assertIn("--log.level=debug", self.fish("--log.level="))

    def test_zsh_completes_commands_flags_and_values(self):
        self.assertIn("conntrack_exporter healthcheck", self.zsh("hea"))
        self.assertIn("--log.level=", self.zsh("--log.le"))
        self.assertIn("--log.level=debug", self.zsh("--log.level=d"))
        self.assertIn("report --watch=", self.zsh("report --wat"))
        text = (_FOLDER / "_conntrack_exporter").read_text(encoding="utf-8")
        self.assertEqual([], [flag for flag in flags() if f"'*{flag}" not in text])


if __name__ == "__main__":
    unittest.main()
