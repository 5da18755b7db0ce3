"""What the scripts on a node need to know: the bundle by its hash, the node's flags, the systemd unit."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..mistakes import Mistake
from .inventory import Node

UNIT = Path(__file__).parent / "exporter.service"


@dataclass(frozen=True)
class Bundle:
    """``make bundle``'s file. Its name on a node has the begin of its hash: old and new can be there at once."""

    content: bytes

    @classmethod
    def read(cls, path: Path) -> Bundle:
        """The file. Raises Mistake if it is not there."""
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise Mistake(f"{path}: {error.strerror}; make bundle builds it") from None

    @property
    def sha256(self) -> str:
        """Its hash."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def payload(self) -> str:
        """Its bytes as a script can hold them."""
        return base64.b64encode(self.content).decode()


def variables(node: Node, bundle: Bundle) -> Mapping[str, str]:
    """What all scripts are told; ``unit`` is empty for a node without systemd."""
    version = bundle.sha256[:12]
    return {
        "node": node.name,
        "version": version,
        "flags": shlex.join(node.flags),
        "address": node.local_address,
        "unit": unit(version, node.flags) if node.sudo else "",
    }


def unit(version: str, flags: tuple[str, ...]) -> str:
    """The systemd unit of an exporter."""
    template = UNIT.read_text(encoding="utf-8").rstrip("\n")
    arguments = [f"/opt/driftscope/exporter-{version}.pyz", "--history.dir=/var/lib/driftscope", *flags]
    return template.format(command=" ".join(map(quoted, arguments)))


def quoted(argument: str) -> str:
    """An argument as systemd takes it: its %, $, quotes and white space mean themselves (systemd.service(5))."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(character in escaped for character in " \t\"'\\;") or not escaped else escaped
