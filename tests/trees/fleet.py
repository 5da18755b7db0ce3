"""Four real machines as folders, from what their kernels, drivers and makers publish: the fleet this is made for."""

from __future__ import annotations

from pathlib import Path

from tests.trees import boards, clocks, virtual
from tests.trees.chips import chip, cooling_device, coretemp, nvme, power_meter, thermal_zone
from tests.trees.cpus import cpufreq, cpuidle
from tests.trees.files import write
from tests.trees.kernel import RANGE, VMSTAT, interrupts, kernel_files, memory_controller, schedstat, throttle, zone
from tests.trees.proc import MEMINFO, cpuinfo, diskstats, hardware, net_dev, process, stat

XEON_CORES = (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13)
"""Twelve cores of a Xeon Gold 6126: there are gaps in their numbers."""

BRIDGES = ("docker0", "br-4f1c9a0be2d7", "virbr0", "tailscale0", "wg0")
"""Interfaces of containers, machines and tunnels on a desktop at home."""

OTHER_LINES = """\
  55:          0          1          2          3          4          5          6          7     None
  56:          0          0          0          0          9          0          0          0  IR-PCI-MSI 524288-edge
 130:          7          0          0          0          0          0          0          0  DMAR-MSI    0-edge      dmar0
 PIW:          0          0          0          0          0          0          0          0   Posted-interrupt wakeup event
"""  # noqa: E501  # as the kernel writes it
"""Interrupts of eight CPUs: of no controller, of no device, of a controller's own, and one with a name."""


def chameleon(root: Path) -> Path:
    """A cloud server: two Xeon Gold 6126 of 12 cores and 24 threads, a BMC, Linux 6.8, everything switched on."""
    for socket in range(2):
        coretemp(root, hwmon=1 + socket, socket=socket, cores=list(XEON_CORES))
        thermal_zone(root, socket, "x86_pkg_temp", 38000 + 1000 * socket)
        package = zone(root, f"intel-rapl:{socket}", f"package-{socket}", RANGE - 1000 * socket)
        zone(root, f"{package.name}:0", "dram", 9_876_543_210 + socket)
    for controller in range(4):
        memory_controller(root, controller, rows=6)
        boards.dimms(root, controller, count=6)
    write(root / "sys/class/powercap", {"intel-rapl/enabled": 1, "dtpm/enabled": 0})
    power_meter(root, hwmon=0)
    chip(root, 3, "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0", name="drivetemp", temp1_input=29000)
    for port in range(2):
        boards.network_card(root, 4 + port, f"pci0000:5d/0000:5d:00.0/0000:5e:00.{port}")
    for cpu in range(48):
        cpufreq(root, cpu, scaling_cur_freq=2_600_000 + cpu, scaling_min_freq=1_000_000, scaling_max_freq=3_700_000)
        cpuidle(root, cpu, ("POLL", "C1", "C1E", "C6"))
        throttle(root, cpu, package=cpu % 2, core=XEON_CORES[cpu // 2 % 12])
        cooling_device(root, cpu, "Processor", 0, 10)
    kernel_files(root, cpus=48, lines=120)
    ports, bridges = ("eno1np0", "eno2np1"), ("lo", "ovs-system", "br-int", "bond0.3312")
    _proc(root, cpus=48, interfaces=(*ports, *bridges), disks=("sda", "sda1", "sda2", "sr0", "loop0", "loop1"))
    hardware(root, ports, ("sda", "sr0"))
    virtual.interfaces(root, *bridges)
    virtual.disks(root, "loop0", "loop1")
    return root


def homelab(root: Path) -> Path:
    """A desktop: an i7 of 4 cores and 8 threads, Linux 5.10, NVMe, 66 interfaces of which one is physical."""
    boards.zone_as_chip(root, hwmon=0, zone=0, type="acpitz", temp=27800)
    limits = {"temp1_min": -273150, "temp1_max": 84850, "temp1_crit": 84850, "temp1_alarm": 0}
    drive = "pci0000:00/0000:00:1d.0/0000:02:00.0"  # where a drive's temperature was before Linux 5.15
    chip(root, 1, drive, name="nvme", temp1_label="Composite", temp1_input=41850, **limits)
    boards.superio(root, hwmon=2)
    coretemp(root, hwmon=3, socket=0, cores=range(4))
    boards.graphics(root, hwmon=4)
    boards.power_supply(root, hwmon=5)
    for number, (type, temp) in enumerate((("acpitz", 27800), ("pch_skylake", 46500), ("x86_pkg_temp", 44000))):
        thermal_zone(root, number, type, temp)
    cooling_device(root, 0, "intel_powerclamp", -1, 50)
    zones = (("package-0", "0"), ("core", "0:0"), ("uncore", "0:1"), ("dram", "0:2"), ("psys", "1"))
    for name, at in zones:
        zone(root, f"intel-rapl:{at}", name, 55_555_555 + len(name))
    zone(root, "intel-rapl-mmio:0", "package-0", 44_444_444)
    for cpu in range(8):
        cpufreq(root, cpu, scaling_cur_freq=800_000 + cpu, scaling_min_freq=800_000, scaling_max_freq=4_200_000)
        cpuidle(root, cpu, ("POLL", "C1", "C1E", "C3", "C6", "C7s", "C8"))
        throttle(root, cpu, package=0, core=cpu % 4)
    kernel_files(root, cpus=8, lines=40)
    _as_before_5_13(root)
    write(root / "proc", {"interrupts": interrupts(8, 40) + OTHER_LINES})
    bridges = ("lo", *BRIDGES, *(f"veth{number:07x}" for number in range(59)))
    made_up = ("dm-0", "dm-1", "md127", "loop0", "zram0")
    disks = ("nvme0n1", "nvme0n1p1", "nvme0n1p2", "sda", "sda1", *made_up)
    _proc(root, cpus=8, interfaces=("enp0s31f6", *bridges), disks=disks)
    hardware(root, ("enp0s31f6",), ("nvme0n1", "sda"))
    virtual.interfaces(root, *bridges)
    virtual.disks(root, *made_up)
    return root


def ares(root: Path) -> Path:
    """A cluster's head node: Linux 4.18, no cpufreq driver, no waiting accounted, shorter lines for its disks."""
    coretemp(root, hwmon=0, socket=0, cores=range(8))
    for cpu in range(16):
        cpuidle(root, cpu, ("POLL", "C1", "C1E", "C6"))
        throttle(root, cpu, package=0, core=cpu % 8)
    zone(root, "intel-rapl:0", "package-0", 77_777_777)
    _proc(root, cpus=16, interfaces=("lo", "eno1", "ib0", "bond0"), disks=("sda", "sda1", "dm-0"))
    write(root / "proc", {"vmstat": VMSTAT, "interrupts": interrupts(16, 30), "schedstat": schedstat(16)})
    write(
        root / "proc", {"cpuinfo": cpuinfo([f"{1200 + cpu}.{cpu:03}" for cpu in range(16)], "constant_tsc aperfmperf")}
    )
    lines = (root / "proc/diskstats").read_text().splitlines()
    write(root / "proc", {"diskstats": "\n".join(" ".join(line.split()[:18]) for line in lines)})
    hardware(root, ("eno1", "ib0"), ("sda",))
    virtual.interfaces(root, "lo", "bond0")
    virtual.disks(root, "dm-0")
    return root


def ares_comp(root: Path) -> Path:
    """A compute node of the same cluster: two sockets of two dies, shared NVMe, two CPUs kept apart, Linux 5.14."""
    for socket in range(2):
        coretemp(root, hwmon=socket, socket=socket, cores=range(20))
    for number in range(4):
        die = zone(root, f"intel-rapl:{number}", f"package-{number // 2}-die-{number % 2}", 88_888_888 + number)
        zone(root, f"{die.name}:0", "dram", 22_222_222 + number)
    write(root / "sys/devices/system/cpu", {"isolated": "38-39"})
    for drive in range(2):
        nvme(root, hwmon=2 + drive, drive=drive, temp1_input=33850 + 1000 * drive, temp1_alarm=0)
    for cpu in range(40):
        cpufreq(root, cpu, scaling_cur_freq=2_500_000, scaling_min_freq=1_000_000, scaling_max_freq=3_900_000)
        cpuidle(root, cpu, ("POLL", "C1", "C1E", "C6"))
        throttle(root, cpu, package=cpu // 20, core=cpu % 20)
    kernel_files(root, cpus=40, lines=80)
    _proc(root, cpus=40, interfaces=("lo", "eno1", "ib0"), disks=("nvme0n1", "nvme1n1", "nvme1n1p1"))
    hardware(root, ("eno1", "ib0"))
    virtual.interfaces(root, "lo")
    for number in range(2):
        virtual.shared_nvme(root, number)
    return root


def _proc(root: Path, cpus: int, interfaces: tuple[str, ...], disks: tuple[str, ...]) -> None:
    files = {
        "stat": stat(cpus, interrupts=400),
        "loadavg": "1.52 0.58 0.59 2/1890 12345\n",
        "meminfo": MEMINFO,
        "net/dev": net_dev(*interfaces),
        "diskstats": diskstats(*disks),
    }
    write(root / "proc", files)
    clocks.clocksource(root, "tsc", "hpet", "acpi_pm")
    process(root)


def _as_before_5_13(root: Path) -> None:
    """Nobody was said to have waited for a CPU in full yet, nor for interrupts."""
    waiting = root / "proc/pressure"
    (waiting / "irq").unlink()
    some, _ = (waiting / "cpu").read_text().splitlines()
    write(waiting, {"cpu": some})
