"""A recording as it runs: nothing that a node, a crash or a disk does loses a sample or writes one twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recorder import hour_file
from recorder.dataset import Dataset
from recorder.recording import Recording
from recorder.targets import Target
from recorder.verification import verify
from tests.programs import eventually
from tests.recorder.conftest import Serve
from tests.recorder.samples import SECOND, column, node_page
from tests.recorder.servers import Question, Server, says

PAST = time.time_ns() // SECOND // 3600 * 3600 - 7200
"""The first second of an hour that is over."""


class PastNode:
    """Answers with the samples of consecutive seconds, as fast as it is asked: as if they came out of a history."""

    def __init__(self, first: int, last: int) -> None:
        self.next, self.last = first, last

    def __call__(self, question: Question) -> None:
        """The next sample, or the last again."""
        if question.path == "/inventory":
            question.say('{"host": "ares"}')
            return
        page = node_page(self.next, self.next * SECOND, 5, more=f"a {self.next}\n")
        self.next = min(self.next + 1, self.last)
        question.say(page, Driftscope_Realtime_Nanoseconds=str(time.time_ns()))


def target(name: str, server: Server | str, timeout: float = 30) -> Target:
    """Asked twenty times a second."""
    return Target(name, server if isinstance(server, str) else server.url, interval=0.05, timeout=timeout)


def turn_until(recording: Recording, what: str, condition: Callable[[], bool]) -> None:
    """Turn until something is so."""

    def turn() -> bool:
        recording.turn()
        return condition()

    eventually(what, turn)


def record(folder: Path, targets: list[Target], what: str, condition: Callable[[Recording], bool]) -> Recording:
    """A whole recording, to its good end."""
    with closing(Dataset.open(folder)) as dataset:
        recording = Recording(targets, dataset)
        recording.start()
        turn_until(recording, what, lambda: condition(recording))
        assert recording.finish()
        assert recording.trouble == ""
    return recording


def crash(recording: Recording) -> None:
    """Everything stops, and nothing is finished."""
    for scraper in recording._scrapers:
        scraper.stop()
        scraper.join()
    recording.healer.stop()
    recording.writing._executor.shutdown()
    recording.dataset.close()


def recorded(folder: Path, node: str = "ares") -> list[int]:
    """The sequences of all of a node's samples, in order, of a dataset that keeps its promises."""
    dataset = Dataset.read(folder)
    assert [str(one) for one in verify(dataset)] == []
    assert list(folder.rglob("_*.extra.parquet")) == []
    tables = [hour_file.read(file.path) for file in dataset.files() if file.node == node]
    assert all(column(table, "sequence") == [at.timestamp() for at in column(table, "time")] for table in tables)
    return [sequence for table in tables for sequence in column(table, "sequence")]


def counted(dataset: Dataset) -> list[int]:
    """How many samples each file says it has."""
    return [int(pq.read_metadata(file.path).metadata[b"driftscope.samples"]) for file in dataset.files()]


def journal(folder: Path) -> list[str]:
    """The segments that are left."""
    return sorted(path.name for path in (folder / ".journal").glob("*.journal"))


def test_down_slow_and_garbage_cost_the_others_nothing(serve: Serve, tmp_path: Path) -> None:
    """A good node's samples are all there beside nodes that fail in every way, which are counted by reason."""
    slow = serve(lambda question: question.drip(b"", pause=30))
    targets = [
        target("ares", serve(PastNode(PAST, PAST + 20))),
        target("down", "http://127.0.0.1:1/metrics"),
        target("slow", slow, timeout=0.2),
        target("garbage", serve(says("<html>\n"))),
        replace(target("nonsense", serve(says("driftscope_sample_sequence NaN\nb x\n"))), interval=1),
    ]

    recording = record(
        tmp_path / "run",
        targets,
        "all nodes were asked",
        lambda r: r.nodes["ares"].samples > 20 and all(node.samples or node.failing for node in r.nodes.values()),
    )

    assert recorded(tmp_path / "run") == list(range(PAST, PAST + 21))
    nodes = Dataset.read(tmp_path / "run").about["nodes"]
    assert [set(nodes[name]["failures"]) for name in ("down", "slow", "garbage")] == [
        *({"connection"}, {"timeout"}, {"not metrics"})
    ]
    assert set(nodes["nonsense"]["complaints"]) == {"not a number"}
    assert nodes["ares"]["inventories"] == {"e1": {"host": "ares"}}
    assert recording.nodes["down"].state == "Connection refused"


def test_hours_that_are_over_are_written_while_it_runs(serve: Serve, tmp_path: Path) -> None:
    """Samples of two hours are in two files, before the recording ends, and the journal's segment goes when it does."""
    middle = PAST - 3600
    node = serve(PastNode(middle - 5, middle + 5))
    with closing(Dataset.open(tmp_path)) as dataset:
        recording = Recording([target("ares", node)], dataset)
        recording.start()
        turn_until(recording, "both hours are written", lambda: counted(dataset) == [5, 6])
        assert recording.finish()

    assert [file.hour for file in Dataset.read(tmp_path).files()] == [middle - 3600, middle]
    assert recorded(tmp_path) == list(range(middle - 5, middle + 6))
    assert journal(tmp_path) == []


def test_a_restart_in_the_same_hour_continues_its_files(serve: Serve, tmp_path: Path) -> None:
    """The second recording's samples join those of the first, and the sample that both saw is there once."""
    for first in (PAST, PAST + 10):
        node = PastNode(first, first + 10)
        recording = record(
            tmp_path,
            [target("ares", serve(node))],
            "eleven samples",
            lambda r: r.nodes["ares"].samples + r.nodes["ares"].duplicates == 11,
        )

    assert recorded(tmp_path) == list(range(PAST, PAST + 21))
    assert recording.nodes["ares"].duplicates == 1
    assert len(Dataset.read(tmp_path).about["runs"]) == 2


def test_a_crash_loses_and_doubles_nothing(serve: Serve, tmp_path: Path) -> None:
    """What was in the journal when everything stopped is in the files after the next recording."""
    recording = Recording([target("ares", serve(PastNode(PAST, PAST + 10)))], Dataset.open(tmp_path))
    recording.writing._write = lambda due, journal: None
    recording.start()
    turn_until(recording, "eleven samples", lambda: recording.nodes["ares"].samples == 11)
    crash(recording)
    assert list(Dataset.read(tmp_path).files()) == []

    record(
        tmp_path, [target("zeus", serve(PastNode(PAST, PAST)))], "another node", lambda r: bool(r.nodes["zeus"].samples)
    )

    assert recorded(tmp_path) == list(range(PAST, PAST + 11))
    assert journal(tmp_path) == []


@pytest.mark.parametrize("more", ["", "# TYPE b summary\nb NaN\n"])
def test_a_crash_between_file_and_journal_doubles_nothing(serve: Serve, tmp_path: Path, more: str) -> None:
    """If the files were written and the journal was not yet removed, the next recording writes nothing twice."""
    run, kept = tmp_path / "run", tmp_path / "kept"
    foreign = serve(says(f"a 1\n{more}"))
    with closing(Dataset.open(run)) as dataset:
        targets = [target("ares", serve(PastNode(PAST, PAST + 10))), replace(target("foreign", foreign), interval=1)]
        recording = Recording(targets, dataset)
        recording.writing._write = lambda due, journal: None
        recording.start()
        done = lambda: recording.nodes["ares"].samples == 11 and recording.nodes["foreign"].samples > 0  # noqa: E731
        turn_until(recording, "samples of both", done)
        crash(recording)
    shutil.copytree(run / ".journal", kept)
    record(run, [], "nothing", lambda r: True)
    before = {path: hour_file.read_rows(path) for path in run.rglob("*.parquet")}
    shutil.copytree(kept, run / ".journal", dirs_exist_ok=True)
    record(run, [], "nothing", lambda r: True)

    assert recorded(run) == list(range(PAST, PAST + 11))
    assert {path: repr(hour_file.read_rows(path).to_pylist()) for path in run.rglob("*.parquet")} == {
        path: repr(rows.to_pylist()) for path, rows in before.items()
    }


def test_a_file_that_is_broken_costs_its_hour_alone_until_it_is_mended(serve: Serve, tmp_path: Path) -> None:
    """The trouble names the file, other hours are written, and once the file is out of the way so is this one."""
    middle = PAST - 3600
    path = Dataset(tmp_path).hour_path("ares", middle - 3600)
    with closing(Dataset.open(tmp_path)) as dataset:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"PAR1 and no more")
        recording = Recording([target("ares", serve(PastNode(middle - 5, middle + 5)))], dataset)
        recording.start()
        turn_until(recording, "eleven samples", lambda: recording.nodes["ares"].samples == 11)
        assert not recording.finish()
        assert f"{path} is no whole Parquet file" in recording.trouble
    assert dataset.hour_path("ares", middle).exists()

    path.unlink()
    record(tmp_path, [], "nothing", lambda r: True)

    assert recorded(tmp_path) == list(range(middle - 5, middle + 6))


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from recorder.dataset import Dataset
from recorder.recording import Recording
from tests.recorder.servers import serving
from tests.recorder.test_recording import PAST, PastNode, target, turn_until

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = resource.getrlimit(resource.RLIMIT_FSIZE)
with serving(PastNode(PAST, PAST + 40)) as server:
    recording = Recording([target("ares", server)], Dataset.open(Path(sys.argv[1])))
    ares = recording.nodes["ares"]
    recording.start()
    turn_until(recording, "the first", lambda: ares.samples > 5)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))
    turn_until(recording, "more samples", lambda: "takes nothing" in recording.trouble and ares.samples > 25)
    print(recording.unsaved >= 10)
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    turn_until(recording, "all, and no trouble", lambda: not recording.trouble and ares.samples > 40)
    print(recording.finish(), recording.unsaved)
"""


def test_a_full_disk_is_shown_and_what_came_meanwhile_is_written_later(tmp_path: Path) -> None:
    """While nothing can be written samples are kept, and when there is room again all of them are in the files."""
    done = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, check=False)

    assert (done.stdout, done.returncode) == ("True\nTrue 0\n", 0), done.stderr
    sequences = recorded(tmp_path)
    assert sequences == list(range(sequences[0], sequences[0] + 41))


def test_samples_that_were_never_seen_are_counted(serve: Serve, tmp_path: Path) -> None:
    """A node's numbers tell how many samples are missing; those of a numbering before are lost with its history."""
    pages = [(1, "e1"), (2, "e1"), (6, "e1"), (1, "e2"), (3, "e2")]

    def answer(question: Question) -> None:
        sequence, epoch = pages[0]
        if question.path == "/metrics" and len(pages) > 1:
            del pages[0]
        question.say(node_page(sequence, (PAST + sequence) * SECOND, epoch=epoch))

    recording = record(
        tmp_path, [target("ares", serve(answer))], "five samples", lambda r: r.nodes["ares"].samples == 5
    )

    assert (recording.nodes["ares"].lost, recording.nodes["ares"].missed) == (3, 1)
