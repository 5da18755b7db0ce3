"""The docs name what there is, and nothing that there is not."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from exporter import cli
from exporter.sources import SOURCES
from recorder import cli as recorder_cli
from recorder.fleet import inventory

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/sources.md").read_text()
TABLES, _, SIGNS = PAGE.partition("## Signs")


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the tables in a text, without headings."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [cells for cells in lines if cells[0].strip() not in ("source", "series", "---")]


def test_every_source_has_its_row() -> None:
    """And every row is a source."""
    named = [name for cells in rows(TABLES) for name in re.findall(r"`(\w+)`", cells[0])]

    assert sorted(named) == sorted(SOURCES)


def test_every_flag_of_a_source_is_named() -> None:
    """Beside the source that it is of."""
    named = {flag for cells in rows(TABLES) for flag in re.findall(r"`--([\w.-]+)`", cells[2])}

    assert named == {option.name for option in cli.OPTIONS}


def test_every_sign_is_of_a_series_that_there_is() -> None:
    """By the exporter's own source, where the beginning that a source's families share is written once."""
    code = "".join(path.read_text() for path in (ROOT / "exporter").rglob("*.py"))
    named = [name for cells in rows(SIGNS) for name in re.findall(r"`(\w+)`", cells[0])]

    assert len(named) > 5
    assert [name for name in named if re.sub("^(node_timex|chrony_tracking|chrony|peer)_", "", name) not in code] == []


def test_every_link_leads_somewhere() -> None:
    """Of README; mkdocs looks after those of docs/."""
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())

    assert len(links) > 3
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_fleet_in_the_docs_is_one(tmp_path: Path) -> None:
    """It reads as it is described beside it."""
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/fleet.md").read_text(), re.DOTALL)
    (tmp_path / "fleet.yml").write_text(text)

    homelab, ares, comp, chameleon = inventory.read(tmp_path / "fleet.yml")

    assert [node.tunnel for node in (homelab, ares, comp, chameleon)] == [False, True, True, True]
    assert homelab.flags[1] == "--peers=chameleon=192.0.2.7:19777"
    assert comp.flags == ("--listen=127.0.0.1:19777",)


def test_every_command_in_the_docs_is_one() -> None:
    """Its words and flags are known."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    lines = [
        line for page in pages for line in re.findall(r"^driftscope-recorder ([^#\n]*)", page.read_text(), re.MULTILINE)
    ]

    assert len(lines) > 4
    for line in lines:
        recorder_cli.parser().parse_args(shlex.split(line))


def test_every_threat_has_tests_that_there_are() -> None:
    """At least one each."""
    code = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    threats = [
        line.split("|")[1:-1] for line in (ROOT / "docs/security.md").read_text().splitlines() if line[:2] == "| "
    ][1:]

    assert len(threats) > 8
    for *_, tests in threats:
        names = re.findall(r"`(test_\w+)`", tests)
        assert names
        assert [name for name in names if f"def {name}(" not in code] == []
