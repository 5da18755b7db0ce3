"""A machine that changes while it is read: no sample is harmed, and what there is in the end is read."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from pathlib import Path

from exporter.sampler import LOOK_AGAIN_EVERY, Sampler
from exporter.sources import SOURCES
from tests.exporter.made import TICK, values
from tests.exporter.reading import host
from tests.trees import machines

TEMPERATURE = "node_hwmon_temp_celsius"


def temperatures(sampler: Sampler) -> dict[str, float]:
    """All temperatures of a new sample."""
    return {name: value for name, value in values(sampler.sample(TICK)).items() if name.startswith(TEMPERATURE)}


def test_a_tree_that_is_swapped_while_it_is_read(tmp_path: Path) -> None:
    """Every value belongs to the one or the other machine, and the last one is read whole."""
    small, server = machines.small(tmp_path / "small"), machines.server(tmp_path / "server")
    shown = tmp_path / "shown"
    shown.symlink_to(small)
    names = ("hwmon", "drive_temperature", "thermal", "cpufreq", "cpuidle", "rapl", "stat", "network", "disks", "edac")
    sources = {name: SOURCES[name] for name in names}
    with closing(Sampler(host(small), sources)) as a, closing(Sampler(host(server), sources)) as b:
        known = [temperatures(a), temperatures(b)]
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for tree in (server, small):
                (tmp_path / "next").symlink_to(tree)
                os.replace(tmp_path / "next", shown)

    swapping = threading.Thread(target=swap)
    swapping.start()
    with closing(Sampler(host(shown), sources)) as sampler:
        try:
            for _ in range(30):
                for name, value in temperatures(sampler).items():
                    assert value in [machine[name] for machine in known if name in machine], name
                sampler.look_again()
        finally:
            over.set()
            swapping.join()
        for _ in range(LOOK_AGAIN_EVERY):
            sampler.sample(TICK)
            sampler.look_again()

        assert temperatures(sampler) == known[0]
