"""The checks of the suite: named functions that pass, fail, or say that this kernel lacks what they need."""

import json
import pathlib
import re
import signal
import time
import traceback

OUT = pathlib.Path("/out")
_checks = []


class Failed(Exception):
    """What a check found, in words."""


class Hangs(BaseException):
    """The suite has printed nothing for too long: no other check starts."""


class NotHere(Exception):
    """What this kernel lacks, in its own words."""


def check(name: str):
    """Registers a function. What it returns is the detail of its result; a pair is a word for the table and the detail."""

    def register(function):
        _checks.append((name, function))
        return function

    return register


def say(line: str) -> None:
    """Prints a line on the console. The suite hangs if it prints none for the seconds in `silence=` of the kernel's command line."""
    print(line, flush=True)
    words = dict(word.partition("=")[::2] for word in pathlib.Path("/proc/cmdline").read_text(encoding="ascii").split())
    signal.setitimer(signal.ITIMER_REAL, float(words["silence"]), 10)  # and every 10 s: cleanup may hang too


def expect(condition: bool, words: str) -> None:
    if not condition:
        raise Failed(words)


def expect_equal(wanted, found, words: str) -> None:
    if wanted != found:
        raise Failed(f"{words}: {_difference(wanted, found)}")


def _difference(wanted, found) -> str:
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = sorted({*wanted, *found}, key=str)
        keys = [key for key in keys if wanted.get(key) != found.get(key)]
        return "; ".join(f"{key}: {found.get(key)} instead of {wanted.get(key)}" for key in keys)
    return f"{found} instead of {wanted}"


def run(only: str, about: dict) -> None:
    """Runs those whose name matches the regular expression `only`, in the order in which they were registered. results.json always has
    the results so far, and `complete` once these are all."""
    results = []

    def save(complete: bool) -> None:
        (OUT / "results.json").write_text(json.dumps({**about, "complete": complete, "checks": results}, indent=1))

    for name, function in _checks:
        if not re.search(only, name):
            continue
        began = time.monotonic()
        outcome, word, detail = _outcome(function)
        seconds = round(time.monotonic() - began, 1)
        results.append({"name": name, "outcome": outcome, "word": word, "detail": detail, "seconds": seconds})
        say(f"{seconds:6.1f} s  {outcome:11}  {name}: {word} {detail}")
        save(False)
        if detail.startswith(_HANGS):
            return
    save(True)


_HANGS = "it hangs"


def _outcome(function) -> tuple[str, str, str]:
    """ok, failed or unsupported; a word for the table; and the detail."""
    try:
        detail = function() or ""
        return ("ok", *detail) if isinstance(detail, tuple) else ("ok", "", detail)
    except NotHere as reason:
        return "unsupported", "", str(reason)
    except (Failed, AssertionError) as error:
        return "failed", "", str(error)
    except Hangs:
        return "failed", "", f"{_HANGS}\n{traceback.format_exc()}"
    except Exception:  # pylint: disable=broad-except
        return "failed", "", traceback.format_exc()
