"""``--web.config.file``: who may ask, and over which TLS, in the format of Prometheus' exporter-toolkit.

What the format has and this does not is refused by name: a protection that silently is none would be worse.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from . import bcrypt

CLIENT_AUTH = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
VERSIONS = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}
HEADERS = (
    *("Content-Security-Policy", "Strict-Transport-Security"),
    *("X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection"),
)


class WebConfigError(Exception):
    """The file cannot be used: one line that names it, the key and the reason."""


@dataclass(frozen=True)
class Tls:
    """Files are paths as they are opened. ``ca`` is for clients' certificates."""

    cert: Path
    key: Path
    ca: Path | None
    client_auth: ssl.VerifyMode
    oldest: ssl.TLSVersion
    newest: ssl.TLSVersion


@dataclass(frozen=True)
class WebConfig:
    """What the file says. ``users`` are bcrypt hashes by name: not shown anywhere."""

    tls: Tls | None = None
    users: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def files(self) -> list[Path]:
        """The files that it names."""
        return [path for path in (self.tls.cert, self.tls.key, self.tls.ca) if path] if self.tls else []


def read(path: Path) -> WebConfig:
    """What a file says.

    Raises:
        WebConfigError: it cannot be read, or says what is not known here, or what cannot be.

    """
    import yaml  # only those who use such a file pay for it

    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise WebConfigError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except yaml.YAMLError:  # whose text may hold a hash
        raise WebConfigError(f"{path}: not YAML") from None
    top = _mapping(said, str(path), "tls_server_config", "basic_auth_users", "http_server_config")
    users = _mapping(top.get("basic_auth_users"), f"{path}: basic_auth_users")
    return WebConfig(
        _tls(top.get("tls_server_config"), path),
        {str(name): _hash(hashed, f"{path}: basic_auth_users: {name}") for name, hashed in users.items()},
        _headers(top.get("http_server_config"), path),
    )


def _tls(said: Any, path: Path) -> Tls | None:
    if said is None:
        return None
    where = f"{path}: tls_server_config"
    keys = ("cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version", "max_version")
    given = _mapping(said, where, *keys)
    for name in ("cert_file", "key_file"):
        if not given.get(name):
            raise WebConfigError(f"{where}: {name} is missing")
    ca = given.get("client_ca_file")
    auth = _one_of(CLIENT_AUTH, given.get("client_auth_type", "NoClientCert"), f"{where}: client_auth_type")
    if bool(ca) != (auth is not ssl.CERT_NONE):
        raise WebConfigError(f"{where}: client_auth_type and client_ca_file need each other")
    return Tls(
        path.parent / str(given["cert_file"]),
        path.parent / str(given["key_file"]),
        path.parent / str(ca) if ca else None,
        auth,
        _one_of(VERSIONS, given.get("min_version", "TLS12"), f"{where}: min_version"),
        _one_of(VERSIONS, given.get("max_version", "TLS13"), f"{where}: max_version"),
    )


def _headers(said: Any, path: Path) -> tuple[tuple[str, str], ...]:
    where = f"{path}: http_server_config"
    headers = _mapping(_mapping(said, where, "headers", "http2").get("headers"), f"{where}: headers", *HEADERS)
    for name, value in headers.items():
        if not isinstance(value, str) or not value.isprintable():
            raise WebConfigError(f"{where}: headers: {name}: expected a line of text")
    return tuple(sorted(headers.items()))


def _hash(hashed: Any, where: str) -> bytes:
    if not isinstance(hashed, str) or not bcrypt.HASH.fullmatch(hashed):
        raise WebConfigError(f"{where}: expected a bcrypt hash, as `htpasswd -nBC 10 NAME` prints it")
    return hashed.encode()


def _mapping(said: Any, where: str, *known: str) -> dict[str, Any]:
    """A mapping with no other keys than those known, if any are given; nothing is an empty one."""
    if not isinstance(said, (dict, type(None))):
        raise WebConfigError(f"{where}: expected a mapping")
    given = cast("dict[str, Any]", said or {})
    for key in given:
        if known and key not in known:
            raise WebConfigError(f"{where}: {key} is not supported, only {', '.join(known)}")
    return given


def _one_of(known: Mapping[str, Any], name: Any, where: str) -> Any:
    if name not in known:
        raise WebConfigError(f"{where}: {name} is not supported, only {', '.join(known)}")
    return known[name]
