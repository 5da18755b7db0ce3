"""A recording whose nodes have histories: what was missed is fetched, put in its place, and never there twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from recorder import healing, hour_file
from recorder.dataset import Dataset
from recorder.recording import Recording
from recorder.targets import Target
from recorder.verification import verify
from tests.programs import eventually
from tests.recorder.conftest import Serve
from tests.recorder.historic import HistoricNode, Taken, ticking
from tests.recorder.samples import SECOND, column
from tests.recorder.servers import Question, says

HOUR = 3600


def target(node: str, url: str) -> Target:
    """Asked ten times a second."""
    return Target(node, url, interval=0.1, timeout=5)


def run(folder: Path, nodes: dict[str, str], until: Callable[[Recording], bool]) -> Recording:
    """A recording to its good end."""
    with closing(Dataset.open(folder)) as dataset:
        recording = Recording([target(name, url) for name, url in nodes.items()], dataset)
        recording.start()

        def done() -> bool:
            recording.turn()
            return until(recording)

        eventually("it is done", done)
        assert recording.finish()
    return recording


def rows(folder: Path, node: str = "ares") -> list[dict[str, Any]]:
    """A node's samples in a dataset that keeps its promises."""
    dataset = Dataset.read(folder)
    assert [str(one) for one in verify(dataset)] == []
    tables = [hour_file.read(file.path) for file in dataset.files() if file.node == node]
    return [row for table in tables for row in table.to_pylist()]


def as_taken(found: list[dict[str, Any]]) -> list[tuple[int, int, int, float]]:
    """What of the rows the node knows."""
    return [(row["sequence"], row["realtime_ns"], row["monotonic_raw_ns"], row["v"]) for row in found]


def as_said(taken: list[Taken]) -> list[tuple[int, int, int, float]]:
    """The same of the samples."""
    return [(one.sequence, one.realtime, one.raw, float(one.more.split()[1])) for one in taken]


def absences(folder: Path, node: str = "ares") -> list[tuple[int, str]]:
    """Seconds and reason of each absence."""
    return [(one["seconds"], one["reason"]) for one in Dataset.read(folder).about["nodes"][node]["absent"]]


def begin_of(samples: int) -> int:
    """The second of sample 0, if this many were taken until now."""
    return time.time_ns() // SECOND - samples


def test_what_was_missed_between_two_recordings_is_healed(serve: Serve, tmp_path: Path) -> None:
    """Hours that passed without a recorder are in the files of their hours, each value, each second."""
    taken = ticking(1, 9000, begin_of(9000))
    node = HistoricNode(taken[:1000])
    server = serve(node)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)
    node.taken = taken

    recording = run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)

    assert recording.nodes["ares"].healed == 9000 - 1000 - 1
    found = rows(tmp_path)
    assert as_taken(found) == as_said(taken[999:])
    assert [row["time"].value // SECOND for row in found] == [one.realtime // SECOND for one in taken[999:]]
    assert all(abs(row["offset_ns"]) <= row["offset_bound_ns"] for row in found)
    assert absences(tmp_path) == []


def test_a_sample_that_was_missed_live_is_healed_while_it_runs(serve: Serve, tmp_path: Path) -> None:
    """A hole of one sample is closed at once."""
    taken = ticking(1, 30, begin_of(30))
    node = HistoricNode(taken[:10])

    def until(recording: Recording) -> bool:
        if recording.nodes["ares"].samples == 1:
            node.taken = [*taken[:10], *taken[10:20]]
        return recording.nodes["ares"].samples == 11

    recording = run(tmp_path, {"ares": serve(node).url}, until)

    assert (recording.nodes["ares"].healed, recording.nodes["ares"].missed) == (9, 0)
    assert as_taken(rows(tmp_path)) == as_said(taken[9:20])


def test_what_the_history_no_longer_holds_is_a_hole_with_a_reason(serve: Serve, tmp_path: Path) -> None:
    """Expired, never sampled and not running are told apart, in dataset.json and after a restart as well."""
    begin = begin_of(400)
    killed_and_started = [*ticking(1, 250, begin), *ticking(261, 300, begin)]
    node = HistoricNode(killed_and_started[:100])
    server = serve(node)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)
    node.taken, node.oldest = [*killed_and_started, *ticking(301, 380, begin + 20)], 200

    recording = run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 1)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].duplicates > 0)

    assert recording.nodes["ares"].lost == 99
    gone = Dataset.read(tmp_path).about["nodes"]["ares"]["gone"]["e1"]
    assert gone == {"history expired": [[101, 199]], "never sampled": [[251, 260]]}
    assert absences(tmp_path) == [(99, "history expired"), (10, "never sampled"), (20, "node down")]


@pytest.mark.parametrize("spoil", [lambda text: text[:-9], lambda text: ""])
def test_an_answer_that_was_cut_off_is_asked_for_again(
    serve: Serve, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    """It counts for nothing but a failure, and in the end all is there."""
    taken = ticking(1, 50, begin_of(50))
    node = HistoricNode(taken[:1])
    server = serve(node)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)
    node.taken = taken

    def whole_the_second_time(text: str) -> str:
        return text if len(node.questions) > 1 else spoil(text)

    node.spoil = whole_the_second_time
    recording = run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)

    assert recording.nodes["ares"].failures["history: cut off"] == 1
    assert as_taken(rows(tmp_path)) == as_said(taken)


def test_a_numbering_that_begins_anew_is_healed_from_its_beginning(serve: Serve, tmp_path: Path) -> None:
    """A node whose history was lost numbers from 1 in a new epoch; numbers that both had are two samples."""
    begin = begin_of(100)
    first, second = ticking(1, 30, begin), ticking(1, 60, begin + 40, epoch="e2")
    node = HistoricNode(first)
    server = serve(node)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)
    node.taken = [*first, *second]

    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)

    assert as_taken(rows(tmp_path)) == as_said([first[-1], *second])
    assert Dataset.read(tmp_path).about["nodes"]["ares"]["epochs"] == {"e1": [[30, 30]], "e2": [[1, 60]]}
    assert absences(tmp_path) == [(10, "history lost")]


def test_another_node_under_the_same_name_brings_none_of_its_earlier_past(serve: Serve, tmp_path: Path) -> None:
    """Its samples follow those of the node before it; what it took earlier was never to be recorded."""
    begin = begin_of(500)
    old, new = ticking(1, 450, begin), ticking(1, 600, begin - 100, epoch="e2")
    server = serve(HistoricNode(old))
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)

    run(tmp_path, {"ares": serve(HistoricNode(new)).url}, lambda r: r.nodes["ares"].samples > 0)

    assert as_taken(rows(tmp_path)) == as_said([old[-1], *new[550:]])


def test_a_node_that_hangs_delays_neither_its_own_live_samples_nor_others(serve: Serve, tmp_path: Path) -> None:
    """While its history does not answer, its pages are recorded, and another node is healed."""
    begin = begin_of(300)
    hanging, good = HistoricNode(ticking(1, 300, begin)), HistoricNode(ticking(1, 300, begin))
    release = threading.Event()

    def answer(question: Question) -> None:
        if question.path.startswith("/history"):
            release.wait(30)
        hanging(question)

    servers = {"ares": serve(answer), "zeus": serve(good)}
    everything = list(good.taken)
    good.taken, hanging.taken = everything[:100], everything[:100]

    def until(recording: Recording) -> bool:
        ares, zeus = recording.nodes["ares"], recording.nodes["zeus"]
        if min(ares.samples, zeus.samples) == 1:
            good.taken, hanging.taken = everything[:200], everything[:200]
        if zeus.healed == 99 and len(hanging.taken) == 200:
            hanging.taken = everything
        if hanging.taken[-1].sequence == 300 and ares.samples >= 3:
            assert ares.healed == 0
            release.set()
            return True
        return False

    run(tmp_path, {name: server.url for name, server in servers.items()}, until)

    assert as_taken(rows(tmp_path, "zeus")) == as_said(everything[99:200])
    assert as_taken(rows(tmp_path, "ares")) == as_said(everything[99:])


def test_an_exporter_without_history_is_recorded_live_and_ends_at_once(serve: Serve, tmp_path: Path) -> None:
    """It is asked once, and nothing is waited for at the end."""
    pages = [one.page for one in ticking(1, 9, begin_of(9))[::2]]

    def answer(question: Question) -> None:
        question.say(pages.pop(0) if len(pages) > 1 else pages[0]) if question.path == "/metrics" else says(
            "", status=404
        )(question)

    server = serve(answer)
    begin = time.monotonic()
    recording = run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples == 5)

    assert time.monotonic() - begin < 8
    assert recording.nodes["ares"].missed == 4
    assert len([path for path, _ in server.asked if path.startswith("/history")]) == 1
    assert absences(tmp_path) == [(1, "not fetched")] * 4


def test_more_than_500_samples_a_second_come_from_one_node(serve: Serve, tmp_path: Path) -> None:
    """A catch-up is faster than life by far, whatever the node's own limit on an answer."""
    taken = ticking(1, 3000, begin_of(3000))
    node = HistoricNode(taken[:1], largest=180)
    server = serve(node)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)
    node.taken = taken

    begin = time.monotonic()
    recording = run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples == 2999)

    assert recording.nodes["ares"].healed == 2998
    assert time.monotonic() - begin < 20
    assert max(limit for _, limit in node.questions) <= healing.LIMIT


def test_too_much_on_its_way_waits(monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path) -> None:
    """As long as what was fetched is not taken in, no more is fetched."""
    monkeypatch.setattr(healing, "ON_THEIR_WAY", 300)
    taken = ticking(1, 500, begin_of(500))
    node = HistoricNode([taken[0]], largest=60)
    with closing(Dataset.open(tmp_path)) as dataset:
        recording = Recording([target("ares", serve(node).url)], dataset)
        recording.start()

        def first() -> bool:
            recording.turn()
            return recording.nodes["ares"].samples == 1

        eventually("the first sample", first)
        node.taken = taken

        def asked() -> bool:
            if recording.nodes["ares"].samples == 1:
                recording.turn()
            return len(node.questions) > 0

        eventually("it is asked", asked)
        time.sleep(0.5)
        before = len(node.questions)
        assert recording.finish()

    assert before <= 2
    assert len(rows(tmp_path)) == 500


def test_late_samples_do_not_disturb_what_is_there(serve: Serve, tmp_path: Path) -> None:
    """A file that is written again has the rows it had, with those that came between."""
    taken = ticking(1, 40, begin_of(40))
    node = HistoricNode(taken[:10])
    server = serve(node)
    run(tmp_path, {"ares": server.url}, lambda r: r.nodes["ares"].samples > 0)
    node.taken, node.spoil = taken[:20], lambda text: ""
    with closing(Dataset.open(tmp_path)) as dataset:
        recording = Recording([target("ares", server.url)], dataset)
        recording.start()

        def refused() -> bool:
            recording.turn()
            return recording.nodes["ares"].failures["history: cut off"] > 0

        eventually("a refused answer", refused)
        node.taken, node.spoil = taken, str
        assert recording.finish()

    found = rows(tmp_path)
    assert as_taken(found) == as_said(taken[9:])
    assert column(hour_file.read(next(Dataset.read(tmp_path).files()).path), "present")[0]
