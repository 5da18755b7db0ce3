"""Who may ask, and over what: real TLS, real passwords."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.guard import CHECKS, Guard, credentials
from exporter.web_config import WebConfigError
from tests.exporter.asking import dialled, everything
from tests.exporter.guarded import PASSWORD, Authority, basic, get, guarded, hashed
from tests.exporter.made import eventually

TLS = "tls_server_config: {cert_file: cert.pem, key_file: key.pem}"
CLIENTS = TLS[:-1] + ", client_ca_file: ca.pem, client_auth_type: %s}"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Has signed a certificate for a server whose configuration is in the same folder."""
    authority = Authority(tmp_path)
    authority.sign()
    return authority


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the configuration is."""
    return tmp_path / "web.yml"


def test_pages_go_over_tls(file: Path, authority: Authority) -> None:
    """To whoever trusts the certificate; in the clear nobody hears anything."""
    with guarded(file, TLS) as server:
        reply = get(server, authority.client())
        with dialled(server) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            said = everything(connection)

    assert reply.status == 200
    assert b"a{" not in said
    assert b"HTTP/1.1 200" not in said


def test_old_tls_is_refused(file: Path, authority: Authority) -> None:
    """1.1 and older are broken."""
    context = authority.client()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with guarded(file, TLS[:-1] + ", min_version: TLS13}") as server, pytest.raises(ssl.SSLError):
        get(server, context)


def test_clients_need_a_certificate_if_it_says_so(file: Path, authority: Authority) -> None:
    """Of the authority that it names."""
    with guarded(file, CLIENTS % "RequireAndVerifyClientCert") as server:
        certified = get(server, authority.client(certified=True))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            get(server, authority.client())

    assert certified.status == 200


def test_a_handshake_that_never_ends_holds_up_nobody(file: Path, authority: Authority) -> None:
    """Nor does one that is noise."""
    with guarded(file, TLS) as server, dialled(server) as silent, dialled(server) as noisy:
        silent.sendall(b"\x16\x03\x01")
        noisy.sendall(b"SSH-2.0\r\n" * 10)
        reply = get(server, authority.client())

    assert reply.status == 200


def test_only_those_who_know_the_password_may_ask(file: Path) -> None:
    """Others are told that they need one, and nothing else."""
    with guarded(file, f"basic_auth_users: {{prometheus: {hashed()}}}") as server:
        right = get(server, user="prometheus")
        wrong = [get(server), get(server, user="prometheus", password="wrong"), get(server, user="nobody")]

    assert right.status == 200
    assert [(reply.status, reply.body) for reply in wrong] == [(401, b"unauthorized\n")] * 3
    assert wrong[0].headers["www-authenticate"] == 'Basic realm="driftscope"'


def test_a_password_is_checked_once(file: Path) -> None:
    """A scrape a second does not cost a tenth of a CPU."""
    with guarded(file, f"basic_auth_users: {{prometheus: {hashed(cost=10)}}}") as server:
        get(server, user="prometheus")
        begun = time.process_time()
        for _ in range(10):
            assert get(server, user="prometheus").status == 200
        took = time.process_time() - begun

    assert took < 0.2  # where ten checks take 0.5 s


def test_guesses_are_few_a_second(file: Path) -> None:
    """So that nobody can warm the machine; who is known already is not held up."""
    with guarded(file, f"basic_auth_users: {{prometheus: {hashed()}}}") as server:
        get(server, user="prometheus")
        replies = [get(server, user="prometheus", password=f"guess {n}").status for n in range(3 * CHECKS)]
        known = get(server, user="prometheus")

    assert replies.count(401) < 2 * CHECKS
    assert replies[-1] == 503
    assert known.status == 200


def test_changes_hold_from_the_next_connection_on(file: Path, authority: Authority) -> None:
    """A renewed certificate, and a password that was taken away."""
    with guarded(file, f"{TLS}\nbasic_auth_users: {{prometheus: {hashed()}}}") as server:
        before = get(server, authority.client(), user="prometheus")
        other = Authority(file.parent)
        other.sign()
        file.write_text(f"{TLS}\nbasic_auth_users: {{prometheus: {hashed('new one')}}}")
        after = get(server, other.client(), user="prometheus")
        renewed = get(server, other.client(), user="prometheus", password="new one")

    assert [before.status, after.status, renewed.status] == [200, 401, 200]


def test_a_bad_change_is_not_taken(file: Path, authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is let in by a file that somebody is half way through writing; it is said once."""
    with guarded(file, TLS) as server, caplog.at_level(logging.ERROR, "driftscope.exporter"):
        file.write_text("tls_server_config: {cert_file: cert.pem")
        replies = [get(server, authority.client()).status for _ in range(3)]

    assert replies == [200, 200, 200]
    assert [record.getMessage() for record in caplog.records] == [f"{file}: not YAML; what it said before still holds"]


def test_headers_go_with_every_answer(file: Path) -> None:
    """As exporter-toolkit adds them."""
    with guarded(file, "http_server_config: {headers: {X-Frame-Options: deny}}") as server:
        reply = get(server)

    assert reply.headers["x-frame-options"] == "deny"


@pytest.mark.parametrize("missing", ["cert.pem", "key.pem"])
def test_a_certificate_that_cannot_be_used_is_one_line(missing: str, file: Path, authority: Authority) -> None:
    """When it starts."""
    (file.parent / missing).write_text("")
    file.write_text(TLS)

    with pytest.raises(WebConfigError, match=r"cert\.pem") as error:
        Guard(file)

    assert "\n" not in str(error.value)


@given(st.text())
def test_no_header_is_somebody_by_accident(header: str) -> None:
    """Only what is base64 with a colon in it names a user."""
    user, password = credentials(header)

    assert user is not None or password == b""


def test_a_secret_is_in_no_log(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At any level, right or wrong."""
    with guarded(file, f"basic_auth_users: {{prometheus: {hashed()}}}") as server, caplog.at_level(logging.DEBUG):
        get(server, user="prometheus")
        get(server, user="prometheus", password="wrong one")
        os.utime(file)
        get(server)

    eventually("logged", lambda: len(caplog.records) >= 3)
    for secret in (PASSWORD, "wrong one", hashed()[:7], basic("prometheus").split()[1]):
        assert secret not in caplog.text


def test_hanging_up_in_the_middle_of_a_handshake(file: Path, authority: Authority) -> None:
    """Costs nobody else."""
    with guarded(file, TLS) as server:
        for _ in range(20):
            socket.create_connection(server.address).close()
        reply = get(server, authority.client())

    assert reply.status == 200
