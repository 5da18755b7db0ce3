"""A real chronyd asks our exporter for the time, and is asked by it: the same protocol, the same keys."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import programs
from tests.lab.bmc import free_udp_port
from tests.lab.chrony import chronyd
from tests.lab.chrony_machine import Page, soon

pytestmark = pytest.mark.lab

KEYS = "7 SHA256 HEX:00112233445566778899aabbccddeeff\n9 MD5 ASCII:other\n"
QUICK = "minpoll 0 maxpoll 0 iburst"


@pytest.fixture(name="keys")
def key_file(tmp_path: Path) -> Path:
    """In chrony's own format."""
    file = tmp_path / "keys"
    file.write_text(KEYS)
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("options", ["", " xleave"])
def test_chronyd_takes_the_time_from_us(options: str, tmp_path: Path) -> None:
    """It selects us, reaches us each time, and finds its own clock, which is ours."""
    with programs.exporter() as target:
        port = target.rpartition(":")[2]
        with chronyd(tmp_path, f"server 127.0.0.1 port {port} {QUICK}{options}") as daemon:
            time.sleep(12)
            (source,) = daemon.chronyc("sources")

    assert source[1] == "*"
    assert source[5] == "377"
    assert abs(float(source[7])) < 0.001


def test_chronyd_with_a_key_takes_it_from_nobody_else(keys: Path, tmp_path: Path) -> None:
    """Who signs with the right one is answered; who signs with another, or not at all, is not."""
    with programs.exporter("--peer.keys", str(keys), "--peer.key-id", "7") as target:
        port = target.rpartition(":")[2]
        reached = {}
        for name, key in (("right", " key 7"), ("unknown", " key 8"), ("none", "")):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "keys").write_text(KEYS + "8 SHA256 ASCII:unknown\n")
            server = f"server 127.0.0.1 port {port} {QUICK}{key}"
            with chronyd(folder, f"keyfile {folder / 'keys'}", server) as daemon:
                time.sleep(5)
                reached[name] = int(daemon.chronyc("sources")[0][5], 8)

    assert reached["right"] > 0
    assert reached["unknown"] == reached["none"] == 0


def test_we_compare_our_clock_with_chronyds(keys: Path, tmp_path: Path) -> None:
    """Interleaved, by the kernel's stamps on both sides; the bound holds, for the clocks are one. With a key, too."""
    port = free_udp_port()
    lines = [f"port {port}", "local stratum 2", "allow 127.0.0.1", f"keyfile {keys}"]
    with chronyd(tmp_path, *lines):
        plain = measured(f"chrony=127.0.0.1:{port}")
        signed = measured(f"chrony=127.0.0.1:{port}", "--peer.keys", str(keys), "--peer.key-id", "7")

    for page in (plain, signed):
        offset, bound = (page[f'peer_clock_{name}_seconds{{peer="chrony"}}'] for name in ("offset", "offset_bound"))
        assert abs(offset) <= bound < 0.0005
        assert page['peer_stratum{peer="chrony"}'] == 2
        assert [name for name in page if name.startswith("peer_info{") and 'stamps="kernel"' in name]
        assert [name for name in page if name.startswith("peer_info{") and 'interleaved="true"' in name]


def measured(peer: str, *flags: str) -> Page:
    """What an exporter says of a peer once it knows its drift."""
    with programs.exporter("--peers", peer, *flags) as target:
        return soon("an estimate", target, lambda page: 'peer_drift_ratio{peer="chrony"}' in page)
