"""Asks one node for its page, on its own schedule, over one kept-alive connection, in a thread of its own.

A node that is down, slow or talks nonsense therefore costs the others nothing. Whatever comes back is a ``Scraped`` or
a ``Failed``; nothing else leaves this file.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from . import connection, node_clock, wire
from .connection import NOT_HTTP, Refused
from .node_clock import Exchange, Offset
from .parse import Page, Parser
from .reference import Reference
from .targets import Target

log = logging.getLogger("driftscope.recorder")

SECOND = 1_000_000_000
LEAVE = 1.0
"""Seconds beyond its time-outs after which a question is left alone."""


@dataclass(frozen=True)
class Scraped:
    """A page that a node answered with."""

    target: Target
    exchange: Exchange
    offset: Offset | None
    page: Page


@dataclass(frozen=True)
class Failed:
    """A question that brought nothing; ``reason`` is one of a few words to count by, ``detail`` what happened."""

    target: Target
    reason: str
    detail: str


@dataclass(frozen=True)
class Described:
    """What a node says of itself at /inventory, fetched whenever its numbering of samples is new to us."""

    target: Target
    epoch: str
    inventory: dict[str, Any]


Outcome = Scraped | Failed | Described


class Scraper:
    """Asks ``target`` from ``start`` until ``stop``, and gives each outcome to ``deliver``."""

    def __init__(self, target: Target, deliver: Callable[[Outcome], None], clock: Reference) -> None:
        self.target = target
        self._clock = clock
        self._deliver = deliver
        self._stopping = threading.Event()
        # A daemon, because a node that drips its headers byte by byte could keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=f"scrape {target.node}", daemon=True)
        self._session = connection.session(target)
        self._parser = Parser()
        self._phase = phase(target.node) * target.interval
        self._last: tuple[str, int] | None = None
        self._described = self._complained = ""
        self._begin = self._end = 0

    def start(self, begin: int = 0) -> None:
        """Begin to ask, in a thread of its own, but not before ``begin`` (our clock, nanoseconds since 1970)."""
        self._begin = begin
        self._thread.start()

    def stop(self, end: int = 0) -> None:
        """Ask no more from ``end`` on; a question under way is still awaited, for no longer than its time-out."""
        self._end = end
        self._stopping.set()

    def join(self) -> None:
        """Wait until it has stopped, but no longer than a well-behaved answer could take."""
        self._thread.join(LEAVE + 2 * self.target.timeout)
        if self._thread.is_alive():
            log.warning("%s: still answers a question, and is left alone", self.target.node)

    def _run(self) -> None:
        """Ask at each multiple of the interval plus the phase, until stopped."""
        due = self._next_due(0)
        while self._wait_for(due):
            outcome = self._ask()
            self._deliver(outcome)
            if isinstance(outcome, Scraped):
                self._keep_off_the_tick(outcome.page)
                self._describe(wire.meaning(outcome.page.layout).epoch)
            due = self._next_due(due)
        self._session.close()

    def _wait_for(self, due: int) -> bool:
        """Wait until it is time to ask; False if the recording ends before."""
        if not self._stopping.wait(max(0, due - self._clock.now()) / SECOND):
            return True
        if due >= self._end:
            return False
        time.sleep(max(0, min(due, self._end) - self._clock.now()) / SECOND)
        return True

    def _next_due(self, last: int) -> int:
        """When to ask next, on our clock as it is now; never one and a half intervals away, even if it was stepped."""
        interval, phase = int(self.target.interval * SECOND), int(self._phase * SECOND)
        now = max(self._clock.now(), self._begin)
        due = now + interval - (now - phase) % interval
        woke_a_hair_early = 0 <= due - last < interval // 4
        return due + interval if woke_a_hair_early else due

    def _ask(self) -> Scraped | Failed:
        try:
            exchange, offset, page = self._exchange()
        except Refused as refused:
            return Failed(self.target, *refused.args)
        except requests.Timeout:
            return Failed(self.target, "timeout", f"no answer within {self.target.timeout:g} s")
        except requests.ConnectionError as error:
            return Failed(self.target, "connection", connection.innermost(error))
        except NOT_HTTP as error:
            return Failed(self.target, "http", connection.innermost(error))
        return Scraped(self.target, exchange, offset, page)

    def _exchange(self) -> tuple[Exchange, Offset | None, Page]:
        target = self.target
        deadline = time.monotonic() + target.timeout
        requested, started = self._clock.now(), time.monotonic_ns()
        with self._session.get(target.url, timeout=target.timeout, stream=True, allow_redirects=False) as answer:
            exchange = Exchange(requested, self._clock.now(), time.monotonic_ns() - started)
            if answer.status_code != 200:
                raise Refused("status", f"HTTP status {answer.status_code}")
            body = connection.body(answer, target.body_size_limit, deadline)
            headers = answer.headers
        page = self._parse(body, headers.get("Content-Type", ""))
        offset = node_clock.from_headers(exchange, headers.get(wire.CLOCK_HEADER), headers.get("Date"))
        return exchange, offset, page

    def _parse(self, body: bytes, content_type: str) -> Page:
        openmetrics = content_type.startswith("application/openmetrics-text")
        if not body.endswith(b"# EOF\n" if openmetrics else b"\n"):
            raise Refused("cut off", f"{len(body)} bytes that do not end as a page does")
        if body.count(b"\n") > 4 * self.target.sample_limit:
            raise Refused("too many series", f"more than {self.target.sample_limit} lines")
        try:
            page = self._parser.parse(body.decode(), openmetrics)
        except UnicodeDecodeError as error:
            raise Refused("not metrics", f"not UTF-8 at byte {error.start}") from None
        if not page.values:
            raise Refused("not metrics", f"no series in {len(body)} bytes of {content_type or 'no type'}")
        if len(page.values) > self.target.sample_limit:
            raise Refused("too many series", f"{len(page.values)}, more than {self.target.sample_limit}")
        return page

    def _keep_off_the_tick(self, page: Page) -> None:
        """If the same sample came twice, ask half an interval earlier from now on.

        Then we ask just when the node makes its next sample, and would soon miss one.
        """
        sample = wire.meaning(page.layout).sample(page)
        if sample is not None and sample == self._last:
            self._phase = (self._phase - self.target.interval / 2) % self.target.interval
        self._last = sample

    def _describe(self, epoch: str) -> None:
        """Fetch the inventory of a numbering that we have not seen; a foreign exporter has neither."""
        if epoch == self._described:
            return
        try:
            inventory = self._inventory()
        except (Refused, *NOT_HTTP) as error:
            if epoch != self._complained:
                log.warning("%s: no inventory: %s", self.target.node, connection.innermost(error))
            self._complained = epoch
            return
        self._described = epoch
        self._deliver(Described(self.target, epoch, inventory))

    def _inventory(self) -> dict[str, Any]:
        url, timeout = f"{self.target.base}/inventory", self.target.timeout
        deadline = time.monotonic() + timeout
        with self._session.get(url, timeout=timeout, stream=True, allow_redirects=False) as answer:
            if answer.status_code != 200:
                raise Refused("status", f"HTTP status {answer.status_code}")
            inventory = json.loads(connection.body(answer, self.target.body_size_limit, deadline))
        if not isinstance(inventory, dict):
            raise Refused("not metrics", "not a JSON object")
        return inventory


def phase(node: str) -> float:
    """Where in the interval a node is asked, from 0.1 to 0.9: spread by name, away from the whole second."""
    return 0.1 + 0.8 * zlib.crc32(node.encode()) / (1 << 32)
