"""Samples of the same series as few bytes, and back, every number as it was: an int stays one, a float bit for bit.

A block is transposed: all values of a series are together, as most change little within a minute or not at all. A
column is constant, of 64-bit ints (as differences), of floats (each xor the one before), or of anything else as text.
Bytes of the same rank are put together (they are alike), and all of it is compressed by zlib, whose checksum finds
what is broken.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate
from operator import sub
from typing import cast

from ..source import Number

Values = Sequence[Number]

CONSTANT_INT, CONSTANT_FLOAT, INTS, FLOATS, TEXT = range(5)
SIZE = 8
"""Bytes of an int or a float."""

LEVEL, LEVEL_OF_A_ROW = 6, 1
"""Of zlib: a row is replaced within a minute."""

if sys.byteorder != "little":
    raise ImportError("driftscope's history is written on little-endian machines only")


class BrokenBlockError(ValueError):
    """The bytes are no block."""


def encode(samples: Sequence[Values]) -> bytes:
    """One or more samples of the same series."""
    if len(samples) == 1 and (row := _row(samples[0])):
        return row
    kinds = bytearray()
    parts: dict[int, list[bytes]] = {kind: [] for kind in range(TEXT)}
    texts: list[Values] = []
    for column in zip(*samples):
        kind, packed = _packed(column)
        kinds.append(kind)
        if kind == TEXT:
            texts.append(column)
        else:
            parts[kind].append(packed)
    floats = b"".join(parts[FLOATS])
    body = [_shuffled(b"".join(parts[kind])) for kind in (CONSTANT_INT, CONSTANT_FLOAT, INTS)]
    text = json.dumps(texts).encode()
    return zlib.compress(b"".join([_head(len(samples), bytes(kinds)), *body, _shuffled(_xored(floats)), text]), LEVEL)


def decode(block: bytes) -> list[Values]:
    """The samples of a block.

    Raises:
        BrokenBlockError: it is none.

    """
    try:
        plain = zlib.decompress(block)
        return _decoded(plain)
    except (zlib.error, ValueError, IndexError, EOFError) as error:
        raise BrokenBlockError(str(error)) from None


def _decoded(plain: bytes) -> list[Values]:
    count, width = (int.from_bytes(plain[at : at + 4], "little") for at in (0, 4))
    kinds = plain[8 : 8 + width]
    at = 8 + width
    unpacked: dict[int, bytes] = {}
    for kind in (CONSTANT_INT, CONSTANT_FLOAT, INTS, FLOATS):
        size = kinds.count(kind) * SIZE * (1 if kind in (CONSTANT_INT, CONSTANT_FLOAT) else count)
        if at + size > len(plain):
            raise ValueError("it ends too early")
        unpacked[kind] = _unshuffled(plain[at : at + size])
        at += size
    constants = {
        CONSTANT_INT: iter(_numbers("q", unpacked[CONSTANT_INT])),
        CONSTANT_FLOAT: iter(_numbers("d", unpacked[CONSTANT_FLOAT])),
    }
    ints, floats = _numbers("q", unpacked[INTS]), _numbers("d", _unxored(unpacked[FLOATS]))
    texts = iter(cast("list[list[Number]]", json.loads(plain[at:])))
    columns: list[Values] = []
    int_at = float_at = 0
    for kind in kinds:
        if kind in constants:
            columns.append([next(constants[kind])] * count)
        elif kind == INTS:
            columns.append(list(accumulate(ints[int_at : int_at + count])))
            int_at += count
        elif kind == FLOATS:
            columns.append(floats[float_at : float_at + count])
            float_at += count
        else:
            columns.append(next(texts))
    return list(zip(*columns)) if columns else [()] * count


def _row(values: Values) -> bytes | None:
    """One sample, of which every column is constant: the same bytes, made without looking at each column by itself."""
    types = list(map(type, values))
    ints = [value for value, type in zip(values, types) if type is int]
    floats = [value for value, type in zip(values, types) if type is float]
    if len(ints) + len(floats) < len(values):
        return None
    try:
        body = [_shuffled(array(code, numbers).tobytes()) for code, numbers in (("q", ints), ("d", floats))]
    except OverflowError:
        return None
    kinds = bytes(CONSTANT_FLOAT if type is float else CONSTANT_INT for type in types)
    return zlib.compress(b"".join([_head(1, kinds), *body, b"[]"]), LEVEL_OF_A_ROW)


def _head(count: int, kinds: bytes) -> bytes:
    return count.to_bytes(4, "little") + len(kinds).to_bytes(4, "little") + kinds


def _packed(column: Values) -> tuple[int, bytes]:
    """A column's kind and bytes."""
    types = set(map(type, column))
    if types == {float}:
        packed = array("d", column).tobytes()
        constant = packed == packed[:SIZE] * len(column)
        return (CONSTANT_FLOAT, packed[:SIZE]) if constant else (FLOATS, packed)
    if types != {int}:
        return TEXT, b""
    try:
        if len(set(column)) == 1:
            return CONSTANT_INT, array("q", column[:1]).tobytes()
        return INTS, array("q", [column[0], *map(sub, column[1:], column)]).tobytes()
    except OverflowError:
        return TEXT, b""


def _numbers(code: str, packed: bytes) -> Values:
    return array(code, packed).tolist()


def _shuffled(packed: bytes) -> bytes:
    """The first bytes of all numbers, then the second ones, and so on."""
    return b"".join(packed[rank::SIZE] for rank in range(SIZE))


def _unshuffled(shuffled: bytes) -> bytes:
    packed = bytearray(len(shuffled))
    count = len(shuffled) // SIZE
    for rank in range(SIZE):
        packed[rank::SIZE] = shuffled[rank * count : (rank + 1) * count]
    return bytes(packed)


def _xored(packed: bytes) -> bytes:
    """Each number xor the one before it, all in one operation on one long integer."""
    number = int.from_bytes(packed, "little")
    return (number ^ (number << 8 * SIZE)).to_bytes(len(packed) + SIZE, "little")[: len(packed)]


def _unxored(packed: bytes) -> bytes:
    """The numbers again: xor with itself shifted by one, two, four ... numbers."""
    number, bits = int.from_bytes(packed, "little"), 8 * len(packed)
    shift = 8 * SIZE
    while shift < bits:
        number ^= number << shift
        shift *= 2
    return (number & ((1 << bits) - 1)).to_bytes(len(packed), "little")
