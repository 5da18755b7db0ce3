"""What keeps samples from becoming durable at the moment, said once when it begins and once when it is over."""

from __future__ import annotations

import logging

log = logging.getLogger("driftscope.recorder")


class Troubles:
    """The troubles of a recording, by what they are about. As text they are all that there are, or empty."""

    def __init__(self) -> None:
        self._what: dict[str, str] = {}

    def __str__(self) -> str:
        return "; ".join(list(self._what.values()))

    def begin(self, about: str, what: str) -> None:
        """Say what is wrong, once."""
        if self._what.get(about) != what:
            log.error("%s", what)
        self._what[about] = what

    def end(self, *abouts: str) -> None:
        """Say that a trouble is over, if there was one."""
        if [about for about in abouts if self._what.pop(about, None)] and not self._what:
            log.info("samples are being written again")
