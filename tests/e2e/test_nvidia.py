"""GPUs through the real package nvidia-ml-py, on a library that stands in for the driver's: there is no GPU here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import programs
from tests.lab.chrony_machine import soon
from tests.trees import machines

pytestmark = pytest.mark.lab

FIRST, SECOND = "00000000:3b:00.0", "00000001:3b:00.0"
VALUES = """\
0 temperature 41
0 power 61234
0 energy 9007199254740993
0 graphics 1410
0 sm 1410
0 memory 1215
0 fan 30
0 use 7
0 state 2
1 temperature 35
"""


def test_what_gpus_say_is_published(tmp_path: Path) -> None:
    """In base units, by PCI address; what a GPU does not have is absent, and one that is lost costs its values only."""
    source, library, values = programs.ROOT / "tests/lab/nvml/nvml.c", tmp_path / "lib", tmp_path / "values"
    library.mkdir()
    gcc = programs.find("gcc", "gcc libc6-dev")
    subprocess.run([gcc, "-shared", "-fPIC", "-o", library / "libnvidia-ml.so.1", source], check=True)
    tree = machines.small(tmp_path / "machine")
    (tree / "proc/driver/nvidia").mkdir(parents=True)
    values.write_text(VALUES)
    env = {**os.environ, "LD_LIBRARY_PATH": str(library), "NVML_VALUES": str(values)}
    paths = [f"--path.procfs={tree / 'proc'}", f"--path.sysfs={tree / 'sys'}"]

    with programs.exporter(*paths, env=env) as target:
        page = soon("GPUs", target, lambda page: f'nvidia_gpu_temperature_celsius{{gpu="{FIRST}"}}' in page)
        values.write_text(VALUES.replace("1 temperature 35", "1 temperature lost").replace("61234", "250000"))
        lost = soon("power", target, lambda page: page.get(f'nvidia_gpu_power_watts{{gpu="{FIRST}"}}') == 250)

    assert page[f'nvidia_gpu_info{{gpu="{FIRST}",name="NVIDIA Stand-in 0",uuid="GPU-0"}}'] == 1
    assert page[f'nvidia_gpu_temperature_celsius{{gpu="{SECOND}"}}'] == 35
    assert page[f'nvidia_gpu_power_watts{{gpu="{FIRST}"}}'] == 61.234
    assert page[f'nvidia_gpu_energy_joules_total{{gpu="{FIRST}"}}'] == 9007199254740.993
    assert page[f'nvidia_gpu_clock_hertz{{clock="memory",gpu="{FIRST}"}}'] == 1_215_000_000
    assert page[f'nvidia_gpu_fan_ratio{{gpu="{FIRST}"}}'] == 0.3
    assert page[f'nvidia_gpu_utilization_ratio{{gpu="{FIRST}"}}'] == 0.07
    assert page[f'nvidia_gpu_performance_state{{gpu="{FIRST}"}}'] == 2
    assert not [series for series in page if SECOND in series and "power" in series]
    assert f'nvidia_gpu_temperature_celsius{{gpu="{SECOND}"}}' not in lost
    assert lost['driftscope_source_up{source="nvidia"}'] == 1
