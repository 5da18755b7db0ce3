"""Memory, from /proc/meminfo (proc(5)): every field that this kernel has.

Quantum 1 KiB; counted in batches per CPU, so a field lags by some hundred KiB; no privilege needed.
psutil.virtual_memory has the well-known fields only, and computes some; here each is as the kernel says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ..files import whole_file
from ..host import Host
from ..source import Absent, Family, Reader, Series, Value

_LINE = re.compile(rb"^([A-Za-z][A-Za-z0-9_()]*): *([0-9]{1,20})( kB)?$", re.MULTILINE)


def find(host: Host) -> Reader | Absent:
    """Every Linux has this file, unless /proc is a partial copy."""
    return whole_file(host.procfs / "meminfo", values, quantum_bytes=1024)


def values(text: bytes) -> Iterable[Value]:
    """One gauge a field; which fields there are is up to the kernel."""
    return [(series(name), number) for name, number in parse(text)]


@lru_cache(maxsize=1024)
def series(name: bytes) -> Series:
    """The series of a field, named as node_exporter does: ``Active(anon)`` -> Active_anon_bytes.

    ``name`` ends in " kB" where the kernel's line does; HugePages_Total and its like are counts.
    """
    field_name = name.decode().replace("(", "_").replace(")", "").replace(" kB", "_bytes")
    help = f"Memory information field {field_name}."
    return Family(f"node_memory_{field_name}", "gauge", help).series()


def parse(text: bytes) -> list[tuple[bytes, int]]:
    """``MemTotal:  24684084 kB`` -> (b"MemTotal kB", bytes); lines of another form are left out."""
    return [(name + unit, int(number) * (1024 if unit else 1)) for name, number, unit in _LINE.findall(text)]
