"""TLS, a client's certificate and a password, between the exporter, the recorder and a real Prometheus."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import requests

from tests import programs
from tests.exporter.guarded import PASSWORD, Authority, hashed

WEB = """\
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users:
  prometheus: {hash}
"""

SCRAPE = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: driftscope
    scheme: https
    basic_auth: {{username: prometheus, password_file: password}}
    tls_config: {{ca_file: ca.pem, cert_file: client.pem, key_file: client.key, server_name: 127.0.0.1}}
    static_configs: [{{targets: ["{target}"], labels: {{node: a}}}}]
"""


@pytest.fixture(name="web")
def files(tmp_path: Path) -> Path:
    """All that both sides need; the exporter's configuration."""
    authority = Authority(tmp_path)
    authority.sign()
    client = authority.ca.issue_cert("prometheus@driftscope.example")
    client.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    client.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "web.yml").write_text(WEB.format(hash=hashed()))
    return tmp_path / "web.yml"


def test_the_recorder_records_a_guarded_exporter(web: Path) -> None:
    """With the same file as Prometheus; no secret is in what it leaves behind."""
    with programs.exporter(f"--web.config.file={web}", ready=tls_ready(web.parent)) as target:
        (web.parent / "prometheus.yml").write_text(SCRAPE.format(target=target))
        config = f"--config={web.parent / 'prometheus.yml'}"
        said = programs.recorder("record", config, "-o", str(web.parent / "run"), "--duration", "4s")

    assert programs.frame(web.parent / "run/node=a")["present"].sum() >= 3
    left = [path for path in (web.parent / "run").rglob("*") if path.is_file()]
    assert not [path for path in left if PASSWORD.encode() in path.read_bytes()]
    assert PASSWORD not in said


def tls_ready(folder: Path) -> programs.Answers:
    """Whether an exporter has a sample, for one who has a certificate and the password."""

    def ready(url: str) -> bool:
        try:
            return requests.get(
                url.replace("http://", "https://"),
                auth=("prometheus", PASSWORD),
                cert=(str(folder / "client.pem"), str(folder / "client.key")),
                verify=str(folder / "ca.pem"),
                timeout=5,
            ).ok
        except requests.RequestException:
            return False

    return ready


@pytest.mark.lab
def test_a_real_prometheus_scrapes_a_guarded_exporter(web: Path) -> None:
    """By the same configuration."""
    with (
        programs.exporter(f"--web.config.file={web}", ready=tls_ready(web.parent)) as target,
        programs.prometheus(web.parent, SCRAPE.format(target=target)) as server,
    ):
        programs.eventually("it is up", lambda: up(server) == "1")
        time.sleep(3)

        assert up(server) == "1"


def up(server: str) -> str | None:
    """What Prometheus says of the target."""
    found = json.loads(requests.get(f"http://{server}/api/v1/query", params={"query": "up"}, timeout=5).text)
    result = found["data"]["result"]
    return result[0]["value"][1] if result else None
