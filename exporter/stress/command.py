"""``driftscope-exporter stress``: arguments in, a schedule run, exit status out.

Status 0 after the whole schedule, 2 for what the caller can mend, 1 if the load cannot be made, and 128 and the
signal's number if one ended it early.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from .. import cli, stress_phase
from ..stress_phase import StressPhases
from ..tick import SECOND
from . import loads, schedule
from .loads import Load, Start
from .schedule import IDLE, Schedule, Step

T = TypeVar("T")

LOOK_EVERY = 0.5
"""Seconds between two looks at whether the load still runs."""

SHORTEST = 5 * SECOND
"""A load that ends by itself sooner cannot be made here; one that ends later is started anew."""

DESCRIPTION = """\
Loads this machine on a schedule, so that its temperature and its clock move. Every sample of an exporter on this
machine says in driftscope_stress_phase which phase it was taken in. Loads are made by stress-ng if it is installed.
"""
EPILOG = """\
examples:
  driftscope-exporter stress                                      24 h: six cycles of four loads
  driftscope-exporter stress --phases cpu --load 10m --idle 10m   2 h: the CPUs only
  nohup driftscope-exporter stress > stress.log &                 go on after logging out
"""


ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Ended(Exception):  # noqa: N818
    """A signal asked for the end."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number


class LoadError(Exception):
    """The load of a phase cannot be made on this machine."""


def main(argv: Sequence[str]) -> int:
    """Run a schedule with these arguments."""
    flags = parser().parse_args(argv)
    plan = Schedule(flags.phases, flags.load, flags.idle, flags.cycles)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # pause() asks for them, where nothing is half done
    maker, start = loads.starter(flags.disk)
    try:
        with StressPhases(flags.file or stress_phase.default_path()) as phases:
            say(f"{plan.cycles} x {', '.join(plan.phases)}, by {maker}; ends {at(plan.length)}")
            run(plan, start, phases)
    except OSError as error:
        sys.stderr.write(f"driftscope-exporter stress: error: {error.strerror}: {error.filename}\n")
        return 2
    except LoadError as error:
        sys.stderr.write(f"driftscope-exporter stress: error: {error}\n")
        return 1
    except Ended as ended:
        say(f"ended early by {ended.number.name}")
        return 128 + ended.number
    say("done")
    return 0


def run(plan: Schedule, start: Start, phases: StressPhases) -> None:
    """Go through all steps by absolute deadlines, so that the whole is as long as it should be."""
    deadline = time.monotonic_ns()
    for step in plan.steps():
        deadline += step.length
        phases.enter(step.phase, step.cycle)  # before its load begins, and until after it has ended
        say(f"cycle {step.cycle}/{plan.cycles}: {step.phase} until {at(deadline - time.monotonic_ns())}")
        if step.phase == IDLE:
            pause(max(0, deadline - time.monotonic_ns()) / SECOND)
        else:
            hold(step, start, deadline)


def hold(step: Step, start: Start, deadline: int) -> None:
    """Keep up the load of a step until its end."""
    while (left := deadline - time.monotonic_ns()) > 0:
        started = time.monotonic_ns()
        load = start(step.phase.split("+"))
        try:
            ended = wait(load, started + left)
        finally:
            load.stop()
        if ended:
            if time.monotonic_ns() - started < SHORTEST:
                raise LoadError(f"the load {step.phase} cannot be made: {ended}")
            say(f"{ended} in phase {step.phase}: started anew")


def wait(load: Load, deadline: int) -> str | None:
    """Wait until the deadline, or until a part of the load ends: how."""
    while (left := deadline - time.monotonic_ns()) > 0:
        pause(min(LOOK_EVERY, left / SECOND))
        if ended := load.ended():
            return ended
    return None


def pause(seconds: float) -> None:
    """Wait. Raises Ended if a signal came meanwhile or before; one that is ignored, as nohup has it, never comes."""
    came = signal.sigtimedwait(ENDING, seconds)
    if came:
        raise Ended(signal.Signals(came.si_signo))


def parser() -> cli.Parser:
    """The command line, with its help."""
    parser = cli.Parser(
        prog="driftscope-exporter stress",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    flag = parser.add_argument
    flag("--phases", type=said(schedule.phases), default="cpu,memory,cpu+memory,disk", metavar="PHASE,...",
         help="what to load, one after the other: cpu, memory, disk, or several joined by + "
              "(default: cpu,memory,cpu+memory,disk)")  # fmt: skip
    flag("--load", type=cli.duration, default="45m", metavar="TIME", help="length of each load (default: 45m)")
    flag("--idle", type=said(rest), default="15m", metavar="TIME",
         help="time without load after each, or 0 (default: 15m)")  # fmt: skip
    flag("--cycles", type=said(cycles), default="6", metavar="N", help="how often to do all of it (default: 6)")
    flag("--disk", type=cli.folder, default="/var/tmp", metavar="DIR",
         help="load the disk that this folder is on (default: /var/tmp)")  # fmt: skip
    flag("--file", type=Path, metavar="FILE",
         help="where to say which phase it is: the exporter's --stress.file (default: the same as its)")  # fmt: skip
    return parser


def said(parse: Callable[[str], T]) -> Callable[[str], T]:
    """For argparse: the parser's own words for what is wrong."""

    def type(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return type


def rest(text: str) -> int:
    """A time in ns, which may be 0."""
    return 0 if text == "0" else cli.duration(text)


def cycles(text: str) -> int:
    """A number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is not a number of cycles, such as 6")
    return int(text)


def at(ahead: int) -> str:
    """When it will be so many ns later, for people: UTC."""
    return f"{datetime.fromtimestamp(time.time() + ahead / SECOND, timezone.utc):%Y-%m-%d %H:%M:%SZ}"


def say(text: str) -> None:
    """A line of the log, at once."""
    print(f"{at(0)} {text}", flush=True)  # noqa: T201
