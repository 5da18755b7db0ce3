"""Judges by a short look (looking.py) whether a long recording can begin, one finding for each thing that matters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .looking import Look
from .mistakes import Mistake

SECOND = 1_000_000_000

FARTHEST = SECOND // 2
"""Nanoseconds by which a node's clock may be off: its samples would be another second's."""

BYTES_PER_VALUE = 2
"""Of Parquet, with names and help, as `make bench` measures it: 1.6 to 1.8."""

BYTES_IN_JOURNAL = 12
"""Of a value in the journal, of which there are two hours at most."""

SPARE = 0.5
"""How much of the free disk a recording may take."""


@dataclass(frozen=True)
class Finding:
    """One thing about one node: whether it is as it has to be, and what was found."""

    node: str
    what: str
    good: bool
    says: str


def of_node(look: Look, seconds: float, outage: float, expected: Mapping[str, Any] | None) -> Iterator[Finding]:
    """All findings about one node. ``seconds`` is how long was looked, ``outage`` the longest that is to be healed."""
    node = look.target.node
    if not look.pages:
        yield Finding(node, "answers", False, look.failure or "no answer")
        return
    series = len(look.pages[-1].layout.series)
    yield Finding(node, "answers", not look.failure, look.failure or f"{series} series")
    yield _samples(look, seconds)
    yield _clock(look)
    yield _history(look, outage)
    down = sorted(source for source, up in look.values("driftscope_source_up", "source").items() if not up)
    yield Finding(node, "reads", not down, f"cannot read {', '.join(down)}" if down else "all of its sources")
    if expected is not None:
        yield from _expected(look, expected)


def of_peers(looks: Sequence[Look]) -> Iterator[Finding]:
    """Whether nodes that ask each other are answered, in both directions."""
    up = {look.target.node: look.values("peer_up", "peer") for look in looks}
    for node, peers in up.items():
        if not peers:
            continue
        silent = sorted(peer for peer, answers in peers.items() if not answers)
        deaf = sorted(peer for peer in peers if peer in up and node not in up[peer])
        says = [f"no answer from {', '.join(silent)}"] if silent else []
        says += [f"not asked by {', '.join(deaf)}"] if deaf else []
        yield Finding(node, "peers", not says, "; ".join(says) or f"{len(peers)} answer, and ask")


def of_disk(looks: Sequence[Look], duration: float, free: int) -> Finding:
    """Whether the disk has room for ``duration`` seconds of what all nodes say now."""
    values = sum(len(look.pages[-1].layout.series) / look.target.interval for look in looks if look.pages)
    needed = round(values * (duration * BYTES_PER_VALUE + min(duration, 7200) * BYTES_IN_JOURNAL))
    says = f"{megabytes(needed)} needed, {megabytes(free)} free"
    return Finding("disk", "room", needed <= free * SPARE, says)


def expected_inventories(path: Path) -> dict[str, Any]:
    """What nodes had earlier, by name: of a dataset, or of a folder with NODE.json from ``--inventory``."""
    try:
        about = path / "dataset.json"
        if not about.exists():
            return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(path.glob("*.json"))}
        nodes = json.loads(about.read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError) as error:
        raise Mistake(f"{path}: neither a dataset nor a folder of inventories: {error}") from None
    return {name: list(node["inventories"].values())[-1] for name, node in nodes.items() if node["inventories"]}


def _samples(look: Look, seconds: float) -> Finding:
    sequences = look.sequences
    if not sequences:
        return Finding(look.target.node, "samples", True, "does not number them: no driftscope exporter")
    taken = sequences[-1] - sequences[0]
    late = taken + 2 < seconds / look.target.interval
    return Finding(look.target.node, "samples", not late, f"{taken} in {seconds:g} s")


def _clock(look: Look) -> Finding:
    node = look.target.node
    if look.offset is None:
        return Finding(node, "clock", False, "its offset is not known: it says no time")
    says = f"{look.offset.ns / 1e6:+.3f} ± {look.offset.bound / 1e6:.3f} ms from ours"
    return Finding(node, "clock", abs(look.offset.ns) - look.offset.bound <= FARTHEST, says)


def _history(look: Look, outage: float) -> Finding:
    node = look.target.node
    held, used, limit = (
        look.values(f"driftscope_history_{name}").get("", 0.0) for name in ("samples", "bytes", "limit_bytes")
    )
    if not limit:
        return Finding(node, "history", False, "none: what is not fetched at once is lost")
    lasts = (held * limit / used if held and used else limit) * look.target.interval
    return Finding(node, "history", lasts >= outage, f"lasts {lasts / 3600:.0f} h of {outage / 3600:g} h")


def _expected(look: Look, expected: Mapping[str, Any]) -> Iterator[Finding]:
    """Sources that were there earlier and are not now, or have fewer values."""
    node, now = look.target.node, look.inventory or {}
    found, left_out = now.get("found", {}), now.get("left_out", {})
    lacks: list[str] = []
    for source, before in expected.get("found", {}).items():
        if source not in found:
            lacks.append(f"{source} is missing: {left_out.get(source, 'unknown')}")
        elif found[source].get("values", 0) < before.get("values", 0):
            lacks.append(f"{source} has {found[source].get('values', 0)} values of {before['values']}")
    yield Finding(node, "as before", not lacks, "; ".join(lacks) or "nothing is missing")


def megabytes(size: float) -> str:
    """For people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
