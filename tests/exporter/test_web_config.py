"""exporter-toolkit's file, as people write it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import web_config
from exporter.web_config import WebConfig, WebConfigError

HASH = "$2b$10$CgGU8.URJygsjfXJImYKMOYJ2EFmfhJLcP9IbSl8ue5gwuCBheTF."


def read(folder: Path, text: str) -> WebConfig:
    """What a file with this text says."""
    file = folder / "web.yml"
    file.write_text(text)
    return web_config.read(file)


def test_an_empty_file_protects_nothing(tmp_path: Path) -> None:
    """As exporter-toolkit has it."""
    assert read(tmp_path, "") == WebConfig()


def test_all_of_it(tmp_path: Path) -> None:
    """Files are beside the file that names them."""
    config = read(
        tmp_path,
        f"""
tls_server_config:
  cert_file: node.pem
  key_file: /etc/node.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  min_version: TLS13
http_server_config:
  http2: true
  headers: {{X-Frame-Options: deny}}
basic_auth_users:
  prometheus: {HASH}
""",
    )

    assert config.tls
    assert config.files == [tmp_path / "node.pem", Path("/etc/node.key"), tmp_path / "ca.pem"]
    assert config.tls.client_auth is ssl.CERT_REQUIRED
    assert config.tls.oldest is config.tls.newest is ssl.TLSVersion.TLSv1_3
    assert config.headers == (("X-Frame-Options", "deny"),)
    assert config.users == {"prometheus": HASH.encode()}


def test_a_hash_is_not_shown(tmp_path: Path) -> None:
    """Wherever the configuration is printed."""
    assert HASH not in repr(read(tmp_path, f"basic_auth_users: {{a: {HASH}}}"))


TLS = "tls_server_config: {cert_file: a, key_file: b, "


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "not YAML"),
        ("[]", "expected a mapping"),
        ("tls: {}", "tls is not supported, only tls_server_config"),
        ("tls_server_config: {}", "tls_server_config: cert_file is missing"),
        (TLS + "cipher_suites: []}", "cipher_suites is not supported"),
        (TLS + "min_version: TLS11}", "min_version: TLS11 is not supported, only TLS12, TLS13"),
        (TLS + "client_auth_type: RequireAnyClientCert}", "RequireAnyClientCert is not supported"),
        (TLS + "client_auth_type: RequireAndVerifyClientCert}", "client_auth_type and client_ca_file need each other"),
        (TLS + "client_ca_file: c}", "client_auth_type and client_ca_file need each other"),
        ("basic_auth_users: {a: secret}", "basic_auth_users: a: expected a bcrypt hash"),
        ("basic_auth_users: {a: $2b$31$" + "a" * 53 + "}", "expected a bcrypt hash"),
        ("basic_auth_users: [a]", "basic_auth_users: expected a mapping"),
        ("http_server_config: {headers: {Server: x}}", "Server is not supported"),
        ('http_server_config: {headers: {X-Frame-Options: "a\\r\\nb"}}', "expected a line of text"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(text: str, reason: str, tmp_path: Path) -> None:
    """A protection that silently is none would be worse."""
    with pytest.raises(WebConfigError) as error:
        read(tmp_path, text)

    assert str(error.value).startswith(str(tmp_path / "web.yml"))
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@given(st.text())
def test_no_text_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """It is a configuration, or a WebConfigError."""
    file = tmp_path_factory.getbasetemp() / "any.yml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with suppress(WebConfigError):
        web_config.read(file)
