"""The command line: finds the command, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from inspector import __version__
from inspector.command_line.catalogue import FAMILIES, PROGRAM, command_of, run_command
from inspector.core.errors import InspectorError, WorkCancelled
from inspector.core.exit_codes import BAD_INPUT, DONE, FAILED, INTERRUPTED

if TYPE_CHECKING:
    import argparse


def _parser() -> argparse.ArgumentParser:
    """What tells of all commands, and knows none of their arguments."""
    import argparse

    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="See what a training run did, what went wrong, and resume it with the fix",
        epilog="Without a command, the paths are opened in the window. Exit codes: 0 done, 1 findings at or above"
        " --fail-on, 2 bad input or usage, 3 internal error.",
    )
    parser.add_argument("--version", action="version", version=f"Run Inspector {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in FAMILIES:
        commands.add_parser(name, help=command_of(name).text, add_help=False)
    return parser


def _play(arguments: Sequence[str]) -> int:
    """Be what a child of a frozen program is to be; there every process has the one executable."""
    from importlib import import_module

    from inspector.jobs.children import MODULES

    role = arguments[0] if arguments else ""
    if role == "window":
        return _run(arguments[1:])
    if role not in MODULES:
        _parser().error(f"--role takes one of {', '.join(MODULES)}")
    code: int = import_module(MODULES[role]).main(list(arguments[1:]))
    return code


def _run(arguments: Sequence[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in FAMILIES:
        return run_command(first, arguments[1:])
    if first == "--role":
        return _play(arguments[1:])
    if first in ("-h", "--help", "--version"):
        _parser().parse_args(arguments)
    wrong = next((argument for argument in arguments if argument.startswith("-")), None)
    if wrong:
        _parser().error(f"{wrong} is not an option here")
    from inspector.core.language import begin

    begin(translated=True)
    from inspector.app.launch import run_window

    return run_window(tuple(arguments))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except InspectorError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except (KeyboardInterrupt, WorkCancelled):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left; nothing is wrong, and nothing is to be flushed to it at exit.
        os._exit(DONE)
    except Exception:  # noqa: BLE001 - the last net: an internal error has its own exit code
        import traceback

        traceback.print_exc()
        return FAILED


def run() -> int:
    """As `main`, for a process that ends then: it need not look through all it holds for garbage once more."""
    code = main()
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(run())
