"""Machines that ssh reaches: network namespaces, each with a real sshd, a home and a /var/tmp of its own.

The desktop reaches ``home`` and ``ares`` by a cable each; ``comp`` has one to ares only, whose home it shares::

    home ---- desktop ---- ares ---- comp
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.programs import eventually, find, running

CABLES = {("desktop", "home"): "10.77.1", ("desktop", "ares"): "10.77.2", ("ares", "comp"): "10.77.3"}
"""Who is connected to whom, and the network between: the first has the address .1 in it, the second .2."""

SSH_CONFIG = """\
Host *
    User root
    IdentityFile {folder}/key
    UserKnownHostsFile {folder}/known_hosts
Host home
    HostName 10.77.1.2
Host ares
    HostName 10.77.2.2
Host comp
    HostName 10.77.3.2
    ProxyJump ares
Host gone
    HostName 10.99.0.1
Host bare
    HostName 10.77.1.2
    Port 2222
"""

SSHD_CONFIG = """\
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
SetEnv PATH={path}
"""

TOOLS = "sh", "cat", "cut", "flock", "id", "mkdir", "sha256sum"
"""All that is on the machine ``bare``, which has no Python."""


@dataclass(frozen=True)
class Desktop:
    """Where the person sits: runs programs in the desktop's network, where ``ssh`` has a configuration of its own."""

    folder: Path
    prefix: str

    def command(self, *command: str) -> list[str]:
        """A command as it is run there."""
        path = f"PATH={self.folder / 'bin'}:{os.environ['PATH']}"
        return [find("ip", "iproute2"), "netns", "exec", self.prefix + "desktop", "env", path, *command]

    def pids(self, name: str) -> list[int]:
        """The processes that run on a machine."""
        listed = subprocess.run(["ip", "netns", "pids", self.prefix + name], capture_output=True, text=True, check=True)
        return [int(line) for line in listed.stdout.split()]


@contextmanager
def desktop(folder: Path) -> Generator[Desktop, None, None]:
    """All machines, while inside; whatever runs on them then is ended."""
    machines = Desktop(folder, f"driftscope-{os.getpid()}-")
    names = sorted({name for cable in CABLES for name in cable})
    with ExitStack() as stack:
        for name in names:
            ip("netns", "add", machines.prefix + name)
            stack.callback(remove, machines, name)
            ip("-netns", machines.prefix + name, "link", "set", "lo", "up")
        for number, ((one, other), network) in enumerate(CABLES.items()):
            connect(number, machines.prefix + one, machines.prefix + other, network)
        prepare(folder)
        homes = {"home": "home-home", "ares": "shared-home", "comp": "shared-home"}
        for name, home in homes.items():
            stack.enter_context(sshd(machines, name, home, "/usr/sbin:/usr/bin:/sbin:/bin", 22))
        stack.enter_context(sshd(machines, "home", "bare-home", str(folder / "tools"), 2222))
        yield machines


def ip(*arguments: str) -> None:
    """Change the network."""
    subprocess.run([find("ip", "iproute2"), *arguments], check=True)


def connect(number: int, one: str, other: str, network: str) -> None:
    """Lay a cable between two machines."""
    ip("link", "add", f"cable{number}", "netns", one, "type", "veth", "peer", "name", f"cable{number}", "netns", other)
    for last, name in ((1, one), (2, other)):
        ip("-netns", name, "address", "add", f"{network}.{last}/24", "dev", f"cable{number}")
        ip("-netns", name, "link", "set", f"cable{number}", "up")


def prepare(folder: Path) -> None:
    """Keys, ssh's configuration and the tools of a machine that has few."""
    for name in ("key", "host_key"):
        command = [find("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)
    key = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"10.77.1.2,10.77.2.2,10.77.3.2,[10.77.1.2]:2222 {key}")
    (folder / "ssh_config").write_text(SSH_CONFIG.format(folder=folder))
    for name in ("bin", "tools"):
        (folder / name).mkdir()
    ssh = folder / "bin/ssh"
    ssh.write_text(f'#!/bin/sh\nexec {find("ssh", "openssh-client")} -F {folder / "ssh_config"} "$@"\n')
    ssh.chmod(0o755)
    for tool in TOOLS:
        (folder / "tools" / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    (folder / "passwd").write_text(Path("/etc/passwd").read_text() + "sshd:x:998:65534::/run/sshd:/usr/sbin/nologin\n")


@contextmanager
def sshd(machines: Desktop, name: str, home: str, path: str, port: int) -> Generator[None, None, None]:
    """A machine's ssh server, with its own home, /var/tmp and /run."""
    folder = machines.folder
    own = {"/root": folder / home, "/var/tmp": folder / f"{name}-{port}-var-tmp", "/etc/passwd": folder / "passwd"}
    for place in list(own.values())[:2]:
        place.mkdir(exist_ok=True)
    config = folder / f"{name}-{port}.sshd"
    config.write_text(SSHD_CONFIG.format(port=port, folder=folder, path=path))
    binds = [f"mount --bind {there} {here}" for here, there in own.items()]
    server = find("sshd", "openssh-server")
    script = " && ".join([*binds, "mount -t tmpfs tmpfs /run", "mkdir /run/sshd", f"exec {server} -D -e -f {config}"])
    with running(["ip", "netns", "exec", machines.prefix + name, "sh", "-c", script]):
        eventually(f"sshd of {name}", lambda: listens(machines.prefix + name, port))
        yield


def listens(namespace: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    command = ["ip", "netns", "exec", namespace, "cat", "/proc/net/tcp"]
    return f":{port:04X} 00000000:0000 0A" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def remove(machines: Desktop, name: str) -> None:
    """End what runs on a machine, and the machine."""
    end(machines.pids(name))
    ip("netns", "delete", machines.prefix + name)


def end(pids: Sequence[int]) -> None:
    """End these processes, which a test has started."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    time.sleep(0.1)
