"""Every flag, its help and its environment variable; from these, Settings.

``--path.sysfs`` may also be said as DRIFTSCOPE_PATH_SYSFS: the flag's name in capitals. A flag on the command
line wins.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__
from .daemon import Settings
from .history.keeper import Limits
from .history.place import default_folder
from .host import Host
from .peers.options import LISTEN
from .source import Option, options
from .sources import SOURCES
from .tick import SECOND

PREFIX = "DRIFTSCOPE_"
PORT = 19777
UNITS = {"": SECOND, "ms": SECOND // 1000, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
SIZES = {"MB": 10**6, "GB": 10**9}
DAY = 86_400 * SECOND
LONGEST = 1 << 62
"""Nanoseconds that the kernel's timers can still count: 146 years."""
OPTIONS: list[Option[Any]] = [option for source in SOURCES.values() for option in options(source)]
TRUE, FALSE = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")

DESCRIPTION = """\
Samples every clock and sensor of this machine once a second and serves the last sample to Prometheus
and to driftscope-recorder; samples of a day are kept for one that was away. It changes nothing else: not the clock, not
a sensor, not a file.
"""
EPILOG = """\
Every flag can also be set by an environment variable, named in brackets.

examples:
  driftscope-exporter                             serve http://THIS-MACHINE:19777/metrics
  driftscope-exporter --once                      print one sample and exit
  driftscope-exporter --inventory                 print what this machine has
  driftscope-exporter --disable network --disable disks --listen 127.0.0.1:19777
  driftscope-exporter stress --help               load this machine on a schedule
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        """One line and exit status 2."""
        self.exit(2, f"{self.prog}: error: {message} (see --help)\n")


def parser() -> Parser:
    """The command line, with its help."""
    parser = Parser(
        prog="driftscope-exporter",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    flag = parser.add_argument
    flag("--listen", type=address, default=("", PORT), metavar="[HOST]:PORT",
         help="address to serve on (default: :19777, all addresses of this machine)")  # fmt: skip
    flag("--interval", type=duration, default=SECOND, metavar="TIME",
         help="time between samples, on multiples of it since 1970 (default: 1s)")  # fmt: skip
    flag("--duration", type=duration, metavar="TIME",
         help="stop after this long, as 90s, 10m or 24h (default: never)")  # fmt: skip
    flag("--path.sysfs", dest="sysfs", type=folder, default=Path("/sys"), metavar="DIR",
         help="where /sys of the machine is (default: /sys)")  # fmt: skip
    flag("--path.procfs", dest="procfs", type=folder, default=Path("/proc"), metavar="DIR",
         help="where /proc of the machine is (default: /proc)")  # fmt: skip
    flag("--no-root-sensors", action="store_true",
         help="leave out what only root may read, even when run as root")  # fmt: skip
    flag("--disable", action="append", choices=sorted(SOURCES), default=[], metavar="SOURCE",
         help=f"leave a source out; may be repeated: {', '.join(SOURCES)}")  # fmt: skip
    flag("--web.config.file", dest="web_config", type=Path, metavar="FILE",
         help="TLS and passwords, as exporter-toolkit has them (default: neither)")  # fmt: skip
    flag("--history.retention", dest="retention", type=duration, default=DAY, metavar="TIME",
         help="keep samples so long (default: 24h)")  # fmt: skip
    flag("--history.dir", dest="history", type=Path, default=default_folder(), metavar="DIR",
         help="keep them here, on a disk of this machine's own "
              "(default: /var/lib/driftscope for root, else /var/tmp/driftscope-USER)")  # fmt: skip
    flag("--history.memory", dest="in_memory", action="store_true",
         help="keep them in memory, where a restart loses them")  # fmt: skip
    flag("--history.size", dest="history_size", type=size, default=10**9, metavar="SIZE",
         help="keep no more than this, as 500MB or 2GB (default: 1GB)")  # fmt: skip
    flag("--once", action="store_true", help="print one sample as exposition text and exit")
    flag("--inventory", action="store_true",
         help="print as JSON what was found, what was left out and why, and exit")  # fmt: skip
    flag("--log-level", choices=["debug", "info", "warning", "error"], default="info",
         help="how much to say on stderr (default: info)")  # fmt: skip
    flag("--version", action="version", version=f"driftscope-exporter {__version__}")
    flag = parser.add_argument_group("flags of single sources").add_argument
    for option in OPTIONS:  # absent from what was parsed unless given
        if option.parse:
            flag(f"--{option.name}", dest=option.name, default=argparse.SUPPRESS, help=option.help,
                 type=said(option), metavar=option.metavar)  # fmt: skip
        else:
            flag(f"--{option.name}", dest=option.name, default=argparse.SUPPRESS, help=option.help, action="store_true")
    for action, name in environment_names(parser).items():
        action.help = f"{action.help} [{name}]"
    return parser


def said(option: Option[Any]) -> Callable[[str], Any]:
    """What argparse is to make of the text of a source's flag."""

    def type(text: str) -> Any:
        try:
            return option.parse(text) if option.parse else text
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return type


def parse(argv: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """Flags from the environment, then those of the command line, which win. Exits with status 2 if wrong."""
    the_parser = parser()
    return the_parser.parse_args([*from_environment(the_parser, environ, argv), *argv])


def settings(flags: argparse.Namespace) -> Settings:
    """What the daemon needs of the flags."""
    said_of_sources = {option.name: getattr(flags, option.name) for option in OPTIONS if option.name in flags}
    return Settings(
        host=Host(
            flags.sysfs,
            flags.procfs,
            root_sensors=not flags.no_root_sensors,
            options={**implied(flags), **said_of_sources},
        ),
        listen=flags.listen,
        interval=flags.interval,
        duration=flags.duration,
        sources={name: source for name, source in SOURCES.items() if name not in flags.disable},
        disabled={name: source for name, source in SOURCES.items() if name in flags.disable},
        web_config=flags.web_config,
        history=Limits(
            None if flags.in_memory else flags.history,
            most_samples=max(1, flags.retention // flags.interval),
            most_bytes=flags.history_size,
        ),
    )


def implied(flags: argparse.Namespace) -> dict[str, Any]:
    """What flags say of sources without naming them: NTP questions are answered where scrapes are."""
    return {} if flags.once or flags.inventory else {LISTEN.name: flags.listen}


def environment_names(parser: argparse.ArgumentParser) -> dict[argparse.Action, str]:
    """The variable of each flag: ``--log-level`` is DRIFTSCOPE_LOG_LEVEL."""
    return {
        action: PREFIX + re.sub(r"[^A-Z]", "_", action.option_strings[-1].lstrip("-").upper())
        for action in parser._actions  # noqa: SLF001  # argparse has no public list of its flags
        if action.option_strings and action.dest not in ("help", "version")
    }


def from_environment(parser: argparse.ArgumentParser, environ: Mapping[str, str], argv: Sequence[str]) -> list[str]:
    """The command line that says what the environment says, but for flags that ``argv`` has.

    Several values are separated by commas.
    """
    said = {argument.partition("=")[0] for argument in argv}
    arguments: list[str] = []
    for action, name in environment_names(parser).items():
        value = environ.get(name)
        option = action.option_strings[-1]
        if value is None or option in said:
            continue
        if action.nargs != 0:
            several = value.split(",") if isinstance(action.default, list) else [value]
            arguments += [f"{option}={one.strip()}" for one in several if one.strip()]
        elif value.lower() in TRUE:
            arguments.append(option)
        elif value.lower() not in FALSE:
            parser.error(f"{name}={value}: expected one of {', '.join(TRUE)} or {', '.join(FALSE[1:])}")
    return arguments


def address(text: str) -> tuple[str, int]:
    """``host:port``, ``[::1]:port``, ``:port`` or ``port`` -> host and port."""
    host, colon, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535 or (":" in host and not host.startswith("[")):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:19777 or :19777")
    return (host.strip("[]") if colon else ""), int(port)


def duration(text: str) -> int:
    """``90``, ``90s``, ``500ms``, ``10m``, ``24h`` -> nanoseconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|)", text)
    if not match or not 1 <= (nanoseconds := float(match[1]) * UNITS[match[2]]) < LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time, such as 500ms, 90s, 10m or 24h")
    return round(nanoseconds)


def size(text: str) -> int:
    """``500MB``, ``2GB`` -> bytes."""
    match = re.fullmatch(r"(\d{1,6})(MB|GB)", text)
    if not match or not int(match[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size, such as 500MB or 2GB")
    return int(match[1]) * SIZES[match[2]]


def folder(text: str) -> Path:
    """An existing folder."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return path


def log_to_stderr(level: str) -> None:
    """All of driftscope's log, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("driftscope")
    logger.addHandler(handler)
    logger.setLevel(level.upper())
