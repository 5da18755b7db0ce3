"""Where a history may lie."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.history.place import HistoryError, Lock, default_folder, file_system, prepared

OTHER = """
import sys, time
from pathlib import Path
from exporter.history.place import Lock
lock = Lock(Path(sys.argv[1]))
print("locked", flush=True)
time.sleep(600)
"""


def mounts(folder: Path, *lines: tuple[str, str]) -> Path:
    """What /proc/self/mountinfo says: where, and of which type."""
    file = folder / "mountinfo"
    text = [f"{n} 1 0:{n} / {where} rw,relatime shared:1 - {kind} source rw\n" for n, (where, kind) in enumerate(lines)]
    file.write_text("".join(text))
    return file


def test_it_is_made_if_it_is_not_there(tmp_path: Path) -> None:
    """With all above it."""
    assert prepared(tmp_path / "a/b").is_dir()


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "lustre", "fuse.sshfs"])
def test_a_file_system_that_machines_share_is_refused(kind: str, tmp_path: Path) -> None:
    """In one line, which says what to do."""
    info = mounts(tmp_path, ("/", "ext4"), (str(tmp_path), kind))

    with pytest.raises(HistoryError, match=f"on {kind}, which machines share; give another folder by --history.dir"):
        prepared(tmp_path / "history", info)


def test_the_mount_that_is_nearest_counts(tmp_path: Path) -> None:
    """A name with a space in it is written in octal; the last of two at one place is on top."""
    home = tmp_path / "my home"
    (home / "local").mkdir(parents=True)
    escaped = str(home).replace(" ", "\\040")
    info = mounts(
        tmp_path, ("/", "ext4"), (escaped, "nfs4"), (f"{escaped}/local", "xfs"), (f"{escaped}/local", "tmpfs")
    )

    assert file_system(home, info) == "nfs4"
    assert file_system(home / "local", info) == "tmpfs"
    assert file_system(tmp_path, info) == "ext4"


def test_this_machines_own() -> None:
    """Whatever it is, it is known."""
    assert file_system(Path("/proc"), Path("/proc/self/mountinfo")) == "proc"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Says so."""
    (tmp_path / "file").write_text("")

    with pytest.raises(HistoryError, match="Not a directory"):
        prepared(tmp_path / "file" / "history")


def test_two_exporters_do_not_share_one(tmp_path: Path) -> None:
    """The message has the pid of the other; when that ends, even by kill -9, the folder is free."""
    with subprocess.Popen([sys.executable, "-c", OTHER, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(HistoryError, match=rf"another exporter \(pid {other.pid}\) uses it"):
            Lock(tmp_path)
        other.kill()

    Lock(tmp_path).release()
    assert (tmp_path / "history.lock").read_text() == f"{os.getpid()}\n"


def test_users_have_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it survives a reboot."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("LOGNAME", "ada")

    assert default_folder() == Path("/var/tmp/driftscope-ada")
