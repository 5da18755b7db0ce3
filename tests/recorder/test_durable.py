"""Files are there whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recorder.durable import replacing, sync_folder, write_json


def test_a_file_appears_whole_in_a_folder_made_for_it(tmp_path: Path) -> None:
    """Missing folders are made, and nothing but the file is left in them."""
    path = tmp_path / "a" / "b" / "c.txt"

    with replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()

    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """A reader sees the old content while the new is written, and the new one after."""
    path = tmp_path / "file"
    path.write_text("old")

    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"

    assert path.read_text() == "new"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """If writing fails half-way, the old file stays and the half is removed."""
    path = tmp_path / "file"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_being_written_is_hidden_from_readers(tmp_path: Path) -> None:
    """The temporary name begins with a dot, in the same folder, so that renaming is one step."""
    with replacing(tmp_path / "14.parquet") as temporary:
        temporary.write_text("")

    assert temporary == tmp_path / ".14.parquet.writing"


def test_what_a_crash_left_behind_is_overwritten(tmp_path: Path) -> None:
    """A longer half from before a crash leaves no trace in the new file."""
    (tmp_path / ".file.writing").write_text("a longer half")

    write_json(tmp_path / "file", [])

    assert (tmp_path / "file").read_text() == "[]\n"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_json_is_for_people_too(tmp_path: Path) -> None:
    """It is indented, ends in a newline, and has its letters as they are."""
    write_json(tmp_path / "about.json", {"Gerät": "°C"})

    text = (tmp_path / "about.json").read_text(encoding="utf-8")
    assert text == '{\n  "Gerät": "°C"\n}\n'
    assert json.loads(text) == {"Gerät": "°C"}


def test_a_folder_that_is_not_there_cannot_be_synced(tmp_path: Path) -> None:
    """The failure is not hidden."""
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "none")
