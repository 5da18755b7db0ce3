"""Flags, their environment variables, and what is wrong with them."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter import __version__, cli
from exporter.sources import SOURCES
from exporter.tick import SECOND

VARIABLES = {
    "DRIFTSCOPE_LISTEN": ("[::1]:9100", "listen", ("::1", 9100)),
    "DRIFTSCOPE_INTERVAL": ("500ms", "interval", SECOND // 2),
    "DRIFTSCOPE_DURATION": ("24h", "duration", 86_400 * SECOND),
    "DRIFTSCOPE_PATH_SYSFS": ("/", "sysfs", Path("/")),
    "DRIFTSCOPE_PATH_PROCFS": ("/", "procfs", Path("/")),
    "DRIFTSCOPE_NO_ROOT_SENSORS": ("1", "no_root_sensors", True),
    "DRIFTSCOPE_DISABLE": ("network, disks,", "disable", ["network", "disks"]),
    "DRIFTSCOPE_ONCE": ("yes", "once", True),
    "DRIFTSCOPE_INVENTORY": ("TRUE", "inventory", True),
    "DRIFTSCOPE_WEB_CONFIG_FILE": ("web.yml", "web_config", Path("web.yml")),
    "DRIFTSCOPE_HISTORY_RETENTION": ("90m", "retention", 5400 * SECOND),
    "DRIFTSCOPE_HISTORY_DIR": ("/x", "history", Path("/x")),
    "DRIFTSCOPE_HISTORY_MEMORY": ("1", "in_memory", True),
    "DRIFTSCOPE_HISTORY_SIZE": ("500MB", "history_size", 500_000_000),
    "DRIFTSCOPE_LOG_LEVEL": ("debug", "log_level", "debug"),
}
"""A value of each variable, and what it sets to what."""


def refused(capsys: pytest.CaptureFixture[str], *argv: str, **environ: str) -> str:
    """What is said of a wrong command line: one line, with exit status 2."""
    with pytest.raises(SystemExit) as stop:
        cli.parse(argv, environ)
    said = capsys.readouterr()
    assert stop.value.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_without_flags_it_serves_this_machine() -> None:
    """Every second, on port 19777 of all addresses, from every source, for ever."""
    settings = cli.settings(cli.parse([], {}))

    assert settings.listen == ("", 19777)
    assert settings.interval == SECOND
    assert settings.duration is None
    assert settings.sources == SOURCES
    assert settings.disabled == {}
    assert settings.host.root_sensors


@pytest.mark.parametrize("variable", VARIABLES)
def test_each_flag_has_a_variable(variable: str) -> None:
    """A variable does what its flag does; lists are separated by commas."""
    value, name, expected = VARIABLES[variable]

    assert getattr(cli.parse([], {variable: value}), name) == expected


def test_there_are_no_other_variables_but_those_of_sources() -> None:
    """The table of this file has all that the program itself knows."""
    of_sources = {"DRIFTSCOPE_" + option.name.upper().replace(".", "_").replace("-", "_") for option in cli.OPTIONS}

    assert set(cli.environment_names(cli.parser()).values()) == {*VARIABLES, *of_sources}


def test_a_sources_flag_reaches_the_source() -> None:
    """By its variable or on the command line; what was not said is left to the source's default."""
    flags = cli.parse(["--drive-temperature.cadence", "60"], {})

    variable = {"DRIFTSCOPE_DRIVE_TEMPERATURE_CADENCE": "30"}
    assert cli.settings(flags).host.options["drive-temperature.cadence"] == 60
    assert cli.settings(cli.parse([], variable)).host.options["drive-temperature.cadence"] == 30
    assert "drive-temperature.cadence" not in cli.settings(cli.parse([], {})).host.options


def test_ntp_questions_are_answered_where_scrapes_are() -> None:
    """Unless it is said otherwise, or there is one sample only."""

    def listens(*argv: str) -> object:
        return cli.settings(cli.parse(argv, {})).host.options.get("peer.listen")

    assert listens("--listen", "127.0.0.1:7") == ("127.0.0.1", 7)
    assert listens("--peer.listen", ":9") == ("", 9)
    assert listens("--peer.listen", "off") is None
    assert listens("--once") is None


def test_a_wrong_value_of_a_sources_flag_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of the source that reads it."""
    assert "'0' is not a whole number from 1 on" in refused(capsys, "--drive-temperature.cadence=0")


def test_help_names_every_flag_and_variable() -> None:
    """--help is the whole reference."""
    parser = cli.parser()
    text = parser.format_help()

    flags = [option for action in parser._actions for option in action.option_strings]
    assert [word for word in [*flags, *VARIABLES, *SOURCES] if word not in text] == []


@pytest.mark.parametrize(
    ("variable", "value", "argv", "name", "expected"),
    [
        ("DRIFTSCOPE_LISTEN", ":1", ["--listen", ":2"], "listen", ("", 2)),
        ("DRIFTSCOPE_INTERVAL", "1h", ["--interval=2s"], "interval", 2 * SECOND),
        ("DRIFTSCOPE_LOG_LEVEL", "debug", ["--log-level", "error"], "log_level", "error"),
    ],
)
def test_the_command_line_wins(variable: str, value: str, argv: list[str], name: str, expected: object) -> None:
    """Where a flag and its variable differ, the flag counts."""
    assert getattr(cli.parse(argv, {variable: value}), name) == expected


def test_a_list_on_the_command_line_takes_the_place_of_the_environments() -> None:
    """They do not add up, or what the environment disables could not be had on the command line."""
    settings = cli.settings(cli.parse(["--disable", "disks", "--disable=stat"], {"DRIFTSCOPE_DISABLE": "network"}))

    assert set(settings.disabled) == {"disks", "stat"}
    assert list(settings.sources) == [name for name in SOURCES if name not in settings.disabled]


@pytest.mark.parametrize("value", ["", "0", "false", "No", "OFF"])
def test_a_variable_can_say_no(value: str) -> None:
    """What means no, and an empty variable, leave a switch off."""
    assert not cli.parse([], {"DRIFTSCOPE_ONCE": value}).once


@pytest.mark.parametrize("name", [name for name, (_, _, value) in VARIABLES.items() if value is not True])
def test_an_empty_variable_sets_nothing(name: str) -> None:
    """Container files often set variables to nothing."""
    assert cli.parse([], {name: " "}) == cli.parse([], {})


@pytest.mark.parametrize(
    ("argv", "about"),
    [
        (["--listen", "19777:host"], "'19777:host' is not HOST:PORT"),
        (["--listen", ":65536"], "is not HOST:PORT"),
        (["--listen", ":²"], "argument --listen"),
        (["--listen", "::1:80"], "is not HOST:PORT"),
        (["--listen", ""], "is not HOST:PORT"),
        (["--interval", "0"], "'0' is not a time, such as 500ms, 90s, 10m or 24h"),
        (["--interval", "-1s"], "argument --interval"),
        (["--duration", "1d"], "'1d' is not a time"),
        (["--duration", "9" * 400], "is not a time"),
        (["--interval", "2000000h"], "is not a time"),
        (["--path.sysfs", "/no/such/folder"], "there is no folder /no/such/folder"),
        (["--path.procfs", "/proc/self/stat"], "there is no folder /proc/self/stat"),
        (["--disable", "nothing"], "invalid choice: 'nothing'"),
        (["--log-level", "loud"], "invalid choice: 'loud'"),
        (["--log", "debug"], "unrecognized arguments: --log debug"),
        (["word"], "unrecognized arguments: word"),
        (["--listen"], "expected one argument"),
    ],
)
def test_a_wrong_flag_is_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], about: str) -> None:
    """It says what is wrong with what, and where to read on."""
    said = refused(capsys, *argv)

    assert said.startswith("driftscope-exporter: error: ")
    assert about in said
    assert said.endswith("(see --help)\n")


@pytest.mark.parametrize(
    ("variable", "value", "about"),
    [
        (
            "DRIFTSCOPE_ONCE",
            "perhaps",
            "DRIFTSCOPE_ONCE=perhaps: expected one of 1, true, yes, on or 0, false, no, off",
        ),
        ("DRIFTSCOPE_LISTEN", "nowhere", "'nowhere' is not HOST:PORT"),
        ("DRIFTSCOPE_DISABLE", "network,nothing", "invalid choice: 'nothing'"),
        ("DRIFTSCOPE_INTERVAL", "soon", "'soon' is not a time"),
    ],
)
def test_a_wrong_variable_is_one_line(
    capsys: pytest.CaptureFixture[str], variable: str, value: str, about: str
) -> None:
    """It is refused as its flag would be."""
    assert about in refused(capsys, **{variable: value})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("node:0", ("node", 0)),
        (":80", ("", 80)),
        ("80", ("", 80)),
        ("[::1]:80", ("::1", 80)),
        ("[::]:80", ("::", 80)),
    ],
)
def test_addresses(text: str, expected: tuple[str, int]) -> None:
    """A host may be missing, an IPv6 one stands in brackets."""
    assert cli.address(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90 * SECOND), ("90s", 90 * SECOND), ("500ms", SECOND // 2), ("10m", 600 * SECOND), ("1.5h", 5400 * SECOND)],
)
def test_times(text: str, expected: int) -> None:
    """A number without a unit is in seconds."""
    assert cli.duration(text) == expected


@given(st.text() | st.from_regex(r"[0-9.]*(ms|s|m|h|)", fullmatch=True))
def test_no_text_surprises_the_parser(text: str) -> None:
    """Whatever somebody types is an address or a time, or is refused as argparse expects it."""
    for parse in (cli.address, cli.duration, cli.folder):
        try:
            parse(text)
        except (ValueError, TypeError, argparse.ArgumentTypeError):
            continue


@given(st.integers(1, 10**9))
def test_whole_milliseconds_are_exact(milliseconds: int) -> None:
    """No time that can be typed is rounded on its way to nanoseconds."""
    assert cli.duration(f"{milliseconds}ms") == milliseconds * 1_000_000


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version prints it and exits with 0."""
    with pytest.raises(SystemExit) as stop:
        cli.parse(["--version"], {})

    assert stop.value.code == 0
    assert capsys.readouterr().out == f"driftscope-exporter {__version__}\n"


@pytest.fixture
def log() -> Generator[logging.Logger, None, None]:
    """The log of driftscope, left as it was found."""
    log = logging.getLogger("driftscope")
    before, level = list(log.handlers), log.level
    yield log
    log.handlers[:] = before
    log.setLevel(level)


def test_the_log_is_lines_on_stderr(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """What is below the level is not said."""
    cli.log_to_stderr("warning")

    logging.getLogger("driftscope.exporter").info("quiet")
    logging.getLogger("driftscope.exporter").warning("loud")

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(" WARNING loud\n")
    assert said.err.count("\n") == 1
