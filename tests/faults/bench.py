"""Does wrong to nodes and recorder for a while, then compares the dataset with what the nodes' histories hold.

The same seed does the same things in the same order; how far each program had got is chance.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from recorder import columns, hour_file
from recorder.dataset import Dataset
from recorder.history import History, pages
from recorder.journal import Stored
from recorder.parse import Parser
from recorder.targets import Target
from recorder.verification import verify
from tests.faults.kinds import KINDS, Kind
from tests.faults.machines import Bench, Machine

Row = dict[str, Any]
Identity = tuple[str, int]
SET_BY_RECORDER = ("time", "present", "offset_ns", "offset_bound_ns")
EPOCH = "driftscope_sample_epoch_info{"
NOTHING: list[Row] = []


@dataclass
class Outcome:
    """What the bench found: samples that are not there, twice there, or other than they were; broken promises."""

    faults: Counter[str] = field(default_factory=Counter)
    taken: int = 0
    recorded: int = 0
    gone: int = 0
    """Samples that were damaged with their history before anybody had fetched them."""
    lost: list[Identity] = field(default_factory=list)
    duplicated: list[Identity] = field(default_factory=list)
    wrong: list[Identity] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    status: int | None = None

    def __str__(self) -> str:
        return (
            f"faults injected {self.faults.total()}, samples taken {self.taken}, recorded {self.recorded},"
            f" damaged before they were fetched {self.gone}, lost {len(self.lost)},"
            f" duplicated {len(self.duplicated)}, wrong {len(self.wrong)}"
        )

    @property
    def good(self) -> bool:
        """Whether nothing is lost, there twice, or other than it was."""
        return self.status == 0 and not (self.lost or self.duplicated or self.wrong or self.broken)


def run(folder: Path, seconds: float, seed: int, nodes: int = 3) -> Outcome:
    """The whole bench, in a new folder."""
    chance, outcome, bench = Random(seed), Outcome(), Bench(folder, nodes)
    try:
        bench.start()
        time.sleep(2)
        end = time.monotonic() + seconds
        kinds: list[Kind] = []
        while time.monotonic() < end:
            kinds = kinds or chance.sample(KINDS, len(KINDS))  # each once before one comes again
            kind = kinds.pop()
            kind(bench, chance)
            outcome.faults[kind.__name__] += 1
            time.sleep(chance.uniform(0, 2))
        bench.mend()
        time.sleep(3)
        outcome.status = bench.end_recorder()
        for machine in bench.machines:
            damaged = [row for text in machine.damaged for row in rows_of(machine, pages(text))]
            compare(outcome, rows(bench.dataset, machine.name), history(machine), damaged)
        outcome.broken = [str(one) for one in verify(Dataset.read(bench.dataset))]
    finally:
        bench.close()
    return outcome


def compare(outcome: Outcome, recorded: list[Row], taken: list[Row], damaged: list[Row] = NOTHING) -> None:
    """Count what of one node's samples is there, is not, is there twice, or is other than it was.

    ``taken`` is what its history holds, ``damaged`` what was in earlier ones until that was damaged: of those, what had
    not been fetched by then is gone and nobody's fault, but what is there must be right.
    """
    there = Counter(map(identity, recorded))
    by_identity = {identity(row): row for row in recorded}
    everything = [*damaged, *taken]
    begin = next((at for at, row in enumerate(everything) if identity(row) in there), len(everything))
    lasting = set(map(identity, taken))
    numbers = [identity(row)[1] for row in taken if identity(row) in there]
    newest = max(numbers, default=0)
    concerned = [row for row in everything[begin:] if identity(row) not in lasting or identity(row)[1] <= newest]
    outcome.taken += len(concerned)
    outcome.recorded += len(there)
    outcome.duplicated += [one for one, count in there.items() if count > 1]
    outcome.wrong += there.keys() - set(map(identity, everything))  # that nobody ever took
    for row in concerned:
        found = by_identity.get(identity(row))
        if found is not None:
            outcome.wrong += [identity(row)] if values(found) != values(row) else []
        elif identity(row) in lasting:
            outcome.lost.append(identity(row))
        else:
            outcome.gone += 1


def rows(dataset: Path, node: str) -> list[Row]:
    """All samples of a node, those beside the files included."""
    paths = sorted((dataset / f"node={node}").glob("date=*/*.parquet"))
    return [row for path in paths for row in hour_file.read(path).to_pylist()]


def history(machine: Machine) -> list[Row]:
    """All samples that a node still holds, as rows."""
    asked = History(Target(machine.name, f"http://{machine.address}/metrics"))
    stored: list[Stored] = []
    after = 0
    while samples := asked.ask(after, 600).samples:
        stored += [Stored(machine.name, 0, None, page) for page in samples.values()]
        after = max(samples)
    asked.close()
    return columns.table_of(stored).to_pylist()


def rows_of(machine: Machine, texts: Iterable[str]) -> list[Row]:
    """Pages as rows, in order of their numbers."""
    parser = Parser()
    stored = [Stored(machine.name, 0, None, parser.parse(text, openmetrics=True)) for text in texts]
    return sorted(
        (row for one in stored for row in columns.table_of([one]).to_pylist()), key=lambda row: row["sequence"]
    )


def identity(row: Row) -> Identity:
    """A sample's epoch and sequence."""
    (epoch,) = (name for name, value in row.items() if name.startswith(EPOCH) and value is not None)
    return epoch, row["sequence"]


def values(row: Row) -> Row:
    """All that the node said, without what it did not. Counts are ints in a dataset, and equal what they were."""
    said = {name: value for name, value in row.items() if name not in SET_BY_RECORDER and value is not None}
    return {name: "NaN" if value != value else value for name, value in said.items()}  # noqa: PLR0124
