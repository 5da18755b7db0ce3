"""``driftscope-recorder`` and ``python -m recorder``.

Runs on any Python 3 as far as to say which one it needs: a node of the fleet may have an older one.
"""

from __future__ import annotations

import sys

NEEDED = (3, 10)


def main() -> int:
    """Run the recorder with this process's arguments."""
    if sys.version_info < NEEDED:
        sys.stderr.write(
            "driftscope-recorder: error: needs Python {}.{} or newer; this is {}.{}.{}\n".format(
                *NEEDED, *sys.version_info[:3]
            )
        )
        return 2
    try:
        from .cli import main as run  # not before the check above
    except ModuleNotFoundError as missing:
        sys.stderr.write(
            "driftscope-recorder: error: the recorder's libraries are not installed"
            f" (no {missing.name}): pip install 'driftscope[recorder]'\n"
        )
        return 2
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
