"""Which CPUs a machine has, and on which socket each is, from /sys/devices/system/cpu (admin-guide/cputopology.rst)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..files import attribute, listing
from ..host import Host


def cpus(host: Host) -> Iterable[tuple[str, Path]]:
    """Number and folder of each CPU, in the order of the numbers; those that are offline too."""
    for path in listing(host.sysfs / "devices" / "system" / "cpu"):
        if path.name.startswith("cpu") and path.name[3:].isdigit():
            yield path.name[3:], path


def socket(cpu: Path) -> str | None:
    """The number of the CPU's socket; None for one that is offline."""
    return attribute(cpu / "topology" / "physical_package_id")
