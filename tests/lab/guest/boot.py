"""Boots a virtual machine with a kernel, clocks and sensors of its own, and runs a script in it (QEMU, no KVM needed).

It has five hwmon chips (nvme, lm75, jc42, acpitz, an ACPI power meter), a thermal zone that can be set, P-states and
C-states, a BMC at /dev/ipmi0, an RTC, a PTP clock that stands still, and a clock that may be set and slewed at will.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import programs

HERE = Path(__file__).parent
TOOLS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "debootstrap": "debootstrap",
    "iasl": "acpica-tools",
    "mke2fs": "e2fsprogs",
}
LONGEST = 180
"""Seconds that a run may take; without hardware virtualisation it boots in about 15."""


def made(suite: str) -> Path:
    """Make the machine of a Debian release if it was not made before; the folder with its kernel and disk."""
    for program, package in TOOLS.items():
        programs.find(program, package)
    return Path(programs.run([str(HERE / "build.sh"), suite], patience=900).strip())


def run(guest: Path, shared: Path, script: str) -> str:
    """Boot it with ``shared`` as its /mnt, run the script there, and switch it off; what the script printed."""
    (shared / "run").write_text(script)
    console = shared / "console"
    with subprocess.Popen(command(guest, shared, console), stdin=subprocess.DEVNULL) as machine:
        try:
            machine.wait(LONGEST)
        except subprocess.TimeoutExpired:
            machine.kill()
    said = (shared / "out").read_text() if (shared / "out").exists() else console.read_text(errors="replace")
    if not (shared / "status").exists() or (shared / "status").read_text().strip() != "0":
        pytest.fail(f"the machine did not run its script to the end:\n{said[-4000:]}")
    return said


def command(guest: Path, shared: Path, console: Path) -> list[str]:
    """QEMU's command line: an emulated Intel desktop of two CPUs, with its serial port to a file."""
    kernel = "console=ttyS0 root=/dev/vda rw init=/lab-init panic=-1 quiet net.ifnames=0 mitigations=off"
    machine = "-M q35 -accel tcg,thread=multi -cpu max,vendor=GenuineIntel,family=6,model=94,stepping=3 -smp 2 -m 768"
    return [
        *("qemu-system-x86_64", *machine.split(), "-nodefaults", "-display", "none", "-no-reboot"),
        *("-kernel", f"{guest}/vmlinuz", "-initrd", f"{guest}/initrd", "-append", kernel),
        *("-drive", f"file={guest}/disk,if=none,id=disk,format=raw,snapshot=on"),
        *("-device", "virtio-blk-pci,drive=disk"),
        *("-virtfs", f"local,path={shared},mount_tag=lab,security_model=none"),
        *("-serial", f"file:{console}", "-serial", "null", "-serial", "null"),
        *("-nic", "user,model=virtio-net-pci,restrict=on", "-nic", "user,model=e1000e,restrict=on"),
        *("-acpitable", f"file={guest}/lab.aml"),
        *("-blockdev", "null-co,node-name=nvme,size=67108864", "-device", "nvme,drive=nvme,serial=lab1"),
        *("-blockdev", "null-co,node-name=sata,size=67108864", "-device", "ide-hd,drive=sata,bus=ide.0,serial=lab2"),
        *("-device", "ipmi-bmc-sim,id=bmc", "-device", "isa-ipmi-kcs,bmc=bmc"),
    ]
