#!/usr/bin/env python3
"""make kernels: boots each kernel of kernels.list in a virtual machine, runs the suite inside, and prints a table of the results.

Nothing on this machine changes. Downloads, a small Debian and the results are in build/kernels. The exit code is 1 if a check
failed, or a machine left no results.
"""

import argparse
import concurrent.futures
import fcntl
import json
import os
import pathlib
import shutil
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "live")]

# pylint: disable=wrong-import-position
import initramfs
import kernel
import machine
import matrix

SILENCE = 240  # seconds; the longest check took 48 s, beside another machine on two cores


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="KERNEL", help="only these (default: all of the architecture)")
    parser.add_argument("--arch", default="amd64", choices=machine.ARCHITECTURES, help="of machines and programs (default %(default)s)")
    parser.add_argument("--exporter", type=pathlib.Path, help="the program under test (default: that of build/)")
    parser.add_argument("--fill", type=pathlib.Path, help="the program that fills tables (default: that of build/)")
    parser.add_argument("--checks", default="", metavar="REGEX", help="only checks whose name matches; some build on earlier ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="machines at a time (default %(default)s)")
    parser.add_argument("--silence", type=float, default=SILENCE, metavar="SECONDS",
                        help="a machine whose console says nothing for so long hangs (default %(default)s)")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table between the markers of this file")
    arguments = parser.parse_args()
    build = ROOT / "build" / machine.ARCHITECTURES[arguments.arch].preset
    # The static one, which is made for any system.
    arguments.exporter = arguments.exporter or ROOT / f"build/portable-{arguments.arch}/conntrack_exporter"
    arguments.fill = arguments.fill or build / "tests/support/conntrack_fill"
    there = [found for found in kernel.known(ROOT / "build/kernels") if found.arch == arguments.arch]
    unknown = set(arguments.only) - {found.name for found in there}
    if unknown:
        names = ", ".join(found.name for found in there)
        parser.error(f"no such kernel: {', '.join(sorted(unknown))}; {kernel.LIST.name} has {names}")
    arguments.kernels = [found for found in there if not arguments.only or found.name in arguments.only]
    return arguments


def run_one(found: kernel.Kernel, archives: list[pathlib.Path], arguments: argparse.Namespace, running: machine.Running,
            kvm: machine.Kvm) -> matrix.Outcome:
    shutil.rmtree(found.results, ignore_errors=True)
    found.results.mkdir(parents=True)
    arch = machine.ARCHITECTURES[found.arch]
    with_kvm = kvm.works(found.arch, found.image)
    suite = f"suite={arguments.checks.replace(' ', '.')}" if arguments.checks else ""  # a word of the command line
    # A suite that hangs ends by itself before we end the machine, and hands over what it has.
    append = f"{suite} silence={arguments.silence * 0.8:.0f}"

    def boot() -> float:
        return machine.boot(running, arch, with_kvm, found.image, [*archives, found.modules], append, found.results, arguments.silence)

    try:
        try:
            seconds = boot()
        except machine.NotBooted as error:
            print(f"{found.name}: booted again: {error}", flush=True)
            seconds = boot()
        results = json.loads((found.results / "results.json").read_text(encoding="utf-8"))
        error = "" if results["complete"] else f"the suite did not finish\n{machine.tail(found.results)}"
        outcome = matrix.Outcome(found, results, seconds, with_kvm, error)
    except (OSError, ValueError) as error:
        outcome = matrix.Outcome(found, {"checks": []}, 0, with_kvm, f"no results ({error})\n{machine.tail(found.results)}")
    except machine.MachineFailed as error:
        outcome = matrix.Outcome(found, {"checks": []}, 0, with_kvm, str(error))
    print(outcome.summary(), flush=True)
    return outcome


def run(arguments: argparse.Namespace, running: machine.Running) -> list[matrix.Outcome]:
    cache = ROOT / "build/kernels/cache"
    cache.mkdir(parents=True, exist_ok=True)
    alone = (cache / f"lock-{arguments.arch}").open("w", encoding="ascii")
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another make kernels runs in {ROOT}")
    root = initramfs.Root(cache, arguments.arch)
    programs = {"conntrack_exporter": arguments.exporter, "conntrack_fill": arguments.fill,
                "confined_probe": arguments.fill.with_name("confined_probe")}
    root.prepare(list(programs.values()))
    for found in arguments.kernels:
        found.prepare()
    kvm = machine.Kvm()
    payload = cache / f"payload-{arguments.arch}.cpio"
    initramfs.pack_payload(payload, programs, machine.ARCHITECTURES[arguments.arch].strip, HERE.parent)
    executor = concurrent.futures.ThreadPoolExecutor(max(1, arguments.jobs))
    try:
        archives = [root.archive, payload]
        waiting = [executor.submit(run_one, found, archives, arguments, running, kvm) for found in arguments.kernels]
        return [one.result() for one in waiting]
    finally:
        running.end()  # those that an interrupted run leaves
        executor.shutdown(cancel_futures=True)


def main() -> int:
    arguments = parse()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    outcomes = run(arguments, machine.Running())
    print(matrix.text(outcomes))
    if arguments.markdown:
        matrix.write(arguments.markdown, outcomes)
    return 0 if all(outcome.well() for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
