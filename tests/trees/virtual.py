"""Devices that the kernel makes up, as /sys shows them: among the others, but without hardware behind them."""

from __future__ import annotations

import os
from pathlib import Path

from tests.trees.files import write


def interfaces(root: Path, *names: str) -> None:
    """Bridges, pairs, tunnels and the loopback."""
    for name in names:
        _shown(root, f"virtual/net/{name}", f"class/net/{name}")


def disks(root: Path, *names: str) -> None:
    """Loops, RAID, the device mapper, memory."""
    for name in names:
        _shown(root, f"virtual/block/{name}", f"block/{name}")


def shared_nvme(root: Path, number: int) -> None:
    """A drive that may be reached on several ways: real, though its disk is among the virtual devices.

    Where the kernel has NVMe's multipath, each drive is shown so.
    """
    system = f"virtual/nvme-subsystem/nvme-subsys{number}"
    home = _shown(root, f"{system}/nvme{number}n1", f"block/nvme{number}n1")
    write(home.parent, {"subsysnqn": f"nqn.2014.08.org.nvmexpress:{number:08x}"})
    (home / "device").symlink_to("../../" + home.parent.name)


def _shown(root: Path, device: str, seen: str) -> Path:
    home, link = root / "sys/devices" / device, root / "sys" / seen
    write(home, {"uevent": ""})
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(home, link.parent))
    return home
