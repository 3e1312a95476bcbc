"""Packets that no socket sends, made by hping3."""

from __future__ import annotations

import shutil
import typing

if typing.TYPE_CHECKING:
    from laboratory import Laboratory

# For Incident.companions: two CPUs may choose the same port (or ICMP identifier) for the translation of two packets, one of which is lost.
CLASHES = {"ConntrackPacketsLost": "a packet lost in a clash of two translations"}


def why_impossible() -> str | None:
    return None if shutil.which("hping3") else "hping3 is not installed"


def flood(lab: Laboratory, rate: float, *flags: str) -> None:
    """So many packets a second from the client to the server, of the kind that the flags say."""
    pace = ("--quiet", "--interval", f"u{int(1e6 / rate)}")
    # It tells on standard error what it has sent when it ends.
    quietly = ("sh", "-c", 'exec "$@" 2>/dev/null', "sh")
    lab.background(lab.client, *quietly, "hping3", *pace, *flags, lab.SERVER)
