"""What goes wrong, each as a function of the bench and a source of chance."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from random import Random

from exporter.history import store
from exporter.history.page import page
from recorder.journal import path_of, segments
from tests.faults.machines import Bench


def kill_node(bench: Bench, chance: Random) -> None:
    """An exporter is killed in whatever it does, and started some time later."""
    one = chance.choice(bench.machines)
    one.exporter.kill()
    time.sleep(chance.uniform(0, 3))
    one.exporter.start()


def restart_node(bench: Bench, chance: Random) -> None:
    """An exporter is ended in good order and started again."""
    one = chance.choice(bench.machines)
    one.exporter.send(signal.SIGTERM)
    one.exporter.wait()
    time.sleep(chance.uniform(0, 2))
    one.exporter.start()


def stop_node(bench: Bench, chance: Random) -> None:
    """An exporter hangs for a while: its connections stand, and nothing comes."""
    one = chance.choice(bench.machines)
    one.exporter.send(signal.SIGSTOP)
    time.sleep(chance.uniform(0.5, 4))
    one.exporter.send(signal.SIGCONT)


def corrupt_history(bench: Bench, chance: Random) -> None:
    """A node's disk loses its history, so that it numbers anew. What nobody had fetched is gone."""
    one = chance.choice(bench.machines)
    one.exporter.kill()
    with closing(store.opened(one.history, most_samples=10**6, most_bytes=10**9)) as history:
        one.damaged.append(page(list(history.after(0, 10**6))))
    with (one.history / "history.sqlite").open("r+b") as file:
        file.write(os.urandom(64) + b"\n")
    one.exporter.start()


def partition(bench: Bench, chance: Random) -> None:
    """Nothing gets through to a node for a while."""
    one = chance.choice(bench.machines)
    one.link.cut()
    time.sleep(chance.uniform(0.5, 5))
    one.link.mend()


def kill_recorder(bench: Bench, chance: Random) -> None:
    """The recorder is killed in whatever it does, and started some time later."""
    bench.recorder.kill()
    time.sleep(chance.uniform(0, 3))
    bench.recorder.start()


def kill_recorder_as_it_ends(bench: Bench, chance: Random) -> None:
    """The recorder is killed while it writes its files."""
    bench.recorder.send(signal.SIGTERM)
    if bench.recorder.wait(chance.uniform(0, 2.5)) is None:
        bench.recorder.kill()
    bench.recorder.start()


def restart_recorder(bench: Bench, chance: Random) -> None:
    """The recorder is ended in good order, and started again some time later."""
    bench.end_recorder()
    time.sleep(chance.uniform(0, 3))
    bench.recorder.start()


def stop_recorder(bench: Bench, chance: Random) -> None:
    """The recorder gets no time for a while, as in a virtual machine that is moved."""
    bench.recorder.send(signal.SIGSTOP)
    time.sleep(chance.uniform(0.5, 4))
    bench.recorder.send(signal.SIGCONT)


def truncate_journal(bench: Bench, chance: Random) -> None:
    """The power fails: the recorder is gone, and so are the last bytes of its journal."""
    bench.recorder.kill()
    folder = bench.dataset / ".journal"
    if numbers := segments(folder):
        path = path_of(folder, numbers[-1])
        os.truncate(path, max(0, path.stat().st_size - chance.randrange(1, 2000)))
    bench.recorder.start()


Kind = Callable[[Bench, Random], None]
KINDS: tuple[Kind, ...] = (
    kill_node,
    restart_node,
    stop_node,
    corrupt_history,
    partition,
    kill_recorder,
    kill_recorder_as_it_ends,
    restart_recorder,
    stop_recorder,
    truncate_journal,
)
