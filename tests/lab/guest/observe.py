"""Runs in the guest: an exporter whose machine is changed while it is scraped, and each page kept in /mnt/SECOND.prom.

The guest's clock is its own, so here it may be slewed and set.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

SCRATCH_REGISTER = 0x2FF
"""A serial port's, from which the ACPI table makes temperature (30 degC and half a degree for 1) and power."""

ADJ_FREQUENCY = 0x0002
PPM = 1 << 16
FREQUENCY = 2
"""Where ``struct timex`` has the frequency, in words."""


def warm_up() -> None:
    """Set the thermal zone from 30 to 50 degC, and the power meter from 100 to 140 W."""
    port = os.open("/dev/port", os.O_WRONLY)
    os.pwrite(port, bytes([40]), SCRATCH_REGISTER)
    os.close(port)


def slew() -> None:
    """Make the clock 50 ppm faster."""
    words = (ctypes.c_long * 26)()
    words[0], words[FREQUENCY] = ADJ_FREQUENCY, 50 * PPM
    assert ctypes.CDLL(None).adjtimex(words) >= 0


def step() -> None:
    """Set the clock an hour ahead."""
    time.clock_settime_ns(time.CLOCK_REALTIME, time.time_ns() + 3600 * 10**9)


def change_clocksource() -> None:
    """Have the kernel count by another oscillator."""
    folder = Path("/sys/devices/system/clocksource/clocksource0")
    current = (folder / "current_clocksource").read_text().strip()
    others = (folder / "available_clocksource").read_text().split()
    (folder / "current_clocksource").write_text(next(name for name in others if name != current))


CHANGES = {6: warm_up, 10: slew, 20: step, 24: change_clocksource}
"""What happens in which second."""

SECONDS = 30


ADDRESS = "127.0.0.1:19777"


def page() -> bytes:
    """What the exporter shows now; waits until it is there."""
    for _ in range(60):
        try:
            with urlopen(f"http://{ADDRESS}/metrics", timeout=10) as answer:
                return answer.read()
        except OSError:
            time.sleep(1)
    raise TimeoutError("the exporter does not answer")


def main() -> None:
    """Scrape, change, scrape."""
    with subprocess.Popen([sys.executable, "-m", "exporter", "--listen", ADDRESS]) as exporter:
        try:
            page()
            for second in range(SECONDS):
                if second in CHANGES:
                    CHANGES[second]()
                time.sleep(1)
                Path(f"/mnt/{second:02}.prom").write_bytes(page())
        finally:
            exporter.terminate()


if __name__ == "__main__":
    main()
