"""What the exporter says on a frozen machine: ``python -m tests.golden`` writes tests/contract/ anew.

These pages are the contract between exporter and recorder: whoever changes a name, a label or a number's form
sees it as a diff of theirs.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from exporter import sampler
from exporter.exposition import OPENMETRICS, TEXT, Pages
from exporter.sampler import Sampler
from exporter.tick import SECOND, Tick
from tests import frozen
from tests.trees import machines

FOLDER = Path(__file__).parent / "contract"
CONTRACT = {TEXT: FOLDER / "node.prom", OPENMETRICS: FOLDER / "node.openmetrics"}

DUE = frozen.REALTIME // SECOND * SECOND


def pages(tree: Path) -> Pages:
    """The pages of the second sample of the frozen machine, whose clock offsets are not 0 any more."""
    pages = Pages()
    with (
        mock.patch.object(sampler, "PATIENCE", 60),
        closing(Sampler(frozen.host(tree), frozen.SOURCES, epoch=frozen.EPOCH)) as sampling,
    ):
        sampling.sample(Tick(DUE - SECOND, error=180_000, missed=0))
        pages.show(sampling.sample(Tick(DUE, error=203_077, missed=2)))
    return pages


def main() -> None:
    """Write both pages."""
    with TemporaryDirectory() as folder:
        frozen_pages = pages(machines.small(Path(folder)))
    for content_type, path in CONTRACT.items():
        page = frozen_pages.page(content_type)
        assert page is not None
        path.write_bytes(page)


if __name__ == "__main__":
    main()
