"""`settings` and `shortcuts`: the same texts that the window shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.command_line.command import Command, Options

if TYPE_CHECKING:
    import argparse

    from inspector.formats.settings import Field


def _settings(options: Options) -> int:
    from inspector.formats.recipes.catalogue import recipe_of
    from inspector.formats.settings import fields_of, json_schema

    recipe = recipe_of(options.recipe)
    if options.json:
        from inspector.formats.nonfinite import to_json

        print(to_json(json_schema(recipe.settings), indent=2).decode())
    else:
        print("\n".join(map(_field_line, fields_of(recipe.settings))))
    return 0


def _field_line(field: Field) -> str:
    from inspector.formats.settings import value_text

    bounds = " or ".join(field.choices)
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f"{field.minimum:g}"
        high = "" if field.maximum is None else f"{field.maximum:g}"
        bounds = f"{low} … {high}"
    facts = " · ".join(part for part in (bounds, field.unit, field.applies, field.description) if part)
    return f"{field.path:<28} {value_text(field.default):<14} {field.title}  ({facts})"


def _shortcuts(_options: Options) -> int:
    from inspector.app.commands import shortcut_lines

    print("\n".join(shortcut_lines()))
    return 0


def _settings_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="RECIPE")
    parser.add_argument("--json", action="store_true")


COMMANDS = {
    "settings": Command(_settings, "every setting of a recipe", _settings_arguments),
    "shortcuts": Command(_shortcuts, "every key of the window"),
}
