"""Energy, from /sys/class/powercap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from exporter.files import KernelFile
from exporter.sensors import rapl
from exporter.sensors.rapl import Energy, family, kind_and_index
from exporter.source import Absent
from tests.exporter.nobody import absent_for_nobody, machine_of_others
from tests.exporter.reading import absent, by_series, found, host, values_by_series
from tests.trees import kernel


def energy(folder: Path, counters: Iterable[int], range: int = kernel.RANGE) -> list[float]:
    """What is published while a zone's counter shows these numbers, one after another."""
    path = folder / "energy_uj"
    published: list[float] = []
    reader = Energy(family("package").series(index="0"), KernelFile(path), range=range)
    for counter in counters:
        path.write_text(f"{counter}\n")
        published.append(reader.read())
    reader.file.close()
    return published


def test_each_zone_is_told_apart_by_its_path(tree: Path) -> None:
    """Every socket has a zone of its own and a "dram" in it; where /sys is mounted makes no difference."""
    assert values_by_series(rapl, tree) == {
        'node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"}': 123456.789,
        'node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"}': 123456.789001,
        'node_rapl_dram_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0"}': 23456.789012,
        'node_rapl_dram_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1:0"}': 23456.789013,
    }


def test_a_counter_that_starts_over_goes_on(tmp_path: Path) -> None:
    """At 160 W a 32-bit counter does so every 27 minutes."""
    numbers = [kernel.RANGE - 2_000_000, kernel.RANGE - 1_000_000, 500_000, 1_500_000]

    first, *rest = energy(tmp_path, numbers)

    assert [round(each - first, 6) for each in rest] == [1, 2.5, 3.5]


def test_a_counter_that_was_set_to_zero_starts_over(tmp_path: Path) -> None:
    """A suspend does that; taking it for a wrap would invent 262 kJ."""
    assert energy(tmp_path, [5_000_000, 1_000_000]) == [5, 1]


@given(st.integers(1000, 10**7), st.lists(st.integers(0, 400), min_size=1, max_size=50))
def test_energy_is_exact_through_any_number_of_wraps(start: int, permille: list[int]) -> None:
    """As long as it is read twice while the counter runs through its range."""
    counters, total = [start % 1000], start % 1000
    for part in permille:
        total += part
        counters.append(total % 1000)
    with TemporaryDirectory() as folder:
        published = energy(Path(folder), counters, range=1000)

    assert published[-1] == total / 1_000_000
    assert published == sorted(published)


def test_zones_are_numbered_by_their_names_or_in_their_order() -> None:
    """``package-1`` says its number; the second of two that do not is 1."""
    used: Counter[str] = Counter()

    assert [kind_and_index(name, used) for name in ("package-0", "dram", "package-1", "dram", "psys")] == [
        ("package", "0"),
        ("dram", "0"),
        ("package", "1"),
        ("dram", "1"),
        ("psys", "0"),
    ]


def test_a_zone_that_only_root_may_read_says_which_right_is_enough() -> None:
    """Since Linux 5.10 power is root's; the capability to read anything will do."""

    def build(root: Path) -> Path:
        return kernel.zone(root, "intel-rapl:0", "package-0", 1) / "energy_uj"

    with machine_of_others(build) as root:
        reason = absent_for_nobody(rapl, host(root))

    assert "intel-rapl:0/energy_uj" in reason
    assert "CAP_DAC_READ_SEARCH" in reason


def test_no_root_sensors_leaves_it_out(tree: Path) -> None:
    """Even for root."""
    answer = rapl.find(host(tree, root_sensors=False))

    assert isinstance(answer, Absent)
    assert "--no-root-sensors" in answer.reason


def test_looking_again_keeps_what_was_counted(tree: Path) -> None:
    """A second finding equals the first, so the reader that has seen wraps stays in use."""
    with closing(found(rapl, host(tree))) as once, closing(found(rapl, host(tree))) as twice:
        by_series(once.read())

        assert once == twice


def test_a_machine_without_zones_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert "class/powercap" in absent(rapl, tmp_path)
