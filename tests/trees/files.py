"""Writes the files that trees are made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Union

Files = Mapping[str, Union[str, int]]


def write(folder: Path, files: Files) -> None:
    """Write each file, in folders made for it; text without an end gets the newline that the kernel gives."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = str(content)
        path.write_text(text if text.endswith("\n") else f"{text}\n")
