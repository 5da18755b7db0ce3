"""What ``ipmitool -v sdr list full`` and ``dcmi power reading`` print, as values: see ipmitool(1).

Verbose, because only so are readings printed to three decimals, with the sensor's number beside its name. Metric names,
labels and units are those of prometheus-community's ipmi_exporter; ``id`` is the sensor's number, or where one number
and name belong to two entities, number and entity. A sensor without a reading (disabled, not present, discrete) has no
series, and nothing is taken from a paragraph that is not wholly as ipmitool prints it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ..source import Family, Number, Value

START = b"Sensor ID              : "

PARAGRAPH = re.compile(
    START + rb"([^\n]*) \(0x([0-9a-f]{1,2})\)\n"
    rb" Entity ID             : ([0-9]{1,3}\.[0-9]{1,3})(?: \([^\n]*\))?\n"
    rb" Sensor Type \((?:Threshold|Analog|Discrete)\) *: ([^\n]*?)(?: \(0x[0-9a-f]{2}\))?\n"
    rb" Sensor Reading        : ([^\n]*)\n"
    rb"(?: Status                : ([^\n]*)\n)?"
)
END = b"\n\n"
"""An empty line ends each paragraph: without it the output was cut off."""

READING = re.compile(rb"(-?[0-9]{1,12})(?:\.([0-9]{1,3}))?(?: \(\+/- [^ ()]+\))? ([A-Za-z%][^\n]*)")
NOTHING = re.compile(rb"|Disabled|No Reading|Not Available|Not Readable|0x[0-9A-F]{1,2}( .*)?|[0-9a-f]{1,2}h")
"""No reading, or that of a discrete sensor: bits, which are no quantity."""

POWER = re.compile(
    rb"\n    Instantaneous power reading: +([0-9]{1,5}) Watts\n(?:    [^\n:]+:[^\n]*\n)*?"
    rb"    Power reading state is: +(activated|deactivated)\n\n"
)

STATES = {
    b"ok": 0,
    b"Lower Non-Critical": 1,
    b"Upper Non-Critical": 1,
    b"Lower Critical": 2,
    b"Upper Critical": 2,
    b"Lower Non-Recoverable": 2,
    b"Upper Non-Recoverable": 2,
}
"""What a threshold that was crossed means: ipmi_exporter's nominal, warning and critical."""


def _state(name: str, what: str) -> Family:
    return Family(f"ipmi_{name}_state", "gauge", f"Reported state of a {what} (0=nominal, 1=warning, 2=critical).")


class Kind(NamedTuple):
    """The families of a sensor, and what readings it can have; what is printed is divided by ``divisor``."""

    value: Family
    state: Family
    least: int
    most: int
    divisor: int = 1


FAN_STATE = _state("fan_speed", "fan speed sensor")
KINDS = {
    b"degrees C": Kind(
        Family("ipmi_temperature_celsius", "gauge", "Temperature reading in degree Celsius."),
        _state("temperature", "temperature sensor"), -273, 1000,
    ),
    b"RPM": Kind(Family("ipmi_fan_speed_rpm", "gauge", "Fan speed in rotations per minute."), FAN_STATE, 0, 10**6),
    b"Volts": Kind(
        Family("ipmi_voltage_volts", "gauge", "Voltage reading in Volts."), _state("voltage", "voltage sensor"),
        -(10**4), 10**4,
    ),
    b"Amps": Kind(
        Family("ipmi_current_amperes", "gauge", "Current reading in Amperes."), _state("current", "current sensor"),
        -(10**4), 10**4,
    ),
    b"Watts": Kind(
        Family("ipmi_power_watts", "gauge", "Power reading in Watts."), _state("power", "power sensor"),
        -(10**6), 10**6,
    ),
}  # fmt: skip
"""By the unit that is printed."""

FAN_RATIO = Kind(
    Family("ipmi_fan_speed_ratio", "gauge", "Fan speed as a proportion of the maximum speed."), FAN_STATE, 0, 1000, 100
)
OTHER = Kind(
    Family(
        "ipmi_sensor_value",
        "gauge",
        "Generic data read from an IPMI sensor of unknown type, relying on labels for context.",
    ),
    Family(
        "ipmi_sensor_state",
        "gauge",
        "Indicates the severity of the state reported by an IPMI sensor (0=nominal, 1=warning, 2=critical).",
    ),
    -(10**12),
    10**12,
)
DCMI_POWER = Family("ipmi_dcmi_power_consumption_watts", "gauge", "Current power consumption in Watts.").series()


class Sensor(NamedTuple):
    """A sensor that has a reading; ``state`` is None if it has no thresholds."""

    number: int
    name: str
    entity: str
    type: str
    kind: Kind
    value: Number
    state: int | None


class Listing(NamedTuple):
    """What a listing says, and why some of it was refused."""

    values: Sequence[Value]
    refused: Sequence[str]


def sensors(text: bytes) -> Listing:
    """The values of all sensors of ``sdr list``."""
    found: list[Sensor] = []
    refused: list[str] = []
    begins = [match.start() for match in re.finditer(rb"^" + START, text, re.MULTILINE)]
    for begin, end in zip(begins, [*begins[1:], len(text)]):
        parsed = sensor(text[begin:end])
        if isinstance(parsed, Sensor):
            found.append(parsed)
        elif parsed:
            refused.append(parsed)
    values: list[Value] = []
    ids = Counter((each.number, each.name) for each in found)
    entities = Counter((each.number, each.name, each.entity) for each in found)
    for each in found:
        if entities[each.number, each.name, each.entity] > 1:
            refused.append(f"several sensors {each.number} {each.name} of entity {each.entity}")
        else:
            values += _values(each, alone=ids[each.number, each.name] == 1)
    return Listing(values, refused)


def sensor(paragraph: bytes) -> Sensor | str | None:
    """The sensor of one paragraph, why it was refused, or None if it has no reading."""
    begins = _text(paragraph[len(START) :].partition(b"\n")[0][:64])
    match = PARAGRAPH.match(paragraph)
    if not match or not paragraph.endswith(END):
        return f"not a sensor, or cut off: {begins}"
    name, number, entity, type, reading, status = match.groups()
    if NOTHING.fullmatch(reading):
        return None
    measured = READING.fullmatch(reading)
    if not measured or status not in STATES:
        return f"{begins}: not a reading: {_text(reading[:64])}, {_text(status[:64])}"
    whole, decimals, unit = measured.groups(default=b"")
    kind = _kind(type, unit)
    digits, scale = int(whole + decimals), 10 ** len(decimals)
    if not kind.least * scale <= digits <= kind.most * scale:
        return f"{begins}: cannot be: {_text(reading[:64])}"
    divisor = kind.divisor * scale
    value = digits if divisor == 1 else digits / divisor
    return Sensor(int(number, 16), _text(name), entity.decode(), _text(type), kind, value, STATES[status])


def power(text: bytes) -> Listing:
    """The value of ``dcmi power reading``: none while the BMC says that it does not measure."""
    match = POWER.fullmatch(text)
    if not match:
        return Listing([], [f"not a power reading: {_text(text.strip()[:64])}"])
    return Listing([(DCMI_POWER, int(match[1]))] if match[2] == b"activated" else [], [])


def _kind(type: bytes, unit: bytes) -> Kind:
    if type == b"Fan" and unit.startswith((b"percent", b"%")):
        return FAN_RATIO
    return KINDS.get(unit, OTHER)


def _text(said: bytes) -> str:
    """As UTF-8, with what is no UTF-8 or cannot be printed escaped: some BMCs give names in six bits a character."""
    text = said.decode(errors="backslashreplace")
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _values(sensor: Sensor, *, alone: bool) -> list[Value]:
    id = str(sensor.number) if alone else f"{sensor.number}/{sensor.entity}"
    labels = {"id": id, "name": sensor.name}
    if sensor.kind is OTHER:
        labels["type"] = sensor.type
    values: list[Value] = [(sensor.kind.value.series(**labels), sensor.value)]
    if sensor.state is not None:
        values.append((sensor.kind.state.series(**labels), sensor.state))
    return values
