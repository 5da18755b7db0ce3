"""A small exporter with a history on disk, as a program: one sample a second, kept in a file that outlives kill -9.

It keeps the contract of /history, numbering included: after an unclean end the sequence goes on where it would be had
the program run, and a history that cannot be read is set aside and a new epoch begins.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
import uuid
from pathlib import Path

from tests.recorder.historic import HistoricNode, Taken
from tests.recorder.samples import SECOND
from tests.recorder.servers import Question, Server


def held(path: Path) -> list[Taken]:
    """What the file holds; nothing if it is damaged. A last line that was cut off was not kept."""
    if not path.exists():
        return []
    lines = path.read_text(errors="replace").split("\n")[:-1]
    try:
        return [Taken(**json.loads(line)) for line in lines if line != "clean"]
    except (TypeError, ValueError):
        path.rename(path.with_name(f"{path.name}.damaged-{uuid.uuid4().hex}"))
        return []


def main(address: str, path: Path) -> None:
    """Take samples until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clean = path.exists() and path.read_bytes().endswith(b"clean\n")
    taken = held(path)
    epoch = taken[-1].epoch if taken else uuid.uuid4().hex[:8]
    sequence = taken[-1].sequence if taken else 0
    if taken and not clean:
        sequence += 1 + max(0, time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - taken[-1].raw) // SECOND
    node = HistoricNode(taken)

    def answer(question: Question) -> None:
        if node.taken:
            node(question)
        else:
            question.say("", status=503)

    host, _, port = address.rpartition(":")
    server = Server(answer, (host, int(port)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with path.open("a") as file:
        while not stop.wait(1 - time.time() % 1):
            sequence += 1
            realtime, raw = time.time_ns(), time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
            values = "".join(f'load{{n="{n}"}} {raw % (n + 7) / 3}\n' for n in range(20))
            sample = Taken(sequence, realtime, raw, values, epoch)
            file.write(json.dumps(vars(sample)) + "\n")
            file.flush()
            node.taken.append(sample)
        file.write("clean\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
