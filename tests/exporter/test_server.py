"""Clients that are silent, slow, endless, many or just noise: none of them keeps a scrape from its answer."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from exporter import server as limits
from exporter.exposition import Pages
from exporter.sample import Sample
from exporter.server import CannotListenError, Server, _accepts_gzip
from exporter.source import Family
from tests.exporter.asking import GET, dialled, everything, get, pages_of, serving
from tests.exporter.made import LIMIT

HUNG_UP = r"reset|Broken pipe"
"""What the system calls writing to somebody who has hung up."""


@pytest.fixture
def server() -> Generator[Server, None, None]:
    """A server with a sample."""
    with serving(pages_of(1)) as server:
        yield server


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /metrics HTTP/1.1 and more\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHeader without a colon\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n" + b"A: 1\r\n" * 200 + b"\r\n",
        b"\0" * 1000 + b"\n\n",
        b"\r\n\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
def test_noise_ends_its_own_connection_only(server: Server, noise: bytes) -> None:
    """Whatever is not a request is answered with an error or a hang-up, and the next client with a page."""
    with dialled(server) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        everything(connection)

    assert get(server.address).status == 200


def test_noise_after_a_request_takes_nothing_from_its_answer(server: Server) -> None:
    """A good request that garbage follows is answered, and then the connection ends."""
    with dialled(server) as connection:
        connection.sendall(GET + b"garbage\r\n\r\n")
        answer = everything(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'a{n="0"} 1\n' in answer
    assert b"Error code: 400" in answer


def test_a_body_does_not_pass_for_a_request(server: Server) -> None:
    """Nobody reads a GET's body, so the connection ends with the answer to that GET."""
    smuggled = b"GET /inventory HTTP/1.1\r\n\r\n"
    with dialled(server) as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(smuggled) + smuggled)

        assert everything(connection).count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "endless", [b"GET /" + b"a" * 1024, b"GET /metrics HTTP/1.1\r\nA: ", b"GET / HTTP/1.1\r\nA: 1\r\n"]
)
def test_an_endless_request_is_cut_off(server: Server, endless: bytes) -> None:
    """Request line and headers may be 16 KiB together; whoever sends more is hung up on."""
    with dialled(server) as connection:
        connection.sendall(endless)
        with pytest.raises(OSError, match=HUNG_UP):
            send_until_hung_up(connection, b"a" * 1024)

    assert get(server.address).status == 200


def send_until_hung_up(connection: socket.socket, piece: bytes, every: float = 0.001) -> None:
    """Send the same bytes over and over, for a minute at most."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        connection.sendall(piece)
        time.sleep(every)


def test_a_silent_client_delays_nobody(server: Server) -> None:
    """Each connection has a thread of its own."""
    with dialled(server), dialled(server) as half:
        half.sendall(GET[:10])

        assert get(server.address).status == 200
        half.sendall(GET[10:])
        assert half.recv(15) == b"HTTP/1.1 200 OK"


def test_two_hundred_silent_clients_delay_nobody(server: Server) -> None:
    """The one silent for longest makes room, so there is always a place for the one who asks."""
    with ExitStack() as stack:
        silent = [stack.enter_context(dialled(server)) for _ in range(200)]

        assert get(server.address).status == 200
        assert everything(silent[0]) == b""
        assert get(server.address).status == 200


def test_a_slow_drip_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """A request counts from its first byte to its last, however evenly the bytes come."""
    monkeypatch.setattr(limits, "REQUEST_SECONDS", 0.3)

    with dialled(server) as connection, pytest.raises(OSError, match=HUNG_UP):
        send_until_hung_up(connection, b"G", every=0.05)


def test_a_silent_connection_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """Also one that has been answered before."""
    monkeypatch.setattr(limits, "REQUEST_SECONDS", 0.3)

    with dialled(server) as connection:
        connection.sendall(GET)

        assert everything(connection).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("takes", [0, 64 * 1024, 4 * 1024 * 1024])
def test_an_answer_is_taken_in_time_or_not_at_all(monkeypatch: pytest.MonkeyPatch, takes: int) -> None:
    """Who takes nothing of a large page, or some of it now and then, is hung up on at the deadline."""
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.5)
    size = 64 * 1024 * 1024
    with serving(one_large_page(size)) as server, dialled(server) as connection:
        connection.sendall(GET)
        taken = len(connection.recv(1))
        while server._threads:
            time.sleep(0.2)
            taken += len(connection.recv(takes, socket.MSG_DONTWAIT)) if takes else 0

        assert taken < size


def one_large_page(size: int) -> Pages:
    """Pages of a sample whose only label is so large."""
    pages = Pages()
    pages.show(Sample(1, 0, (Family("a", "gauge", "A.").series(n="n" * size),), (1,)))
    return pages


def test_closing_is_prompt_whoever_is_connected() -> None:
    """Silent ones, slow ones and one that is being answered are hung up on."""
    with ExitStack() as stack:
        with serving(pages_of(1)) as server:
            silent = [stack.enter_context(dialled(server)) for _ in range(10)]
            silent[0].sendall(GET[:10])
            silent[1].sendall(GET)
            assert silent[1].recv(15) == b"HTTP/1.1 200 OK"
            began = time.monotonic()

        assert time.monotonic() - began < limits.REQUEST_SECONDS / 2
        assert not [thread for thread in threading.enumerate() if thread.name == "web-client"]


def test_a_client_that_leaves_early_is_no_trouble(server: Server) -> None:
    """Neither before its request is whole nor before its answer is."""
    for sent in (b"", GET[:10], GET):
        with dialled(server) as connection:
            connection.sendall(sent)

    assert get(server.address).status == 200


OUT_OF_FILES = """
import resource, socket, time
from exporter.server import Server
from exporter.web import Site
from tests.exporter.asking import get, pages_of

def allow(files):
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

server = Server(("127.0.0.1", 0), Site(pages_of(1), dict).answer)
client = socket.socket()
allow(client.fileno() + 1)
client.connect(server.address)
before = time.process_time()
time.sleep(1)
print(time.process_time() - before)
allow(client.fileno() + 10)
print(get(server.address).status)
client.close()
server.close()
"""


def test_running_out_of_files_costs_no_cpu() -> None:
    """A connection that cannot be accepted is tried again later, and not over and over meanwhile."""
    command = [sys.executable, "-c", OUT_OF_FILES]

    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)

    cpu_seconds, status = done.stdout.split()
    assert float(cpu_seconds) < 0.5
    assert status == "200"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("gzip;q=1.0, identity; q=0.5", True),
        ("gzip; q=0.001", True),
        ("", False),
        ("identity", False),
        ("x-not-gzip", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("gzip;q=0.000, br", False),
    ],
)
def test_gzip_is_accepted_by_name_and_not_at_quality_0(header: str, accepted: bool) -> None:
    """Quality 0 means "anything but this" (RFC 9110, 12.4.2)."""
    assert _accepts_gzip(header) == accepted


def test_a_port_that_is_taken_is_an_error(server: Server) -> None:
    """It says so in one line, and leaves no thread behind."""
    with pytest.raises(CannotListenError, match=r"cannot listen on 127\.0\.0\.1:\d+: Address already in use"):
        Server(server.address, server.answer)

    assert [thread.name for thread in threading.enumerate()].count("web") == 1


@pytest.mark.parametrize(("host", "why"), [("192.0.2.1", "assign requested address"), ("x" * 64 + ".example", "label")])
def test_an_address_that_is_not_this_machines_is_an_error(server: Server, host: str, why: str) -> None:
    """Whether it is another machine's or none at all."""
    with pytest.raises(CannotListenError, match=why):
        Server((host, 0), server.answer)
