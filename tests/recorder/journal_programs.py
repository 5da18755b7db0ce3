"""Programs that write a journal and meet a bad end, run by the tests as processes of their own."""

from __future__ import annotations

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from recorder.journal import Journal
from tests.recorder.samples import layout, measured

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
one, limit = layout("a", "b"), resource.getrlimit(resource.RLIMIT_FSIZE)
writer = Journal(Path(sys.argv[1]))
for second in range(60):
    if second % 20 == 5:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0 if second == 5 else 500 + 50 * second, limit[1]))
    if second % 20 == 15:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    writer.append(measured(second, one, second, 0))
    try:
        writer.commit()
    except OSError as error:
        print(error.strerror)
assert writer.waiting == 0
"""
"""A disk that is full from time to time: a limit on the size of files."""

ENDLESS = """
import sys
from pathlib import Path
from recorder.journal import Journal
from tests.recorder.samples import layout, measured

writer, one, second = Journal(Path(sys.argv[1])), layout("a", "b"), 0
while True:
    for _ in range(3):
        writer.append(measured(second, one, second, 0))
        second += 1
    writer.commit()
    print(second, flush=True)
"""
"""Commits three samples at a time, and says how many are durable, until it is killed."""
