"""A real BMC simulator, OpenIPMI's ipmi_sim, with sensors whose values a test can change while it runs.

It answers on a port of the loopback interface, by IPMI 2.0 (``ipmitool -I lanplus``), to the user ``lab``.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.programs import PATIENCE, eventually, find

USER = PASSWORD = "lab"
ADDRESS = "0x20"


class Sensor(NamedTuple):
    """A reading is its raw byte times ``m`` times ten to the ``exponent``; ``first`` is None while it is disabled."""

    name: str
    type: str
    unit: str
    m: int
    exponent: int
    entity: str
    first: float | None


SENSORS = (
    Sensor("Inlet Temp", "Temperature", "degrees_C", 1, 0, "system_board", 23),
    Sensor("CPU1 Temp", "Temperature", "degrees_C", 1, 0, "processor", 48),
    Sensor("DIMM A1 Temp", "Temperature", "degrees_C", 1, 0, "memory_module", None),
    Sensor("Fan1", "Fan", "RPM", 75, 0, "fan_cooling_device", 5400),
    # A name of capitals and digits only is packed into 6 bits a character, and printed as bytes that are no UTF-8.
    Sensor("FAN2", "Fan", "RPM", 75, 0, "fan_cooling_device", 0),
    Sensor("12V", "Voltage", "Volts", 6, -2, "power_supply", 12.06),
    Sensor("Vcore CPU1", "Voltage", "Volts", 1, -2, "processor", 1.02),
    Sensor("PS1 Input Power", "Other_Units_Based_Sensor", "Watts", 4, 0, "power_supply", 212),
    Sensor("PS1 Current", "Current", "Amps", 2, -1, "power_supply", 1.0),
)

CODES = {"Temperature": 1, "Voltage": 2, "Current": 3, "Fan": 4, "Other_Units_Based_Sensor": 0x0B}

SDR_OF_THE_BMC = """\
sdr type 18
    device_slave_address 0x20
    device_channel_number 0
    chassis true
    sel true
    sdr true
    sensor true
    entity_id system_board
    entity_instance 1
    id_string "labbmc"
endsdr
"""

SDR = """\
sdr type 1
    sensor_owner_id 0x20
    sensor_owner_lun 0
    channel_number 0
    sensor_number {number}
    entity_id {entity}
    entity_instance {number}
    sensor_type {type}
    init_scanning true
    init_sensor_type true
    default_sensor_scan_on true
    event_reading_type_code 1
    sensor_auto_rearm true
    sensor_threshold_access settable
    analog_data_format unsigned
    rate_unit none
    modifier_unit none
    percentage false
    base_unit {unit}
    modifier_unit_code unspecified
    linearization linear
    m {m}
    b 0
    accuracy 1
    sensor_direction input
    r_exp {exponent}
    b_exp 0
    sensor_maximum 255
    sensor_minimum 0
    id_string "{name}"
endsdr
"""

LAN = """\
name "labbmc"
set_working_mc 0x20
startlan 1
 addr 127.0.0.1 {port}
 priv_limit admin
 allowed_auths_admin md5
 allowed_auths_user md5
 guid a123456789abcdefa123456789abcdef
endlan
user 2 true "lab" "lab" admin 10 md5
"""


@dataclass
class Bmc:
    """One simulator: its folder, and the port that it answers on."""

    folder: Path
    port: int = field(default_factory=lambda: free_udp_port())
    process: subprocess.Popen[bytes] | None = None

    def set(self, name: str, value: float) -> None:
        """Give a sensor another value, which the simulator takes over within a second."""
        number = [sensor.name for sensor in SENSORS].index(name) + 1
        new = self.folder / f"value{number}.new"
        new.write_text(f"{raw(SENSORS[number - 1], value)}\n")
        new.replace(self.folder / f"value{number}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [find("ipmi_sim", "openipmi"), "-n", "-c", "lan.conf", "-f", "labbmc.emu", "-s", "state"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually("the BMC answers", lambda: self.ipmitool("mc", "info").returncode == 0)

    def end(self) -> None:
        """End it, even if it was stopped."""
        if self.process:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.process = None

    def stop(self) -> None:
        """Have it hang until ``go_on``."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it answer again."""
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def flags(self) -> list[str]:
        """What an exporter needs to ask it."""
        return [
            f"--ipmi.host=127.0.0.1:{self.port}",
            f"--ipmi.user={USER}",
            f"--ipmi.password-file={self.folder / 'password'}",
            "--ipmi.cipher-suite=3",
            "--ipmi.cadence=2",
        ]

    def ipmitool(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        """Ask it as a person would."""
        there = ["-H", "127.0.0.1", "-p", str(self.port), "-U", USER, "-P", PASSWORD, "-C", "3", "-N", "1", "-R", "2"]
        ipmitool = [find("ipmitool", "ipmitool"), "-I", "lanplus", *there, *command]
        return subprocess.run(ipmitool, capture_output=True, timeout=PATIENCE, check=False)


def raw(sensor: Sensor, value: float) -> int:
    """The byte that stands for a value."""
    return max(0, min(255, round(value / (sensor.m * 10.0**sensor.exponent))))


def free_udp_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def simulator(folder: Path) -> Generator[Bmc, None, None]:
    """A BMC while inside."""
    bmc = Bmc(folder)
    sdrs = folder / "main.sdrs"
    state = folder / "state/ipmi_sim/labbmc"
    state.mkdir(parents=True)
    numbered = [{**sensor._asdict(), "number": number} for number, sensor in enumerate(SENSORS, 1)]
    sdrs.write_text("\n".join([SDR_OF_THE_BMC, *(SDR.format(**each) for each in numbered)]))
    subprocess.run([find("sdrcomp", "openipmi"), "-o", state / "sdr.20.main", sdrs], check=True)
    (folder / "lan.conf").write_text(LAN.format(port=bmc.port))
    (folder / "password").write_text(PASSWORD + "\n")
    os.chmod(folder / "password", 0o600)
    (folder / "labbmc.emu").write_text("\n".join(emulation(bmc)) + "\n")
    try:
        bmc.start()
        yield bmc
    finally:
        bmc.end()


def emulation(bmc: Bmc) -> Generator[str, None, None]:
    """What the simulator is told of its sensors: each reads a file once a second."""
    yield f"mc_setbmc {ADDRESS}"
    yield f"mc_add {ADDRESS} 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr"
    yield f"sel_enable {ADDRESS} 1000 0x0a"
    for number, sensor in enumerate(SENSORS, 1):
        file = bmc.folder / f"value{number}"
        yield f'sensor_add {ADDRESS} 0 {number} {CODES[sensor.type]} 1 poll 1000 file "{file}"'
        if sensor.first is not None:
            bmc.set(sensor.name, sensor.first)
            yield f"sensor_set_value {ADDRESS} 0 {number} {raw(sensor, sensor.first)} 0"
        hot = "100 95 90" if sensor.type == "Temperature" else "255 254 253"
        yield f"sensor_set_threshold {ADDRESS} 0 {number} settable 111000 {hot} 0 0 0"
        scanning = "scanning" if sensor.first is not None else "no-scanning"
        bits = " ".join(["000111111000000"] * 4)
        yield f"sensor_set_event_support {ADDRESS} 0 {number} enable {scanning} per-state {bits}"
    yield f"mc_enable {ADDRESS}"
