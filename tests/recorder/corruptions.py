"""What can happen to the bytes of one record of a journal, by name."""

from __future__ import annotations

from collections.abc import Callable

from recorder.journal import MAGIC


def flip(at: int) -> Callable[[bytes], bytes]:
    """Damage that turns one bit, counted from the beginning of the second sample."""
    return lambda record: record[:at] + bytes([record[at] ^ 16]) + record[at:][1:]


CORRUPTIONS: dict[str, tuple[Callable[[bytes], bytes], list[int]]] = {
    "nothing": (lambda record: record, [1, 2, 3]),
    "flipped magic": (flip(0), [1, 3]),
    "flipped kind": (flip(4), [1, 3]),
    "flipped length": (flip(8), [1, 3]),
    "a length of gigabytes": (flip(11), [1, 3]),
    "flipped checksum": (flip(12), [1, 3]),
    "flipped payload": (flip(16), [1, 3]),
    "flipped last byte": (flip(-1), [1, 3]),
    "torn head": (lambda record: record[:9], [1, 3]),
    "torn payload": (lambda record: record[:-1], [1, 3]),
    "record gone": (lambda record: b"", [1, 3]),
    "record twice": (lambda record: record * 2, [1, 2, 2, 3]),
    "garbage before": (lambda record: b"garbage" + record, [1, 2, 3]),
    "garbage after": (lambda record: record + MAGIC + b"garbage", [1, 2, 3]),
    "a magic before": (lambda record: MAGIC + record, [1, 2, 3]),
    "zeros instead": (lambda record: bytes(len(record)), [1, 3]),
}
"""Damage to the second of three samples, and which of them must survive."""
