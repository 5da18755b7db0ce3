"""Which BMC is asked, and what becomes of its answers; a real one is asked in tests/e2e/test_ipmi.py."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from exporter.sensors import ipmi
from exporter.sensors.ipmi import Ipmi
from exporter.source import Absent, PartlyReadError
from tests.exporter.reading import absent, by_series, found, host
from tests.exporter.sensors.test_ipmi_output import CAPTURES, READING
from tests.trees.files import write

LISTING = CAPTURES / "sdr-list-full.txt"


@pytest.fixture
def ipmitool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in ipmitool's place: prints what is in the files beside it."""
    program = tmp_path / "bin" / "ipmitool"
    says(program, LISTING.read_bytes(), READING % b"activated")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


def says(program: Path, sdr: bytes, dcmi: bytes, after: str = "") -> None:
    """What it prints from now on, and does after it."""
    program.parent.mkdir(exist_ok=True)
    (program.parent / "sdr").write_bytes(sdr)
    (program.parent / "dcmi").write_bytes(dcmi)
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *sdr*) w=sdr;; *) w=dcmi;; esac\necho $w >>{program}.asked\n'
        f"cat {program.parent}/$w\n{after}\n"
    )
    program.chmod(0o755)


def device(tree: Path) -> None:
    """This machine has a BMC."""
    write(tree / "dev", {"ipmi0": ""})


def test_this_machines_bmc(ipmitool: Path, tmp_path: Path) -> None:
    """All sensors, and the power that it measures."""
    device(tmp_path)

    with closing(found(ipmi, host(tmp_path))) as reader:
        values = by_series(reader.read())
        command = reader.found["command"]

    assert len(values) == 17
    assert values["ipmi_dcmi_power_consumption_watts"] == 212
    assert command == [str(ipmitool), "-v", "-I", "open"]


def test_one_in_the_network(ipmitool: Path, tmp_path: Path) -> None:
    """The password stays in its file."""
    (tmp_path / "password").write_text("secret\n")
    options = {
        "ipmi.host": ("bmc7", 6230),
        "ipmi.user": "monitor",
        "ipmi.password-file": tmp_path / "password",
        "ipmi.privilege": "operator",
        "ipmi.cipher-suite": 17,
        "ipmi.cadence": 30,
    }

    with closing(found(ipmi, host(tmp_path, **options))) as reader:
        command, cadence = " ".join(reader.found["command"][2:]), reader.cadence

    there = "-I lanplus -H bmc7 -p 6230 -L OPERATOR -U monitor"
    assert command == f"{there} -f {tmp_path / 'password'} -C 17"
    assert cadence == 30


def test_reasons_for_absence(ipmitool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No device, not allowed, no program, no password."""
    assert "no BMC" in absent(ipmi, tmp_path)
    device(tmp_path)
    refused = ipmi.find(host(tmp_path, root_sensors=False))
    secretless = ipmi.find(host(tmp_path, **{"ipmi.host": ("b", 1), "ipmi.password-file": tmp_path / "none"}))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(ipmi, "FOLDERS", str(tmp_path))

    assert isinstance(refused, Absent)
    assert "--no-root-sensors" in refused.reason
    assert isinstance(secretless, Absent)
    assert "cannot be read" in secretless.reason
    assert "install the package ipmitool" in absent(ipmi, tmp_path)


@pytest.mark.parametrize("refusal", ["Invalid command (c1)", "Insufficient privilege level (d4)"])
def test_a_bmc_that_refuses_to_tell_its_power_is_asked_once(refusal: str, ipmitool: Path, tmp_path: Path) -> None:
    """It will not later either; the inventory says why."""
    device(tmp_path)
    says(ipmitool, LISTING.read_bytes(), b"\n", f'test $w = sdr || {{ echo "{refusal}" >&2; exit 1; }}')

    with closing(found(ipmi, host(tmp_path))) as reader:
        values = [len(by_series(reader.read())) for _ in range(3)]
        left_out = reader.found["left_out"]

    assert values == [16, 16, 16]
    assert left_out["power"].endswith(refusal)
    assert Path(f"{ipmitool}.asked").read_text().split() == ["sdr", "dcmi", "sdr", "sdr"]


def test_a_listing_that_broke_off_keeps_what_is_whole(ipmitool: Path, tmp_path: Path) -> None:
    """And says what happened."""
    device(tmp_path)
    says(ipmitool, LISTING.read_bytes()[:1500], READING % b"activated", "test $w = dcmi || exit 1")

    with closing(found(ipmi, host(tmp_path))) as reader, pytest.raises(PartlyReadError) as partly:
        reader.read()

    assert 'ipmi_temperature_celsius{id="1",name="Inlet Temp"}' in by_series(partly.value.values)
    assert any("status 1" in str(error) for error in partly.value.errors)


def test_without_any_value_it_fails(ipmitool: Path, tmp_path: Path) -> None:
    """With what ipmitool said."""
    device(tmp_path)
    says(ipmitool, b"", b"", "echo Unable to establish IPMI v2 session >&2; exit 1")

    with closing(found(ipmi, host(tmp_path))) as reader, pytest.raises(OSError, match="Unable to establish"):
        reader.read()


@pytest.mark.parametrize("text", ["", "a b", "[::1", "::1", "a:0", "a:65536", "a:b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(ValueError, match="is not HOST or HOST:PORT"):
        ipmi.address(text)


def test_addresses_and_privileges() -> None:
    """As people write them."""
    assert ipmi.address("bmc7") == ("bmc7", 623)
    assert ipmi.address("[fe80::7]:1623") == ("fe80::7", 1623)
    assert ipmi.privilege("Administrator") == "administrator"
    with pytest.raises(ValueError, match="user, operator or administrator"):
        ipmi.privilege("root")


def test_the_same_bmc_is_the_same_reader(ipmitool: Path, tmp_path: Path) -> None:
    """So that looking again does not end what is under way."""
    device(tmp_path)

    first, second = found(ipmi, host(tmp_path)), found(ipmi, host(tmp_path))

    assert isinstance(first, Ipmi)
    assert first == second
