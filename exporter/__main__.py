"""``driftscope-exporter`` and ``python -m exporter``: arguments in, exit status out.

Status 0 after a clean stop, 2 for what the caller can mend; 1 stays for our own faults.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import closing

from . import cli
from .daemon import Settings, allow_many_files, run
from .exposition import TEXT, Pages
from .history.place import HistoryError
from .inventory import inventory
from .sampler import Sampler
from .server import CannotListenError
from .tick import Tick
from .web_config import WebConfigError

STRESS = "stress"
"""The one word that makes it do something else: load the machine."""

PATIENCE = 10
"""Seconds to wait for what takes long, where there is only one sample."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the exporter with these arguments, or with the process's own."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == [STRESS]:
        return stress(argv[1:])
    flags = cli.parse(argv, os.environ)
    cli.log_to_stderr(flags.log_level)
    settings = cli.settings(flags)
    if flags.once or flags.inventory:
        say(look_once(settings, as_inventory=flags.inventory))
        return 0
    try:
        run(settings)
    except (CannotListenError, HistoryError, WebConfigError) as error:
        sys.stderr.write(f"driftscope-exporter: error: {error}\n")
        return 2
    return 0


def stress(argv: Sequence[str]) -> int:
    """Load the machine instead. What that needs is not loaded into an exporter's memory."""
    from .stress import command

    return command.main(argv)


def say(text: str) -> None:
    """Print to whoever reads it, or has enough after some lines, as `head` does."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def look_once(settings: Settings, as_inventory: bool) -> str:
    """One sample as text, or the inventory after it as JSON."""
    allow_many_files()
    tick = Tick(due=0, error=0, missed=0)
    with closing(Sampler(settings.host, settings.sources)) as sampler:
        sample = sampler.sample(tick)
        if sampler.wait_for_slow(PATIENCE):
            sample = sampler.sample(tick)
        if as_inventory:
            return json.dumps(inventory(sampler, settings.disabled), indent=2) + "\n"
    pages = Pages()
    pages.show(sample)
    page = pages.page(TEXT)
    assert page is not None, "a sample was just shown"
    return page.decode()


if __name__ == "__main__":
    sys.exit(main())
