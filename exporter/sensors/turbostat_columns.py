"""Which series each of turbostat's columns becomes: see turbostat(8) and tools/power/x86/turbostat/turbostat.c.

Columns differ between CPUs and versions. One that is not here becomes ``turbostat_other{column}``, as it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..source import Family

CPU, CORE, PACKAGE = range(3)
"""What a column is about. Printed in this order, because a row ends early that has no more to say."""

LABELS = {"Package": "package", "Die": "die", "Node": "node", "Core": "core", "CPU": "cpu"}
"""Columns that say which CPU a row is about, and the labels they become."""

UNUSED = frozenset({"usec", "Time_Of_Day_Seconds", "L3", "Module", "APIC", "X2APIC"})
"""When turbostat read the row, and other numberings of the same CPUs."""


class Unit(NamedTuple):
    """A printed number from ``least`` to ``most``, times ``factor`` over ``divisor``, is the series' value."""

    factor: int
    divisor: int
    least: int
    most: int
    help: str = "{}."


COUNT = Unit(1, 1, 0, 10**9, "{} in the last interval, of about 1 s.")
MEGAHERTZ = Unit(10**6, 1, 0, 10**5)
PERCENT = Unit(1, 100, 0, 110, "Part of the last interval {}.")  # above 100 if not read all at once: 100.42 was seen
SUM = Unit(1, 100, 0, 10**6, "Sum over the cores of the part of the last interval {}.")
PLAIN = Unit(1, 1, 0, 1000)
CELSIUS = Unit(1, 1, -100, 200)
WATTS = Unit(1, 1, 0, 10**4, "{}, measured by RAPL.")
AS_PRINTED = Unit(1, 1, -(10**12), 10**12)


class Column(NamedTuple):
    """What a column is about, its family's name after ``turbostat_``, and the label that tells it from its like."""

    scope: int
    name: str
    unit: Unit
    help: str
    label: tuple[tuple[str, str], ...] = ()
    known: bool = True

    def family(self, whole_machine: bool) -> Family:
        """The family for CPUs, cores or packages, or that for the whole machine."""
        help = self.unit.help.format(self.help)
        if whole_machine:
            return Family(f"turbostat_system_{self.name}", "gauge", f"{help} Whole machine, as turbostat sums it up.")
        return Family(f"turbostat_{self.name}", "gauge", help)


COLUMNS = {
    "Avg_MHz": Column(CPU, "average_hertz", MEGAHERTZ, "Cycles executed per second of the last interval"),
    "Busy%": Column(CPU, "busy_ratio", PERCENT, "that the CPU was not idle"),
    "Bzy_MHz": Column(CPU, "busy_hertz", MEGAHERTZ, "Mean frequency while not idle"),
    "TSC_MHz": Column(CPU, "tsc_hertz", MEGAHERTZ, "Mean frequency of the time stamp counter"),
    "IPC": Column(CPU, "instructions_per_cycle", PLAIN, "Instructions per cycle while not idle"),
    "IRQ": Column(CPU, "interval_interrupts", COUNT, "Interrupts"),
    "NMI": Column(CPU, "interval_nmis", COUNT, "Non-maskable interrupts"),
    "SMI": Column(CPU, "interval_smis", COUNT, "System management interrupts"),
    "CoreTmp": Column(CORE, "core_temp_celsius", CELSIUS, "Temperature of the core"),
    "CoreThr": Column(CORE, "interval_core_throttles", COUNT, "Thermal throttlings of the core"),
    "Mod%c6": Column(CORE, "module_c6_ratio", PERCENT, "that the core's module was in C6"),
    "PkgTmp": Column(PACKAGE, "package_temp_celsius", CELSIUS, "Temperature of the package"),
    "Totl%C0": Column(PACKAGE, "package_total_c0_ratio", SUM, "in C0"),
    "Any%C0": Column(PACKAGE, "package_any_c0_ratio", PERCENT, "that any core was in C0"),
    "GFX%C0": Column(PACKAGE, "package_graphics_c0_ratio", PERCENT, "that the GPU was in C0"),
    "CPUGFX%": Column(PACKAGE, "package_both_c0_ratio", PERCENT, "that a core and the GPU were in C0"),
    "CPU%LPI": Column(PACKAGE, "cpus_lpi_ratio", PERCENT, "that all CPUs were in low power idle"),
    "SYS%LPI": Column(PACKAGE, "platform_lpi_ratio", PERCENT, "that the platform was in low power idle"),
    "Die%c6": Column(PACKAGE, "die_c6_ratio", PERCENT, "that the die was in C6"),
    "PkgWatt": Column(PACKAGE, "package_watts", WATTS, "Power of the package"),
    "GFXWatt": Column(PACKAGE, "graphics_watts", WATTS, "Power of the package's GPU"),
    "RAMWatt": Column(PACKAGE, "dram_watts", WATTS, "Power of the package's memory"),
    "SysWatt": Column(PACKAGE, "platform_watts", WATTS, "Power of the platform"),
    "PKG_%": Column(PACKAGE, "package_throttled_ratio", PERCENT, "that RAPL limited the package"),
    "RAM_%": Column(PACKAGE, "dram_throttled_ratio", PERCENT, "that RAPL limited the memory"),
    "UncMHz": Column(PACKAGE, "uncore_hertz", MEGAHERTZ, "Frequency of the uncore at the interval's end"),
    "GFX%rc6": Column(PACKAGE, "graphics_rc6_ratio", PERCENT, "that the GPU was in RC6"),
    "GFXMHz": Column(PACKAGE, "graphics_hertz", MEGAHERTZ, "Frequency asked of the GPU at the interval's end"),
    "GFXAMHz": Column(PACKAGE, "graphics_actual_hertz", MEGAHERTZ, "Frequency of the GPU at the interval's end"),
    "SAM%mc6": Column(PACKAGE, "media_mc6_ratio", PERCENT, "that the media engine was in MC6"),
    "SAMMHz": Column(PACKAGE, "media_hertz", MEGAHERTZ, "Frequency asked of the media engine at the interval's end"),
    "SAMAMHz": Column(PACKAGE, "media_actual_hertz", MEGAHERTZ, "Frequency of the media engine at the interval's end"),
}

COR_WATT = "CorWatt"
CORE_WATTS = Column(CORE, "core_watts", WATTS, "Power of the core")
CORES_WATTS = Column(PACKAGE, "cores_watts", WATTS, "Power of the package's cores")

STATES = {
    r"CPU%(c1[a-z]*)": Column(CPU, "cpu_idle_ratio", PERCENT, "that the CPU was in a hardware idle state"),
    r"CPU%(c[2-9][a-z]*)": Column(CORE, "core_idle_ratio", PERCENT, "that the core was in a hardware idle state"),
    r"Pkg?%(pc\d+)": Column(PACKAGE, "package_idle_ratio", PERCENT, "that the package was in a hardware idle state"),
    r"(POLL|C\d+[A-Za-z]*)%": Column(CPU, "idle_requested_ratio", PERCENT, "that Linux asked for an idle state"),
    r"(POLL|C\d+[A-Za-z]*)": Column(CPU, "interval_idle_requests", COUNT, "Requests of Linux for an idle state"),
    r"(POLL|C\d+[A-Za-z]*)\+": Column(
        CPU, "interval_idle_too_shallow", COUNT, "Requests for too shallow an idle state"
    ),
    r"(POLL|C\d+[A-Za-z]*)-": Column(CPU, "interval_idle_too_deep", COUNT, "Requests for too deep an idle state"),
}
"""Columns of which there is one for each idle state, which becomes the label ``state``."""


def columns(header: Sequence[str]) -> Mapping[str, Column]:
    """The column of each name in a header, in its order, but for those that say which CPU a row is about.

    An unknown one is about what the one before it is about: columns come ordered by that.
    """
    found: dict[str, Column] = {}
    scope = CPU
    for name in header:
        if name not in LABELS and name not in UNUSED:
            found[name] = column = _known(name, header) or _other(name, scope)
            scope = column.scope
    return found


def glued(name: str) -> bool:
    """Whether it is two columns' names without a tab between them, as some versions print ``GFXWattRAMWatt``."""
    return not _is_known(name) and any(_is_known(name[:at]) and _is_known(name[at:]) for at in range(1, len(name)))


def is_header(words: Sequence[str]) -> bool:
    """Whether a line's words are columns' names: at least two are known. Rows consist of numbers and ``-``."""
    return sum(_is_known(word) for word in words) > 1


def _known(name: str, header: Sequence[str]) -> Column | None:
    if name == COR_WATT:  # before the package's where each core has its own
        before = "PkgWatt" not in header or header.index(name) < header.index("PkgWatt")
        return CORE_WATTS if before else CORES_WATTS
    if name in COLUMNS:
        return COLUMNS[name]
    for pattern, column in STATES.items():
        if state := re.fullmatch(pattern, name, re.ASCII):
            return column._replace(label=(("state", state[1]),))
    return None


def _other(name: str, scope: int) -> Column:
    help = "A column that this exporter does not know, as printed"
    return Column(scope, "other", AS_PRINTED, help, (("column", name),), known=False)


def _is_known(name: str) -> bool:
    return name in LABELS or name in UNUSED or _known(name, [name]) is not None
