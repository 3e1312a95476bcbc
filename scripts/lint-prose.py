#!/usr/bin/env python3
"""Finds words and sentences that readers trip over, in the Markdown, the alerts and the messages of the program.

Usage: lint-prose.py [FILE...]    all that git knows unless given; exit code 1 if there is something to correct
"""

import pathlib
import re
import subprocess
import sys

MOST_WORDS = 30  # in a sentence
# What is written: what to write instead.
WORDS = {
    r"whoever|whomever|thereby|whereby|wherein|hitherto|forthwith|lest": "a plain connective",
    r"in vain": "without effect",
    r"for want of": "because there is no",
    r"is (?:said|told) (?:once|in|by|what|that)": "who logs or prints it: 'the log has ...'",
    r"what is where|who is told|what becomes of": "the noun of the field",
    r"such as is|that which": "the thing itself",
    r"(?:a few|some) of which": "two sentences",
    r"utili[sz]e[sd]?": "use",
    r"in order to": "to",
    r"note that|it should be noted": "nothing; or put it first",
    r"simply|obviously|of course|needless to say": "nothing",
    r"under it|under the (?:dump|walk)": "during the walk",
    r"gives? way": "is evicted, is closed",
    r"somebody|nobody|everybody": "no one, users, clients: who it is",
    r"anew": "again",
    r"as of the": "since, as in",
    r"any more": "no longer",
}
CODE = re.compile(r"```[\s\S]*?```|`[^`\n]*`|<!--[\s\S]*?-->|^ {4}.*$|^\|.*$", re.MULTILINE)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'')
PATTERNS = [(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), instead) for words, instead in WORDS.items()]


def blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def prose(path: str, text: str) -> str:
    """Returns the text that a person reads, with line numbers unchanged."""
    if path.endswith(".md"):
        return CODE.sub(blank, text)
    kept = [" ".join(a or b for a, b in LITERAL.findall(line)) if not line.lstrip().startswith(("#", "//")) else "" for line in text.split("\n")]
    return "\n".join(kept)


def faults(path: str) -> list[str]:
    text = prose(path, pathlib.Path(path).read_text(encoding="utf-8"))
    found = []
    for pattern, instead in PATTERNS:
        for match in pattern.finditer(text):
            found.append(f"{path}:{text.count(chr(10), 0, match.start()) + 1}: \"{match[0]}\": {instead}")
    if path.endswith(".md"):
        for block in re.finditer(r"(?:^(?!#|\s*$).+\n)+", text, re.MULTILINE):
            for sentence in re.split(r"(?<=[.!?:;])\s+|\n\s*(?=[-*] |\d+\. )", block[0]):
                if len(sentence.split()) > MOST_WORDS:
                    line = text.count("\n", 0, block.start()) + 1
                    found.append(f"{path}:{line}: {len(sentence.split())} words in one sentence: {' '.join(sentence.split()[:8])} ...")
    return found


def main() -> int:
    known = ("*.md", "alerts/rules/*.libsonnet", "dashboards/*.libsonnet", "kernel/*.cc", "collectors/*.cc", "diagnosis/*.cc", "exporter/*.cc")
    files = sys.argv[1:] or subprocess.run(["git", "ls-files", "--", *known, ":!tests/*"], check=True, capture_output=True, text=True).stdout.split()
    found = [fault for path in files for fault in faults(path)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
