"""What a chronyd answered, kept as text: a line for each packet, its name and its bytes in hexadecimal."""

from __future__ import annotations

from pathlib import Path

CAPTURES = Path(__file__).parents[1] / "captures" / "chrony"
VERSIONS = ("4.0", "4.3", "4.6.1", "4.9")
PRINTED = ("4.0", "4.3", "4.6.1")
"""Those of which there is, too, what their own chronyc printed right afterwards."""


def packets(version: str, name: str) -> list[bytes]:
    """All packets of this name, in the order of the sources that they are about."""
    lines = [line.split() for line in (CAPTURES / f"{version}.hex").read_text().splitlines()]
    return [bytes.fromhex(data) for kind, data in lines if kind == name]


def packet(version: str, name: str) -> bytes:
    """The only packet of this name."""
    (only,) = packets(version, name)
    return only


def printed(version: str, report: str) -> list[str]:
    """The lines that ``chronyc -c -n`` printed."""
    return (CAPTURES / f"{version}-{report}.csv").read_text().splitlines()
