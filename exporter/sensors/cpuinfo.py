"""CPU frequencies from the text of /proc/cpuinfo, for machines without a cpufreq driver (proc(5)).

Only where the CPU counts its cycles (APERF and MPERF) are they measured. Elsewhere the kernel writes there what it
found at boot, a constant, which would look like a measurement and be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

FREQUENCY = re.compile(rb"(\d{1,6})\.(\d{3})")
"""MHz to the kHz, as show_cpuinfo in arch/x86/kernel/cpu/proc.c writes it."""


class Frequency(NamedTuple):
    """One CPU's frequency in Hz, and where the CPU is; all but the first are its numbers as text."""

    hertz: int
    cpu: str
    package: str
    core: str


def is_measured(text: bytes) -> bool:
    """Whether the CPU counts its cycles; said among the flags of its first CPU."""
    flags = re.search(rb"^flags\s*:(.*)$", text, re.MULTILINE)
    return flags is not None and b"aperfmperf" in flags[1].split()


def frequencies(text: bytes) -> Iterable[Frequency]:
    """Of each CPU that has one; a paragraph without a number, or of another form, is left out."""
    for paragraph in text.split(b"\n\n"):
        lines = (line.partition(b":") for line in paragraph.splitlines())
        said = {name.strip(): value.strip() for name, _, value in lines}
        match = FREQUENCY.fullmatch(said.get(b"cpu MHz", b""))
        cpu = said.get(b"processor", b"")
        if match and cpu.isdigit():
            package, core = said.get(b"physical id", b""), said.get(b"core id", b"")
            where = (place.decode(errors="backslashreplace") for place in (cpu, package, core))
            yield Frequency(int(match[1] + match[2]) * 1000, *where)
