"""`settings` and `shortcuts`: the same texts that the window shows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from inspector.command_line.command import Command, Options

if TYPE_CHECKING:
    import argparse


def _settings(options: Options) -> int:
    from inspector.formats.recipes.own import is_recipe_file

    if is_recipe_file(options.recipe):
        return _settings_of_a_file(options)
    from inspector.formats.recipes.catalogue import recipe_of
    from inspector.formats.settings_table import settings_text

    sys.stdout.write(settings_text(recipe_of(options.recipe).settings, as_json=options.json))
    return 0


def _settings_of_a_file(options: Options) -> int:
    """Become the trainer, which runs the file."""
    from inspector.command_line.becoming import become
    from inspector.command_line.which_python import interpreter_of
    from inspector.jobs.children import foreign_environment
    from inspector.jobs.travelling import training_command

    interpreter = interpreter_of(["--python", options.python] if options.python else [])
    command = training_command(interpreter, "settings", options.recipe, *(["--json"] if options.json else ()))
    return become(command, foreign_environment())


def _shortcuts(_options: Options) -> int:
    from inspector.app.commands import shortcut_lines
    from inspector.session.preferences_store import load_preferences

    print("\n".join(shortcut_lines(load_preferences()[0])))
    return 0


def _settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe", metavar="RECIPE|FILE.py", help="a recipe of this program, or a file of yours, which is run"
    )
    parser.add_argument("--json", action="store_true", help="as JSON Schema")
    parser.add_argument("--python", metavar="PYTHON", help="of another environment, where a file is to be run")


COMMANDS = {
    "settings": Command(_settings, "every setting of a recipe", _settings_arguments),
    "shortcuts": Command(_shortcuts, "every key of the window"),
}
