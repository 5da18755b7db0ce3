"""Makes the pages of docs/reference/ when the docs are built, from the code that they are about (a hook of mkdocs)."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests.frozen, a machine that has everything, is not installed

import exporter
from exporter import cli as exporter_cli
from exporter.sampler import Sampler
from exporter.source import Family
from exporter.stress import command as stress
from exporter.tick import Tick
from recorder import cli as recorder_cli
from recorder.columns import CLOCK_HELP, FIXED_HELP
from tests import frozen
from tests.trees import machines


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for name, page in {"series": series, "flags": flags, "columns": columns}.items():
        files.append(File.generated(config, f"reference/{name}.md", content="\n".join(page()) + "\n"))
    return files


def series() -> Iterator[str]:
    """Every family that the code names, and those that a machine with everything has."""
    yield "# Every series\n"
    yield "What a node may publish: it has those that its hardware and its kernel have.\n"
    yield "| series | type | meaning |\n|---|---|---|"
    families = {family.name: family for family in (*in_code(), *of_a_machine())}
    for name in sorted(families):
        yield row(f"`{name}`", families[name].type, families[name].help)


def in_code() -> Iterator[Family]:
    """The families that are written down in modules of the exporter."""
    for module in pkgutil.walk_packages(exporter.__path__, "exporter."):
        if not module.name.endswith(("__main__", ".bundle")):
            yield from within(vars(importlib.import_module(module.name)).values())


def within(values: Iterable[Any]) -> Iterator[Family]:
    """The families among these, or in tables among them."""
    for value in values:
        if isinstance(value, Family):
            yield value
        elif isinstance(value, dict):
            yield from within(value.values())
        elif isinstance(value, (list, tuple)):
            yield from within(value)


def of_a_machine() -> Iterator[Family]:
    """The families of one sample of the frozen machine."""
    with TemporaryDirectory() as folder:
        host = frozen.host(machines.small(Path(folder)))
        with closing(Sampler(host, frozen.SOURCES, epoch=frozen.EPOCH)) as sampler:
            sample = sampler.sample(Tick(0, error=0, missed=0))
    return iter({each.family for each in sample.series})


def flags() -> Iterator[str]:
    """Both command lines."""
    yield "# Every flag\n"
    yield from of_program(exporter_cli.parser())
    yield from of_program(stress.parser())
    commands: Callable[[], argparse.ArgumentParser] = recorder_cli.parser
    for action in commands()._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from of_program(command)


def of_program(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The flags of one program or command."""
    yield f"\n## {parser.prog}\n\n{(parser.description or '').strip()}\n\n| | |\n|---|---|"
    for action in parser._actions:
        if action.help and action.dest != "help":
            names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
            value = f" {action.metavar}" if action.option_strings and action.metavar else ""
            yield row(f"`{names}{value}`", action.help % {"prog": parser.prog})


def columns() -> Iterator[str]:
    """Those that every dataset has."""
    yield "# Every column\n\nOf a dataset's files; after these, one for each [series](series.md).\n"
    yield "| column | meaning |\n|---|---|"
    for name, help in FIXED_HELP.items():
        yield row(f"`{name}`", help)
    for clock in ("realtime", "tai", "monotonic", "boottime", "monotonic_raw"):
        yield row(f"`{clock}_ns`", CLOCK_HELP.format(clock.upper()))


def row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
