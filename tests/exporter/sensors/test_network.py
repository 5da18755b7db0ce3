"""Network interfaces, from /proc/net/dev."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import network
from tests.exporter.reading import absent, by_series, found, host, listed, values_by_series
from tests.trees import proc

COUNTS = list(range(1, 17))
LINE = b" ".join(str(count).encode() for count in COUNTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"  eth0: " + LINE, {b"eth0": COUNTS}),
        (b"eth0:" + LINE, {b"eth0": COUNTS}),
        (b"wlan-\xff: " + LINE, {b"wlan-\xff": COUNTS}),
        (b"eth0: " + LINE + b"\n  lo: " + LINE, {b"eth0": COUNTS, b"lo": COUNTS}),
        (b"eth0: " + LINE + b" 17", {}),
        (b"eth0: " + LINE[:-3], {}),
        (b"eth0: " + LINE.replace(b" 9 ", b" nine "), {}),
        (b"eth0: " + LINE.replace(b" 9 ", b" 1_0 "), {}),
        (b"eth0: " + LINE.replace(b" 9 ", b" " + b"9" * 400 + b" "), {}),
        (proc.NET_DEV_HEADING.encode(), {}),
        (b"", {}),
    ],
)
def test_a_line_of_sixteen_counts_is_an_interface(text: bytes, expected: dict[bytes, list[int]]) -> None:
    """A line with a name and sixteen numbers is an interface, and any other line is none."""
    assert network.parse(text) == expected


@given(st.binary())
def test_no_text_makes_it_raise(text: bytes) -> None:
    """Whatever the file holds, parsing it ends."""
    network.parse(text)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=16, max_size=16))
def test_what_the_kernel_writes_comes_back(counts: list[int]) -> None:
    """Counts of 64 bits are read to the last digit."""
    text = proc.NET_DEV_HEADING + "  eth0: " + " ".join(f"{count:7}" for count in counts) + "\n"

    assert network.parse(text.encode()) == {b"eth0": counts}


def test_columns_bear_node_exporters_names(tree: Path) -> None:
    """The first column is bytes received, the ninth bytes sent, the last compressed packets sent."""
    values = values_by_series(network, tree)

    assert values['node_network_receive_bytes_total{device="eth0"}'] == 1000
    assert values['node_network_transmit_bytes_total{device="eth0"}'] == 1008
    assert values['node_network_transmit_compressed_total{device="eth0"}'] == 1015
    assert len(values) == 16


def test_virtual_interfaces_are_read_when_asked_for(tree: Path) -> None:
    """The interface lo and its kind carry what the hardware carries again, or nothing that leaves the machine."""
    with closing(found(network, host(tree, **{"network.virtual": True}))) as reader:
        assert 'node_network_receive_bytes_total{device="lo"}' in by_series(reader.read())


def test_an_interface_that_comes_is_read_at_once(tree: Path) -> None:
    """Interfaces come and go between two reads of the same open file."""
    with closing(found(network, host(tree))) as reader:
        reader.read()
        proc.hardware(tree, interfaces=("usb0",))
        (tree / "proc/net/dev").write_text(proc.net_dev("lo", "usb0", "veth0"))

        assert {series.labels for series, _ in listed(reader.read())} == {(("device", "usb0"),)}


def test_without_the_file_it_is_absent(tmp_path: Path) -> None:
    """A kernel without networking has no interfaces, and the reason names the file."""
    assert str(tmp_path / "proc/net/dev") in absent(network, tmp_path)
