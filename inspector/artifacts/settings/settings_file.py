"""Settings files: JSON, YAML and TOML as values by dotted path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import yaml

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.settings.yaml_tree import YamlLimitError, yaml_documents
from inspector.artifacts.text_encoding import encoding_of, without_mark
from inspector.core.errors import DamagedError, LimitError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import integer_text
from inspector.core.units import bytes_text
from inspector.formats.facts import SettingsFacts
from inspector.formats.nonfinite import spelled

MAX_BYTES = {"json": 32 * 2**20, "yaml": 4 * 2**20, "toml": 2**20}
"""Larger files are no settings; YAML and TOML are parsed much slower than JSON."""

MAX_VALUES = 20_000
MAX_DEPTH = 64
_MAX_NODES = 50_000
_MAX_LIST = 64
_MAX_TEXT = 10_000

# The standard library takes time with the square of a dotted key's length.
_LONG_KEY = re.compile(rf"(?<![\w.\"'-])(?:[\w\"'-]++\s*+\.\s*+){{{MAX_DEPTH}}}")

_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}


def facts(path: Path, pulse: Pulse) -> SettingsFacts:
    """What a settings file holds: its values by dotted path, those beyond the limits left out and noted.

    Short lists of plain values stay values; longer and nested ones are spread, with their places as keys.

    Raises:
        FileError: the file cannot be read.
        DamagedError: it is not what its name or its first characters promise.
        LimitError: it is too large, or nests too deep, for settings.
        WorkCancelled: the pulse was cancelled.
    """
    notes = Notes()
    pulse.beat(what=f"Reading {path.name}")
    with ByteFile(path) as file:
        data = file.read(0, min(file.size, max(MAX_BYTES.values()) + 1))
        size = file.size
    container = _container(path, data)
    if size > MAX_BYTES[container]:
        limit = bytes_text(MAX_BYTES[container])
        raise LimitError(path, f"at most {limit} of {container.upper()} settings", bytes_text(size))
    tree = _unwrapped(_READERS[container](path, data, notes, pulse)) if data.strip() else {}
    if not data.strip():
        notes.add("the file is empty")
    values: dict[str, Any] = {}
    for count, (name, value) in enumerate(_leaves(tree, notes)):
        if count % 1000 == 0:
            pulse.beat(what=f"Reading {path.name}")
        if count >= MAX_VALUES:
            notes.add(f"the file holds more than {MAX_VALUES:,} values, the rest was left out")
            break
        if name in values:
            notes.add(f"{name} is set twice, the later value is shown")
        values[name] = value
    return SettingsFacts(container=container, bytes=size, values=values, notes=notes.texts())


def _container(path: Path, data: bytes) -> str:
    known = _SUFFIXES.get(path.suffix.lower())
    if known is not None:
        return known
    return "json" if data.lstrip()[:1] in (b"{", b"[") else "yaml"


def _json(path: Path, data: bytes, _notes: Notes, _pulse: Pulse) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as first:
        try:  # the standard library takes NaN and Infinity, and any encoding that JSON allows
            return json.loads(data)
        except RecursionError as error:
            raise LimitError(path, f"settings of at most {MAX_DEPTH} levels", "a nesting without end") from error
        except ValueError:
            raise DamagedError(path, "JSON", _sentence(first)) from first


def _yaml(path: Path, data: bytes, notes: Notes, pulse: Pulse) -> Any:
    try:
        text = without_mark(data.decode(encoding_of(data)))
        documents = yaml_documents(text, max_depth=MAX_DEPTH, max_nodes=_MAX_NODES, notes=notes, pulse=pulse)
    except YamlLimitError as error:
        raise LimitError(path, f"settings of at most {MAX_DEPTH} levels", str(error)) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise DamagedError(path, "YAML", _sentence(error)) from error
    if len(documents) > 1:
        notes.add(f"the file holds {len(documents)} documents, each stands under its number")
        return documents
    return documents[0] if documents else {}


def _toml(path: Path, data: bytes, _notes: Notes, _pulse: Pulse) -> Any:
    if _LONG_KEY.search(data.decode("utf-8", "replace")):
        raise LimitError(path, f"settings of at most {MAX_DEPTH} levels", "a longer dotted key")
    try:
        return msgspec.toml.decode(data)
    except RecursionError as error:
        raise LimitError(path, f"settings of at most {MAX_DEPTH} levels", "a nesting without end") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise DamagedError(path, "TOML", _sentence(error)) from error


_READERS: dict[str, Callable[[Path, bytes, Notes, Pulse], Any]] = {"json": _json, "yaml": _yaml, "toml": _toml}


def _sentence(error: Exception) -> str:
    """What a parser says, in one line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} in line {error.problem_mark.line + 1:,}"
    return " ".join(str(error).split())[:200] or type(error).__name__


def _unwrapped(tree: Any) -> Any:
    """W&B's config.yaml without the `{desc, value}` around each value."""
    if not isinstance(tree, dict):
        return tree
    own = {name: item for name, item in tree.items() if name != "wandb_version"}
    if not own or not all(isinstance(item, dict) and "value" in item for item in own.values()):
        return tree
    named = len(own) < len(tree) or "_wandb" in own
    keys = ({"desc", "value"}, {"value"}) if named else ({"desc", "value"},)
    if not all(set(item) in keys for item in own.values()):
        return tree
    return {name: item["value"] for name, item in own.items()}


def _leaves(tree: Any, notes: Notes) -> Iterator[tuple[str, Any]]:
    """Values with their dotted paths, in the order of the file; without recursion."""
    if tree is None or tree in ({}, []):
        return
    stack: list[tuple[str, int, Iterator[tuple[str, Any]]]] = [("", 0, iter([("", tree)]))]
    visited = 0
    while stack:
        prefix, depth, items = stack[-1]
        found = next(items, None)
        if found is None:
            stack.pop()
            continue
        name, value = found
        visited += 1
        if visited > _MAX_NODES:  # values that hold themselves have branches without end
            notes.add(f"the file has more than {_MAX_NODES:,} branches, the rest was left out")
            return
        path = f"{prefix}.{name}" if prefix else name
        if not _is_branch(value):
            yield path or "value", _leaf(value)
        elif depth > MAX_DEPTH:
            notes.add(f"{path[:200]} nests deeper than {MAX_DEPTH} levels and was left out")
        else:
            children: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
            stack.append((path, depth + 1, ((str(key), item) for key, item in children)))


def _is_branch(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value)
    if not isinstance(value, list) or not value:
        return False
    return len(value) > _MAX_LIST or any(isinstance(item, dict | list) for item in value)


def _leaf(value: Any) -> Any:
    if isinstance(value, float):
        return spelled(value)
    if isinstance(value, list):
        return [_leaf(item) for item in value]
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else f"{value[:_MAX_TEXT]}… ({len(value):,} characters)"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 63:
        return integer_text(value)
    return value
