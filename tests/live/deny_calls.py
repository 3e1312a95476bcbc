"""Runs a program in which some system calls fail with EPERM, as under systemd's SystemCallFilter= or an old container.

Usage: deny_calls.py NAME,NAME,... PROGRAM ARGUMENT...
The name install_filter is prctl(PR_SET_SECCOMP).
"""

import ctypes
import os
import platform
import struct
import sys

_NUMBERS = {
    "x86_64": {"capset": 126, "prctl": 157, "seccomp": 317, "landlock_create_ruleset": 444},
    "aarch64": {"capset": 91, "prctl": 167, "seccomp": 277, "landlock_create_ruleset": 444},
}
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
_ALLOW, _EPERM = 0x7FFF0000, 0x00050001
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _MODE_FILTER = 22, 38, 2


def known() -> bool:
    return platform.machine() in _NUMBERS


def program_of(names: list[str]) -> bytes:
    """In the words of the kernel's classic BPF."""
    numbers = _NUMBERS[platform.machine()]
    steps = [(_LOAD, 0, 0, _NUMBER)]
    for name in sorted(names, key="install_filter".__eq__):  # that one is the last to look at the number
        if name == "install_filter":
            steps += [(_IF_EQUAL, 0, 3, numbers["prctl"]), (_LOAD, 0, 0, _FIRST_ARGUMENT),
                      (_IF_EQUAL, 0, 1, _PR_SET_SECCOMP), (_RETURN, 0, 0, _EPERM)]
        else:
            steps += [(_IF_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, _EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def main() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    steps = program_of(sys.argv[1].split(","))
    held = ctypes.create_string_buffer(steps, len(steps))
    filters = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(held)))
    # Without no_new_privs where this user may do without, so that file capabilities count.
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, filters, 0, 0) != 0:
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, filters, 0, 0) != 0:
            sys.exit(f"no filter: {os.strerror(ctypes.get_errno())}")
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
