"""Which series each of turbostat's columns becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sensors.turbostat_columns import (
    COLUMNS,
    CORE,
    CPU,
    PACKAGE,
    STATES,
    Column,
    columns,
    glued,
    is_header,
)


def only(name: str) -> Column:
    """The column of a header that is one name."""
    return columns([name])[name]


@pytest.mark.parametrize(
    ("name", "scope", "family", "state"),
    [
        ("CPU%c1", CPU, "cpu_idle_ratio", "c1"),
        ("CPU%c1e", CPU, "cpu_idle_ratio", "c1e"),
        ("CPU%c6", CORE, "core_idle_ratio", "c6"),
        ("Pkg%pc2", PACKAGE, "package_idle_ratio", "pc2"),
        ("Pk%pc10", PACKAGE, "package_idle_ratio", "pc10"),
        ("C1E%", CPU, "idle_requested_ratio", "C1E"),
        ("C3ACPI%", CPU, "idle_requested_ratio", "C3ACPI"),
        ("POLL", CPU, "interval_idle_requests", "POLL"),
        ("C7s", CPU, "interval_idle_requests", "C7s"),
        ("C1+", CPU, "interval_idle_too_shallow", "C1"),
        ("C6-", CPU, "interval_idle_too_deep", "C6"),
    ],
)
def test_states_become_labels(name: str, scope: int, family: str, state: str) -> None:
    """A CPU's states are its own, so each is a label and the family is the same everywhere."""
    column = only(name)

    assert (column.scope, column.name, column.label) == (scope, family, (("state", state),))


def test_power_of_cores_is_the_cores_or_the_packages() -> None:
    """AMD measures each core and prints it before the package's; Intel measures all of a package after it."""
    amd, intel = columns(["CorWatt", "PkgWatt"]), columns(["PkgWatt", "CorWatt"])

    assert (amd["CorWatt"].scope, amd["CorWatt"].name) == (CORE, "core_watts")
    assert (intel["CorWatt"].scope, intel["CorWatt"].name) == (PACKAGE, "cores_watts")


def test_an_unknown_column_is_published_under_its_name() -> None:
    """It is about what the column before it is about, and is not taken for anything known."""
    found = columns(["CPU", "IPC", "LLCMRPS", "CoreTmp", "Foo%", "PkgWatt", "UMHz0.0"])

    others = {name: column.scope for name, column in found.items() if not column.known}
    assert others == {"LLCMRPS": CPU, "Foo%": CORE, "UMHz0.0": PACKAGE}
    assert found["Foo%"].label == (("column", "Foo%"),)


def test_names_that_say_which_cpu_are_no_series() -> None:
    """They are labels, or other numberings of the same CPUs."""
    ids = ["usec", "Time_Of_Day_Seconds", "Package", "Die", "L3", "Node", "Module", "Core", "CPU", "APIC", "X2APIC"]

    assert list(columns([*ids, "TSC_MHz"])) == ["TSC_MHz"]


@pytest.mark.parametrize("name", ["CPUGFX%Pkg%pc2", "GFXWattRAMWatt", "C1C1E", "CoreCPU"])
def test_glued_names_are_seen(name: str) -> None:
    """Two known names without anything between them are no unknown one."""
    assert glued(name)


@pytest.mark.parametrize("name", [*COLUMNS, "CorWatt", "CPU%c6", "Pk%pc10", "C1%", "POLL", "UMHz0.0", "LLC%hit"])
def test_single_names_are_not_glued(name: str) -> None:
    """No name is made of two others by chance."""
    assert not glued(name)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Core CPU Avg_MHz", True),
        ("TSC_MHz IRQ SMI POLL", True),
        ("usec Time_Of_Day_Seconds", True),
        ("- - 395 26.14", False),
        ("0 0 -nan", False),
        ("5.011506 sec", False),
        ("cpu0: POLL: CPUIDLE CORE POLL IDLE", False),
        ("turbostat version 20.09.30 - Len Brown <lenb@kernel.org>", False),
        ("", False),
    ],
)
def test_a_header_is_known_by_its_names(line: str, expected: bool) -> None:
    """Two names that are known make a header; what turbostat says of the machine before does not."""
    assert is_header(line.split()) is expected


def test_every_family_is_its_own() -> None:
    """No two columns become the same family, and each says in its help what it is."""
    every = [*COLUMNS.values(), *STATES.values(), only("CorWatt"), columns(["PkgWatt", "CorWatt"])["CorWatt"]]

    families = [column.family(whole) for column in every for whole in (False, True)]

    assert len({family.name for family in families}) == len(families)
    assert all(family.name.startswith("turbostat_") and family.help.endswith(".") for family in families)


@given(st.lists(st.text(max_size=9)))
def test_no_header_makes_it_raise(header: list[str]) -> None:
    """Whatever a line's words are, each has one column at most."""
    assert set(columns(header)) <= set(header)
    assert is_header(header) in (True, False)
    assert not any(glued(name) and is_header([name, name]) for name in header)
