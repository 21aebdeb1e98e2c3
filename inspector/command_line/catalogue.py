"""Every command, in the order of the help: its family is loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from inspector.command_line.command import Command, Options

PROGRAM = "run-inspector"


def _drawing() -> Mapping[str, Command]:
    from inspector.command_line.drawing import COMMANDS

    return COMMANDS


def _reading() -> Mapping[str, Command]:
    from inspector.command_line.reading import COMMANDS

    return COMMANDS


def _training() -> Mapping[str, Command]:
    from inspector.command_line.training import COMMANDS

    return COMMANDS


def _listing() -> Mapping[str, Command]:
    from inspector.command_line.listing import COMMANDS

    return COMMANDS


FAMILIES: Mapping[str, Callable[[], Mapping[str, Command]]] = {
    "demo": _drawing,
    "shot": _drawing,
    "export": _drawing,
    "info": _reading,
    "clean": _reading,
    "metrics": _reading,
    "diff": _reading,
    "triage": _reading,
    "report": _reading,
    "train": _training,
    "record": _training,
    "resume": _training,
    "settings": _listing,
    "shortcuts": _listing,
}
"""Name of a command -> the commands that it stands among."""

_WINDOWS = ("demo", "shot")
"""What shows the window, which speaks the user's language."""


def command_of(name: str) -> Command:
    """The command of that name.

    Raises:
        KeyError: there is none.
    """
    return FAMILIES[name]()[name]


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Parse and run one command; a parser of all of them takes as long as a small file.

    What it prints and writes is English, for scripts read it; a window that it shows is in the user's language.
    """
    from inspector.core.language import begin

    begin(translated=name in _WINDOWS)
    command = command_of(name)
    options = command.plain(arguments)
    if options is None:
        import argparse

        parser = argparse.ArgumentParser(prog=f"{PROGRAM} {name}", description=command.text)
        command.add_arguments(parser)
        options = parser.parse_args(arguments, Options())
    return command.run(options)
