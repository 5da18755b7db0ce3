"""A thread for calls that may hang: a read of a dying disk's sensor can block for seconds, or for good.

The caller waits for a limited time by ``poll`` (see tick.py for why not on a lock; ``select`` ends at descriptor 1023,
and a machine of many CPUs has more files than that). Whoever hangs past it is left behind together with its thread, and
the caller goes on with a new worker.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Sequence


class Worker:
    """Runs calls one after another in its own thread. The calls must not raise."""

    def __init__(self) -> None:
        """Start the thread, which waits for work."""
        self._order, self._ordered = socket.socketpair()
        self._report, self._reported = socket.socketpair()
        self._jobs: Sequence[Callable[[], None]] = ()
        self._done = 0
        self._abandoned = False
        self._lock = threading.Lock()
        # A daemon, because one that hangs in the kernel would otherwise keep the process from ending.
        threading.Thread(target=self._work, name="reading", daemon=True).start()

    def run(self, jobs: Sequence[Callable[[], None]], patience: float) -> int:
        """Run all jobs; return how many were done when ``patience`` (seconds) ran out.

        If that is fewer than all, ``jobs[done]`` hangs, the rest were not begun, and this worker is of no
        more use.
        """
        self._jobs, self._done = jobs, 0
        self._order.send(b".")
        poll = select.poll()
        poll.register(self._reported, select.POLLIN)
        ready = poll.poll(patience * 1000)
        with self._lock:
            self._abandoned = self._done < len(jobs)
        if ready or not self._abandoned:
            self._reported.recv(1)
        return self._done

    def close(self) -> None:
        """Let the thread end, and wait for it to say so."""
        self._order.close()
        if not self._abandoned:
            self._reported.recv(1)
        self._reported.close()

    def _work(self) -> None:
        with self._ordered, self._report:
            while self._ordered.recv(1):
                for job in self._jobs:
                    job()
                    with self._lock:
                        self._done += 1
                        if self._abandoned:
                            return
                self._report.send(b".")
