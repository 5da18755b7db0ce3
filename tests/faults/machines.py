"""The machines of the fault bench: nodes that are killed, stopped and cut off, and a recorder that fares no better."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.proxy import Link
from tests.programs import PATIENCE, ROOT, answers, eventually, free_port

ON_DISK = {**os.environ, "DRIFTSCOPE_HISTORY_MEMORY": "0"}
"""Histories outlive their exporters here, other than in most tests."""


class Program:
    """A program that is started again and again with the same command."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._command, self._log = command, log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it runs, or is stopped but there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, unless it runs."""
        if not self.running:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=log, stderr=log, env=ON_DISK)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process and self.running:
            os.kill(self._process.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int | None:
        """Wait for its end; the exit status, or None if it has not ended by then."""
        assert self._process
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Kill -9, and the end of it."""
        self.send(signal.SIGKILL)
        self.wait()


@dataclass
class Machine:
    """A node: an exporter with a history in this folder, behind a link that can be cut."""

    name: str
    exporter: Program
    address: str
    link: Link
    history: Path
    damaged: list[str] = field(default_factory=list[str])
    """What was in histories that were then damaged, each as /history would have said it."""


class Bench:
    """Some nodes and a recorder that records them into ``dataset``."""

    def __init__(self, folder: Path, nodes: int) -> None:
        self.dataset = folder / "run"
        self.machines: list[Machine] = []
        for name in "abcdefgh"[:nodes]:
            address, history = f"127.0.0.1:{free_port()}", folder / f"{name}.history"
            flags = ["--listen", address, "--history.dir", str(history), "--log-level", "warning"]
            exporter = Program([sys.executable, "-m", "exporter", *flags], folder / f"{name}.log")
            self.machines.append(Machine(name, exporter, address, Link(address), history))
        targets = [part for one in self.machines for part in ("--target", f"{one.name}={one.link.address}")]
        command = [sys.executable, "-X", "faulthandler", "-m", "recorder", "record", "-o", str(self.dataset), *targets]
        self.recorder = Program(command, folder / "recorder.log")
        self.log = folder / "recorder.log"

    def start(self) -> None:
        """Everything runs."""
        for one in self.machines:
            one.exporter.start()
        for one in self.machines:
            eventually(f"{one.name} has a sample", lambda one=one: answers(f"http://{one.address}/metrics"))
        self.recorder.start()

    def mend(self) -> None:
        """Whatever was broken works again."""
        for one in self.machines:
            one.link.mend()
            one.exporter.send(signal.SIGCONT)
            one.exporter.start()
        self.recorder.send(signal.SIGCONT)
        self.recorder.start()
        for one in self.machines:
            eventually(f"{one.name} answers", lambda one=one: answers(f"http://{one.address}/metrics"))

    def end_recorder(self) -> int:
        """End the recording in good order; its exit status. One that does not end says in its log where it hangs.

        By SIGTERM: what a shell starts in the background, as this bench may be, ignores SIGINT until it has a handler.
        """
        self.recorder.send(signal.SIGTERM)
        status = self.recorder.wait(60)
        if status is None:
            self.recorder.send(signal.SIGABRT)
            self.recorder.wait()
            raise AssertionError(f"the recorder does not end:\n{self.log.read_text()[-8000:]}")
        return status

    def close(self) -> None:
        """End all programs."""
        for one in self.machines:
            one.exporter.kill()
            one.link.close()
        if self.recorder.running:
            self.recorder.kill()
