"""The exporter's HTTP answers, over real connections."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Generator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from exporter.exposition import OPENMETRICS, TEXT, Pages
from exporter.history.keeper import Keeper, Limits
from exporter.history.page import page
from exporter.server import Server
from exporter.web import CLOCK_HEADER, Site
from tests.exporter.asking import GET, LOOPBACK, ask, dialled, everything, get, pages_of, serving, show
from tests.exporter.history.kept import SECOND, Clocks, machine, sample
from tests.exporter.made import LIMIT, eventually


@pytest.fixture
def server() -> Generator[Server, None, None]:
    """A server with a sample."""
    with serving(pages_of(1, 2), epoch="c0ffee") as server:
        yield server


def test_the_last_sample_is_at_metrics(server: Server) -> None:
    """Whoever asks for nothing special gets the text format, with its length and type."""
    reply = get(server.address)

    assert reply.status == 200
    assert reply.headers["content-type"] == TEXT
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.body == b'# HELP a A.\n# TYPE a gauge\na{n="0"} 1\na{n="1"} 2\n'


def test_openmetrics_for_those_who_accept_it(server: Server) -> None:
    """The Accept header decides, and caches are told so."""
    reply = get(server.address, Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")

    assert reply.headers["content-type"] == OPENMETRICS
    assert reply.headers["vary"] == "Accept, Accept-Encoding"
    assert reply.body.endswith(b"# EOF\n")


def test_gzip_for_those_who_accept_it(server: Server) -> None:
    """The same page, compressed, and said to be."""
    plain, compressed = get(server.address), get(server.address, Accept_Encoding="gzip")

    assert "content-encoding" not in plain.headers
    assert compressed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(compressed.body) == plain.body


def test_the_clock_header_lies_between_request_and_reply(server: Server) -> None:
    """It is this node's clock while it answers, so it bounds the offset to the asker's clock."""
    before = time.time_ns()
    clock = int(get(server.address).headers[CLOCK_HEADER.lower()])
    after = time.time_ns()

    assert before <= clock <= after


def test_the_next_sample_replaces_the_last() -> None:
    """A page is one sample, and always the newest."""
    pages = pages_of(1, 2)
    with serving(pages) as server:
        show(pages, 3)

        assert get(server.address).body.endswith(b'\na{n="0"} 3\n')


def test_the_query_is_not_part_of_the_path(server: Server) -> None:
    """Prometheus adds ``?name=value`` where it is configured to."""
    assert get(server.address, "/metrics?collect[]=cpu").status == 200


@pytest.mark.parametrize("path", ["/metrics", "/", "/inventory", "/-/healthy", "/nothing"])
def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    """The headers, the body's length included, are the same."""
    varying = ("date", CLOCK_HEADER.lower())
    full, head = get(server.address, path), get(server.address, path, method="HEAD")

    assert head.body == b""
    assert head.status == full.status
    for name in set(full.headers).difference(varying):
        assert head.headers[name] == full.headers[name]


def test_what_is_not_there_is_404(server: Server) -> None:
    """The answer says where to look."""
    reply = get(server.address, "/metric")

    assert reply.status == 404
    assert b"/ lists what is" in reply.body


def test_nothing_can_be_written(server: Server) -> None:
    """Methods other than GET and HEAD are not implemented."""
    assert get(server.address, method="POST").status == 501
    assert get(server.address, method="DELETE").status == 501


def test_before_the_first_sample_it_is_healthy_but_not_ready() -> None:
    """/-/ready and /metrics say 503 until there is something to say, /-/healthy says 200."""
    pages = pages_of()
    with serving(pages) as server:
        assert [get(server.address, path).status for path in ("/-/healthy", "/-/ready", "/metrics")] == [200, 503, 503]
        assert b"No sample yet" in get(server.address, "/").body
        show(pages, 1)
        assert [get(server.address, path).status for path in ("/-/healthy", "/-/ready", "/metrics")] == [200] * 3
        assert b"Sample 7, 1 series" in get(server.address, "/").body


def test_the_inventory_is_json(server: Server) -> None:
    """It is made at the moment of asking."""
    reply = get(server.address, "/inventory")

    assert reply.headers["content-type"] == "application/json"
    assert json.loads(reply.body) == {"epoch": "c0ffee"}


def test_the_landing_page_leads_everywhere(server: Server) -> None:
    """Every path that it links to is there."""
    links = [link.split('"')[0] for link in get(server.address, "/").body.decode().split('href="')[1:]]

    assert set(links) == {"/metrics", "/inventory", "/-/healthy", "/-/ready"}
    assert {get(server.address, link).status for link in links} == {200}


def test_one_connection_serves_many_requests(server: Server) -> None:
    """A scraper keeps its connection from one second to the next."""
    with closing(HTTPConnection(*server.address, timeout=LIMIT)) as connection:
        first = ask(connection)
        socket_used = connection.sock
        second = ask(connection, Accept_Encoding="gzip")

        assert connection.sock is socket_used
    assert (first.status, second.status) == (200, 200)


def test_requests_may_be_sent_ahead(server: Server) -> None:
    """Two requests in one packet get two answers, in order."""
    with dialled(server) as connection:
        connection.sendall(GET + GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

        assert everything(connection).count(b"HTTP/1.1 200 OK") == 2


def test_old_clients_are_answered(server: Server) -> None:
    """HTTP/1.0 gets its answer and the end of the connection."""
    with dialled(server) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")

        assert everything(connection).endswith(b'a{n="1"} 2\n')


def test_many_scrapers_at_once_get_the_same_page(server: Server) -> None:
    """Connections do not wait for one another."""
    pages: list[bytes] = []
    threads = [threading.Thread(target=lambda: pages.append(get(server.address).body)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)

    assert len(pages) == 20
    assert len(set(pages)) == 1


@pytest.mark.parametrize(("listen", "ask"), [("::1", "::1"), ("", "::1"), ("", LOOPBACK), ("localhost", "localhost")])
def test_ipv6_and_all_addresses(listen: str, ask: str) -> None:
    """An empty host is every address of this machine, of both kinds."""
    with serving(pages_of(1), host=listen) as server:
        port = server.address[1]
        assert get((ask, port)).status == 200


def test_closing_stops_listening(server: Server) -> None:
    """Afterwards nobody answers, and no thread is left."""
    with serving(pages_of(1)) as other:
        address = other.address
        get(address)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=LIMIT)
    eventually("its threads have ended", lambda: not other._threads)


@pytest.fixture(name="history")
def with_history(tmp_path: Path) -> Generator[tuple[Server, Keeper], None, None]:
    """A server with five samples in its history."""
    limits = Limits(None, most_samples=100, most_bytes=10**7)
    with closing(Keeper(limits, machine(tmp_path, Clocks()), SECOND)) as keeper:
        for sequence in range(1, 6):
            keeper.keep(sample(sequence), patience=10)
        with closing(Server(("127.0.0.1", 0), Site(Pages(), dict, keeper).answer)) as server:
            yield server, keeper


def test_history_has_what_follows_a_sample(history: tuple[Server, Keeper]) -> None:
    """As OpenMetrics; headers say of which numbering, and what there is."""
    server, keeper = history

    reply = get(server.address, "/history?after=2&limit=2")

    names = ("content-type", "driftscope-sample-epoch", "driftscope-sample-oldest", "driftscope-sample-newest")
    assert reply.body.decode() == page([sample(3), sample(4)])
    assert [reply.headers[name] for name in names] == [OPENMETRICS, keeper.numbering.epoch, "1", "5"]
    assert get(server.address, "/history?after=5").body == b"# EOF\n"
    assert get(server.address, "/history").body.decode() == page([sample(n) for n in range(1, 6)])


def test_history_comes_compressed(history: tuple[Server, Keeper]) -> None:
    """To whoever takes it so."""
    reply = get(history[0].address, "/history", Accept_Encoding="gzip")

    assert gzip.decompress(reply.body).decode() == page([sample(n) for n in range(1, 6)])


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=1.5", "after=", "limit=" + "9" * 30, "after=\u0663"])
def test_a_wrong_question_is_told_what_is_right(query: str, history: tuple[Server, Keeper]) -> None:
    """In one line."""
    reply = get(history[0].address, "/history?" + quote(query, safe="="))

    assert reply.status == 400
    assert b"is not a whole number, such as" in reply.body
    assert reply.body.count(b"\n") == 1


def test_without_a_history_there_is_no_such_page(server: Server) -> None:
    """As of any other exporter."""
    assert get(server.address, "/history").status == 404
