"""What machine a program is for."""

import struct

# e_machine of elf(5), by the names that Debian, OCI and the kernel have for it.
MACHINES = {"amd64": 62, "x86_64": 62, "arm64": 183, "aarch64": 183}


def elf_machine(content: bytes) -> int:
    if content[:5] != b"\x7fELF\x02":
        raise AssertionError("no ELF file of 64 bits")
    return struct.unpack_from("<H", content, 18)[0]
