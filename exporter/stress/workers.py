"""Loads made of Python processes, where stress-ng is not installed. Each function runs until its process is ended."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

BLOCK = 1 << 20
"""Bytes that are written to a disk at once."""


def spin() -> None:
    """Keep one CPU busy with multiplications of large integers, which fill no cache."""
    number = 3
    while True:
        number = number * number % ((1 << 521) - 1) + 1


def copy(size: int) -> None:
    """Copy one half of so many bytes onto the other, again and again."""
    half = size // 2
    buffer = memoryview(bytearray(os.urandom(BLOCK)) * max(2, size // BLOCK))
    while True:
        buffer[half : 2 * half] = buffer[:half]
        buffer[:half] = buffer[half : 2 * half]


def write(folder: Path, size: int) -> None:
    """Write so many bytes to a disk, bring them there, and read them back. The file has no name: it ends with us.

    Raises:
        OSError: the disk is full, or fails.

    """
    block = os.urandom(BLOCK)
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        while True:
            file.seek(0)
            for _ in range(max(1, size // BLOCK)):
                file.write(block)
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            file.seek(0)
            while file.read(BLOCK):
                pass
