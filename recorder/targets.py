"""Which nodes to ask, and how: from a Prometheus configuration file, or NAME=HOST:PORT on the command line.

The same file serves Prometheus and the recorder. A node's name is its label ``node``, else ``instance``, else its
address. What the recorder has no use for (rules, storage, relabelling ...) is named once, so that nobody believes that
it took effect.
"""

from __future__ import annotations

import glob
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml

from .mistakes import Mistake

log = logging.getLogger("driftscope.recorder")

NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
"""A node's name is a folder's name on every system."""

DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
DURATION_UNITS = (86_400_000, 3_600_000, 60_000, 1000, 1)
SIZE = re.compile(r"(\d+)([KMGTPE]?)I?B", re.IGNORECASE)

SAMPLE_LIMIT = 100_000
BODY_SIZE_LIMIT = 64 << 20
"""A page with more series, or more bytes, is refused: the target is broken or not what it seems."""

WORDS = {dict: "mapping", list: "list", int: "number"}

KNOWN_KEYS = frozenset(
    (
        *("job_name", "scheme", "metrics_path", "params", "basic_auth", "authorization", "tls_config", "proxy_url"),
        *("scrape_interval", "scrape_timeout", "sample_limit", "body_size_limit"),
        *("static_configs", "file_sd_configs"),
    )
)


@dataclass(frozen=True)
class Target:
    """One node to ask. Times in seconds; ``verify``, ``cert``, ``auth`` as requests takes them."""

    node: str
    url: str = field(repr=False)
    interval: float = 1.0
    timeout: float = 1.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    verify: bool | str = True
    cert: tuple[str, str] | None = None
    server_name: str | None = None
    proxy: str | None = field(default=None, repr=False)
    sample_limit: int = SAMPLE_LIMIT
    body_size_limit: int = BODY_SIZE_LIMIT

    @property
    def base(self) -> str:
        """Scheme, host and port of the URL, without a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def from_command_line(text: str) -> Target:
    """``ares=10.0.0.2:19777``, or a whole URL after the ``=``."""
    node, equals, address = text.partition("=")
    if not equals:
        raise Mistake(f"--target {text}: write NAME=HOST:PORT, such as ares=10.0.0.2:19777")
    url = address if "://" in address else f"http://{address}/metrics"
    return Target(_node_name(node, f"--target {text}"), _checked(url, f"--target {text}"))


def from_file(path: Path) -> list[Target]:
    """All targets of a Prometheus configuration file."""
    config = _load(path)
    if ignored := sorted(set(config) - {"global", "scrape_configs"}):
        log.warning("%s: the recorder ignores %s", path, ", ".join(ignored))
    defaults = {"scrape_interval": "1m", "scrape_timeout": "10s", **_part(config, "global", dict, path)}
    jobs = _part(config, "scrape_configs", list, path)
    targets = [target for job in jobs for target in _job(_mapping(job, path), defaults, path)]
    if not targets:
        raise Mistake(f"{path}: no target in scrape_configs")
    return targets


def unique(targets: Iterable[Target]) -> list[Target]:
    """The same targets; two of one name are a mistake, for they would be written into one file."""
    by_node: dict[str, Target] = {}
    for target in targets:
        # Names are folders, which some systems do not tell apart by case.
        other = by_node.setdefault(target.node.lower(), target)
        if other is not target:
            raise Mistake(f"two targets are named {target.node}: {other.base} and {target.base}")
    return list(by_node.values())


def _job(job: dict[str, Any], defaults: Mapping[str, Any], path: Path) -> Iterable[Target]:
    name = job.get("job_name", "?")
    where = f"{path}: job {name}"
    if ignored := sorted(set(job) - KNOWN_KEYS):
        log.warning("%s: the recorder ignores %s", where, ", ".join(ignored))
    common = _common(job, defaults, where, path.parent)
    query = urlencode(_part(job, "params", dict, where), doseq=True)
    route = job.get("metrics_path", "/metrics") + (f"?{query}" if query else "")
    for group in _groups(job, path.parent, where):
        labels = _part(group, "labels", dict, where)
        for address in map(str, _part(group, "targets", list, where)):
            named = labels.get("node") or labels.get("instance")
            node = _node_name(str(named), where) if named else re.sub(r"[^A-Za-z0-9.]+", "-", address).strip("-.")
            url = _checked(f"{job.get('scheme', 'http')}://{address}{route}", where)
            yield Target(_node_name(node, where), url, **common)


def _common(job: dict[str, Any], defaults: Mapping[str, Any], where: str, base: Path) -> dict[str, Any]:
    """What all targets of a job share."""
    interval = _seconds(job.get("scrape_interval", defaults["scrape_interval"]), where)
    timeout = _seconds(job.get("scrape_timeout", defaults["scrape_timeout"]), where)
    tls = _part(job, "tls_config", dict, where)
    basic = _part(job, "basic_auth", dict, where)
    return {
        "interval": interval,
        "timeout": min(timeout, interval),
        "headers": _authorization(_part(job, "authorization", dict, where), base, where),
        "auth": (str(basic.get("username", "")), _secret(basic, "password", base, where)) if basic else None,
        "verify": str(base / tls["ca_file"]) if tls.get("ca_file") else not tls.get("insecure_skip_verify", False),
        "cert": (str(base / tls["cert_file"]), str(base / tls["key_file"])) if tls.get("cert_file") else None,
        "server_name": tls.get("server_name"),
        "proxy": job.get("proxy_url"),
        "sample_limit": _part(job, "sample_limit", int, where) or SAMPLE_LIMIT,
        "body_size_limit": _bytes(job.get("body_size_limit") or BODY_SIZE_LIMIT, where),
    }


def _authorization(authorization: dict[str, Any], base: Path, where: str) -> dict[str, str]:
    if not authorization:
        return {}
    credentials = _secret(authorization, "credentials", base, where)
    return {"Authorization": f"{authorization.get('type', 'Bearer')} {credentials}"}


def _secret(config: dict[str, Any], key: str, base: Path, where: str) -> str:
    """A secret as it stands, or from the file that ``KEY_file`` names."""
    file = config.get(f"{key}_file")
    if not file:
        return str(config.get(key, ""))
    try:
        return (base / file).read_text().strip()
    except (OSError, UnicodeError) as error:
        raise Mistake(f"{where}: {key}_file {file}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None


def _groups(job: dict[str, Any], base: Path, where: str) -> Iterable[dict[str, Any]]:
    """Target groups, of the file itself and of those that file_sd_configs name."""
    for group in _part(job, "static_configs", list, where):
        yield _mapping(group, where)
    for discovery in _part(job, "file_sd_configs", list, where):
        for pattern in _part(_mapping(discovery, where), "files", list, where):
            files = sorted(glob.glob(str(base / pattern)))
            if not files:
                log.warning("%s: no file matches %s", where, pattern)
            for file in files:
                for group in _load(Path(file), kind=list):
                    yield _mapping(group, file)


def _load(path: Path, kind: type[Any] = dict) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise Mistake(f"{path}: {' '.join(str(error).split())}") from None
    if not isinstance(content, kind):
        raise Mistake(f"{path}: expected a {WORDS[kind]} at the top")
    return content


def _mapping(value: Any, where: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Mistake(f"{where}: expected a mapping, found {value!r}")
    return value


def _part(config: Mapping[str, Any], key: str, kind: type[Any], where: object) -> Any:
    """What stands under a key, which may be nothing. Never shown, for it may be a secret."""
    value = config.get(key)
    if value is not None and not isinstance(value, kind):
        raise Mistake(f"{where}: {key}: expected a {WORDS[kind]}")
    return value or kind()


def _node_name(name: str, where: str) -> str:
    if not NODE.fullmatch(name):
        raise Mistake(
            f"{where}: {name!r} cannot be a node's name: letters, digits, dot, dash and underscore only,"
            " starting with a letter or digit"
        )
    return name


def _checked(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise Mistake(f"{where}: {url.rpartition('@')[2]!r} is not HOST:PORT or an http URL")
    return url


def _seconds(text: Any, where: str) -> float:
    """``1m30s`` -> 90.0, as Prometheus writes durations."""
    match = DURATION.fullmatch(str(text))
    milliseconds = (
        sum(int(n) * unit for n, unit in zip(match.groups(), DURATION_UNITS, strict=True) if n) if match else 0
    )
    if not milliseconds:
        raise Mistake(f"{where}: {text!r} is not a duration such as 1s or 1m30s")
    return milliseconds / 1000


def _bytes(text: Any, where: str) -> int:
    """``10MB`` -> 10485760, as Prometheus reads sizes."""
    match = SIZE.fullmatch(str(text))
    if isinstance(text, int):
        return text
    if not match:
        raise Mistake(f"{where}: {text!r} is not a size such as 10MB")
    return int(match[1]) << (10 * "_KMGTPE".index(match[2].upper() or "_"))
