"""``make bench``: every figure the project speaks of, beside what it is compared with, measured in the same run.

Machines are noisy: trust ratios and medians. Nothing here passes or fails.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator

from . import beside, parquet, parsing, sampling

Rows = Callable[[], Iterator[tuple[str, ...]]]

SECTIONS: dict[str, tuple[tuple[str, ...], Rows]] = {
    "exporter": (("what", "measured", "beside"), sampling.rows),
    "beside": (("64 CPUs, scraped once a second", "driftscope", "node_exporter"), beside.rows),
    "parsing": (("parser", "us a series", "times"), parsing.rows),
    "parquet": (("writer", "data, bytes a value", "file, bytes a value", "s"), parquet.rows),
}


def main(wanted: list[str]) -> None:
    """Measure the sections named, or all."""
    print(f"Python {platform.python_version()}, {platform.machine()}, Linux {platform.release()}")
    for name, (headings, rows) in SECTIONS.items():
        if wanted and name not in wanted:
            continue
        print(f"\n{name}")
        for row in (headings, *rows()):
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, (38, 22, 22, 6))).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
