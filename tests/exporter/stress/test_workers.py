"""What a process of our own does to the machine."""

from __future__ import annotations

import multiprocessing
import os
import resource
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from exporter.stress import workers
from tests.exporter.made import eventually

MEGABYTE = 1 << 20


@contextmanager
def working(work: Callable[..., None], *arguments: Any) -> Generator[psutil.Process, None, None]:
    """A process that does this while inside."""
    process = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    process.start()
    try:
        assert process.pid
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.join()


def test_spinning_takes_cpu_time() -> None:
    """Of the process itself, not of the kernel for it."""
    with working(workers.spin) as process:
        eventually("CPU time", lambda: process.cpu_times().user > 0.2)
        times = process.cpu_times()

    assert times.system < times.user / 2


def test_copying_holds_as_much_memory_as_it_was_told_to() -> None:
    """And touches all of it."""
    with working(workers.copy, 64 * MEGABYTE) as process:
        eventually("memory", lambda: process.memory_info().rss > 64 * MEGABYTE)


def test_writing_reaches_the_disk_and_leaves_nothing(tmp_path: Path) -> None:
    """There is never a name in the folder that a kill could leave behind."""
    with working(workers.write, tmp_path, 4 * MEGABYTE) as process:
        eventually("written", lambda: process.io_counters().write_chars > 16 * MEGABYTE)
        names = os.listdir(tmp_path)

    assert names == []


def test_a_disk_that_takes_no_more_is_an_error(tmp_path: Path) -> None:
    """Which ends the process, so that the schedule sees it."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, MEGABYTE))
        workers.write(tmp_path, 4 * MEGABYTE)

    process = multiprocessing.get_context("fork").Process(target=limited)
    process.start()
    process.join(60)

    assert process.exitcode not in (None, 0)


@pytest.mark.parametrize("size", [0, 1, MEGABYTE + 1])
def test_any_size_can_be_copied(size: int) -> None:
    """Also one that is no multiple of a block."""
    with working(workers.copy, size) as process:
        eventually("CPU time", lambda: process.cpu_times().user > 0.02)
