"""Histories in one JSON document: `trainer_state.json`, lists of records, and Keras' dict of lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.numbers import as_float
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.metrics_jsonl import JsonlParser
from inspector.artifacts.logs.series_table import SeriesTable
from inspector.artifacts.sniff_json import LOG_HISTORY, is_column, parsed_as_far
from inspector.core.errors import DamagedError, LimitError
from inspector.core.units import bytes_text
from inspector.formats.series import SeriesSet

MAX_BYTES = 64 * 2**20
"""A document is parsed as a whole; a larger one is no history."""

_TORN = "the file breaks off, what is whole was read"


class HistoryParser:
    """A document, parsed when it is asked for: none grows at its end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._bytes = 0

    def take(self, data: bytes) -> None:
        """Read on."""
        self._bytes += len(data)
        if self._bytes <= MAX_BYTES:
            self._parts.append(data)

    def series(self, path: Path) -> SeriesSet:
        """The curves of the document.

        Raises:
            DamagedError: it is no JSON, or holds no history.
            LimitError: it is too large.
        """
        if self._bytes > MAX_BYTES:
            raise LimitError(path, f"a history of at most {bytes_text(MAX_BYTES)}", bytes_text(self._bytes))
        document, torn = _parsed(b"".join(self._parts).strip(b"\0"))
        found = _series(document, path)
        return msgspec.structs.replace(found, notes=(_TORN, *found.notes)) if torn else found


def _parsed(data: bytes) -> tuple[Any, bool]:
    """The document, and whether its end is missing."""
    try:
        return msgspec.json.decode(data), False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    text = data.decode("utf-8", "surrogateescape")
    try:  # the standard library takes NaN and Infinity
        return json.loads(text), False
    except (ValueError, RecursionError):
        return parsed_as_far(text), True


def _series(document: Any, path: Path) -> SeriesSet:
    if isinstance(document, dict) and isinstance(document.get(LOG_HISTORY), list):
        return _of_records(document[LOG_HISTORY], path)
    if isinstance(document, list):
        return _of_records(document, path)
    if isinstance(document, dict) and any(is_column(values) for values in document.values()):
        return _of_columns(document)
    raise DamagedError(path, "a history in JSON", "neither a list of records nor lists of numbers")


def _of_records(items: Sequence[Any], path: Path) -> SeriesSet:
    """Curves by the dotted path of the records' keys."""
    parser = JsonlParser()
    parser.add([item for item in items if isinstance(item, dict) and item], 1)
    found = parser.series(path)
    others = sum(not isinstance(item, dict) for item in items)
    if not others:
        return found
    return msgspec.structs.replace(found, skipped=(*found.skipped, f"{others:,} items that are no records"))


def _of_columns(columns: dict[str, Any]) -> SeriesSet:
    """Curves of lists of numbers, one after the other."""
    table = SeriesTable()
    skipped = []
    for name, values in columns.items():
        if is_column(values):
            table.records = max(table.records, len(values))
            table.extend(name, np.arange(len(values)), np.array([as_float(value) for value in values]))
        elif values not in ([], {}):
            skipped.append(name[:200])
    curves, notes = table.series()
    return SeriesSet(series=curves, skipped=_told(skipped), notes=notes)


def _told(names: Iterable[str]) -> tuple[str, ...]:
    listed = list(names)
    return (f"{', '.join(listed[:8])} ({len(listed):,} × other values)",) if listed else ()


reader = LogReader("json-history", HistoryParser)
series, facts = reader.series, reader.facts
