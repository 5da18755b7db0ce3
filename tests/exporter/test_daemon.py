"""The running exporter: started in order, sampling on every tick, stopped in reverse."""

from __future__ import annotations

import gc
import os
import resource
import signal
import threading
import time
from collections.abc import Generator, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from exporter.daemon import FILES, Settings, allow_many_files, run, sample_until_stopped, stop_on_signal
from exporter.exposition import Pages
from exporter.sampler import Sampler
from exporter.server import CannotListenError
from exporter.source import Source, Value
from exporter.tick import SECOND, Ticker
from tests.exporter.asking import get, serving
from tests.exporter.made import Made, eventually, gauge, steady
from tests.exporter.reading import host

INTERVAL = SECOND // 50


@pytest.fixture(autouse=True)
def unfrozen() -> Generator[None, None, None]:
    """The daemon exempts from garbage collection what is there when it starts; the tests go on."""
    yield
    gc.unfreeze()


def settings(tree: Path, duration: int, listen: tuple[str, int] = ("127.0.0.1", 0), **sources: Source) -> Settings:
    """An exporter of these sources, fifty samples a second."""
    return Settings(host(tree), listen, INTERVAL, duration, sources, disabled={})


def test_every_page_is_one_sample(tmp_path: Path) -> None:
    """However many scrape while it samples, all families of a page carry the values of one sequence number."""
    reads = 0

    def read() -> Iterable[Value]:
        nonlocal reads
        reads += 1
        return [gauge(f"family_{number}", reads) for number in range(50)]

    pages, seen = Pages(), []
    sampler, ticker = Sampler(host(tmp_path), {"many": Made(read)}), Ticker(INTERVAL)
    with closing(sampler), closing(ticker), serving(pages) as server:
        scrapers = [threading.Thread(target=scrape, args=(server.address, seen)) for _ in range(4)]
        for scraper in scrapers:
            scraper.start()
        sample_until_stopped(ticker, sampler, pages.show, duration=SECOND)
        for scraper in scrapers:
            scraper.join()

    assert len({next(iter(numbers)) for numbers in seen}) > 1
    assert [numbers for numbers in seen if len(numbers) != 1] == []


def scrape(address: tuple[str, int], seen: list[set[str]]) -> None:
    """Scrape a hundred times; of each page that has a sample, the different numbers on it."""
    for _ in range(100):
        reply = get(address)
        if reply.status == 200:
            lines = reply.body.decode().splitlines()
            named = ("driftscope_sample_sequence ", "family_")
            seen.append({line.split()[1] for line in lines if line.startswith(named)})


def test_it_runs_as_long_as_it_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After the duration it ends by itself; it has said where it listened."""
    caplog.set_level("INFO")
    before = threading.active_count()
    made = steady("a")
    began = time.monotonic_ns()

    run(settings(tmp_path, duration=SECOND // 5, made=made))

    assert time.monotonic_ns() - began >= SECOND // 5
    assert "listening on 127.0.0.1:" in caplog.text
    assert made.closed
    eventually("its threads have ended", lambda: threading.active_count() <= before)


def test_a_taken_port_leaves_nothing_behind(tmp_path: Path) -> None:
    """What was started before the server is stopped, and the signals' handlers are as before."""
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    made = steady("a")

    with serving(Pages()) as server, pytest.raises(CannotListenError):
        run(settings(tmp_path, duration=SECOND, listen=server.address, made=made))

    assert made.closed
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == handlers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_and_does_nothing_else(number: int) -> None:
    """The longest wait is over at once; afterwards the signal means again what it meant before."""
    before = signal.getsignal(number)
    with closing(Ticker(86_400 * SECOND)) as ticker:
        with stop_on_signal(ticker):
            os.kill(os.getpid(), number)
            assert ticker.wait() is None

        assert signal.getsignal(number) == before


def test_a_signal_that_comes_early_is_not_lost(tmp_path: Path) -> None:
    """One that comes while the sources are looked for ends the run before its first sample."""

    class Slow(Made):
        """A source during whose finding the signal comes."""

        def find(self, host: object) -> Made:
            os.kill(os.getpid(), signal.SIGTERM)
            return self

    slow = Slow(lambda: [gauge("a")])

    run(settings(tmp_path, duration=86_400 * SECOND, slow=slow))

    assert slow.closed


def test_ticks_that_were_missed_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A sample that took longer than the interval costs the ticks in between, and says so."""
    late = iter([5 * INTERVAL / SECOND])

    def read() -> Iterable[Value]:
        time.sleep(next(late, 0))
        return [gauge("a")]

    run(settings(tmp_path, duration=SECOND // 4, slow=Made(read)))

    assert "ticks were missed" in caplog.text


def test_many_files_are_allowed() -> None:
    """The soft limit is raised as far as the hard one and our need go, and never lowered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, hard))
        allow_many_files()
        raised = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        allow_many_files()
        kept = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert raised == (most, hard)
    assert kept == (hard, hard)
