"""What the kernel counts, as /proc and /sys show it: energy, memory errors, throttling, waiting, interrupts."""

from __future__ import annotations

from pathlib import Path

from tests.trees.files import Files, write

RANGE = 262_143_328_850
"""Microjoules after which a zone's counter starts over, on most Intel CPUs."""

SOFTIRQS = ("HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU")

VMSTAT = """\
nr_free_pages 370217
pgpgin 8123456
pgpgout 9123457
pswpin 0
pswpout 3
pgalloc_normal 123456789
pgfault 99887766
pgmajfault 5544
oom_kill 1
"""


def zone(root: Path, path: str, name: str, energy: int) -> Path:
    """A powercap zone: ``intel-rapl:0`` and below it ``intel-rapl:0:1``; uJ."""
    folder = root / "sys/class/powercap" / path
    write(folder, {"name": name, "energy_uj": energy, "max_energy_range_uj": RANGE, "enabled": 1})
    return folder


def socket_energy(root: Path, socket: int) -> None:
    """A socket's zone, and in it that of its memory, which is called ``dram`` on every one."""
    zone(root, f"intel-rapl:{socket}", f"package-{socket}", 123_456_789_000 + socket)
    zone(root, f"intel-rapl:{socket}:0", "dram", 23_456_789_012 + socket)


def memory_controller(root: Path, controller: int, rows: int) -> None:
    """A controller of memory with ECC."""
    folder = root / f"sys/devices/system/edac/mc/mc{controller}"
    files: Files = {"mc_name": "Skylake Socket#0 IMC#0", "ce_count": 3, "ce_noinfo_count": 1, "ue_count": 0}
    write(folder, {**files, "ue_noinfo_count": 0})
    for row in range(rows):
        write(folder / f"csrow{row}", {"ce_count": row, "ue_count": 0, "size_mb": 16384})


def throttle(root: Path, cpu: int, package: int, core: int) -> None:
    """Where a CPU is, and how often its core and package were throttled."""
    folder = root / f"sys/devices/system/cpu/cpu{cpu}"
    write(folder / "topology", {"physical_package_id": package, "core_id": core})
    write(
        folder / "thermal_throttle",
        {"core_throttle_count": 10 * core + package, "package_throttle_count": 30 + package},
    )


def pressure(root: Path) -> None:
    """What tasks waited for; ``full`` of the CPU is always 0."""
    some, full = ("some avg10=0.00 avg60=0.55 avg300=3.52 total={}", "full avg10=0.00 avg60=0.25 avg300=0.55 total={}")
    for number, resource in enumerate(("cpu", "io", "memory")):
        last = 0 if resource == "cpu" else 121_176_292 + number
        write(root / "proc/pressure", {resource: f"{some.format(430_980_675 + number)}\n{full.format(last)}"})
    write(root / "proc/pressure", {"irq": full.format(7_000_001)})


def interrupts(cpus: int, lines: int) -> str:
    """/proc/interrupts: numbered lines of an I/O APIC, then those that have a name, then two for no CPU."""
    heading = "           " + "".join(f"CPU{cpu:<8}" for cpu in range(cpus))
    numbered = [
        f"{line:>4}:{_counts(cpus, line)}  IR-IO-APIC   {line}-edge      eth0-{line}, i801" for line in range(lines)
    ]
    named = [f" NMI:{_counts(cpus, 7)}   Non-maskable interrupts", f" LOC:{_counts(cpus, 9)}   Local timer interrupts"]
    return "\n".join([heading, *numbered, *named, " ERR:          0", " MIS:          0"]) + "\n"


def softirqs(cpus: int) -> str:
    """/proc/softirqs."""
    heading = "                    " + "".join(f"CPU{cpu:<8}" for cpu in range(cpus))
    return "\n".join([heading, *(f"{name:>12}:{_counts(cpus, n)}" for n, name in enumerate(SOFTIRQS))]) + "\n"


def schedstat(cpus: int) -> str:
    """/proc/schedstat with time in ns; of each CPU one domain, which nobody reads."""
    lines = [
        f"cpu{cpu} 0 0 0 0 0 0 {5_123_456_789_012 + cpu} {123_456_789_012 + cpu} {987_654 + cpu}\ndomain0 3 1 2 3 4 5 6"
        for cpu in range(cpus)
    ]
    return "\n".join(["version 15", "timestamp 4295892551", *lines]) + "\n"


def kernel_files(root: Path, cpus: int, lines: int) -> None:
    """All of /proc that is in this module."""
    pressure(root)
    write(
        root / "proc",
        {
            "vmstat": VMSTAT,
            "interrupts": interrupts(cpus, lines),
            "softirqs": softirqs(cpus),
            "schedstat": schedstat(cpus),
        },
    )


def _counts(cpus: int, seed: int) -> str:
    return "".join(f" {1000 * seed + cpu:>10}" for cpu in range(cpus))
