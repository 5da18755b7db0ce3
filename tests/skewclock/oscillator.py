"""A clock of which the truth is known, for any dynamically linked program: drives skewclock.c.

    oscillator = Oscillator(tmp_path, ppm=12.5)
    subprocess.Popen(oscillator.command(...), env=oscillator.environment())
    oscillator.step(3600.3)                              # somebody set the clock

The program's CLOCK_MONOTONIC_RAW runs ``ppm`` fast, its CLOCK_MONOTONIC and CLOCK_REALTIME ``adjusted_ppm`` faster
than that, as if the kernel disciplined it. It runs without CAP_SYS_TIME, so the machine's own clock cannot move.
"""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("skewclock.c")
FIELDS = (
    *("seq", "t0", "osc0", "adj0", "step", "osc_ppm", "adj_ppm", "freq", "tick", "status", "tai"),
    *("maxerror", "esterror"),
)
FORMAT = struct.Struct("<Qqqqqddqqqqqq")
SIZE = 128
STA_UNSYNC = 0x40


class Oscillator:
    """One program's clock. Its state is a page in memory that skewclock.so maps too."""

    def __init__(self, folder: Path, ppm: float = 0.0, adjusted_ppm: float = 0.0) -> None:
        self._library = folder / "skewclock.so"
        build = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE), "-ldl", "-lm"]
        subprocess.run(build, check=True)
        self._path = folder / "clock"
        freq = round(adjusted_ppm * 65536)
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        state = (0, now, 0, 0, 0, ppm, adjusted_ppm, freq, 10_000, STA_UNSYNC, 0, 16_000_000, 16_000_000)
        self._path.write_bytes(FORMAT.pack(*state).ljust(SIZE, b"\0"))
        with self._path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), SIZE)

    def step(self, seconds: float) -> None:
        """Move CLOCK_REALTIME and CLOCK_TAI by this much, at once."""
        state = dict(zip(FIELDS, FORMAT.unpack(self._page[: FORMAT.size])))
        state["step"] += round(seconds * 1e9)
        # An odd sequence tells readers that the page is being written.
        self._page[:8] = struct.pack("<Q", state["seq"] | 1)
        self._page[8 : FORMAT.size] = FORMAT.pack(*(state[name] for name in FIELDS))[8:]
        self._page[:8] = struct.pack("<Q", (state["seq"] | 1) + 1)

    def environment(self) -> dict[str, str]:
        """What makes a program see this clock."""
        return {**os.environ, "LD_PRELOAD": str(self._library), "SKEWCLOCK": str(self._path)}

    @staticmethod
    def command(*command: str) -> list[str]:
        """The command, without the right to set the machine's clock."""
        return ["setpriv", "--bounding-set", "-sys_time", *command]
