"""Two hundred clients that never finish their requests, beside an exporter that goes on as if there were none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import requests

from recorder.parse import Parser
from tests import programs

CLIENTS = 200
SECONDS = 6


def test_a_slow_loris_of_200_connections_costs_no_tick_and_no_scrape() -> None:
    """Each drips a byte of a header twenty times a second, and comes back when it was hung up on."""
    with programs.exporter() as target:
        host, _, port = target.rpartition(":")
        time.sleep(1)
        with dripping((host, int(port))):
            pages = [scrape(target) for _ in range(SECONDS)]

    assert all(page["driftscope_ticks_missed_total"] == 0 for page in pages)
    assert len({page["driftscope_sample_sequence"] for page in pages}) >= SECONDS - 1
    errors = sorted(page["driftscope_tick_error_seconds"] for page in pages)
    assert errors[len(errors) // 2] < 0.01


def scrape(target: str) -> dict[str, float]:
    """The page of this second."""
    time.sleep(1)
    answer = requests.get(f"http://{target}/metrics", timeout=2)
    page = Parser().parse(answer.text)
    return {series.name: float(page.number(index)) for index, series in enumerate(page.layout.series)}


@contextmanager
def dripping(address: tuple[str, int]) -> Generator[None, None, None]:
    """All of them, while inside, from one thread."""
    stop = threading.Event()
    connections: list[socket.socket | None] = [None] * CLIENTS

    def drip() -> None:
        while not stop.wait(0.05):
            for number, connection in enumerate(connections):
                try:
                    if connection is None:
                        connection = connections[number] = socket.create_connection(address, timeout=1)
                        connection.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
                    connection.sendall(b"x")
                except OSError:
                    if connection:
                        connection.close()
                    connections[number] = None

    thread = threading.Thread(target=drip)
    thread.start()
    with ExitStack() as stack:
        stack.callback(thread.join)
        stack.callback(stop.set)
        yield
    for connection in filter(None, connections):
        connection.close()
