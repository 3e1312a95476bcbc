#!/usr/bin/env python3
"""clang-tidy over what ships, and whether each file of it compiles beside no other. scripts/lint runs it.

clang-tidy reads the files as the build `asan` compiles them, several at a time, which takes a fifth of the time; that alone would not
show a header of ours that a file forgets to include. Prints what is wrong; then the exit code is 1.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
TIDY = ("clang-tidy-14", "--quiet", "--warnings-as-errors=*", "--checks=-bugprone-suspicious-include", "-p", "build/asan")


def commands(preset: str) -> list[dict]:
    """How each C++ file that ships is compiled."""
    with open(TOP / "build" / preset / "compile_commands.json", encoding="utf-8") as database:
        every = json.load(database)
    tests = (str(TOP / "tests"), str(TOP / "build" / preset / "tests"))
    sources = (one for one in every if one["file"].endswith((".cc", ".cxx")) and not one["file"].endswith("/cmake_pch.hxx.cxx"))
    return [one for one in sources if not one["file"].startswith(tests)]


def tidy(command: dict) -> str:
    done = subprocess.run([*TIDY, command["file"]], cwd=TOP, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout or done.stderr


def precompile(every: list[dict]) -> None:
    """Makes what the build `clang` has precompiled, the headers of others that most files include."""
    build = TOP / "build/clang"
    words = {word for one in every for word in shlex.split(one["command"]) if word.endswith(".pch")}
    targets = [os.path.relpath(word, build) for word in words]
    subprocess.run(["cmake", "--build", build, "--target", *targets], stdout=subprocess.DEVNULL, check=True)


def compile_alone(command: dict) -> str:
    words = [*shlex.split(command["command"]), "-fsyntax-only"]
    done = subprocess.run(words, cwd=command["directory"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


def main() -> int:
    together, alone = commands("asan"), commands("clang")
    if not together or not alone:
        print("lint-cxx.py: no file that ships in build/asan or build/clang", file=sys.stderr)
        return 2
    precompile(alone)
    work = [(tidy, command) for command in together] + [(compile_alone, command) for command in alone]
    # Subprocesses do the work; the threads wait for them.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [said for said in pool.map(lambda one: one[0](one[1]), work) if said]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
