"""What turbostat prints: outputs of real machines (tests/captures/turbostat), whole and damaged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors import turbostat_output
from exporter.sensors.turbostat_columns import MEGAHERTZ, PERCENT, PLAIN, WATTS, Unit
from exporter.sensors.turbostat_output import Block, number
from exporter.source import Number
from tests.exporter.reading import by_series
from tests.exporter.standing_in import CAPTURES, capture

NAMES = sorted(path.name for path in (CAPTURES / "turbostat").glob("*.txt"))


def blocks(text: bytes) -> list[Block]:
    """Every block of an output."""
    found: list[Block] = []
    header, rows = None, list[bytes]()
    for line in [*text.split(b"\n")[:-1], b"Core CPU"]:
        new = turbostat_output.header(line)
        if new and header and rows:
            found.append(turbostat_output.parse(header, rows))
        if new:
            header, rows = new, []
        else:
            rows.append(line)
    return found


def only_block(name: str) -> Block:
    """The one block of a capture."""
    (block,) = blocks(capture(name))
    return block


def values(lines: Sequence[bytes]) -> dict[str, Number]:
    """The values of a block by their series; no series is there twice."""
    header = turbostat_output.header(lines[0])
    return by_series(turbostat_output.parse(header, lines[1:]).values) if header else {}


def test_a_server_of_two_sockets() -> None:
    """Each number has the labels of the CPU, core or package that it is about."""
    block = only_block("xeon-2-sockets-2021.txt")
    got = by_series(block.values)

    assert block.refused == []
    assert len(got) == 31 + 8 * 18 + 4 * 4 + 2 * 9  # machine, CPUs, cores, packages
    cpu14 = 'core="9",cpu="14",die="0",package="0"'
    assert got[f"turbostat_busy_hertz{{{cpu14}}}"] == 1_200_000_000
    assert got[f"turbostat_busy_ratio{{{cpu14}}}"] == 0.0042
    assert got[f"turbostat_instructions_per_cycle{{{cpu14}}}"] == 0.80
    assert got[f"turbostat_interval_interrupts{{{cpu14}}}"] == 282
    assert got['turbostat_interval_idle_requests{core="9",cpu="14",die="0",package="0",state="C1E"}'] == 289
    assert got['turbostat_idle_requested_ratio{core="9",cpu="14",die="0",package="0",state="C1E"}'] == 0.996
    assert got['turbostat_core_temp_celsius{core="13",die="1",package="1"}'] == 39
    assert got['turbostat_package_watts{package="1"}'] == 42.18
    assert got['turbostat_dram_watts{package="0"}'] == 13.66
    assert got['turbostat_package_idle_ratio{package="1",state="pc6"}'] == 0
    assert got['turbostat_uncore_hertz{package="0"}'] == 2_800_000_000
    assert got["turbostat_system_package_watts"] == 87.38
    assert got["turbostat_system_package_temp_celsius"] == 53


def test_power_of_each_core() -> None:
    """An EPYC measures its cores one by one, which come before their package in a row."""
    got = by_series(only_block("epyc-9374f.txt").values)

    assert got['turbostat_core_watts{core="64",die="4",node="0",package="0"}'] == 2.99
    assert got['turbostat_package_watts{package="1"}'] == 225.39
    assert got['turbostat_interval_nmis{core="0",cpu="32",die="8",node="4",package="1"}'] == 1


def test_a_desktop_prints_neither_package_nor_die() -> None:
    """What is not printed is no label, and the residency of a state may be above 1."""
    got = by_series(only_block("tiger-lake-laptop-6.8.txt").values)

    assert got['turbostat_core_idle_ratio{core="0",state="c7"}'] == 1.0042
    assert got['turbostat_cpu_idle_ratio{core="2",cpu="6",state="c1"}'] == 0.0129
    assert got['turbostat_package_idle_ratio{state="pc10"}'] == 0
    assert got["turbostat_cores_watts"] == 0.07


def test_what_stands_before_the_first_header_is_nothing() -> None:
    """An old machine's configuration is no row, and a node may be -1."""
    block = only_block("westmere-node.txt")

    assert block.refused == []
    assert by_series(block.values)['turbostat_core_temp_celsius{core="2",node="-1"}'] == 63


@pytest.mark.parametrize("name", ["haswell-manual-page.txt", "header-with-other-white-space.txt"])
def test_a_header_comes_again(name: str) -> None:
    """With whatever white space: each block is read alike, and all of it."""
    first, second = blocks(capture(name))

    assert first.refused == second.refused == []
    assert by_series(first.values).keys() == by_series(second.values).keys()
    assert by_series(first.values) != by_series(second.values)


def test_glued_columns_are_refused() -> None:
    """Names that run together cannot be matched to numbers, so that not one is published."""
    block = only_block("skylake-2018-glued.txt")

    assert block.values == []
    assert block.refused == ["41 names above 43 numbers, and up to 43"]


def test_glued_columns_are_refused_even_if_the_count_is_right() -> None:
    """Numbers may have run together as often as names."""
    lines = [b"Core CPU IRQ SMI PkgWattRAMWatt", b"- - 1 0 1.23", b"0 0 1 0 1.23"]
    header = turbostat_output.header(lines[0])
    assert header

    assert turbostat_output.parse(header, lines[1:]) == Block([], ["PkgWattRAMWatt is two columns"])


def test_a_guest_has_no_such_registers() -> None:
    """-nan and powers of no machine are refused one by one; what is plausible beside them stays."""
    first, second = blocks(capture("guest-20.09.30.txt"))

    assert {series.family.name for series, _ in first.values} >= {
        "turbostat_system_tsc_hertz",
        "turbostat_system_interval_interrupts",
    }
    assert "CPU%c1 -nan" in first.refused
    assert "PkgWatt 726316797790608640.00" in first.refused
    assert "RAMWatt 639941579244792704.00" in second.refused


def test_an_empty_line_is_nothing() -> None:
    """It is neither a row nor wrong."""
    header = turbostat_output.header(b"CPU IRQ")
    assert header

    assert turbostat_output.parse(header, [b"", b"- 3", b" ", b"0 3"]).refused == []


def test_unknown_columns_are_published_as_printed() -> None:
    """They keep their name, and the labels of what the column before them is about."""
    got = values([b"CPU IRQ LLCMRPS PkgWatt UMHz0.0", b"- 3 1.5 10.00 800", b"0 2 1.0 10.00 800", b"1 1 0.5"])

    assert got['turbostat_other{column="LLCMRPS",cpu="1"}'] == 0.5
    assert got['turbostat_other{column="UMHz0.0"}'] == 800
    assert got['turbostat_system_other{column="LLCMRPS"}'] == 1.5


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"0 1 1", "a row of 3 columns"),
        (b"0 1 1 2 3", "a row of 5 columns"),
        (b"1 2 1 2", "a row of 4 columns"),
        (b"0 0 1 2 3 4", "a CPU's second row"),
        (b"- - 1 2 3 4", "a CPU's second row"),
        (b"- 1 1 2", "no row of a CPU"),
        (b"00 1 1 2", "no row of a CPU"),
        (b"cpu0 jitter 2", "no row of a CPU"),
    ],
)
def test_a_row_that_cannot_be_is_refused(row: bytes, why: str) -> None:
    """A thread, a core and a package have rows of one length each, and each CPU has one."""
    lines = [b"Core CPU IRQ SMI CoreTmp PkgTmp", b"- - 1 2 3 4", b"0 0 1 2 3 4"]
    header = turbostat_output.header(lines[0])
    assert header

    whole, more = (turbostat_output.parse(header, rows) for rows in (lines[1:], [*lines[1:], row]))

    assert more.values == whole.values
    assert why in more.refused[0]


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        (b"99.96", PERCENT, 0.9996),
        (b"0.29", PERCENT, 0.0029),
        (b"100.42", PERCENT, 1.0042),
        (b"110.01", PERCENT, None),
        (b"3900", MEGAHERTZ, 3_900_000_000),
        (b"0", PLAIN, 0),
        (b"-1", PLAIN, None),
        (b"00", PLAIN, None),
        (b"0.000.00", PERCENT, None),
        (b"280000000000000.00", WATTS, None),
        (b"1e2", WATTS, None),
        (b"1_0", WATTS, None),
        (b"-nan", WATTS, None),
        (b"inf", WATTS, None),
        (b"+1", WATTS, None),
        (b"5.", WATTS, None),
        (b"", WATTS, None),
        ("٣".encode(), WATTS, None),
    ],
)
def test_a_number_is_exact_or_none(text: bytes, unit: Unit, expected: Number | None) -> None:
    """It is divided once, so it is the float nearest to what is printed; what no machine has is none."""
    assert number(text, unit) == expected


@given(st.binary(max_size=300))
def test_no_output_makes_it_raise(text: bytes) -> None:
    """Whatever is printed, below whatever header."""
    for name in NAMES:
        blocks(capture(name).split(b"\n")[0] + b"\n" + text + b"\n")
    blocks(text)


@given(st.sampled_from(NAMES), st.data())
def test_damage_publishes_no_number_that_is_not_printed(name: str, data: st.DataObject) -> None:
    """However the bytes of a real output are changed, each value is a number in the text, in its unit."""
    text = bytearray(capture(name))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(text)))
        stop = start + data.draw(st.integers(0, 12))
        text[start:stop] = data.draw(st.binary(max_size=6) | st.sampled_from([b"\t", b"\n", b" ", b"0", b"-", b"9.9"]))
    printed = {Fraction(word.decode()) for word in re.findall(rb"(?<!\S)-?\d+(?:\.\d+)?(?!\S)", bytes(text))}
    possible = {float(n * by) for n in printed for by in (1, Fraction(1, 100), 10**6)}

    for block in blocks(bytes(text)):
        assert {float(value) for value in by_series(block.values).values()} <= possible


@given(st.sampled_from(["xeon-2-sockets-2021.txt", "epyc-9374f.txt", "tiger-lake-laptop-6.8.txt"]), st.data())
def test_a_lost_or_glued_number_moves_no_other(name: str, data: st.DataObject) -> None:
    """A row that lost a number, or whose neighbours ran together, says nothing rather than something else."""
    lines = [line.split() for line in capture(name).splitlines()]
    whole = values([b"\t".join(line) for line in lines])
    row = data.draw(st.integers(1, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[row]) - 2))
    glue = lines[row][at] if data.draw(st.booleans()) else b""
    lines[row][at : at + 2] = [glue + lines[row][at + 1]]

    damaged = values([b"\t".join(line) for line in lines])

    assert damaged.items() <= whole.items()
