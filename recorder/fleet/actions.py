"""What can be done with one node: each action runs one script there and says in words what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import service
from .inventory import Node
from .service import Bundle
from .ssh import NodeError, Remote, script

LOG_LINES = "50"


@dataclass(frozen=True)
class Outcome:
    """What came of an action on one node: cells of a table by their headings, or the text of a log."""

    node: str
    good: bool
    cells: Mapping[str, str]
    log: str = ""


def act(action: str, node: Node, bundle: Bundle) -> Outcome:
    """Do it; a node that cannot be reached, or refuses, is an outcome too."""
    remote = Remote(node.ssh, node.sudo)
    try:
        said = remote.run(scripts(action, node, bundle)[0])
        if said.get("copied") == "missing":
            said = remote.run(scripts(action, node, bundle)[1])
    except NodeError as error:
        return Outcome(node.name, False, {"state": str(error)})
    return Outcome(node.name, not said.get("trouble"), CELLS[action](said), said.get("log", ""))


def scripts(action: str, node: Node, bundle: Bundle) -> list[str]:
    """The script of an action; for ``deploy`` there is a second one, with the bundle in it, where that is missing."""
    told = service.variables(node, bundle)
    if action == "logs":
        return [script(action, {**told, "lines": LOG_LINES})]
    if action != "deploy":
        return [script(action, told)]
    return [script(action, {**told, "sha256": bundle.sha256, "payload": payload}) for payload in ("", bundle.payload)]


def _deployed(said: Mapping[str, str]) -> Mapping[str, str]:
    state = "deployed" if said["copied"] == "yes" else "deployed already"
    return {"state": state, "python": said.get("python", "")}


def _started(said: Mapping[str, str]) -> Mapping[str, str]:
    return {"state": "started" if said.get("started") == "yes" else "runs already"}


def _stopped(said: Mapping[str, str]) -> Mapping[str, str]:
    return {"state": "stopped" if said.get("stopped") == "yes" else "did not run"}


def _status(said: Mapping[str, str]) -> Mapping[str, str]:
    since = said.get("seconds", "")
    return {
        "state": said.get("trouble") or said.get("state", "?"),
        "for": clock(int(since)) if since.isdecimal() else "",
        **{name: said.get(name, "") for name in ("samples", "missed", "series")},
    }


def _logs(said: Mapping[str, str]) -> Mapping[str, str]:
    return {"state": "" if said.get("log") else "no log"}


CELLS: Mapping[str, Callable[[Mapping[str, str]], Mapping[str, str]]] = {
    "deploy": _deployed,
    "start": _started,
    "stop": _stopped,
    "status": _status,
    "logs": _logs,
}


def clock(seconds: int) -> str:
    """``2d 03:04:05`` or ``03:04:05``."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return (f"{days}d " if days else "") + f"{hour:02}:{minute:02}:{second:02}"
