"""Run by the bundle before the exporter: what this kind of machine needs is in a folder of that name.

``make bundle`` puts shared libraries for all kinds into one file. shiv unpacks it, once, and says where it is.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

if __name__ == "__main__":
    unpacked: Path = globals()["site_packages"]
    ours = unpacked / platform.machine()
    if not ours.is_dir():
        sys.exit(f"driftscope: this bundle is not for {platform.machine()}: install the package driftscope with pip")
    sys.path.insert(sys.path.index(str(unpacked)), str(ours))
