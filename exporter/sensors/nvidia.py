"""Temperature, power, energy, clocks, fan and use of NVIDIA GPUs, by the driver's own library (NVML API Reference).

Through the package ``nvidia-ml-py``, which is optional, and loaded on machines only that have the driver. Updated by
the GPU a few times a second; quanta 1 degC, 1 mW, 1 mJ, 1 MHz, 1 %. No privilege. What asking costs is the driver's:
it is published, and an expensive GPU is asked less often. A GPU in runtime suspend is woken by asking; one that is kept
initialised (``nvidia-smi -pm 1``, or any program that uses it) is not disturbed. Names are ours: the exporters that
there are disagree, and few use base units. Identity is the PCI address. What a GPU does not have is absent. psutil
knows nothing of it.
"""

from __future__ import annotations

import errno
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..host import Host
from ..source import Absent, Family, Number, PartlyReadError, Reader, Series, Value


def _gauge(name: str, help: str) -> Family:
    return Family(f"nvidia_gpu_{name}", "gauge", help)


INFO = Family("nvidia_gpu_info", "info", "A GPU: its PCI address, name and UUID.")
TEMPERATURE = _gauge("temperature_celsius", "Temperature of the GPU's core.")
POWER = _gauge("power_watts", "Power that the whole board draws.")
ENERGY = Family("nvidia_gpu_energy_joules_total", "counter", "Energy used since the driver was loaded.")
CLOCK = _gauge("clock_hertz", "Frequency of a clock of the GPU: graphics, sm or memory.")
FAN = _gauge("fan_ratio", "Speed of the fan that is asked for, of the fastest.")
USE = _gauge("utilization_ratio", "Share of the last sampling period in which a kernel ran.")
STATE = _gauge("performance_state", "Performance state: 0 is the fastest, 15 the slowest.")


class Quantity(NamedTuple):
    """A series of one GPU, and how to ask NVML for it."""

    series: Series
    ask: Callable[[], Number]


def find(host: Host) -> Reader | Absent:
    """NVML, if there are a driver, the package, and a GPU."""
    driver = host.procfs / "driver" / "nvidia"
    if not driver.exists():
        return Absent(f"no {driver}: no NVIDIA driver")
    try:
        nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        return Absent("there is an NVIDIA driver: pip install nvidia-ml-py, or driftscope[nvidia]")
    try:
        nvml.nvmlInit()
        handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
        infos = [_info(nvml, handle) for handle in handles]
    except nvml.NVMLError as error:
        return Absent(f"NVML: {error}")
    quantities = [each for handle, info in zip(handles, infos) for each in _quantities(nvml, handle, info["gpu"])]
    return Nvidia(nvml, infos, quantities) if infos else Absent("NVML knows no GPU")


@dataclass
class Nvidia:
    """Asks for each quantity of each GPU."""

    nvml: Any = field(compare=False, repr=False)
    gpus: list[Mapping[str, str]]
    quantities: list[Quantity] = field(compare=False, repr=False)

    cadence = 1
    beside = False

    @property
    def found(self) -> Mapping[str, Any]:
        """The GPUs."""
        return {"gpus": [dict(gpu) for gpu in self.gpus]}

    def read(self) -> Iterable[Value]:
        """What the GPUs say; what one does not have is not asked for again.

        Raises:
            PartlyReadError: a GPU does not answer, or is gone.

        """
        values: list[Value] = [(INFO.series(**gpu), 1) for gpu in self.gpus]
        errors: list[OSError] = []
        lost = False
        for quantity in list(self.quantities):
            try:
                values.append((quantity.series, quantity.ask()))
            except self.nvml.NVMLError_NotSupported:
                self.quantities.remove(quantity)
            except self.nvml.NVMLError as error:
                lost |= error.value == self.nvml.NVML_ERROR_GPU_IS_LOST
                errors.append(OSError(errno.EIO, str(error), quantity.series.family.name))
        if errors:
            raise PartlyReadError(values, errors, vanished=lost)
        return values

    def close(self) -> None:
        """The library stays: its threads are the driver's, and another reader may be using it."""


def _info(nvml: Any, handle: Any) -> Mapping[str, str]:
    address = _text(nvml.nvmlDeviceGetPciInfo(handle).busId).lower()
    return {
        "gpu": address,
        "name": _text(nvml.nvmlDeviceGetName(handle)),
        "uuid": _text(nvml.nvmlDeviceGetUUID(handle)),
    }


def _quantities(nvml: Any, handle: Any, gpu: str) -> Iterable[Quantity]:
    def quantity(family: Family, ask: Callable[[], Number], **labels: str) -> Quantity:
        return Quantity(family.series(gpu=gpu, **labels), ask)

    yield quantity(TEMPERATURE, lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
    yield quantity(POWER, lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000)
    yield quantity(ENERGY, lambda: nvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000)
    clocks = {"graphics": nvml.NVML_CLOCK_GRAPHICS, "sm": nvml.NVML_CLOCK_SM, "memory": nvml.NVML_CLOCK_MEM}
    for name, number in clocks.items():
        yield quantity(CLOCK, _megahertz(nvml, handle, number), clock=name)
    yield quantity(FAN, lambda: nvml.nvmlDeviceGetFanSpeed(handle) / 100)
    yield quantity(USE, lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100)
    yield quantity(STATE, lambda: nvml.nvmlDeviceGetPerformanceState(handle))


def _megahertz(nvml: Any, handle: Any, clock: int) -> Callable[[], Number]:
    return lambda: nvml.nvmlDeviceGetClockInfo(handle, clock) * 1_000_000


def _text(said: Any) -> str:
    """Older versions of the package give bytes."""
    return said.decode(errors="backslashreplace") if isinstance(said, bytes) else str(said)
