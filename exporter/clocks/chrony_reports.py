"""What chronyd reports, however it was asked: the reports of chronyc(1), in base units but for frequencies in ppm.

Signs are chrony's own. ``system_time`` > 0: this clock is behind NTP time. Offsets of ``tracking`` and of sources > 0:
this clock is ahead; but that of ``ntpdata`` > 0: the *source* is ahead. ``frequency`` > 0: this clock would run fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MODES = ("client", "peer", "reference clock")
STATES = ("sync", "unreach", "falseticker", "jittery", "candidate", "outlier")
"""The words that chrony_exporter has for a source's mode and state, in the order of their numbers in the protocol."""

CLIENT, PEER, REFERENCE_CLOCK = MODES

NOT_SYNCHRONISED = 3
"""The leap status of a clock that follows nobody."""

NO_REFERENCE, LOCAL_REFERENCE = 0, 0x7F7F0101
"""Reference ids: of nobody, and of a clock that follows itself (127.127.1.1, the directive ``local``)."""


@dataclass(frozen=True)
class Tracking:
    """How this clock is steered. ``address`` is empty if the reference is no NTP server; ``reference_time`` in ns."""

    reference_id: int
    address: str
    stratum: int
    leap: int
    reference_time: int
    system_time: float
    last_offset: float
    rms_offset: float
    frequency_ppm: float
    residual_frequency_ppm: float
    skew_ppm: float
    root_delay: float
    root_dispersion: float
    update_interval: float

    @property
    def remote(self) -> bool:
        """Whether there is a reference, and it is not the clock itself."""
        return self.reference_id not in (NO_REFERENCE, LOCAL_REFERENCE)


@dataclass(frozen=True)
class SourceData:
    """The last sample of a source. ``age`` is None if there never was one, and the rest of it means nothing then.

    ``address`` of a reference clock is its id, written as IPv4 addresses are. ``poll`` is log2 of seconds. ``offset``
    is ``measured_offset`` less what the clock was corrected by since.
    """

    address: str
    poll: int
    stratum: int
    state: str
    mode: str
    reachability: int
    age: int | None
    measured_offset: float
    offset: float
    error: float


@dataclass(frozen=True)
class SourceStats:
    """The straight line through the samples of a source. ``offset_error`` is None if it was not said."""

    reference_id: int | None
    address: str
    samples: int
    runs: int
    span: int
    deviation: float
    frequency_ppm: float
    skew_ppm: float
    offset: float
    offset_error: float | None


@dataclass(frozen=True)
class NtpData:
    """The last valid exchange with an NTP source. Who took a stamp is empty before the first."""

    address: str
    offset: float
    delay: float
    dispersion: float
    response_time: float
    jitter_asymmetry: float
    interleaved: bool
    authenticated: bool
    transmit_stamp: str
    receive_stamp: str


@dataclass(frozen=True)
class SourceReport:
    """All that is known of one source; what is None was not said."""

    data: SourceData
    stats: SourceStats | None = None
    ntp: NtpData | None = None


class Way(Protocol):
    """A way to ask chronyd. Two that ask the same chronyd in the same way are equal."""

    @property
    def found(self) -> dict[str, Any]:
        """How it asks, for the inventory."""
        ...

    @property
    def beside(self) -> bool:
        """Whether asking takes long."""
        ...

    def tracking(self) -> Tracking:
        """How the clock is steered. Raises OSError."""
        ...

    def sources(self) -> tuple[Sequence[SourceReport], Sequence[OSError]]:
        """All sources, and what was refused of them. Raises OSError if there is no answer at all."""
        ...

    def close(self) -> None:
        """Hold nothing open any more, and end a question that is under way."""
        ...


def reference_name(reference_id: int) -> str:
    """A reference id as text, ``PPS0``; in hexadecimal if it is no text."""
    text = reference_id.to_bytes(4, "big").replace(b"\0", b"")
    printable = all(0x20 < byte < 0x7F for byte in text)
    return text.decode() if printable else f"{reference_id:08X}"
