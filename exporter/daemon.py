"""The running exporter: starts everything in order, samples on every tick, stops everything in reverse."""

from __future__ import annotations

import gc
import logging
import resource
import signal
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from .exposition import Pages
from .guard import Guard
from .history.keeper import Keeper, Limits
from .host import Host
from .inventory import inventory
from .sample import Sample
from .sampler import Sampler
from .server import Server
from .source import Source
from .tick import Ticker
from .web import Site

log = logging.getLogger("driftscope.exporter")

FILES = 65_536
"""Every sensor of a large machine is an open file; many systems allow 1,024 unless asked for more."""


IN_MEMORY = Limits(None, most_samples=3600, most_bytes=100_000_000)

PATIENCE = 0.25
"""Seconds that a sample waits to be kept before it is shown."""


@dataclass(frozen=True)
class Settings:
    """What the command line decides. ``interval`` and ``duration`` in nanoseconds; duration None is for ever."""

    host: Host
    listen: tuple[str, int]
    interval: int
    duration: int | None
    sources: Mapping[str, Source]
    disabled: Mapping[str, Source]
    web_config: Path | None = None
    history: Limits = IN_MEMORY


def run(settings: Settings) -> None:
    """Sample until a signal comes or the duration is over.

    Raises:
        CannotListenError: the address to listen on cannot be had.
        HistoryError: samples cannot be kept where they should be.
        WebConfigError: the file that says who may ask cannot be used.

    """
    guard = Guard(settings.web_config) if settings.web_config else None
    allow_many_files()
    pages = Pages()
    with ExitStack() as stack:
        ticker = stack.enter_context(closing(Ticker(settings.interval, settings.host.clock_ns)))
        stack.enter_context(stop_on_signal(ticker))
        keeper = stack.enter_context(closing(Keeper(settings.history, settings.host, settings.interval)))
        begin = keeper.numbering
        sampler = Sampler(
            settings.host, settings.sources, settings.interval, begin.epoch, begin.sequence, more=keeper.values
        )
        stack.enter_context(closing(sampler))

        def describe() -> dict[str, Any]:
            return inventory(sampler, settings.disabled)

        def keep_and_show(sample: Sample) -> None:
            keeper.keep(sample, PATIENCE)
            pages.show(sample)

        site = Site(pages, describe, keeper).answer
        if guard:
            server = Server(settings.listen, partial(guard.answer, site=site), guard.wrap)
        else:
            server = Server(settings.listen, site)
        stack.enter_context(closing(server))
        log.info("listening on %s:%d", *server.address)
        sample_until_stopped(ticker, sampler, keep_and_show, settings.duration)


def sample_until_stopped(
    ticker: Ticker, sampler: Sampler, show: Callable[[Sample], None], duration: int | None
) -> None:
    """One sample a tick, shown before anything else is done; then what can wait."""
    end = None if duration is None else time.monotonic_ns() + duration
    gc.freeze()  # what is there now stays: searching it for garbage took 20 ms now and then
    while (tick := ticker.wait()) is not None:
        show(sampler.sample(tick))
        if tick.missed:
            log.warning("%d ticks were missed", tick.missed)
        sampler.look_again()
        if end is not None and time.monotonic_ns() >= end:
            return


@contextmanager
def stop_on_signal(ticker: Ticker) -> Generator[None, None, None]:
    """While inside, SIGTERM and SIGINT end the ticker's wait and do nothing else."""
    signals = (signal.SIGTERM, signal.SIGINT)
    handlers = {number: signal.signal(number, _do_nothing) for number in signals}
    wakeup = signal.set_wakeup_fd(ticker.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _do_nothing(signal_number: int, frame: FrameType | None) -> None:
    """The byte that Python writes to the wake-up socket is all that a signal has to do."""


def allow_many_files() -> None:
    """Raise the limit of open files as far as this user may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
