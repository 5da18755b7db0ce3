"""Where a history lies: a folder of this machine's own, that nobody else uses.

Two nodes may share a home over NFS, and SQLite's locks cannot be trusted there: so a folder on such a file system is
refused, as is one that another exporter uses.
"""

from __future__ import annotations

import errno
import fcntl
import getpass
import os
import re
from pathlib import Path

REMOTE = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "gpfs", "beegfs")
)
"""File systems that several machines share (proc_pid_mountinfo(5))."""

ESCAPE = re.compile(r"\\([0-7]{3})")


class HistoryError(Exception):
    """There can be no history there: one line that says why, and what to do."""


def default_folder() -> Path:
    """For root and for services below /var/lib; for a user where it survives a reboot."""
    if os.geteuid() == 0:
        return Path("/var/lib/driftscope")
    return Path("/var/tmp", f"driftscope-{_user()}")


def prepared(folder: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> Path:
    """The folder, made if it was not there. Raises HistoryError."""
    advice = "give another folder by --history.dir, or --history.memory"
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        kind = file_system(folder.resolve(), mountinfo)
    except OSError as error:
        raise HistoryError(f"history in {folder}: {error.strerror}; {advice}") from None
    if kind in REMOTE:
        raise HistoryError(f"history in {folder}: on {kind}, which machines share; {advice}")
    if os.stat(folder).st_uid != os.geteuid() or not os.access(folder, os.W_OK | os.X_OK):
        raise HistoryError(f"history in {folder}: not this user's to write; {advice}")
    return folder


def file_system(folder: Path, mountinfo: Path) -> str:
    """The type of the file system that a folder is on."""
    best, kind = -1, ""
    for line in mountinfo.read_text(errors="surrogateescape").splitlines():
        mounted, _, described = line.partition(" - ")
        fields = mounted.split()
        if len(fields) < 5 or not described:
            continue
        point = Path(ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        if (point == folder or point in folder.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), described.split()[0]
    return kind


class Lock:
    """Held by the one exporter that uses a folder, for as long as it lives. Raises HistoryError if another one does."""

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / "history.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._fd, 20).decode("ascii", "replace").strip()
            os.close(self._fd)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise HistoryError(
                f"history in {folder}: another exporter (pid {holder or '?'}) uses it; "
                "give this one its own folder by --history.dir, or --history.memory"
            ) from None
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another one have it."""
        os.close(self._fd)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.geteuid())
