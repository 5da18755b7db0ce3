"""``fleet.yml``: the nodes of a fleet, how ssh reaches them, and how their exporters are to run.

::

    nodes:
      homelab:                        # the node's name in everything that is recorded
        ssh: pi@homelab.example       # as ssh takes it, its aliases included (default: the node's name)
        sudo: true                    # a systemd service with the sensors that need rights (default: false)
        listen: ":19777"              # the exporter's --listen (default: :19777)
        address: homelab.example:19777  # where peers, and the recorder, reach it (default: nowhere)
        tunnel: true                  # the recorder goes through ssh (default: if there is no address)
        peers: [ares]                 # whom it asks for the time (default: all others that have an address)
        flags: [--disable, network]   # more flags of the exporter
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..mistakes import Mistake
from ..targets import NODE

PORT = 19777
KEYS = {"ssh": str, "sudo": bool, "listen": str, "address": str, "tunnel": bool, "peers": list, "flags": list}
KINDS = {str: "text", bool: "true or false", list: "a list"}


@dataclass(frozen=True)
class Node:
    """One machine. ``flags`` are all of its exporter's, ``address`` is empty if nobody reaches it but by ssh."""

    name: str
    ssh: str
    sudo: bool
    listen: tuple[str, int]
    address: str
    tunnel: bool
    flags: tuple[str, ...]

    @property
    def local_address(self) -> str:
        """Where its exporter is reached from the machine itself, as HOST:PORT."""
        host, port = self.listen
        local = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"{bracketed(local)}:{port}"


def read(path: Path) -> list[Node]:
    """All nodes, in the file's order. Raises Mistake, which names the file, the node and the key."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise Mistake(f"{path}: {' '.join(str(error).split())}") from None
    nodes = content.get("nodes") if isinstance(content, dict) else None
    if not isinstance(nodes, dict) or not nodes or set(content) != {"nodes"}:
        raise Mistake(f"{path}: expected the key nodes, and under it a mapping of names to nodes")
    given = {_name(name, path): _checked(node or {}, f"{path}: {name}") for name, node in nodes.items()}
    addresses = {name: node["address"] for name, node in given.items() if node.get("address")}
    return [_node(name, node, addresses, f"{path}: {name}") for name, node in given.items()]


def _node(name: str, given: Mapping[str, Any], addresses: Mapping[str, str], where: str) -> Node:
    host, port = _address(given.get("listen", f":{PORT}"), f"{where}: listen")
    address = given.get("address", "")
    if address:
        _address(address, f"{where}: address")
    return Node(
        name=name,
        ssh=_destination(given.get("ssh", name), where),
        sudo=given.get("sudo", False),
        listen=(host, port),
        address=address,
        tunnel=given.get("tunnel", not address),
        flags=(
            f"--listen={bracketed(host)}:{port}",
            *_peers(name, given, addresses, where),
            *map(str, given.get("flags", ())),
        ),
    )


def _peers(name: str, given: Mapping[str, Any], addresses: Mapping[str, str], where: str) -> list[str]:
    """The flag that names a node's peers, if it has any."""
    peers = [str(peer) for peer in given.get("peers", [peer for peer in addresses if peer != name])]
    for peer in peers:
        if peer not in addresses or peer == name:
            raise Mistake(f"{where}: peers: {peer} is not another node with an address")
    return ["--peers=" + ",".join(f"{peer}={addresses[peer]}" for peer in peers)] if peers else []


def _checked(node: Any, where: str) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise Mistake(f"{where}: expected a mapping of {', '.join(KEYS)}")
    for key, value in node.items():
        if key not in KEYS:
            raise Mistake(f"{where}: {key} is not one of {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]):
            raise Mistake(f"{where}: {key}: expected {KINDS[KEYS[key]]}, found {value!r}")
    return node


def _name(name: Any, path: Path) -> str:
    if not isinstance(name, str) or not NODE.fullmatch(name):
        raise Mistake(f"{path}: {name!r} cannot be a node's name: letters, digits, dot, dash and underscore only")
    return name


def _destination(text: str, where: str) -> str:
    if not text or text.startswith("-") or any(character.isspace() for character in text):
        raise Mistake(f"{where}: ssh: {text!r} is not a destination such as pi@homelab.example")
    return text


def bracketed(host: str) -> str:
    """A host as it is written before a port."""
    return f"[{host}]" if ":" in host else host


def _address(text: str, where: str) -> tuple[str, int]:
    """``host:port``, ``[::1]:port`` or ``:port`` -> host and port."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 1 << 16 or (":" in host and not host.startswith("[")):
        raise Mistake(f"{where}: {text!r} is not HOST:PORT, such as homelab.example:{PORT}")
    return host.strip("[]"), int(port)
