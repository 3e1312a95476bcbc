#!/usr/bin/env python3
"""Runs clang-tidy on the sources that ship, and checks that each file compiles by itself. scripts/lint runs it.

clang-tidy reads the files as in the build `asan`, several together, which takes a fifth of the time. That does not find a header that a
file forgets to include, so the second check does. Prints what is wrong, with exit code 1.
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
    """The commands that compile the C++ files that ship."""
    with open(TOP / "build" / preset / "compile_commands.json", encoding="utf-8") as database:
        every = json.load(database)
    tests = (str(TOP / "tests"), str(TOP / "build" / preset / "tests"))
    sources = (one for one in every if one["file"].endswith((".cc", ".cxx")) and not one["file"].endswith("/cmake_pch.hxx.cxx"))
    return [one for one in sources if not one["file"].startswith(tests)]


def tidy(command: dict) -> str:
    done = subprocess.run([*TIDY, command["file"]], cwd=TOP, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout or done.stderr


def precompile(every: list[dict]) -> None:
    """Makes the precompiled headers of the build `clang`: headers of libraries that most files include."""
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
