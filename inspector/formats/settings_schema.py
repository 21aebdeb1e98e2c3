"""Settings as JSON Schema, and the form of a run whose type is not at hand from the schema that the trainer wrote."""

from __future__ import annotations

import typing
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from inspector.core.errors import SettingsError
from inspector.formats.setting_fields import PATH_FORMAT, Applies, Change, Field, fields_of

_MOST_FIELDS, _DEEPEST = 2000, 8
"""A schema whose sections hold each other has no end."""

_KINDS: dict[str, Literal["number", "integer", "boolean", "text"]] = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "string": "text",
}
_SECTION = "#/$defs/"


class _Property(msgspec.Struct, frozen=True):
    """A setting, or a section of them where it refers to one."""

    ref: str = msgspec.field(default="", name="$ref")
    any_of: tuple[_Property, ...] = msgspec.field(default=(), name="anyOf")
    title: str = ""
    description: str = ""
    unit: str = ""
    applies: Applies = "resume"
    changes: tuple[Change, ...] = ()
    format: str = ""
    type: str = ""
    enum: tuple[Any, ...] = ()
    minimum: float | None = None
    above: float | None = msgspec.field(default=None, name="exclusiveMinimum")
    maximum: float | None = None
    default: Any = None


class _Section(msgspec.Struct, frozen=True):
    properties: dict[str, _Property] = {}


class _Schema(msgspec.Struct, frozen=True):
    ref: str = msgspec.field(name="$ref")
    sections: dict[str, _Section] = msgspec.field(name="$defs")


def json_schema(settings_type: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema of a recipe's settings, with title, unit, range and `applies` of each field."""
    return _json_schema(settings_type)


@lru_cache(maxsize=64)
def _json_schema(settings_type: Hashable) -> dict[str, Any]:
    made = msgspec.json.schema(settings_type)
    # They come sorted; a form offers them as they were declared.
    declared = {frozenset(field.choices): field.choices for field in fields_of(typing.cast("Any", settings_type))}
    for section in made["$defs"].values():
        for told in section.get("properties", {}).values():
            if "enum" in told:
                told["enum"] = list(declared.get(frozenset(told["enum"]), told["enum"]))
    return made


def fields_of_schema(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """Every setting in the order it is declared, as `fields_of` gives them of the type.

    Args:
        schema: as `json_schema` makes it.

    Raises:
        SettingsError: it is not such a schema.
    """
    try:
        found = msgspec.convert(schema, _Schema)
    except msgspec.ValidationError as error:
        raise SettingsError(f"expected the JSON Schema of settings, found another ({error})") from error
    fields: list[Field] = []
    for field in _fields(found, found.ref, "", {}, 0):
        fields.append(field)
        if len(fields) > _MOST_FIELDS:
            raise SettingsError(f"expected the JSON Schema of settings, found more than {_MOST_FIELDS:,} of them")
    return tuple(fields)


def _fields(schema: _Schema, ref: str, prefix: str, given: Any, depth: int) -> Iterator[Field]:
    """Those of a section; `given` are the defaults that the section around it gives."""
    section = schema.sections.get(ref.removeprefix(_SECTION))
    if section is None or depth > _DEEPEST:
        raise SettingsError(f"expected the JSON Schema of settings, found no section {ref[:100]} in it")
    for name, told in section.properties.items():
        default = given.get(name, told.default) if isinstance(given, dict) else told.default
        one = next((choice for choice in told.any_of if choice.type != "null"), told)
        if one.ref:
            yield from _fields(schema, one.ref, f"{prefix}{name}.", default, depth + 1)
        else:
            yield _field(f"{prefix}{name}", one, default, optional=_takes_none(told))


def _takes_none(told: _Property) -> bool:
    return any(choice.type == "null" for choice in told.any_of) or None in told.enum


def _field(path: str, told: _Property, default: Any, *, optional: bool) -> Field:
    choices = tuple(str(choice) for choice in told.enum if choice is not None)
    return Field(
        path=path,
        title=told.title or path,
        kind="choice" if choices else _KINDS.get(told.type, "list"),
        default=default,
        description=told.description,
        unit=told.unit,
        applies=told.applies,
        changes=told.changes,
        is_path=told.format == PATH_FORMAT,
        choices=choices,
        minimum=told.above if told.minimum is None else told.minimum,
        maximum=told.maximum,
        above=told.minimum is None and told.above is not None,
        optional=optional,
    )
