"""From the journal into files: what a dataset says of itself is what its files hold, also after a crash."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from recorder.dataset import Dataset
from recorder.journal import Journal, Stored
from recorder.node import Node
from recorder.node_clock import Offset
from recorder.targets import Target
from recorder.troubles import Troubles
from recorder.writing import Writing
from tests.recorder.samples import HOUR, SECOND, node_page, stored


def sample(number: int, late: int = 0, second: int | None = None, epoch: str = "e1") -> Stored:
    """Sample ``number``, taken so much after its second by a clock that is ours."""
    at = HOUR + number if second is None else second
    page = node_page(number, at * SECOND + late, number * SECOND, epoch)
    return stored(at, page, offset=Offset(0, 1000))


def writing_of(dataset: Dataset, *names: str) -> tuple[Writing, dict[str, Node]]:
    """A writing that has taken up what is there, and its nodes."""
    nodes = {name: Node(Target(name, "http://127.0.0.1:1/metrics")) for name in names}
    dataset.begin_run(dict.fromkeys(nodes, ""))
    writing = Writing(dataset, nodes, Troubles())
    writing.recover()
    return writing, nodes


def write(dataset: Dataset, *samples: Stored) -> dict[str, Any]:
    """Journal and write samples; what dataset.json then says of the node."""
    writing, nodes = writing_of(dataset, "ares")
    journal = Journal(dataset.journal)
    places = [(journal.append(one), one) for one in samples]
    journal.commit()
    for one in samples:
        nodes["ares"].keep(one)
    writing.add(places)
    writing.finish(journal)
    return Dataset.read(dataset.folder).about["nodes"]["ares"]


def test_dataset_json_says_what_the_files_hold(dataset: Dataset) -> None:
    """Samples, their numbers by epoch, and what is absent with its reason; also of what was written before."""
    write(dataset, *map(sample, range(1, 10)))

    said = write(dataset, *map(sample, range(20, 30)), sample(1, epoch="e2", second=HOUR + 3600))

    assert said["samples"] == 20
    assert said["epochs"] == {"e1": [[1, 9], [20, 29]], "e2": [[1, 1]]}
    assert [(one["seconds"], one["reason"]) for one in said["absent"]] == [(10, "not fetched")]
    assert said["absent"][0]["first"] < said["absent"][0]["last"]


def test_a_second_sample_of_a_second_is_beside_the_file_and_known(dataset: Dataset) -> None:
    """The nearer to the second is the row; the other is in the extra file, counted, and not asked for again."""
    said = write(dataset, sample(1, 400_000_000, second=HOUR), sample(2, 100_000_000, second=HOUR), sample(3))
    again, nodes = writing_of(dataset, "ares")

    assert (said["samples"], said["extra"], said["epochs"]) == (2, 1, {"e1": [[1, 3]]})
    assert [*nodes["ares"].missing.received["e1"]] == [(1, 3)]
    again.finish(Journal(dataset.journal))


def test_extra_samples_are_counted_over_all_hours(dataset: Dataset) -> None:
    """Each hour has a file of its own for them."""
    said = write(
        dataset,
        *(sample(number, number * 1000, second=HOUR + number // 2 * 3600) for number in range(6)),
    )

    assert said["extra"] == 3


def test_a_node_knows_what_is_in_the_journal_and_in_the_files(dataset: Dataset) -> None:
    """After a crash it asks for neither."""
    write(dataset, sample(1), sample(2))
    journal = Journal(dataset.journal)
    journal.append(sample(4))
    journal.commit()

    writing, nodes = writing_of(dataset, "ares")

    assert [*nodes["ares"].missing.received["e1"]] == [(1, 2), (4, 4)]
    assert [one.sequence for one in nodes["ares"].past._anchors["e1"]] == [1, 4]
    writing.finish(Journal(dataset.journal))


def test_what_is_gone_stays_known(dataset: Dataset) -> None:
    """The reasons for what was lost in an earlier run are still told."""
    write(dataset, sample(1), sample(5))
    writing, nodes = writing_of(dataset, "ares")
    nodes["ares"].missing.gone["e1"]["history expired"].add(2, 4)
    writing.finish(Journal(dataset.journal))

    said = write(dataset, sample(6))

    assert said["gone"] == {"e1": {"history expired": [[2, 4]]}}
    assert [(one["seconds"], one["reason"]) for one in said["absent"]] == [(3, "history expired")]


def test_a_broken_file_is_said_and_passed_over(dataset: Dataset, caplog: pytest.LogCaptureFixture) -> None:
    """The recording begins all the same."""
    caplog.set_level(logging.WARNING, "driftscope.recorder")
    path = dataset.hour_path("ares", HOUR)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PAR1")

    writing, _ = writing_of(dataset, "ares")

    assert str(path) in caplog.text
    writing.finish(Journal(dataset.journal))
