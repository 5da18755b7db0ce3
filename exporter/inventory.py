"""What the exporter found on this machine, what it left out and why, as JSON types."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import psutil

from . import __version__
from .sampler import Sampler
from .source import Reader, Source
from .tick import SECOND
from .watched import Watched


def inventory(sampler: Sampler, disabled: Mapping[str, Source]) -> dict[str, Any]:
    """The whole inventory. ``disabled`` are the sources that ``--disable`` named."""
    return {
        "exporter": {"version": __version__, "python": platform.python_version()},
        "epoch": sampler.epoch,
        "machine": machine(),
        "paths": {"sysfs": str(sampler.host.sysfs), "procfs": str(sampler.host.procfs)},
        "found": {each.name: _found(each, each.reader) for each in sampler.watched if each.reader},
        "left_out": {
            **{each.name: each.absent for each in sampler.watched if not each.reader},
            **dict.fromkeys(disabled, "disabled by --disable"),
        },
    }


def machine() -> dict[str, Any]:
    """The machine in a few words, for whoever opens a dataset a year later."""
    system = os.uname()
    return {
        "hostname": system.nodename,
        "kernel": system.release,
        "architecture": system.machine,
        "cpus": psutil.cpu_count(),
        "cores": psutil.cpu_count(logical=False),
        "memory_bytes": psutil.virtual_memory().total,
        "root": os.geteuid() == 0,
    }


def _found(watched: Watched, reader: Reader) -> dict[str, Any]:
    return {
        "reads": (watched.source.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        "values": len(watched.values),
        "read_cost_seconds": watched.duration / SECOND,
        "errors": dict(watched.errors),
        "last_error": watched.last_error,
        "cadence_samples": watched.cadence,
        **reader.found,
        **watched.details,
    }
