"""What the recorder's tests share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from recorder.dataset import Dataset
from tests.recorder.servers import Question, Server, serving

Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Generator[Serve, None, None]:
    """Starts servers that answer as they are told, and stops them after the test."""
    with ExitStack() as stack:

        def start(answer: Callable[[Question], None], tls: bool = False) -> Server:
            return stack.enter_context(serving(answer, tls))

        yield start


@pytest.fixture
def dataset(tmp_path: Path) -> Generator[Dataset, None, None]:
    """A new dataset that is open for writing."""
    with closing(Dataset.open(tmp_path / "run")) as dataset:
        yield dataset
