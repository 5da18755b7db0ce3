"""Where the numbers of samples go on after a restart: none is given twice, whatever ended the last exporter."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..host import Host


@dataclass(frozen=True)
class Numbering:
    """What the next sample is counted on from: it is ``sequence`` + 1, in this epoch."""

    epoch: str
    sequence: int = 0


@dataclass(frozen=True)
class Moment:
    """When a sample was kept: its number, in ns by two clocks, in which boot; and the time between samples."""

    sequence: int
    realtime: int
    boottime: int
    boot_id: str
    interval: int


def new() -> Numbering:
    """An epoch that no node had before."""
    return Numbering(uuid.uuid4().hex[:16])


def moment(host: Host, sequence: int, interval: int) -> Moment:
    """Now."""
    return Moment(
        sequence, host.clock_ns(time.CLOCK_REALTIME), host.clock_ns(time.CLOCK_BOOTTIME), boot_id(host), interval
    )


def after(meta: Mapping[str, Any], newest: int, now: Moment) -> Numbering:
    """Where to go on.

    After a clean end with the next number. After any other one, numbers may have been given to samples that were not
    kept: then as if it had sampled all along, so that none of them is given again. Those were never sampled.
    """
    if meta.get("clean"):
        return Numbering(meta["epoch"], newest)
    last = Moment(**meta["last"]) if "last" in meta else now
    elapsed = now.boottime - last.boottime if now.boot_id == last.boot_id else now.realtime - last.realtime
    missed = max(0, (elapsed + last.interval // 2) // last.interval)
    return Numbering(meta["epoch"], max(newest, last.sequence) + missed)


def described(moment: Moment) -> dict[str, Any]:
    """As the store keeps it."""
    return asdict(moment)


def boot_id(host: Host) -> str:
    """Of the boot that the machine is in; empty where the kernel does not tell."""
    try:
        return (host.procfs / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
