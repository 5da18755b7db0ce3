"""The layouts of ptp_ioctl.py are those of the kernel's own header, which is compiled here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from exporter.clocks import ptp_ioctl
from tests import programs

pytestmark = pytest.mark.lab

PROGRAM = r"""
#include <linux/ptp_clock.h>
#include <stddef.h>
#include <stdio.h>
int main(void) {
    printf("%zu %zu %zu %zu %zu %d %lu %lu\n", sizeof(struct ptp_clock_time), offsetof(struct ptp_clock_time, nsec),
           sizeof(struct ptp_sys_offset_precise), sizeof(struct ptp_sys_offset_extended),
           offsetof(struct ptp_sys_offset_extended, ts), PTP_MAX_SAMPLES,
           (unsigned long)PTP_SYS_OFFSET_PRECISE, (unsigned long)PTP_SYS_OFFSET_EXTENDED);
}
"""


def test_sizes_places_and_numbers_are_the_kernels(tmp_path: Path) -> None:
    """To the byte."""
    source = tmp_path / "layout.c"
    source.write_text(PROGRAM)
    subprocess.run(
        [programs.find("gcc", "gcc libc6-dev linux-libc-dev"), source, "-o", tmp_path / "layout"], check=True
    )

    said = programs.run([str(tmp_path / "layout")])

    assert [int(word) for word in said.split()] == [
        ptp_ioctl.TIME.size,
        8,
        ptp_ioctl.PRECISE_SIZE,
        ptp_ioctl.EXTENDED_SIZE,
        ptp_ioctl.EXTENDED_HEAD.size,
        ptp_ioctl.MAX_SAMPLES,
        ptp_ioctl.PTP_SYS_OFFSET_PRECISE,
        ptp_ioctl.PTP_SYS_OFFSET_EXTENDED,
    ]
