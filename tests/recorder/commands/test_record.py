"""record, as people run it: to its end, to Ctrl-C, through a crash, and into trouble."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from recorder import hour_file
from recorder.dataset import Dataset
from recorder.journal import Segment, segments
from recorder.verification import verify
from tests.programs import ROOT, eventually
from tests.recorder.conftest import Serve
from tests.recorder.samples import RAW, SECOND, column, node_page
from tests.recorder.servers import Question, Server, says

PATIENCE = 60


def answer_now(question: Question) -> None:
    """A node of ours: the sample of this second."""
    if question.path == "/inventory":
        question.say("{}")
    else:
        second = time.time_ns() // SECOND
        page = node_page(second, second * SECOND + 123_456_789, RAW)
        question.say(page, Driftscope_Realtime_Nanoseconds=str(time.time_ns()))


def command(folder: Path, *flags: str, **nodes: Server | str) -> list[str]:
    """The command that records these nodes."""
    addresses = {name: node if isinstance(node, str) else node.address for name, node in nodes.items()}
    named = [part for name, address in addresses.items() for part in ("--target", f"{name}={address}")]
    return [sys.executable, "-m", "recorder", "record", "-o", str(folder), *named, *flags]


def start(line: Sequence[str]) -> subprocess.Popen[str]:
    """The program, with what it says in pipes."""
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(line: Sequence[str]) -> tuple[int, str, str]:
    """Exit status, output and errors."""
    with start(line) as process:
        out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def in_journal(folder: Path) -> list[int]:
    """The samples that are durable and not yet Parquet."""
    found: list[int] = []
    for number in segments(folder / ".journal"):
        segment = Segment(folder / ".journal", number)
        found += [stored.second for _, stored in segment.replay()]
        segment.close()
    return found


def recorded(folder: Path, node: str) -> list[int]:
    """A node's samples, in a dataset that keeps its promises and whose journal is empty."""
    dataset = Dataset.read(folder)
    assert [str(one) for one in verify(dataset)] == []
    assert in_journal(folder) == []
    tables = [hour_file.read(file.path) for file in dataset.files() if file.node == node]
    for table in tables:
        assert column(table, "realtime_ns") == [s * SECOND + 123_456_789 for s in column(table, "sequence")]
        assert set(column(table, "monotonic_raw_ns")) == {RAW}
    return [sequence for table in tables for sequence in column(table, "sequence")]


def test_two_nodes_are_recorded_for_a_while(serve: Serve, tmp_path: Path) -> None:
    """After --duration everything is in Parquet, a line tells of each node, and the status is 0."""
    status, out, err = run(command(tmp_path / "run", "--duration", "3s", a=serve(answer_now), b=serve(answer_now)))

    assert (status, err) == (0, "")
    assert sorted(line.partition(",")[0] for line in out.splitlines()) == ["a: recording", "b: recording"]
    for node in "ab":
        sequences = recorded(tmp_path / "run", node)
        assert sequences
        assert sequences == sorted(set(sequences))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_everything_in_parquet(serve: Serve, tmp_path: Path, number: signal.Signals) -> None:
    """What was in the journal when the signal came is in the files, and the status is 0."""
    with start(command(tmp_path, a=serve(answer_now), down="127.0.0.1:1")) as process:
        eventually("three samples are durable", lambda: len(in_journal(tmp_path)) >= 3)
        durable = in_journal(tmp_path)
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)

    assert (process.returncode, err) == (0, "")
    assert recorded(tmp_path, "a")[: len(durable)] == durable


def test_a_kill_loses_nothing_that_was_durable(serve: Serve, tmp_path: Path) -> None:
    """After SIGKILL the next record puts what was in the journal beside what it receives itself."""
    node = serve(answer_now)
    with start(command(tmp_path, a=node)) as process:
        eventually("three samples are durable", lambda: len(in_journal(tmp_path)) >= 3)
        durable = in_journal(tmp_path)
        process.kill()
        process.communicate(timeout=PATIENCE)

    status, _, err = run(command(tmp_path, "--duration", "2s", "--sync", "0.2s", a=node))

    sequences = recorded(tmp_path, "a")
    assert status == 0
    assert f"recovered {len(durable)} samples" in err or len(sequences) > len(durable)
    assert set(durable) < set(sequences)
    assert len(set(sequences)) == len(sequences)


def test_a_second_recorder_on_a_folder_is_refused(serve: Serve, tmp_path: Path) -> None:
    """It says so in one line with status 2, and the first one goes on."""
    node = serve(answer_now)
    with start(command(tmp_path, a=node)) as first:
        eventually("a sample is durable", lambda: len(in_journal(tmp_path)) >= 1)
        status, _, err = run(command(tmp_path, a=node))
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=PATIENCE)

    assert (status, first.returncode) == (2, 0)
    assert err == f"driftscope-recorder record: error: {tmp_path}: another recorder is writing into this dataset\n"
    assert recorded(tmp_path, "a")


def test_where_nothing_was_recorded_it_says_why(serve: Serve, tmp_path: Path) -> None:
    """The reason of each node is in the last line, and the status is 1."""
    status, out, _ = run(command(tmp_path, "--duration", "2s", down="127.0.0.1:1", html=serve(says("<html>\n"))))

    assert status == 1
    last = out.splitlines()[-1]
    assert last.startswith("nothing was recorded: down: Connection refused; html: no series in 7 bytes")


def test_a_prometheus_configuration_is_recorded(serve: Serve, tmp_path: Path) -> None:
    """Nodes, names and intervals come from the file, also together with --target."""
    config = tmp_path / "prometheus.yml"
    node = serve(answer_now)
    config.write_text(
        "scrape_configs:\n- job_name: clocks\n  scrape_interval: 1s\n  static_configs:\n"
        f"  - targets: ['{node.address}']\n    labels: {{node: ares}}\n"
    )

    status, _, err = run(command(tmp_path / "run", "--config", str(config), "--duration", "2s", b=node))

    assert (status, err) == (0, "")
    assert recorded(tmp_path / "run", "ares")
    assert recorded(tmp_path / "run", "b")
