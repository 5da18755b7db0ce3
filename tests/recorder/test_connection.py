"""HTTP as a target's configuration asks for it, with limits on what an answer may cost."""

from __future__ import annotations

import base64
import gzip
import time
import tracemalloc
from dataclasses import replace

import pytest
import requests

from recorder import connection
from recorder.connection import Refused
from recorder.targets import BODY_SIZE_LIMIT, Target
from tests.recorder.conftest import Serve
from tests.recorder.servers import CERTIFICATE, Question, Server, says

SOON = 30.0
"""Seconds in which all of this is over by far."""


def fetch(server: Server, limit: int = 1000, seconds: float = SOON, **settings: object) -> bytes:
    """The page's body, by a target with these settings."""
    target = replace(Target("ares", server.url), **settings)
    with (
        connection.session(target) as session,
        session.get(target.url, stream=True, timeout=seconds) as answer,
    ):
        return connection.body(answer, limit, time.monotonic() + seconds)


def refusal(server: Server, limit: int = 1000, seconds: float = SOON) -> str:
    """Why the body is refused."""
    with pytest.raises(Refused) as caught:
        fetch(server, limit, seconds)
    return caught.value.args[0]


@pytest.mark.parametrize("length", [0, 1, 999, 1000])
def test_a_body_up_to_the_limit_is_whole(serve: Serve, length: int) -> None:
    """Plain or compressed, what the node said is what comes out."""
    body = b"x" * length

    assert fetch(serve(says(body))) == body
    assert fetch(serve(lambda question: question.say_compressed(body))) == body


def test_a_body_over_the_limit_is_refused(serve: Serve) -> None:
    """One byte too many is too many."""
    assert refusal(serve(says(b"x" * 1001))) == "too long"


def test_a_bomb_is_refused_before_it_goes_off(serve: Serve) -> None:
    """A gigabyte under a megabyte of gzip, and gzip in gzip, never takes more memory than the limit and some."""
    gigabyte = gzip.compress(bytes(1 << 20), 9) * 1024
    server = serve(says(gigabyte, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        assert refusal(server, limit=1 << 20) == "too long"
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_hundred_megabytes_are_refused_at_the_default_limit(serve: Serve) -> None:
    """The rest of a body beyond 64 MiB is not even received."""
    piece = bytes(1 << 20)
    sent = 0

    def pour(question: Question) -> None:
        nonlocal sent
        question.begin(Content_Length=str(200 << 20))
        for _ in range(200):
            question.wfile.write(piece)
            sent += len(piece)

    assert refusal(serve(pour), BODY_SIZE_LIMIT) == "too long"
    assert BODY_SIZE_LIMIT <= sent < 100 << 20


def test_a_body_shorter_than_promised_is_cut_off(serve: Serve) -> None:
    """The length that the node stated counts."""

    def hang_up(question: Question) -> None:
        question.begin(Content_Length="500")
        question.wfile.write(b"a 1\n")
        question.close_connection = True

    assert refusal(serve(hang_up)) == "cut off"


def test_a_body_without_end_is_given_up_in_time(serve: Serve) -> None:
    """However steadily it drips, the deadline ends it."""

    def drip(question: Question) -> None:
        question.begin()
        question.drip(b"a 1\n", pause=0.02)

    assert refusal(serve(drip), seconds=0.3) == "timeout"


def test_a_body_that_stops_is_given_up_in_time(serve: Serve) -> None:
    """Silence half-way ends with the time-out."""

    def stop(question: Question) -> None:
        question.begin(Content_Length="500")
        question.wfile.write(b"a 1\n")
        question.server.closing.wait(SOON)

    assert refusal(serve(stop), seconds=0.3) == "timeout"


def test_what_is_not_gzip_is_not_http(serve: Serve) -> None:
    """A body that is not compressed as it claims raises one of the errors that the caller expects."""
    server = serve(says(b"not gzip", Content_Encoding="gzip"))

    with pytest.raises(connection.NOT_HTTP):
        fetch(server)


def test_it_asks_for_openmetrics_first_and_takes_gzip(serve: Serve) -> None:
    """The request says what a Prometheus server says."""
    server = serve(says(b""))
    fetch(server)
    ((_, headers),) = server.asked

    assert headers["Accept"].startswith("application/openmetrics-text;version=1.0.0,text/plain")
    assert "gzip" in headers["Accept-Encoding"]
    assert headers["User-Agent"] == "driftscope-recorder"


def test_passwords_and_tokens_go_with_the_request(serve: Serve) -> None:
    """Basic authentication and other headers are sent as they are configured."""
    server = serve(says(b""))
    fetch(server, auth=("u", "p"))
    fetch(server, headers={"Authorization": "Bearer t"})

    sent = [headers["Authorization"] for _, headers in server.asked]
    assert sent == ["Basic " + base64.b64encode(b"u:p").decode(), "Bearer t"]


def test_a_proxy_is_asked_where_one_is_configured(serve: Serve) -> None:
    """The proxy gets the whole URL; the node gets nothing from us."""
    proxy, node = serve(says(b"by proxy")), serve(says(b"direct"))

    assert fetch(node, proxy=f"http://{proxy.address}") == b"by proxy"
    assert [path for path, _ in proxy.asked] == [node.url]
    assert node.asked == []


def test_the_environment_has_no_say(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not used: the configuration alone decides, as with Prometheus."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert fetch(serve(says(b"direct"))) == b"direct"


def test_a_certificate_of_ones_own_is_trusted_for_the_name_it_is_for(serve: Serve) -> None:
    """With ca_file and server_name a node is asked by its address, and its certificate is checked all the same."""
    server = serve(says(b"secret"), tls=True)
    url = f"https://{server.address}/metrics"

    assert fetch(server, url=url, verify=str(CERTIFICATE), server_name="ares.example") == b"secret"
    for trusted, name in ((True, "ares.example"), (str(CERTIFICATE), None), (str(CERTIFICATE), "other.example")):
        with pytest.raises(requests.exceptions.SSLError):
            fetch(server, url=url, verify=trusted, server_name=name)
    assert fetch(server, url=url, verify=False) == b"secret"


def test_the_innermost_cause_is_what_people_see() -> None:
    """Of an error in an error in an error the last one says what happened."""
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get("http://127.0.0.1:1/metrics", timeout=SOON)

    assert connection.innermost(caught.value) == "Connection refused"
    assert connection.innermost(ValueError()) == "ValueError"
    assert connection.innermost(Refused("status", "HTTP status 500")) == "HTTP status 500"
