"""A trouble is said once when it begins and once when it is over."""

from __future__ import annotations

import logging

import pytest

from recorder.troubles import Troubles


def test_each_is_said_once_and_all_are_shown(caplog: pytest.LogCaptureFixture) -> None:
    """What lasts is not repeated; that samples are written again is said when the last trouble ends."""
    caplog.set_level(logging.INFO, "driftscope.recorder")
    troubles = Troubles()
    for _ in range(3):
        troubles.begin("journal", "no room")
    troubles.begin("Parquet", "a broken file")
    shown = str(troubles)
    for _ in range(2):
        troubles.end("journal")
        troubles.end("Parquet", "memory")

    assert shown == "no room; a broken file"
    assert str(troubles) == ""
    assert caplog.messages == ["no room", "a broken file", "samples are being written again"]
