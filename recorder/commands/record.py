"""Record nodes into a dataset.

Asks every node about once a second, puts what comes into the dataset's journal, and writes Parquet every
hour and at the end. What was missed is fetched from the nodes' histories. Ends after --duration, or on
Ctrl-C, with everything received in Parquet. A dataset that exists is gone on with.
"""

from __future__ import annotations

import argparse
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from rich.console import Console

from ..dataset import Dataset
from ..progress import display
from ..recording import Recording
from ..targets import Target
from . import nodes

EXAMPLES = """\
examples:
  driftscope-recorder record --target ares=10.0.0.2:19777 --target homelab=10.0.0.3:19777 -o run1
  driftscope-recorder record --config prometheus.yml -o run1 --duration 24h
  driftscope-recorder record --fleet fleet.yml -o run1
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    nodes.arguments(parser)
    flag = parser.add_argument
    flag(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="the dataset: a new folder, or one to go on with",
    )
    flag(
        "--sync",
        type=nodes.seconds,
        default=1.0,
        metavar="TIME",
        help="what was received is on disk within this time, and counts from then on (default: 1s)",
    )
    flag(
        "--duration",
        type=nodes.seconds,
        metavar="TIME",
        help="end after this long, as 90s, 10m or 24h (default: on Ctrl-C)",
    )


def run(flags: argparse.Namespace) -> int:
    """0 if all that was received is in Parquet, 1 if nothing was received or some of it could not be written."""
    with ExitStack() as open_tunnels:
        return record(flags, nodes.chosen(flags, open_tunnels))


def record(flags: argparse.Namespace, chosen: list[Target]) -> int:
    """Record these nodes; the exit status."""
    console = Console()
    with closing(Dataset.open(flags.output)) as dataset:
        recording = Recording(chosen, dataset)
        with _stop_on_signal() as stopped_within, display(console, flags.duration) as shown:
            recording.start()
            end = time.monotonic() + flags.duration if flags.duration else None
            while not stopped_within(flags.sync) and (end is None or time.monotonic() < end):
                recording.turn()
                shown.show(recording)
            complete = recording.finish()
            shown.show(recording)
    return _summary(recording, complete)


def _summary(recording: Recording, complete: bool) -> int:
    """Say what did not go well; the exit status."""
    samples = sum(node.samples for node in recording.nodes.values())
    if not complete:
        print(  # noqa: T201
            f"not all is in Parquet: {recording.trouble}. Make room and record into the dataset again:"
            f" what is in the journal is then written. {recording.unsaved} samples never reached the disk."
        )
    if not samples:
        states = "; ".join(f"{name}: {node.state}" for name, node in recording.nodes.items())
        print(f"nothing was recorded: {states}")  # noqa: T201
    return 0 if complete and samples else 1


@contextmanager
def _stop_on_signal() -> Iterator[Callable[[float], bool]]:
    """While inside, gives what waits so many seconds, or until SIGINT or SIGTERM came; a second one ends the program.

    A socket wakes the waiting, and no lock is taken: the handler runs in the midst of whatever the program does.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, _: object) -> None:
        signal.signal(number, before[signal.Signals(number)])

    waiting, waking = socket.socketpair()
    with waiting, waking:
        waking.setblocking(False)
        woken_before = signal.set_wakeup_fd(waking.fileno())
        for number in before:
            signal.signal(number, handle)
        try:
            yield lambda seconds: bool(select.select([waiting], [], [], seconds)[0])
        finally:
            signal.set_wakeup_fd(woken_before)
            for number, handler in before.items():
                signal.signal(number, handler)
