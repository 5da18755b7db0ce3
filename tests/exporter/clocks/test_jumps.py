"""Steps, leap seconds and suspends, told from readings that are noisy, slow and slewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks.crossread import SECOND, Reading
from exporter.clocks.jumps import FASTEST_SLEW, Jumps

ORDER = ("realtime", "tai", "monotonic", "boottime")


@dataclass
class Clocks:
    """A machine's clocks as exact functions of raw time, read one after the other with brackets of any width."""

    raw: int = 5_000 * SECOND
    base: dict[str, int] = field(default_factory=lambda: {name: k * 10**17 for k, name in enumerate(ORDER)})
    rate: Fraction = Fraction(1)

    def readings(self, widths: tuple[int, ...] = (100,) * 4, pause: int = 0) -> dict[str, Reading]:
        """Each clock, read anywhere within its bracket: at the end of every other one."""
        readings = {}
        for number, (name, width) in enumerate(zip(ORDER, widths)):
            before = self.raw
            moment = before + width * (number % 2)
            readings[name] = Reading(before, self.base[name] + int(self.rate * moment), before + width)
            self.raw += width + pause
        return readings

    def step(self, size: int, *names: str) -> None:
        """Set clocks forward."""
        for name in names:
            self.base[name] += size

    def slew(self, rate: Fraction) -> None:
        """Change the rate of all clocks, without moving any."""
        for name in ORDER:
            self.base[name] += int(self.rate * self.raw) - int(rate * self.raw)
        self.rate = rate


def happened(clocks: Clocks, *steps: tuple[int, tuple[str, ...]]) -> list[tuple[str, int]]:
    """What was seen from one reading to the next, when these steps were made between."""
    jumps = Jumps()
    list(jumps.between(clocks.readings()))
    clocks.raw += SECOND
    for size, names in steps:
        clocks.step(size, *names)
    return list(jumps.between(clocks.readings()))


def test_a_step_moves_realtime_and_tai_alike() -> None:
    """Its size is right to within the brackets."""
    ((event, size),) = happened(Clocks(), (-3600 * SECOND, ("realtime", "tai")))

    assert event == "realtime_step"
    assert abs(size + 3600 * SECOND) < 1000


def test_a_leap_second_moves_realtime_but_not_tai() -> None:
    """An inserted one sets realtime back by exactly one second."""
    assert happened(Clocks(), (-SECOND, ("realtime",))) == [("leap_second", -SECOND)]
    assert happened(Clocks(), (SECOND, ("realtime",))) == [("leap_second", SECOND)]


def test_a_step_of_one_second_is_no_leap_second() -> None:
    """tai, which knows no leap seconds, tells them apart."""
    ((event, _),) = happened(Clocks(), (-SECOND, ("realtime", "tai")))

    assert event == "realtime_step"


def test_a_leap_second_cannot_be_told_without_tai() -> None:
    """Then it is called what it is to every user of realtime: a step."""
    clocks, jumps = Clocks(), Jumps()
    seen: list[str] = []
    for _ in range(2):
        readings = clocks.readings()
        del readings["tai"]
        seen += [event for event, _ in jumps.between(readings)]
        clocks.step(-SECOND, "realtime")

    assert seen == ["realtime_step"]


def test_a_suspend_moves_boottime() -> None:
    """Its size is how long the machine slept; that a resume puts realtime forward as much is no step."""
    slept = 600 * SECOND

    ((event, size),) = happened(Clocks(), (slept, ("boottime", "realtime", "tai")))

    assert event == "suspend"
    assert abs(size - slept) < 1000


def test_a_step_during_a_suspend_is_told_from_it() -> None:
    """A resume puts realtime forward by as much as boottime; what is left was somebody's doing."""
    slept, stepped = (600 * SECOND, ("boottime", "realtime", "tai")), (5 * SECOND, ("realtime", "tai"))

    events = dict(happened(Clocks(), slept, stepped))

    assert set(events) == {"suspend", "realtime_step"}
    assert abs(events["realtime_step"] - 5 * SECOND) < 1000


def test_a_step_is_seen_though_the_machine_was_paused_amid_a_reading() -> None:
    """Such a reading is too wide to show it, but the next one shows it against what was known before."""
    clocks, jumps = Clocks(), Jumps()
    list(jumps.between(clocks.readings()))
    clocks.raw += SECOND
    clocks.step(SECOND // 2, "realtime", "tai")
    assert list(jumps.between(clocks.readings(pause=3 * SECOND))) == []
    clocks.raw += SECOND

    ((event, size),) = jumps.between(clocks.readings())

    assert event == "realtime_step"
    assert abs(size - SECOND // 2) < 1000


def test_a_leap_second_is_one_though_the_reading_before_it_was_wide() -> None:
    """Its size is as uncertain as both readings, not as the last one."""
    clocks, jumps = Clocks(), Jumps()
    list(jumps.between(clocks.readings(widths=(2_000_000, 100, 100, 100))))
    clocks.step(-SECOND, "realtime")
    clocks.raw += SECOND

    assert list(jumps.between(clocks.readings())) == [("leap_second", -SECOND)]


def test_what_was_never_read_before_has_not_jumped() -> None:
    """The first reading says where the clocks are, not what happened to them."""
    assert list(Jumps().between(Clocks().readings())) == []


def test_an_offset_of_tai_that_is_set_later_is_no_event() -> None:
    """A daemon that tells the kernel of the 37 s between TAI and UTC moves nothing that people live by."""
    assert happened(Clocks(), (37 * SECOND, ("tai",))) == []


widths = st.tuples(*[st.integers(1, 10**7)] * 4)
slews = st.fractions(1 - Fraction(1, FASTEST_SLEW + 1), 1 + Fraction(1, FASTEST_SLEW + 1), max_denominator=10**6)


@given(st.lists(st.tuples(widths, st.integers(0, 10**8), slews), min_size=2, max_size=6))
def test_no_noise_and_no_slew_is_taken_for_a_step(rounds: list[tuple[tuple[int, ...], int, Fraction]]) -> None:
    """However wide the brackets, however long the pauses between them, and at the fastest slew that Linux can do."""
    clocks, jumps = Clocks(), Jumps()
    for widths, pause, rate in rounds:
        clocks.slew(rate)

        assert list(jumps.between(clocks.readings(widths, pause))) == []


@given(widths, widths, st.integers(-(10**18), 10**18))
def test_a_step_beyond_the_bound_is_seen_and_sized_within_it(
    before: tuple[int, ...], after: tuple[int, ...], size: int
) -> None:
    """The bound follows from the readings themselves: their brackets, and what lies between them."""
    clocks, jumps = Clocks(), Jumps()
    list(jumps.between(clocks.readings(before)))
    clocks.step(size, "realtime", "tai")

    events = dict(jumps.between(clocks.readings(after)))

    bound = sum(before[:3]) + sum(after[:3]) + 10
    if abs(size) > 2 * bound:
        assert abs(events["realtime_step"] - size) <= bound
