"""Settings as values: by dotted path, nested, and edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from inspector.core.errors import SettingsError, UsageError
from inspector.formats.setting_fields import fields_of, plain
from inspector.formats.setting_names import meant
from inspector.formats.setting_values import check_value, parse_value

S = TypeVar("S", bound=msgspec.Struct)

_DEEPEST = 100
"""Names in a path below the root; a longer one is of a file that means harm, and is left out."""


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
        if not path.startswith(prefix) or path.count(".", len(prefix)) >= _DEEPEST:
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
    return {path: plain(value) for path, value in flatten(msgspec.to_builtins(settings)).items()}


def edits_of_arguments(texts: Iterable[str]) -> dict[str, str]:
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
            raise SettingsError(f"{path} is not a setting of this recipe; {meant(path, fields)}", path)
        branch = tree
        *parents, leaf = path.split(".")
        for name in parents:
            branch = branch[name]
        branch[leaf] = parse_value(fields[path], value) if isinstance(value, str) else value
        problem = check_value(fields[path], branch[leaf])
        if problem:
            raise SettingsError(problem, path)
    try:
        return msgspec.convert(tree, type(settings), strict=True)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{error}") from error
