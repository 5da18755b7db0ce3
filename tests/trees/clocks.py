"""Clocks that are devices, as /sys shows them."""

from __future__ import annotations

from pathlib import Path

from tests.trees.files import write


def clocksource(root: Path, current: str, *others: str) -> Path:
    """The clocksources of the machine; its folder."""
    folder = root / "sys/devices/system/clocksource/clocksource0"
    write(folder, {"current_clocksource": current, "available_clocksource": " ".join([current, *others, ""])})
    return folder
