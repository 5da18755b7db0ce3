"""A real chronyd that never touches the machine's clock (``-x``), and NTP servers whose rate is known.

Each has its own folder, ports and socket on the loopback interface, and is ended by its pid.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.programs import eventually, find, free_port, running

HERE = Path(__file__).parent
PATIENCE = 30


@dataclass
class Chronyd:
    """One chronyd: its folder, the lines of its configuration, and how to reach it."""

    folder: Path
    lines: Sequence[str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it takes commands by UDP."""
        return "127.0.0.1", self.port

    @property
    def socket(self) -> str:
        """Where it takes commands of all kinds."""
        return str(self.folder / "run" / "sock")

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process
        return self.process.pid

    def start(self) -> None:
        """Start it, and wait until it takes commands: it opens its socket last."""
        chronyd = find("chronyd", "chrony")
        run = self.folder / "run"
        run.mkdir(mode=0o770, exist_ok=True)
        configuration = [
            f"pidfile {run / 'pid'}",
            f"bindcmdaddress {self.socket}",
            "bindcmdaddress 127.0.0.1",
            f"cmdport {self.port}",
            "port 0",
            *self.lines,
        ]
        file = self.folder / "chrony.conf"
        file.write_text("\n".join(configuration) + "\n")
        Path(self.socket).unlink(missing_ok=True)  # of one that was killed
        log = (self.folder / "log").open("ab")
        with log:
            # -x: it must never set or steer this machine's clock. -d: it stays our child.
            self.process = subprocess.Popen(
                [chronyd, "-x", "-d", "-u", "root", "-f", str(file)], stdout=log, stderr=log
            )
        eventually("chronyd takes commands", Path(self.socket).is_socket)

    def end(self, by: int = signal.SIGTERM) -> None:
        """End it by this signal."""
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(by)
            self.process.wait(PATIENCE)
            self.process = None

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process
        self.process.send_signal(number)

    def chronyc(self, *command: str) -> list[list[str]]:
        """The lines that chronyc prints of it through its socket, by their fields."""
        chronyc = [find("chronyc", "chrony"), "-c", "-n", "-h", self.socket, *command]
        done = subprocess.run(chronyc, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return [line.split(",") for line in done.stdout.splitlines()]


@contextmanager
def chronyd(folder: Path, *lines: str) -> Generator[Chronyd, None, None]:
    """A chronyd with these lines in its configuration, while inside."""
    daemon = Chronyd(folder, lines)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.end()


@contextmanager
def ntp_server(ppm: float = 0, offset_ms: float = 0, address: str = "127.0.0.1") -> Generator[str, None, None]:
    """A server whose clock is known; gives the line of a configuration that makes it a source, asked once a second."""
    port = free_port()
    program = [sys.executable, str(HERE / "skewed_ntp.py"), address, str(port), str(ppm), str(offset_ms)]
    with running(program):
        yield f"server {address} port {port} iburst minpoll 0 maxpoll 0"
