"""The checks of the suite: each is a function with a name, and ends well, fails, or says that this kernel has not what it needs."""

import json
import pathlib
import re
import time
import traceback

OUT = pathlib.Path("/out")
_checks = []


class Failed(Exception):
    """What a check found, in words."""


class NotHere(Exception):
    """What this kernel lacks, as it says itself."""


def check(name: str):
    """Registers a function. What it returns is the detail of its result; a pair is a word for the table and the detail."""

    def register(function):
        _checks.append((name, function))
        return function

    return register


def expect(condition: bool, words: str) -> None:
    if not condition:
        raise Failed(words)


def expect_equal(wanted, found, words: str) -> None:
    if wanted != found:
        raise Failed(f"{words}: {_difference(wanted, found)}")


def _difference(wanted, found) -> str:
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = sorted({*wanted, *found}, key=str)
        return "; ".join(f"{key}: {found.get(key)} and not {wanted.get(key)}" for key in keys if wanted.get(key) != found.get(key))
    return f"{found} and not {wanted}"


def run(only: str, about: dict) -> None:
    """All whose name has the regular expression `only`, in the order in which they were registered. What was found so far is always in
    results.json."""
    results = []
    for name, function in _checks:
        if not re.search(only, name):
            continue
        began = time.monotonic()
        try:
            detail = function() or ""
            word, detail = detail if isinstance(detail, tuple) else ("", detail)
            outcome = "ok"
        except NotHere as reason:
            outcome, word, detail = "not here", "", str(reason)
        except (Failed, AssertionError) as error:
            outcome, word, detail = "failed", "", str(error)
        except Exception:  # pylint: disable=broad-except
            outcome, word, detail = "failed", "", traceback.format_exc()
        seconds = round(time.monotonic() - began, 1)
        results.append({"name": name, "outcome": outcome, "word": word, "detail": detail, "seconds": seconds})
        print(f"{seconds:6.1f} s  {outcome:8}  {name}: {word} {detail}", flush=True)
        (OUT / "results.json").write_text(json.dumps({**about, "checks": results}, indent=1))
