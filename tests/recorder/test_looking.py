"""A short look at nodes, before a recording."""

from __future__ import annotations

import itertools
import time

from recorder.looking import Look, look
from recorder.targets import from_command_line
from tests.recorder.conftest import Serve
from tests.recorder.samples import SECOND, node_page
from tests.recorder.servers import Question


def test_all_that_a_node_says_is_kept(serve: Serve) -> None:
    """Its pages, its clock's offset, its inventory; and of another one, why it said nothing."""
    numbers = itertools.count(7)

    def answer(question: Question) -> None:
        if question.path == "/inventory":
            question.say('{"found": {"hwmon": {"values": 3}}}')
        else:
            page = node_page(next(numbers), more='peer_up{peer="ares"} 1\npeer_up{peer="home"} 0\n')
            question.say(page, Driftscope_Realtime_Nanoseconds=str(time.time_ns() + 3 * SECOND))

    passed: list[float] = []
    there, gone = look(
        [from_command_line(f"a={serve(answer).address}"), from_command_line("b=127.0.0.1:1")], 2.5, passed.append
    )

    assert 2 <= len(there.pages) <= 4
    assert there.sequences == list(range(7, 7 + len(there.pages)))
    assert there.values("peer_up", "peer") == {"ares": 1, "home": 0}
    assert there.offset
    assert abs(there.offset.ns - 3 * SECOND) <= there.offset.bound
    assert there.inventory == {"found": {"hwmon": {"values": 3}}}
    assert not there.failure
    assert gone.failure == "Connection refused"
    assert passed == sorted(passed)


def test_without_a_page_there_are_no_values() -> None:
    """And no numbers of samples."""
    nothing = Look(from_command_line("a=127.0.0.1:1"))

    assert nothing.values("up") == {}
    assert nothing.sequences == []
