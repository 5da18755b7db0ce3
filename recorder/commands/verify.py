"""Check every promise that a dataset makes about its files; exit status 1 names those that break one."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from ..dataset import Dataset
from ..verification import verify

EXAMPLES = """\
examples:
  driftscope-recorder verify run1
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset")


def run(flags: argparse.Namespace) -> int:
    """0 if every promise is kept, 1 if one is broken."""
    dataset = Dataset.read(flags.dataset)
    count = 0
    with Console(stderr=True).status("verifying ...") as status:
        broken = list(verify(dataset, lambda file: status.update(f"verifying {file.path}")))
        count = sum(1 for _ in dataset.files())
    for one in broken:
        print(one)  # noqa: T201
    print(f"{count} files, {len(broken)} broken promises")  # noqa: T201
    return 1 if broken else 0
