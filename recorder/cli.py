"""The recorder's command line: assembles the commands, turns mistakes into one line and exit status 2."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NoReturn

from rich.console import Console
from rich.logging import RichHandler

from .commands import check, fleet, inspect, record, verify
from .mistakes import Mistake

COMMANDS = {"check": check, "record": record, "inspect": inspect, "verify": verify, "fleet": fleet}

DESCRIPTION = """\
Records what driftscope's exporters, or any Prometheus exporters, serve: one row a second
and node, aligned across the fleet, as Parquet that pandas, polars and DuckDB read.
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        """One line and exit status 2."""
        self.exit(2, f"{self.prog}: error: {message} (see --help)\n")


def parser() -> Parser:
    """The whole command line, with its help."""
    parser = Parser(prog="driftscope-recorder", description=DESCRIPTION, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"driftscope-recorder {version('driftscope')}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        summary = (command.__doc__ or "").partition("\n")[0]
        command.arguments(
            subparsers.add_parser(
                name,
                help=summary,
                description=command.__doc__,
                epilog=command.EXAMPLES,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser


def main(argv: Sequence[str]) -> int:
    """Run a command; its exit status."""
    flags = parser().parse_args(argv)
    errors = Console(stderr=True)
    if errors.is_terminal:
        handler: logging.Handler = RichHandler(console=errors, show_path=False)
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("driftscope")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        status = COMMANDS[flags.command].run(flags)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read what we print, `head` perhaps, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Mistake as mistake:
        sys.stderr.write(f"driftscope-recorder {flags.command}: error: {mistake}\n")
        return 2
