"""Makes the load of one phase: by stress-ng if it is installed, else by processes of our own (workers.py).

What makes the load is ended by the kernel when the schedule ends in any way, even by kill -9 (PR_SET_PDEATHSIG). It
fits the machine: a quarter of the memory that is free, and of the free space of the disk up to 1 GiB.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

from . import workers

PROGRAM = "stress-ng"
PR_SET_PDEATHSIG = 1
LARGEST_FILE = 1 << 30
PATIENCE = 1.0
"""Seconds that what makes the load has to end when it is told to, before it is killed."""

_fork = multiprocessing.get_context("fork")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Sizes:
    """What a load may take of this machine: CPUs, bytes of memory, bytes of a disk."""

    cpus: int
    memory: int
    disk: int


def sizes(folder: Path) -> Sizes:
    """What there is room for now."""
    return Sizes(
        cpus=len(os.sched_getaffinity(0)),
        memory=psutil.virtual_memory().available // 4,
        disk=min(shutil.disk_usage(folder).free // 4, LARGEST_FILE),
    )


class Load(Protocol):
    """A load that runs from its making until it is stopped."""

    def ended(self) -> str | None:
        """How a part of it ended by itself, which it never should; None while all of it runs."""
        ...

    def stop(self) -> None:
        """End all of it; when this returns, there is no load."""
        ...


Start = Callable[[Sequence[str]], Load]
"""Makes the load of these kinds."""


def starter(folder: Path) -> tuple[str, Start]:
    """What makes the load on this machine, by its name, and the function that starts it; disks are loaded here."""
    program = shutil.which(PROGRAM)
    if program:
        return PROGRAM, lambda kinds: StressNg(program, kinds, folder)
    return "processes of our own", lambda kinds: Workers(kinds, folder)


class StressNg:
    """One stress-ng with all kinds of one phase."""

    def __init__(self, program: str, kinds: Sequence[str], folder: Path) -> None:
        room = sizes(folder)
        flags = {
            "cpu": ["--cpu", f"{room.cpus}"],
            "memory": ["--vm", f"{room.cpus}", "--vm-bytes", f"{room.memory // room.cpus}", "--vm-keep"],
            "disk": ["--hdd", "1", "--hdd-bytes", f"{room.disk}", "--temp-path", str(folder)],
        }
        command = [program, "--quiet", *[flag for kind in kinds for flag in flags[kind]]]
        # preexec_fn is safe in a process of one thread, as this is. The group is ended as one.
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent(signal.SIGTERM)
        )

    def ended(self) -> str | None:
        """How it ended by itself."""
        status = self._process.poll()
        return None if status is None else f"{PROGRAM} ended with status {status}"

    def stop(self) -> None:
        """End it and its children."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Workers:
    """Processes of our own: one for each CPU, and one for the disk."""

    def __init__(self, kinds: Sequence[str], folder: Path) -> None:
        room = sizes(folder)
        work: dict[str, list[tuple[Callable[..., None], tuple[Any, ...]]]] = {
            "cpu": [(workers.spin, ())] * room.cpus,
            "memory": [(workers.copy, (room.memory // room.cpus,))] * room.cpus,
            "disk": [(workers.write, (folder, room.disk))],
        }
        end_with_us = _end_with_parent(signal.SIGKILL)
        self._processes = [
            _fork.Process(target=_work, args=(end_with_us, *each)) for kind in kinds for each in work[kind]
        ]
        for process in self._processes:
            process.start()

    def ended(self) -> str | None:
        """How one of them ended by itself."""
        statuses = [process.exitcode for process in self._processes if process.exitcode is not None]
        return f"a process ended with status {statuses[0]}" if statuses else None

    def stop(self) -> None:
        """End all."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()


def _work(begin: Callable[[], None], work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    begin()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: the schedule will kill us
    work(*arguments)


def _end_with_parent(number: int) -> Callable[[], None]:
    """What a child of this process calls first: then the kernel sends it this signal when we end, or now if we have."""
    parent = os.getpid()

    def begin() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])  # the schedule's own is inherited
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return begin
