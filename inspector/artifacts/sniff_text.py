"""What a text file is: JSON, JSON lines, CSV, YAML, console output, or something that no reader wants."""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path
from typing import Any

from inspector.artifacts.annotations.forms import (
    holds_classes,
    holds_splits,
    json_container,
    line_container,
    table_container,
)
from inspector.artifacts.container_table import PICTURE_WORDS
from inspector.artifacts.sniff_json import is_history, parsed, parsed_as_far
from inspector.artifacts.sniff_mlflow import mlflow_container
from inspector.artifacts.text_encoding import UTF8, encoding_of, without_mark
from inspector.formats.run_folder import RUN_FILE, THRESHOLDS_FILE

_JSONL_SUFFIXES = frozenset((".jsonl", ".ndjson"))
_LOG_SUFFIXES = frozenset((".log", ".txt", ".out"))
_CSV_SUFFIXES = frozenset((".csv", ".tsv"))
_YAML_SUFFIXES = frozenset((".yaml", ".yml"))
_OTHER_SUFFIXES = frozenset(
    (".py", ".ipynb", ".md", ".rst", ".sh", ".html", ".htm", ".xml", ".svg", ".css", ".js", ".ts", ".c", ".cpp", ".h",
     ".cu", ".toml", ".ini", ".cfg", ".lock", ".gitignore", ".patch", ".diff", ".tex", ".bib")
)  # fmt: skip
"""Text that is neither a log nor settings of a run."""

_CHECKPOINT_SUFFIXES = frozenset((".pt", ".pth", ".th", ".ckpt", ".bin", ".safetensors", ".h5", ".hdf5"))
"""Names that promise binary data; text in them is no log."""

_LFS = b"version https://git-lfs"
_NUMBER = re.compile(r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf|infinity))?\s*$", re.IGNORECASE)

_ZERO_FILL = re.compile(rb"\0{16,}")
"""What a crash leaves of a log that was not written to disk yet."""

MAX_CONTROL_FRACTION = 0.02
"""Console output has colour codes and now and then a zero byte; more than this is no text."""

_CONTROLS = bytes((*range(7), *range(14, 27), *range(28, 32)))
_SAMPLED_ROWS = 20


def text_container(path: Path, head: bytes, size: int) -> str:
    """The container of a text file; empty where it is no text.

    Args:
        path: whose name helps where the text cannot tell.
        head: its first bytes.
        size: of the whole file.
    """
    text = _decoded(head)
    if text is None:
        return ""
    if head.startswith(_LFS):
        return "git-lfs pointer"
    kept_by_mlflow = mlflow_container(path, head)
    if kept_by_mlflow:
        return kept_by_mlflow
    if path.name == THRESHOLDS_FILE:
        return "toml"
    suffix = path.suffix.lower()
    whole = len(head) == size
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped[:1] in ("{", "[") and suffix not in _OTHER_SUFFIXES:
        found = _json_container(path, stripped, suffix, whole)
        if found:
            return found
    if suffix in _OTHER_SUFFIXES or suffix in _CHECKPOINT_SUFFIXES:
        return "other text"
    if suffix in _YAML_SUFFIXES:
        return "yaml"
    if suffix in _JSONL_SUFFIXES:
        return "jsonl"
    if suffix == ".json":
        return "json"
    if holds_classes(text if whole else text.rpartition("\n")[0]):
        return PICTURE_WORDS
    return (table_container(text, path.name) or "csv") if _is_csv(text, suffix, whole) else "text"


def _decoded(head: bytes) -> str | None:
    """The beginning as text, or None where it is binary."""
    encoding = encoding_of(head)
    if encoding != UTF8 or head.startswith(codecs.BOM_UTF8):
        return without_mark(head.decode(encoding, "replace"))
    if b"\0" in head:
        head = _ZERO_FILL.sub(b"", head)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not head or controls > MAX_CONTROL_FRACTION * len(head):
        return None
    text = head.decode("utf-8", "surrogateescape")
    escaped = sum("\udc80" <= character <= "\udcff" for character in text) if not text.isascii() else 0
    # Latin-1 text has a few bytes that are not UTF-8, binary data has many.
    return None if escaped > max(4, 0.1 * len(head)) else text


def _json_container(path: Path, text: str, suffix: str, whole: bool) -> str:
    lines = text.split("\n")
    complete = [line for line in (lines if whole else lines[:-1]) if line.strip()]
    if suffix in _JSONL_SUFFIXES:
        return line_container(parsed(complete[0]) if complete else None, path.name) or "jsonl"
    first = parsed(complete[0]) if complete else None
    if isinstance(first, dict) and len(complete) > 1 and complete[1].lstrip().startswith("{"):
        return line_container(first, path.name) or "jsonl"
    if whole:
        value = parsed(text)
        if value is None:
            # A console line may begin with a bracket: `[2024-01-01 12:00] epoch 1`.
            return _json_kind(parsed_as_far(text), path.name) if suffix == ".json" else ""
        record = (
            path.name == RUN_FILE and isinstance(value, dict) and str(value.get("schema", "")).startswith("ri-run/")
        )
        if record:
            return RUN_FILE
        if suffix in _LOG_SUFFIXES and isinstance(value, dict) and is_history([value], path.name):
            return "jsonl"  # the first of its lines
        return _json_kind(value, path.name)
    if suffix != ".json" and not re.match(r"[{\[]\s*[\"{\[\]}\d]", text):
        return ""
    return _json_kind(parsed_as_far(text), path.name)


def _json_kind(value: Any, name: str) -> str:
    """What a document, or as much as is known of it, holds."""
    found = json_container(value, name) or (PICTURE_WORDS if holds_splits(value) else "")
    return found or ("json-history" if is_history(value, name) else "json")


def _is_csv(text: str, suffix: str, whole: bool) -> bool:
    """A table: every row as long as the header, a header of names, cells that are mostly numbers."""
    lines = [line for line in text.split("\n")[: _SAMPLED_ROWS + 2] if line.strip() and not line.startswith("#")]
    if not whole and len(lines) > 1:
        lines = lines[:-1]
    if not lines:
        return False
    if suffix in _CSV_SUFFIXES:
        return True
    for delimiter in (",", "\t", ";"):
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        header, body = rows[0], rows[1:]
        if len(header) < 2 or not body or any(len(row) != len(header) for row in body):
            continue
        names = sum(not _NUMBER.match(cell) for cell in header)
        numbers = sum(bool(_NUMBER.match(cell)) for row in body for cell in row)
        if names >= len(header) - 1 and numbers >= 0.5 * len(header) * len(body):
            return True
    return False
