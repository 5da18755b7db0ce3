"""Pages in and out, swapping, page faults and OOM kills, from /proc/vmstat (proc(5)).

Of its 150 fields those that node_exporter takes. Exact counts, summed over the CPUs at each read; no privilege needed.
psutil passes on two of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ..files import whole_file
from ..host import Host
from ..source import Absent, Family, Reader, Series, Value

LINE = re.compile(rb"^((?:oom_kill|pgpg|pswp|pg\w*fault)\w*) ([0-9]{1,20})$", re.MULTILINE)


def find(host: Host) -> Reader | Absent:
    """Every Linux has this file, unless /proc is a partial copy."""
    return whole_file(host.procfs / "vmstat", values, quantum=1)


def values(text: bytes) -> Iterable[Value]:
    """One value a field; which fields there are is up to the kernel."""
    return [(series(name), int(number)) for name, number in LINE.findall(text)]


@lru_cache(maxsize=64)
def series(name: bytes) -> Series:
    """The series of a field."""
    field = name.decode()
    return Family(f"node_vmstat_{field}", "unknown", f"/proc/vmstat information field {field}.").series()
