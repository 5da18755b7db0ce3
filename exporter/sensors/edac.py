"""Memory errors that ECC corrected or could only report, from /sys/devices/system/edac/mc (admin-guide/ras.rst).

Exact counts since the driver was loaded; a burst of them is heat or decay. No privilege needed. Identity is the
controller's number and the row's; errors of no known row have the row "unknown". psutil does not know them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..files import KernelFile, NumberFile, NumberFiles, attribute, listing
from ..host import Host
from ..source import Absent, Family, Reader

KINDS = (("ce", "correctable"), ("ue", "uncorrectable"))
CONTROLLER = {
    short: Family(f"node_edac_{kind}_errors_total", "counter", f"Total {kind} memory errors.") for short, kind in KINDS
}
CSROW = {
    short: Family(f"node_edac_csrow_{kind}_errors_total", "counter", f"Total {kind} memory errors for this csrow.")
    for short, kind in KINDS
}


def find(host: Host) -> Reader | Absent:
    """The controllers of memory that has ECC and a driver for it."""
    folder = host.sysfs / "devices" / "system" / "edac" / "mc"
    controllers = [path for path in listing(folder) if path.name.startswith("mc") and path.name[2:].isdigit()]
    if not controllers:
        return Absent(f"no {folder}/mcN: no ECC memory, or no driver for its controller")
    names = {path.name: attribute(path / "mc_name") for path in controllers}
    return NumberFiles(
        {"quantum": 1, "controllers": names}, [number for path in controllers for number in counts(path)]
    )


def counts(path: Path) -> Iterable[NumberFile]:
    """The counts of one controller and its rows."""
    controller = path.name[2:]
    rows = [row for row in listing(path) if row.name.startswith("csrow") and row.name[5:].isdigit()]
    for short, _ in KINDS:
        yield NumberFile(CONTROLLER[short].series(controller=controller), KernelFile(path / f"{short}_count"))
        unknown = CSROW[short].series(controller=controller, csrow="unknown")
        yield NumberFile(unknown, KernelFile(path / f"{short}_noinfo_count"))
        for row in rows:
            series = CSROW[short].series(controller=controller, csrow=row.name[5:])
            yield NumberFile(series, KernelFile(row / f"{short}_count"))
