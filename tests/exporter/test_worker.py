"""A thread for calls that may hang."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack

import pytest

from exporter.daemon import allow_many_files
from exporter.worker import Worker
from tests.exporter.made import LIMIT, eventually

SHORT = 0.05


@pytest.fixture
def worker() -> Generator[Worker, None, None]:
    worker = Worker()
    yield worker
    worker.close()


def reading_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "reading"}


def test_jobs_run_in_order_in_one_other_thread(worker: Worker) -> None:
    """All are done when it returns, one after another, run after run."""
    seen: list[tuple[int, int]] = []

    def job(number: int) -> Callable[[], None]:
        return lambda: seen.append((number, threading.get_ident()))

    assert worker.run([job(0), job(1)], LIMIT) == 2
    assert worker.run([job(2)], LIMIT) == 1
    assert worker.run([], LIMIT) == 0
    assert [number for number, _ in seen] == [0, 1, 2]
    assert len({thread for _, thread in seen} - {threading.get_ident()}) == 1


def test_one_that_hangs_is_left_behind(worker: Worker) -> None:
    """The jobs before it are counted as done, those after it are never begun, not even once it is back."""
    done: list[str] = []
    let_go = threading.Event()
    before = reading_threads()

    def hang() -> None:
        let_go.wait(LIMIT)

    count = worker.run([lambda: done.append("first"), hang, lambda: done.append("third")], SHORT)
    let_go.set()

    assert count == 1
    eventually("the thread has ended", lambda: reading_threads() < before)
    assert done == ["first"]


def test_closing_ends_the_thread() -> None:
    """A worker without work does not outlive its use."""
    before = reading_threads()
    worker = Worker()
    worker.run([lambda: None], LIMIT)

    worker.close()

    eventually("the thread has ended", lambda: reading_threads() <= before)


def test_closing_does_not_wait_for_one_that_hangs() -> None:
    """A call that never returns keeps nobody from ending."""
    let_go = threading.Event()
    worker = Worker()

    def hang() -> None:
        let_go.wait(LIMIT)

    worker.run([hang], SHORT)

    worker.close()

    assert not let_go.is_set()
    let_go.set()


def test_it_works_where_many_files_are_open() -> None:
    """One of 64 CPUs has thousands of sensors open when a worker is replaced."""
    allow_many_files()
    with ExitStack() as stack:
        for _ in range(1100):
            stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        worker = Worker()
        stack.callback(worker.close)

        assert worker.run([lambda: None], LIMIT) == 1
