"""Which nodes to ask, from the file that Prometheus reads as well, or from the command line."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import yaml

from recorder import targets
from recorder.mistakes import Mistake
from recorder.targets import BODY_SIZE_LIMIT, SAMPLE_LIMIT, Target, from_command_line, from_file, unique

ADDRESS = "10.0.0.2:19777"


def write(folder: Path, job: Any, **rest: Any) -> Path:
    """A Prometheus configuration of one job."""
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump({"scrape_configs": [job], **rest}))
    return path


def job(*addresses: str, labels: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    """A job of static targets."""
    return {"job_name": "clocks", "static_configs": [{"targets": [*addresses], "labels": labels or {}}], **keys}


def only(folder: Path, **keys: Any) -> Target:
    """The one target of a job with these keys."""
    (target,) = from_file(write(folder, job(ADDRESS, **keys)))
    return target


def mistake(path: Path) -> str:
    """What is wrong with a file."""
    with pytest.raises(Mistake) as caught:
        unique(from_file(path))
    return str(caught.value)


def test_a_job_without_more_is_read_as_prometheus_reads_it(tmp_path: Path) -> None:
    """Scheme, path, interval, time-out and limits have defaults: Prometheus's own, but for the limits."""
    assert only(tmp_path) == Target("10.0.0.2-19777", f"http://{ADDRESS}/metrics", interval=60, timeout=10)
    assert (only(tmp_path).sample_limit, only(tmp_path).body_size_limit) == (SAMPLE_LIMIT, BODY_SIZE_LIMIT)


def test_scheme_path_and_parameters_make_the_url(tmp_path: Path) -> None:
    """Parameters may have several values, and are escaped."""
    target = only(tmp_path, scheme="https", metrics_path="/probe", params={"a": ["x", "y z"], "b": ["&"]})

    assert target.url == f"https://{ADDRESS}/probe?a=x&a=y+z&b=%26"
    assert target.base == f"https://{ADDRESS}"


@pytest.mark.parametrize(
    ("labels", "node"), [({"node": "ares"}, "ares"), ({"instance": "i", "node": "n"}, "n"), ({"instance": "i"}, "i")]
)
def test_a_node_is_named_by_its_label_node_else_instance(tmp_path: Path, labels: dict[str, str], node: str) -> None:
    """The first label there is decides."""
    assert [target.node for target in from_file(write(tmp_path, job(ADDRESS, labels=labels)))] == [node]


def test_a_node_without_such_a_label_is_named_by_its_address(tmp_path: Path) -> None:
    """What cannot be in a folder's name becomes a dash."""
    found = from_file(write(tmp_path, job("ares.lan:1", "[fd00::2]:1")))

    assert [target.node for target in found] == ["ares.lan-1", "fd00-2-1"]


@pytest.mark.parametrize("text", ["1s", "1000ms", "1s0ms", 1.0])
def test_times_are_as_prometheus_writes_them_or_a_mistake(tmp_path: Path, text: Any) -> None:
    """A number without a unit is none, as in Prometheus."""
    path = write(tmp_path, job(ADDRESS, scrape_interval=text))

    if isinstance(text, str):
        assert from_file(path)[0].interval == 1.0
    else:
        assert "'1.0'" in mistake(path) or "1.0 is not a duration" in mistake(path)


def test_the_time_out_is_never_longer_than_the_interval(tmp_path: Path) -> None:
    """Global times hold where a job has none, and a question is over when the next is due."""
    globally = {"scrape_interval": "1m30s", "scrape_timeout": "5s"}

    assert from_file(write(tmp_path, job(ADDRESS), **{"global": globally}))[0].interval == 90
    assert from_file(write(tmp_path, job(ADDRESS, scrape_interval="2s"), **{"global": globally}))[0].timeout == 2


@pytest.mark.parametrize(
    ("text", "size"), [("10MB", 10 << 20), ("1KiB", 1 << 10), ("5B", 5), (77, 77), ("2gb", 2 << 30)]
)
def test_limits_are_as_prometheus_writes_them(tmp_path: Path, text: Any, size: int) -> None:
    """Sizes go by 1024, with or without the i."""
    target = only(tmp_path, body_size_limit=text, sample_limit=5)

    assert (target.body_size_limit, target.sample_limit) == (size, 5)


def test_passwords_and_tokens_may_be_in_files_of_their_own(tmp_path: Path) -> None:
    """Such files are beside the configuration, and a newline at their end does not count."""
    (tmp_path / "secret").write_text("s3cret\n")

    basic = only(tmp_path, basic_auth={"username": "u", "password_file": "secret"})
    token = only(tmp_path, authorization={"credentials_file": "secret"})
    typed = only(tmp_path, authorization={"type": "Token", "credentials": "t"})

    assert basic.auth == ("u", "s3cret")
    assert token.headers == {"Authorization": "Bearer s3cret"}
    assert typed.headers == {"Authorization": "Token t"}


def test_tls_files_are_beside_the_configuration(tmp_path: Path) -> None:
    """Certificates are named relative to the file that names them; proxies as they are."""
    tls = {"ca_file": "ca.pem", "cert_file": "c.pem", "key_file": "k.pem", "server_name": "ares.lan"}
    target = only(tmp_path, tls_config=tls, proxy_url="http://10.0.0.1:3128")

    assert target.verify == str(tmp_path / "ca.pem")
    assert target.cert == (str(tmp_path / "c.pem"), str(tmp_path / "k.pem"))
    assert (target.server_name, target.proxy) == ("ares.lan", "http://10.0.0.1:3128")
    assert only(tmp_path, tls_config={"insecure_skip_verify": True}).verify is False


@pytest.mark.parametrize("name", ["sd.json", "sd.yml"])
def test_targets_may_be_in_files_of_their_own(tmp_path: Path, name: str) -> None:
    """file_sd_configs name JSON or YAML files, by patterns too."""
    groups = [{"targets": [ADDRESS], "labels": {"node": "ares"}}, {"targets": ["10.0.0.3:1"]}]
    (tmp_path / name).write_text(json.dumps(groups))

    found = from_file(write(tmp_path, {"job_name": "sd", "file_sd_configs": [{"files": ["sd.*"]}]}))

    assert [target.node for target in found] == ["ares", "10.0.0.3-1"]


def test_no_secret_is_in_what_a_target_looks_like(tmp_path: Path) -> None:
    """Logs and error messages may show a target; they do not show its passwords."""
    secret = "s3cret"
    shown = [
        only(tmp_path, basic_auth={"username": "u", "password": secret}),
        only(tmp_path, authorization={"credentials": secret}),
        only(tmp_path, proxy_url=f"http://u:{secret}@10.0.0.1:3128"),
        only(tmp_path, params={"token": [secret]}),
        from_command_line(f"ares=http://u:{secret}@10.0.0.2/metrics"),
    ]

    assert secret not in "".join(f"{target!r} {target} {target.base}" for target in shown)


def test_what_has_no_effect_is_named_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line names the keys that the recorder ignores in a job, and one those beside the jobs."""
    path = write(tmp_path, job(ADDRESS, "10.0.0.3:1", relabel_configs=[], honor_labels=True), rule_files=["r.yml"])
    with caplog.at_level(logging.WARNING):
        from_file(path)

    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: the recorder ignores rule_files",
        f"{path}: job clocks: the recorder ignores honor_labels, relabel_configs",
    ]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"labels": {"node": "../x"}}, "'../x' cannot be a node's name"),
        ({"labels": {"node": ".hidden"}}, "'.hidden' cannot be a node's name"),
        ({"labels": {"node": "a/b"}}, "'a/b' cannot be a node's name"),
        ({"labels": {"node": "x" * 129}}, "cannot be a node's name"),
        ({"scrape_interval": "soon"}, "'soon' is not a duration"),
        ({"scrape_interval": "0s"}, "'0s' is not a duration"),
        ({"body_size_limit": "much"}, "'much' is not a size"),
        ({"sample_limit": "few"}, "sample_limit: expected a number"),
        ({"basic_auth": "s3cret"}, "basic_auth: expected a mapping"),
        ({"basic_auth": {"password_file": "none"}}, "password_file none: No such file"),
        ({"authorization": {"credentials_file": "none"}}, "credentials_file none: No such file"),
        ({"scheme": "ftp"}, "is not HOST:PORT or an http URL"),
        ({"params": ["a"]}, "params: expected a mapping"),
        ({"static_configs": "ares:1"}, "static_configs: expected a list"),
        ({"static_configs": ["ares:1"]}, "expected a mapping, found 'ares:1'"),
        ({"static_configs": [{"targets": "ares:1"}]}, "targets: expected a list"),
        ({"static_configs": [{"targets": ["ares:port"]}]}, "'http://ares:port/metrics' is not HOST:PORT"),
        ({"static_configs": [{"targets": []}]}, "no target in scrape_configs"),
    ],
)
def test_a_mistake_in_a_job_is_said_in_one_line_with_the_file(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    """The line names the file and what is wrong with which value, and never a secret."""
    path = write(tmp_path, job(ADDRESS, **keys))

    assert str(path) in mistake(path)
    assert said in mistake(path)
    assert "s3cret" not in mistake(path)
    assert "\n" not in mistake(path)


@pytest.mark.parametrize(
    ("text", "said"), [("a: [", "expected"), ("- a", "expected a mapping at the top"), ("", "expected a mapping")]
)
def test_a_file_that_is_no_configuration_is_a_mistake(tmp_path: Path, text: str, said: str) -> None:
    """Neither bad YAML nor another structure gets further than a line that names the file."""
    path = tmp_path / "prometheus.yml"
    path.write_text(text)

    assert str(path) in mistake(path)
    assert said in mistake(path)
    assert "\n" not in mistake(path)


def test_a_file_that_is_not_text_or_not_there_is_a_mistake(tmp_path: Path) -> None:
    """The line names the file."""
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")

    assert str(tmp_path / "binary.yml") in mistake(tmp_path / "binary.yml")
    assert mistake(tmp_path / "none.yml") == f"{tmp_path / 'none.yml'}: No such file or directory"


@pytest.mark.parametrize("names", [("ares", "ares"), ("ares", "Ares")])
def test_two_targets_of_one_name_are_a_mistake(names: tuple[str, str]) -> None:
    """Names that some systems take for the same folder are the same name."""
    with pytest.raises(Mistake, match=f"two targets are named {names[1]}: http://a:1 and http://b:1"):
        unique([Target(names[0], "http://a:1/metrics"), Target(names[1], "http://b:1/metrics")])


def test_the_command_line_takes_an_address_or_a_url() -> None:
    """NAME=HOST:PORT is the page of an exporter of ours; a URL is taken as it is."""
    assert from_command_line("ares=10.0.0.2:19777") == Target("ares", "http://10.0.0.2:19777/metrics")
    assert from_command_line("ares=https://h/p?q=1").url == "https://h/p?q=1"


@pytest.mark.parametrize("text", ["", "ares", "=h:1", "ares=", "../x=h:1", "a=h:port", "a=h:0", "a=[::1", "a=ftp://h/"])
def test_a_target_that_is_none_is_a_mistake(text: str) -> None:
    """The line names the option as it was given."""
    with pytest.raises(Mistake, match=r"^--target "):
        from_command_line(text)


def test_the_word_for_every_kind_of_value_is_known() -> None:
    """Whatever a key should have been can be said."""
    assert set(targets.WORDS) == {dict, list, int}
