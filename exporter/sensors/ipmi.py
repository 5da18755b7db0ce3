"""Temperatures, fans, voltages, currents, power and states that the BMC measures, as ipmitool says (ipmitool(1)).

The BMC of this machine through its driver's device, or one in the network (``--ipmi.host``). Two commands, ``sdr list
full`` and ``dcmi power reading``, beside the tick, once in 10 samples; values are taken when a round begins. Quantum:
what the BMC's 8 bits mean, printed to 0.001; most BMCs measure once in 1 to 5 s. Cost: 0.03 s of CPU time a command,
most of it for a registry of manufacturers that ipmitool reads, so 0.6 % of a CPU, or 0.3 % where the BMC has no DCMI
and is not asked again; with a local device the kernel's waiting for the BMC comes on top, and a round takes seconds.
Root only, or whoever may open the device; a remote one needs a user of the BMC. Identity is the sensor's number and
name. psutil knows nothing of this.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..host import Host
from ..source import Absent, Option, PartlyReadError, Reader, Value, at_least_one
from . import ipmi_output
from .ipmi_output import Listing
from .ipmi_tool import Ipmitool

PROGRAM = "ipmitool"
FOLDERS = os.pathsep.join(("/usr/sbin", "/usr/bin", "/sbin"))
"""Where distributions put it; not all are on everybody's PATH."""

DEVICES = ("ipmi0", "ipmi/0", "ipmidev/0")
"""Those that ipmitool tries, in its order."""

PATIENCE = 60.0
"""Seconds that a command may take. A BMC with hundreds of sensors takes more than 10 on a slow bus."""

PORT = 623
SENSORS = ("sdr", "list", "full")
POWER = ("dcmi", "power", "reading")
NO_POWER = ("(c1)", "(d4)")
"""How a BMC answers that does not know the question, or not to this user: it will not later either."""


def address(text: str) -> tuple[str, int]:
    """For ``Option.parse``: ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``."""
    match = re.fullmatch(r"(?:\[([^\[\]\s]+)\]|([^\[\]:\s]+))(?::([0-9]{1,5}))?", text, re.ASCII)
    port = int(match[3] or PORT) if match else 0
    if not match or not 0 < port < 1 << 16:
        raise ValueError(f"{text!r} is not HOST or HOST:PORT, such as bmc7.example.org or [fe80::7]:623")
    return match[1] or match[2], port


def privilege(text: str) -> str:
    """For ``Option.parse``: one of those that IPMI has."""
    if text.lower() not in ("user", "operator", "administrator"):
        raise ValueError(f"{text!r} is not user, operator or administrator")
    return text.lower()


HOST = Option[Optional[tuple[str, int]]](
    "ipmi.host",
    None,
    "read this BMC over the network, by IPMI 2.0 (default: this machine's own)",
    "HOST[:PORT]",
    address,
)
USER = Option[str]("ipmi.user", "", "whom to log in as there (default: none)", "NAME", str)
PASSWORD_FILE = Option[Optional[Path]](
    "ipmi.password-file", None, "the file whose first line is the password (default: none)", "FILE", Path
)
PRIVILEGE = Option[str](
    "ipmi.privilege",
    "user",
    "the privilege to ask for there; some BMCs tell their power to an administrator only (default: user)",
    "LEVEL",
    privilege,
)
CIPHER_SUITE = Option[Optional[int]](
    "ipmi.cipher-suite",
    None,
    "use this one, 3 or 17 mostly, with a BMC that does not tell which it has (default: the best it tells)",
    "N",
    at_least_one,
)
CADENCE = Option[int]("ipmi.cadence", 10, "read once in so many samples (default: 10)", "N", at_least_one)
OPTIONS = [HOST, USER, PASSWORD_FILE, PRIVILEGE, CIPHER_SUITE, CADENCE]


def find(host: Host) -> Reader | Absent:
    """ipmitool, if it is installed and has a BMC to ask."""
    flags = _remote(host) if HOST.of(host) else _local(host)
    if isinstance(flags, Absent):
        return flags
    program = shutil.which(PROGRAM, path=os.pathsep.join((os.environ.get("PATH", ""), FOLDERS)))
    if program is None:
        return Absent(f"no {PROGRAM}: install the package ipmitool")
    command = (program, "-v", *flags)
    return Ipmi(command, CADENCE.of(host), Ipmitool(command, PATIENCE))


def _local(host: Host) -> Sequence[str] | Absent:
    """The flags for this machine's own BMC."""
    device = next((host.devfs / name for name in DEVICES if (host.devfs / name).exists()), None)
    if device is None:
        return Absent(f"no {host.devfs / DEVICES[0]}: no BMC, or `modprobe ipmi_si ipmi_devintf` is missing")
    if not host.root_sensors:
        return Absent(f"{device} is root's, and --no-root-sensors leaves that out")
    if not os.access(device, os.R_OK | os.W_OK):
        return Absent(f"{device} cannot be opened: run as root, or give the exporter's user both rights by a udev rule")
    return "-I", "open"


def _remote(host: Host) -> Sequence[str] | Absent:
    """The flags for the BMC that was named. The password stays in its file."""
    named = HOST.of(host)
    assert named, "asked for only if it was given"
    flags = ["-I", "lanplus", "-H", named[0], "-p", str(named[1]), "-L", PRIVILEGE.of(host).upper()]
    if user := USER.of(host):
        flags += ["-U", user]
    if file := PASSWORD_FILE.of(host):
        if not os.access(file, os.R_OK):
            return Absent(f"{file}, which is to have the password, cannot be read")
        flags += ["-f", str(file)]
    if suite := CIPHER_SUITE.of(host):
        flags += ["-C", str(suite)]
    return flags


@dataclass
class Ipmi:
    """Asks for all sensors, and for the power that the BMC measures where it does."""

    command: Sequence[str]
    cadence: int
    tool: Ipmitool = field(compare=False, repr=False)
    _no_power: str | None = field(default=None, compare=False)
    """Why the BMC says nothing of its power, if it does not."""

    beside = True

    @property
    def found(self) -> Mapping[str, Any]:
        """How ipmitool is started, and what the BMC does not tell."""
        left_out = {"power": self._no_power} if self._no_power else {}
        return {"command": list(self.command), "left_out": left_out}

    def read(self) -> Iterable[Value]:
        """What the BMC says now.

        Raises:
            PartlyReadError: some of what ipmitool printed cannot be, or it failed on the way.
            OSError: it hangs, or had nothing to say.

        """
        sensors, failure = self._ask(ipmi_output.sensors, SENSORS)
        if failure and not sensors.values:
            raise OSError(errno.EIO, failure, PROGRAM)
        failures = [*sensors.refused, failure]
        values = list(sensors.values)
        if not self._no_power:
            power, failure = self._ask(ipmi_output.power, POWER)
            values += power.values
            if failure and failure.endswith(NO_POWER):
                self._no_power = failure
            else:
                failures += [failure] if failure else power.refused
        if errors := [OSError(errno.EBADMSG, each, PROGRAM) for each in failures if each]:
            raise PartlyReadError(values, errors, vanished=False)
        return values

    def close(self) -> None:
        """End ipmitool."""
        self.tool.close()

    def _ask(self, parse: Callable[[bytes], Listing], arguments: Sequence[str]) -> tuple[Listing, str | None]:
        """What it says to one question, and how it failed."""
        output, failure = self.tool.run(*arguments)
        return parse(output), failure
