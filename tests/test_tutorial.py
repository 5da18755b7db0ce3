"""What the docs show as code runs, and gives what they say."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from exporter.host import Host
from recorder import targets
from tests.exporter.reading import by_series, found

ROOT = Path(__file__).parents[1]
SLOPE, AT_40 = 0.042, -7.5
"""Of the clock that a fit has to find: ppm/°C, and ppm at 40 °C."""


def blocks(page: str, language: str) -> list[str]:
    """The pieces of code on a page."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)


@pytest.fixture(name="folder")
def recorded(tmp_path: Path) -> Path:
    """Six hours of a node whose clock is known, heated for 45 minutes of each hour, and stepped once by an hour."""
    seconds = np.arange(6 * 3600)
    temperature = 40 + 15 * np.sin(seconds / 3600 * np.pi) ** 2
    ppm = AT_40 + SLOPE * (temperature - 40)
    real = 1_795_460_191_203_077_383 + seconds * 1_000_000_000
    raw = 60_190_911_118_777 + seconds * 1_000_000_000 + np.cumsum(ppm * 1000).astype(np.int64)
    late = seconds > 3 * 3600
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(real, utc=True).round("s"),
            "present": True,
            "realtime_ns": real + late * 3_600_000_000_000,
            "monotonic_raw_ns": raw,
            'clock_events_total{event="step"}': late.astype(np.int64),
            'node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"}': temperature,
        }
    )
    (tmp_path / "run1/node=homelab/date=2026-11-24").mkdir(parents=True)
    frame.to_parquet(tmp_path / "run1/node=homelab/date=2026-11-24/00.parquet")
    return tmp_path


def test_the_tutorial_finds_the_line(folder: Path) -> None:
    """To a hundredth of the slope, though the clock was stepped by an hour in between."""
    (code,) = blocks("tutorial.md", "python")

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={"MPLBACKEND": "Agg"}, capture_output=True, text=True, check=False
    )

    said = re.match(r"([+-][0-9.]+) ppm/°C, ([+-][0-9.]+) ppm at 40 °C", done.stdout)
    assert said, done.stderr
    assert float(said[1]) == pytest.approx(SLOPE, rel=0.01)
    assert float(said[2]) == pytest.approx(AT_40, abs=0.01)


def test_the_sensor_of_the_docs_is_a_source(tmp_path: Path) -> None:
    """It reads the file that it says."""
    (code,) = blocks("how-to/sensor.md", "python")
    (tmp_path / "weather.py").write_text(code)
    spec = importlib.util.spec_from_file_location("exporter.sensors.weather", tmp_path / "weather.py")
    assert spec
    assert spec.loader
    weather: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(weather)
    (tmp_path / "run/weather").mkdir(parents=True)
    (tmp_path / "run/weather/millicelsius").write_text("-12345\n")

    with closing(found(weather, Host(procfs=tmp_path / "proc"))) as reader:
        values = by_series(reader.read())

    assert values == {"outside_temperature_celsius": -12.345}


def test_the_configuration_of_the_docs_is_one(tmp_path: Path) -> None:
    """Of two nodes, each asked once a second."""
    (text,) = blocks("how-to/prometheus.md", "yaml")
    (tmp_path / "prometheus.yml").write_text(text)

    nodes = targets.from_file(tmp_path / "prometheus.yml")

    assert [(node.node, node.interval) for node in nodes] == [("ares", 1), ("homelab", 1)]


def test_the_documentation_builds(tmp_path: Path) -> None:
    """Without a link that leads nowhere, and with nothing that another host would have to serve."""
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(mkdocs, cwd=ROOT, capture_output=True, text=True, check=False)
    pages = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.html")}

    assert done.returncode == 0, done.stderr
    assert not [name for name, page in pages.items() if re.search(r'(src|<link[^>]*href)="(https?:)?//', page)]
    assert "clock_offset_seconds" in pages["reference/series.html"]
    assert "--listen" in pages["reference/flags.html"]
    assert "offset_bound_ns" in pages["reference/columns.html"]
