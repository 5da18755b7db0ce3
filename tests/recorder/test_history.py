"""Asking a history: samples come back as the pages that they were, and a wrong answer counts for nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import history, wire
from recorder.connection import Refused
from recorder.history import History, NoHistoryError
from recorder.targets import Target
from tests.recorder.conftest import Serve
from tests.recorder.historic import HistoricNode, Taken, history_text, ticking
from tests.recorder.samples import HOUR, RAW, REALTIME, parsed
from tests.recorder.servers import OPENMETRICS, says


def asking(server_url: str) -> History:
    """The history of the node at this address."""
    return History(Target("ares", server_url, timeout=5))


def test_samples_are_whole_again_and_exact(serve: Serve) -> None:
    """Each sample has all of its numbers, to the last digit, whatever others lack."""
    taken = [
        Taken(7, REALTIME, RAW, "a 9007199254740993\nb 1\n"),
        Taken(8, REALTIME + 1, RAW + 1, "a 2\n"),
        Taken(9, REALTIME + 10**9, RAW + 2, 'a 3\nc{l="x y # 1"} NaN\n'),
    ]
    asked = asking(serve(HistoricNode(taken)).url)

    answer = asked.ask(6, 60)
    asked.close()

    assert (answer.epoch, answer.oldest, answer.newest, list(answer.samples)) == ("e1", 7, 9, [7, 8, 9])
    for one in taken:
        page, expected = answer.samples[one.sequence], parsed(one.page)
        numbers = {series.name: page.number(at) for at, series in enumerate(page.layout.series)}
        wanted = {series.name: expected.number(at) for at, series in enumerate(expected.layout.series)}
        assert repr(sorted(numbers.items())) == repr(sorted(wanted.items()))
        assert wire.meaning(page.layout).clock(page, "realtime") == one.realtime
        assert not page.complaints


def test_series_that_stay_are_one_layout(serve: Serve) -> None:
    """The pages of all samples with the same series share them, in this answer and in the next."""
    asked = asking(serve(HistoricNode(ticking(1, 30, HOUR))).url)

    pages = [page for after in (0, 10) for page in asked.ask(after, 10).samples.values()]
    asked.close()

    assert len({id(page.layout) for page in pages}) == 1


@given(st.lists(st.sets(st.sampled_from("abcde"), min_size=1), min_size=1, max_size=8))
def test_transposing_back_gives_what_was_there(having: list[set[str]]) -> None:
    """Whichever series each sample has, its page has those and no others."""
    taken = [
        Taken(number, REALTIME + number, RAW, "".join(f"{name} {number}\n" for name in sorted(names)))
        for number, names in enumerate(having)
    ]

    pages = list(history.pages(history_text(taken)))

    assert [set(one.split("\n")) for one in pages] == [
        set(one.page.split("\n")) | {line for other in taken for line in other.page.split("\n") if line[:1] == "#"}
        for one in taken
    ]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: text.removesuffix("# EOF\n"), "cut off"),
        (lambda text: text.replace('epoch="e1"', 'epoch="e2"'), "not a history"),
        (lambda text: text.replace("driftscope_sample_sequence 3", "driftscope_sample_sequence 2"), "not a history"),
        (lambda text: text.replace("driftscope_sample_sequence", "other"), "not a history"),
        (lambda text: f"a 1 5.0\n{text}", "not a history"),
    ],
)
def test_an_answer_that_is_not_whole_or_not_right_is_refused(
    serve: Serve, spoil: Callable[[str], str], reason: str
) -> None:
    """Nothing of it counts, and the reason is in a few words."""
    asked = asking(serve(HistoricNode(ticking(1, 5, HOUR), spoil=spoil)).url)

    with pytest.raises(Refused) as refused:
        asked.ask(1, 10)
    asked.close()

    assert refused.value.args[0] == reason


def test_an_exporter_without_history_is_known_as_such(serve: Serve) -> None:
    """Neither a 404 nor a page without our headers is a history; a failing one is."""
    for answer in (says("", status=404), says("# EOF\n", OPENMETRICS)):
        with pytest.raises(NoHistoryError):
            asking(serve(answer).url).ask(0, 1)
    with pytest.raises(Refused, match="HTTP status 503"):
        asking(serve(says("", status=503)).url).ask(0, 1)


def test_a_node_that_holds_nothing_says_so(serve: Serve) -> None:
    """There are no samples, and neither oldest nor newest."""
    answer = says("# EOF\n", OPENMETRICS, Driftscope_Sample_Epoch="e1")

    assert asking(serve(answer).url).ask(0, 1) == history.Answer("e1", None, None, {})
