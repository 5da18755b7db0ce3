"""check, as people run it before a long recording."""

from __future__ import annotations

import json
from pathlib import Path

from tests import programs


def test_it_says_what_is_not_ready(tmp_path: Path) -> None:
    """Of a real exporter, one that is not there, and a sensor that was there earlier."""
    inventory = {"found": {"ipmi": {"values": 20}}, "left_out": {}}
    (tmp_path / "a.json").write_text(json.dumps(inventory))
    with programs.exporter() as address:
        nodes = ["--target", f"a={address}", "--target", "b=127.0.0.1:1"]
        said = programs.recorder("check", *nodes, "-o", str(tmp_path / "new/run"), "--expect", str(tmp_path), status=1)

    lines = [line.split("\t") for line in said.splitlines()]
    judged = {(node, what): good for node, what, good, _ in lines}
    assert judged["a", "samples"] == judged["a", "clock"] == judged["disk", "room"] == "ok"
    assert judged["b", "answers"] == judged["a", "as before"] == "NOT"
    assert next(says for _, what, _, says in lines if what == "as before").startswith("ipmi is missing: ")
    assert not (tmp_path / "new").exists()


def test_without_nodes_there_is_nothing_to_check() -> None:
    """It says how to name them."""
    assert programs.recorder("check", status=2) == ""
