"""Settings as typed structs: dotted paths, edits, and the JSON Schema that becomes the form.

A recipe's settings are nested msgspec structs. Each field is
`Annotated[type, setting(title=..., unit=..., applies=..., ge=..., le=...)]`.
"""

from __future__ import annotations

import difflib
import math
import types
import typing
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from inspector.core.errors import SettingsError, UsageError
from inspector.formats.nonfinite import to_json

PATH_FORMAT = "path"
"""What JSON Schema's `format` says of a setting that names a file or folder."""

S = TypeVar("S", bound=msgspec.Struct)

Applies = Literal["live", "resume", "restart"]
"""When an edit takes effect: while training, from the next start, or only in a new run (tensor shapes change)."""

Change = Literal["optimizer", "order", "loss", "function"]
"""What an edit on resume changes beside its own effect: the optimizer's kind, so that its state starts afresh; the
order of samples; the loss, whose values before and after cannot be compared; what the weights compute."""


def setting(  # noqa: PLR0913 - facts of one setting, each by its name
    *,
    title: str,
    description: str = "",
    unit: str = "",
    applies: Applies = "resume",
    changes: tuple[Change, ...] = (),
    is_path: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
) -> msgspec.Meta:
    """The annotation of one settings field."""
    bounds: dict[str, Any] = {"ge": ge, "gt": gt, "le": le}
    meta: msgspec.Meta = msgspec.Meta(
        title=title,
        description=description or None,
        extra_json_schema={
            "unit": unit,
            "applies": applies,
            **({"changes": changes} if changes else {}),
            **({"format": PATH_FORMAT} if is_path else {}),
        },
        **bounds,
    )
    return meta


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as a form shows it.

    Attributes:
        path: dotted, `optim.lr`.
        kind: what its text must parse as.
        is_path: a text that names a file or folder, as seen from where it is typed.
        choices: the allowed values of a choice, else empty.
        minimum, maximum: inclusive bounds, None where open.
        above: the minimum itself is not allowed.
        optional: whether "off" (None) is allowed.
    """

    path: str
    title: str
    kind: Literal["number", "integer", "boolean", "choice", "text", "list"]
    default: Any = None
    description: str = ""
    unit: str = ""
    applies: Applies = "resume"
    changes: tuple[Change, ...] = ()
    is_path: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    optional: bool = False


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested dicts as one dict of dotted paths; lists stay values."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{path}."))
        else:
            flat[path] = value
    return flat


def nested(objects: Mapping[str, Any], root: str) -> dict[str, Any]:
    """The tree below a dotted path, as `flatten` was given it; a branch whose keys are 0, 1, 2, ... becomes a list."""
    prefix = f"{root}." if root else ""
    tree: dict[str, Any] = {}
    for path, value in objects.items():
        if not path.startswith(prefix):
            continue
        *parents, leaf = path.removeprefix(prefix).split(".")
        branch: Any = tree
        for name in parents:
            branch = branch.setdefault(name, {}) if isinstance(branch, dict) else None
        if isinstance(branch, dict):  # a path below a plain value is left out
            branch.setdefault(leaf, value)
    return {key: _listed(key, value) for key, value in tree.items()}


def _listed(name: str, tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    made = {key: _listed(key, value) for key, value in tree.items()}
    # A MultiStepLR counts its milestones by step, which may be 0.
    if name != "milestones" and made and all(str(index) in made for index in range(len(made))):
        return [made[str(index)] for index in range(len(made))]
    return made


def values_of(settings: msgspec.Struct) -> dict[str, Any]:
    """Every setting by dotted path."""
    return {path: _plain(value) for path, value in flatten(msgspec.to_builtins(settings)).items()}


def _plain(value: Any) -> Any:
    """A tuple as the list that JSON makes of it."""
    return list(value) if isinstance(value, tuple) else value


def edits_of(texts: Iterable[str]) -> dict[str, str]:
    """`PATH=VALUE` arguments by path.

    Raises:
        UsageError: one has no `=`.
    """
    found: dict[str, str] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or not path:
            raise UsageError(f"--set takes PATH=VALUE, found {text}")
        found[path.strip()] = value
    return found


def with_edits(settings: S, edits: Mapping[str, Any]) -> S:
    """The settings with some paths changed, checked as a whole.

    Args:
        settings: the settings to start from.
        edits: dotted path to new value; a text value is parsed as the field's type.

    Raises:
        SettingsError: a path does not exist, or a value is not allowed there.
    """
    tree = msgspec.to_builtins(settings)
    fields = {field.path: field for field in fields_of(type(settings))}
    for path, value in edits.items():
        if path not in fields:
            raise SettingsError(f"{path} is not a setting of this recipe; {_nearest(path, fields)}")
        branch = tree
        *parents, leaf = path.split(".")
        for name in parents:
            branch = branch[name]
        branch[leaf] = parse_value(fields[path], value) if isinstance(value, str) else value
        problem = check_value(fields[path], branch[leaf])
        if problem:
            raise SettingsError(problem)
    try:
        return msgspec.convert(tree, type(settings), strict=True)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{error}") from error


def _nearest(path: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(path, list(known), n=1)
    return f"did you mean {close[0]}" if close else "see `run-inspector settings RECIPE`"


_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def parse_value(field: Field, text: str) -> Any:
    """The value that a text typed into the form or after `--set` stands for.

    Raises:
        SettingsError: it does not parse as the field's kind.
    """
    word = text.strip()
    if field.optional and word.lower() in ("", "none", "off", "null"):
        return None
    try:
        return _PARSERS[field.kind](field, word)
    except ValueError as error:
        raise SettingsError(f"{field.path} takes {_wanted(field)}, found {word!r}") from error


def _parse_boolean(_field: Field, word: str) -> bool:
    lowered = word.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError(word)


def _parse_choice(field: Field, word: str) -> str:
    if word not in field.choices:
        raise ValueError(word)
    return word


def _parse_text(field: Field, word: str) -> str:
    # A run is resumed from another folder than it was started in.
    return str(Path(word).expanduser().absolute()) if field.is_path and word else word


_PARSERS: dict[str, Any] = {
    "number": lambda _field, word: float(word),
    "integer": lambda _field, word: int(word.replace(",", "").replace("_", "")),
    "boolean": _parse_boolean,
    "choice": _parse_choice,
    "text": _parse_text,
    "list": lambda _field, word: msgspec.json.decode(word.encode()),
}


def _wanted(field: Field) -> str:
    if field.kind == "choice":
        return "one of " + ", ".join(field.choices)
    bounds = ""
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f" {'above' if field.above else 'from'} {field.minimum:g}"
        high = "" if field.maximum is None else f" to {field.maximum:g}"
        bounds = low + high
    return {
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
        "list": "a JSON list",
    }.get(field.kind, "text") + bounds


def value_text(value: Any) -> str:
    """A setting's value as `parse_value` takes it: `off` for none, the shortest decimal for numbers."""
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return text.removesuffix(".0")
    if isinstance(value, str):
        return value
    return to_json(value).decode()


def check_value(field: Field, value: Any) -> str:
    """Why a value is not allowed there, or an empty string."""
    if value is None:
        return "" if field.optional else f"{field.path} needs a value"
    if field.kind in ("number", "integer") and isinstance(value, int | float):
        below = field.minimum is not None and (value < field.minimum or (field.above and value == field.minimum))
        beyond = field.maximum is not None and value > field.maximum
        if below or beyond or (isinstance(value, float) and not math.isfinite(value)):
            return f"{field.path} takes {_wanted(field)}, found {value_text(value)[:40]}"
    return ""


def json_schema(settings_type: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON Schema of a recipe's settings, with title, unit, range and `applies` of each field."""
    return _schema(settings_type)


@lru_cache(maxsize=64)
def _schema(settings_type: Hashable) -> dict[str, Any]:
    made = msgspec.json.schema(settings_type)
    # They come sorted; a form offers them as they were declared.
    declared = {frozenset(field.choices): field.choices for field in fields_of(typing.cast("Any", settings_type))}
    for section in made["$defs"].values():
        for told in section.get("properties", {}).values():
            if "enum" in told:
                told["enum"] = list(declared.get(frozenset(told["enum"]), told["enum"]))
    return made


def fields_of(settings_type: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Every setting of a recipe in the order it is declared."""
    return _fields(settings_type, "")


@lru_cache(maxsize=256)
def _fields(settings_type: Any, prefix: str) -> tuple[Field, ...]:
    found: list[Field] = []
    hints = typing.get_type_hints(settings_type, include_extras=True)
    for info in msgspec.structs.fields(settings_type):
        path = f"{prefix}{info.name}"
        kind, meta, optional = _unwrapped(hints[info.name])
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found.extend(_with_defaults(_fields(kind, f"{path}."), path, info.default))
            continue
        default = info.default if info.default is not msgspec.NODEFAULT else None
        found.append(_field(path, kind, meta, default, optional=optional))
    return tuple(found)


def _with_defaults(fields: tuple[Field, ...], path: str, section: Any) -> Iterable[Field]:
    """The fields of a section with the defaults that a recipe gives it, where it does not keep those of its type."""
    for field in fields:
        value = section
        for name in field.path.removeprefix(f"{path}.").split("."):
            value = getattr(value, name, field.default)
        value = _plain(value)
        yield field if value == field.default else msgspec.structs.replace(field, default=value)


def _unwrapped(hint: Any) -> tuple[Any, msgspec.Meta | None, bool]:
    """The bare type of a hint, its annotation, and whether None is allowed."""
    meta: msgspec.Meta | None = None
    optional = False
    while True:
        if get_origin(hint) is typing.Annotated:
            hint, *extras = get_args(hint)
            meta = next((extra for extra in extras if isinstance(extra, msgspec.Meta)), meta)
        elif get_origin(hint) in (typing.Union, types.UnionType):
            rest = [argument for argument in get_args(hint) if argument is not type(None)]
            optional = len(rest) < len(get_args(hint))
            hint = rest[0]
        else:
            return hint, meta, optional


_KINDS: dict[Any, str] = {float: "number", int: "integer", bool: "boolean", str: "text"}


def _field(path: str, kind: Any, meta: msgspec.Meta | None, default: Any, *, optional: bool) -> Field:
    choices = tuple(str(choice) for choice in get_args(kind)) if get_origin(kind) is Literal else ()
    extra = (meta.extra_json_schema or {}) if meta else {}
    return Field(
        path=path,
        title=(meta.title if meta else None) or path,
        kind=typing.cast("Any", "choice" if choices else _KINDS.get(kind, "list")),
        default=_plain(default),
        description=(meta.description if meta else None) or "",
        unit=extra.get("unit", ""),
        applies=extra.get("applies", "resume"),
        changes=tuple(extra.get("changes", ())),
        is_path=extra.get("format") == PATH_FORMAT,
        choices=choices,
        minimum=meta.ge if meta and meta.ge is not None else (meta.gt if meta else None),
        maximum=meta.le if meta else None,
        above=bool(meta and meta.ge is None and meta.gt is not None),
        optional=optional,
    )
