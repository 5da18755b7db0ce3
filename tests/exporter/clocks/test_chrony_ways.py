"""How a way to chronyd is found: its port, its socket, chronyc, or none, and why."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from exporter.clocks import chrony_socket, chrony_ways
from exporter.clocks.chrony_reports import Way
from exporter.clocks.chronyc import Chronyc
from exporter.source import Absent
from tests.exporter.chronyds import standing_in
from tests.exporter.reading import host
from tests.exporter.standing_in import program
from tests.trees import processes


@pytest.fixture(name="port")
def nobodys_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[str, int]:
    """The default port and socket, which nobody listens on, and no chronyc is installed."""
    monkeypatch.setattr(chrony_socket, "SHORT_PATIENCE", 20)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()
    monkeypatch.setattr(chrony_ways, "UDP", port)
    monkeypatch.setattr(chrony_ways, "SOCKET", str(tmp_path / "sock"))
    monkeypatch.setattr(chrony_ways, "ADDRESS", chrony_ways.Option("chrony.address", port, ""))
    return port


def way(tree: Path, *, socket_first: bool = False, **options: object) -> Way:
    """The way that is found, closed; there must be one."""
    found = chrony_ways.first_way(host(tree, **options), socket_first=socket_first)
    assert not isinstance(found, Absent), found.reason
    found.close()
    return found


def reason(tree: Path, **options: object) -> str:
    """Why there is none."""
    found = chrony_ways.first_way(host(tree, **options))
    assert isinstance(found, Absent)
    return found.reason


def test_by_udp_if_that_answers(port: tuple[str, int], tmp_path: Path) -> None:
    """The socket is not looked at then."""
    with standing_in(port), standing_in(str(tmp_path / "sock")) as other:
        assert way(tmp_path).found["asked"] == "udp"
        assert other.commands == []


def test_through_the_socket_if_that_is_wanted(port: tuple[str, int], tmp_path: Path) -> None:
    """Whoever needs more than tracking prefers it; without it, the port will do."""
    with standing_in(port):
        without = way(tmp_path, socket_first=True)
        with standing_in(str(tmp_path / "sock")):
            wanted = way(tmp_path, socket_first=True)

    assert without.found["asked"] == "udp"
    assert wanted.found == {"asked": "unix socket", "address": str(tmp_path / "sock")}


def test_through_the_socket_if_the_port_is_closed(port: tuple[str, int], tmp_path: Path) -> None:
    """As with ``cmdport 0``."""
    with standing_in(str(tmp_path / "sock")):
        assert way(tmp_path).found["asked"] == "unix socket"


def test_by_chronyc_if_chronyd_runs_and_refuses(port: tuple[str, int], tmp_path: Path) -> None:
    """Nothing is started to find that out."""
    path = program(tmp_path / "bin/chronyc", "")
    processes.start(tmp_path, 77, "chronyd", 100)
    found = way(tmp_path)

    assert isinstance(found, Chronyc)
    assert found.found == {"asked": "chronyc", "command": [str(path), "-c", "-n"]}
    assert not path.with_suffix(".starts").exists()


def test_without_chronyd_it_says_so(port: tuple[str, int], tmp_path: Path) -> None:
    """With what was tried, even if chronyc is installed."""
    program(tmp_path / "bin/chronyc", "")
    why = reason(tmp_path)

    assert "no chronyd runs" in why
    assert f"127.0.0.1:{port[1]}: Connection refused" in why
    assert f"{tmp_path / 'sock'}: No such file or directory" in why


def test_a_chronyd_that_cannot_be_asked_is_said(port: tuple[str, int], tmp_path: Path) -> None:
    """With the flag that may help."""
    processes.start(tmp_path, 77, "chronyd", 100)

    assert "chronyd runs, but cannot be asked" in reason(tmp_path)
    assert "--chrony.address" in reason(tmp_path)


def test_another_address_is_the_only_one_tried(
    port: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's socket belongs to another chronyd than the one asked for."""
    options = {"chrony.address": ("127.0.0.1", port[1])}
    monkeypatch.setattr(chrony_ways, "UDP", ("127.0.0.1", 323))
    with standing_in(str(tmp_path / "sock")):
        why = reason(tmp_path, **options)

    assert "Connection refused" in why
    assert "sock" not in why


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:323", ("127.0.0.1", 323)),
        ("[::1]:1323", ("::1", 1323)),
        ("/run/chrony/chronyd.sock", "/run/chrony/chronyd.sock"),
    ],
)
def test_an_address_is_a_port_or_a_path(text: str, address: chrony_socket.Address) -> None:
    """IPv4, IPv6 in brackets, or a path."""
    assert chrony_ways.address(text) == address


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", ":323", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "a:b", "\u0663"]
)
def test_no_address_is_refused(text: str) -> None:
    """The message says what one looks like."""
    with pytest.raises(ValueError, match=r"HOST:PORT"):
        chrony_ways.address(text)


def test_a_host_that_is_not_there_is_named() -> None:
    """Names are looked up once, when the flag is read."""
    with pytest.raises(ValueError, match=r"no-such-host\.invalid"):
        chrony_ways.address("no-such-host.invalid:323")
