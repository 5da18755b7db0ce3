"""Asking one node again and again: what comes of every kind of answer, and how the asking goes on."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue
from typing import TypeVar

import pytest

from recorder import scrape
from recorder.reference import Reference
from recorder.scrape import Described, Failed, Outcome, Scraped, Scraper
from recorder.targets import Target
from tests.programs import eventually
from tests.recorder.conftest import Serve
from tests.recorder.samples import RAW, REALTIME, node_page, parsed
from tests.recorder.servers import OPENMETRICS, TEXT, Question, Server, says

PATIENCE = 60.0
TARGET = Target("ares", "http://127.0.0.1:1/metrics", interval=0.05, timeout=PATIENCE)

Kind = TypeVar("Kind", Scraped, Failed, Described)
Answer = Callable[[Question], None]


@contextmanager
def scraping(target: Target) -> Generator[SimpleQueue[Outcome], None, None]:
    """What comes of asking, as long as one is inside."""
    outcomes: SimpleQueue[Outcome] = SimpleQueue()
    scraper = Scraper(target, outcomes.put, Reference())
    scraper.start()
    try:
        yield outcomes
    finally:
        scraper.stop()
        scraper.join()


def first(kind: type[Kind], outcomes: SimpleQueue[Outcome]) -> Kind:
    """The next outcome of a kind."""
    while not isinstance(outcome := outcomes.get(timeout=PATIENCE), kind):
        pass
    return outcome


def ask(server: Server, **settings: object) -> Outcome:
    """What comes of asking once."""
    with scraping(replace(TARGET, **{"url": server.url, **settings})) as outcomes:
        return outcomes.get(timeout=PATIENCE)


def test_one_connection_serves_many_questions(serve: Serve) -> None:
    """The connection is kept alive."""
    server = serve(says("a 1\n"))
    with scraping(replace(TARGET, url=server.url)) as outcomes:
        for _ in range(5):
            first(Scraped, outcomes)

    assert server.connections == 1


@pytest.mark.parametrize("end", ["", "# EOF\n"])
def test_a_page_is_read_plain_or_compressed_as_text_or_openmetrics(serve: Serve, end: str) -> None:
    """Of each way to send a page the same numbers come."""
    body = f"a 1\nb 2 1.5\n{end}"
    type = OPENMETRICS if end else TEXT
    for answer in (says(body, type), lambda question: question.say_compressed(body.encode(), type)):
        outcome = ask(serve(answer))

        assert isinstance(outcome, Scraped)
        assert list(outcome.page.values) == [1, 2]
        assert outcome.page.timestamps == {1: 1_500_000_000 if end else 1_500_000}


def hang_up(question: Question) -> None:
    question.begin(Content_Length="500")
    question.wfile.write(b"a 1\n")
    question.close_connection = True


def talk_otherwise(question: Question) -> None:
    question.wfile.write(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    question.close_connection = True


def redirect(question: Question) -> None:
    question.say("", status=302, Location="/elsewhere")


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (says("a 1\n", status=500), "status", "HTTP status 500"),
        (redirect, "status", "HTTP status 302"),
        (says("<html><body>Hello\n</body></html>\n", "text/html"), "not metrics", "no series in 33 bytes of text/html"),
        (says(b"a\xff 1\n"), "not metrics", "not UTF-8 at byte 1"),
        (says(""), "cut off", "0 bytes that do not end as a page does"),
        (says("a 1\nb 2"), "cut off", "7 bytes that do not end"),
        (says("a 1\n", OPENMETRICS), "cut off", "4 bytes that do not end"),
        (hang_up, "cut off", "IncompleteRead(4 bytes read, 496 more expected)"),
        (says("a 1\n" * 2001), "too long", "more than 8000 bytes"),
        (says("".join(f"a{n} 1\n" for n in range(101))), "too many series", "101, more than 100"),
        (says("\n" * 401), "too many series", "more than 100 lines"),
        (says("a 1\n", Content_Encoding="gzip"), "http", "incorrect header check"),
        (talk_otherwise, "connection", "SSH-2.0-OpenSSH"),
    ],
)
def test_an_answer_that_is_no_page_is_a_failure_with_a_reason(
    serve: Serve, answer: Answer, reason: str, detail: str
) -> None:
    """Each has a word to count it by and says what happened; and the next answer may be good."""
    server = serve(answer)
    target = replace(TARGET, url=server.url, sample_limit=100, body_size_limit=8000)
    with scraping(target) as outcomes:
        failed = outcomes.get(timeout=PATIENCE)
        server.answer = says("a 1\n")

        assert isinstance(failed, Failed)
        assert (failed.reason, failed.target) == (reason, target)
        assert detail in failed.detail
        assert list(first(Scraped, outcomes).page.values) == [1]


def test_a_million_series_are_refused(serve: Serve) -> None:
    """By the default limits, without parsing them."""
    outcome = ask(serve(says("".join(f"a{n} 1\n" for n in range(1_000_000)))))

    assert isinstance(outcome, Failed)
    assert outcome.reason == "too many series"


def test_a_port_that_nobody_listens_on_is_a_failure(serve: Serve) -> None:
    """A node that is down is asked again, and is there when it comes back."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with scraping(replace(TARGET, url=f"http://127.0.0.1:{port}/metrics")) as outcomes:
        failed = first(Failed, outcomes)

    assert (failed.reason, failed.detail) == ("connection", "Connection refused")


@pytest.mark.parametrize("begin", [True, False])
def test_a_node_that_says_nothing_more_costs_its_time_out(serve: Serve, begin: bool) -> None:
    """Silence, before the answer or half-way, ends the question."""

    def fall_silent(question: Question) -> None:
        if begin:
            question.begin()
            question.drip(b"a 1\n", pause=0.02)
        question.server.closing.wait(PATIENCE)

    outcome = ask(serve(fall_silent), timeout=0.2)

    assert isinstance(outcome, Failed)
    assert outcome.reason == "timeout"


def test_the_nodes_clock_is_known_within_a_rigorous_bound(serve: Serve) -> None:
    """A node whose clock is an hour ahead is measured to be so, within half of what the exchange took."""
    hour = 3600 * 10**9

    def answer(question: Question) -> None:
        question.say("a 1\n", Driftscope_Realtime_Nanoseconds=str(time.time_ns() + hour))

    outcome = ask(serve(answer))

    assert isinstance(outcome, Scraped)
    assert outcome.offset is not None
    assert abs(outcome.offset.ns - hour) <= outcome.offset.bound
    assert outcome.offset.bound <= outcome.exchange.elapsed


def test_any_web_server_is_known_to_a_second(serve: Serve) -> None:
    """Without our header, the Date gives the offset."""
    outcome = ask(serve(says("a 1\n")))

    assert isinstance(outcome, Scraped)
    assert outcome.offset is not None
    assert abs(outcome.offset.ns) <= outcome.offset.bound


def test_a_sample_that_comes_twice_moves_the_time_of_asking(serve: Serve) -> None:
    """Then we ask just when the node makes its samples, so half an interval earlier from now on; else as before."""
    scraper = Scraper(TARGET, SimpleQueue().put, Reference())
    phases: list[float] = []
    for text in (node_page(1), node_page(2), node_page(2), node_page(3), "up 1\n", "up 1\n"):
        scraper._keep_off_the_tick(parsed(text))
        phases.append(scraper._phase)

    assert len(set(phases[:2])) == len(set(phases[2:])) == 1
    assert abs(phases[2] - phases[1]) == pytest.approx(TARGET.interval / 2)
    assert 0 <= phases[2] < TARGET.interval


def test_an_inventory_is_fetched_once_a_numbering(serve: Serve) -> None:
    """Each epoch's inventory is asked for once; if that fails it is asked for again."""

    def answer(question: Question) -> None:
        if question.path == "/inventory":
            question.say('{"host": "ares"}') if len(inventories(question.server)) > 1 else question.say("", status=503)
        else:
            question.say(node_page(len(question.server.asked), epoch="e2" if len(question.server.asked) > 9 else "e1"))

    server = serve(answer)
    with scraping(replace(TARGET, url=server.url)) as outcomes:
        described = [first(Described, outcomes), first(Described, outcomes)]

    assert [(one.epoch, one.inventory) for one in described] == [("e1", {"host": "ares"}), ("e2", {"host": "ares"})]
    assert len(inventories(server)) == 3


def inventories(server: Server) -> list[str]:
    """Questions for the inventory."""
    return [path for path, _ in server.asked if path == "/inventory"]


@pytest.mark.parametrize("body", ["", "[]", "<html>", "[" * 100_000, '{"a": "' + "x" * 10_000 + '"}'])
def test_an_inventory_that_is_none_harms_nothing(serve: Serve, body: str, caplog: pytest.LogCaptureFixture) -> None:
    """Samples keep coming, and it is said once."""
    server = serve(lambda question: question.say(body if question.path == "/inventory" else node_page(1)))
    with scraping(replace(TARGET, url=server.url, body_size_limit=5000)) as outcomes:
        for _ in range(4):
            first(Scraped, outcomes)

    assert [record.getMessage().partition(": no")[0] for record in caplog.records] == ["ares"]


@pytest.mark.parametrize("number", ["NaN", "+Inf", "1e300"])
def test_nonsense_in_the_names_that_we_know_harms_nothing(serve: Serve, number: str) -> None:
    """A sequence that is no number is a page like any other."""
    server = serve(says(f"driftscope_sample_sequence {number}\n"))
    with scraping(replace(TARGET, url=server.url)) as outcomes:
        assert [first(Scraped, outcomes).page.values[0] for _ in range(3)]


def test_stopping_is_prompt(serve: Serve) -> None:
    """Whoever waits for the next question in an hour stops at once, and asks no more."""
    server = serve(says("a 1\n"))
    scraper = Scraper(replace(TARGET, url=server.url, interval=3600), SimpleQueue().put, Reference())
    scraper.start()
    begin = time.monotonic()
    scraper.stop()
    scraper.join()

    assert time.monotonic() - begin < PATIENCE
    assert len(server.asked) <= 1


def test_a_node_that_never_ends_its_headers_does_not_keep_the_program(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """Bytes that drip in for ever, each in time, hold up nobody who wants to end; it is said which node it was."""

    def drip(question: Question) -> None:
        question.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
        question.drip(b"x", pause=0.02)

    server = serve(drip)
    scraper = Scraper(replace(TARGET, url=server.url, timeout=0.1), SimpleQueue().put, Reference())
    scraper.start()
    eventually("it was asked", lambda: bool(server.asked))
    scraper.stop()
    scraper.join()

    assert [record.getMessage() for record in caplog.records] == ["ares: still answers a question, and is left alone"]


def test_questions_are_spread_over_the_interval_and_keep_off_its_ends() -> None:
    """A fleet is not asked all at once, and nobody when the samples are made."""
    phases = [scrape.phase(f"node-{number}") for number in range(1000)]

    assert 0.1 <= min(phases) < 0.15
    assert 0.85 < max(phases) <= 0.9


def test_clocks_arrive_as_the_node_read_them(serve: Serve) -> None:
    """Through HTTP, both clocks have all of their digits."""
    outcome = ask(serve(says(node_page(1))))

    assert isinstance(outcome, Scraped)
    meaning = scrape.wire.meaning(outcome.page.layout)
    assert meaning.clock(outcome.page, "realtime") == REALTIME
    assert meaning.clock(outcome.page, "monotonic_raw") == RAW
