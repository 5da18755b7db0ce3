"""The fault bench in its long form: ``python -m tests.faults --minutes 30``, which is `make soak MINUTES=30`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.bench import run


def main() -> int:
    """0 if nothing was lost, doubled or changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    flags = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="driftscope-faults-"))
    print(f"seed {flags.seed}, {flags.minutes:g} minutes, in {folder}", flush=True)
    outcome = run(folder, 60 * flags.minutes, flags.seed)
    for kind, count in sorted(outcome.faults.items()):
        print(f"  {count:4} {kind}")
    for name in ("lost", "duplicated", "wrong", "broken"):
        for one in getattr(outcome, name):
            print(f"  {name}: {one}")
    print(outcome)
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
