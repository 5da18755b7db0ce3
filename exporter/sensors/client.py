"""The exporter itself, and its Python: every collector in prometheus-client's registry.

``process_*`` (its CPU time and memory), ``python_gc_*`` and ``python_info``. To count open files, prometheus-client
lists them, which takes longer than reading all other sources where every sensor of 64 CPUs is one: so it is read once
in ten samples. No privilege needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from ..host import Host
from ..source import Absent, Family, Reader, Value

CADENCE = 10


def find(host: Host) -> Reader | Absent:
    """The registry is always there."""
    return Registry({}, host.registry)


@dataclass
class Registry:
    """Reads whatever is registered at that moment."""

    found: Mapping[str, Any]
    registry: CollectorRegistry
    cadence: int = CADENCE
    beside = False

    def read(self) -> Iterable[Value]:
        """Every sample of every collector."""
        for metric in self.registry.collect():
            for sample in metric.samples:
                family = Family(sample.name, metric.type, metric.documentation)
                yield family.series(**sample.labels), sample.value

    def close(self) -> None:
        """Nothing is held open."""
