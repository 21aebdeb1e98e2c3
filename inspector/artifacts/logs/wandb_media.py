"""What W&B logs beside numbers: pictures, histograms, tables, each a JSON object that names its type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.logs.protobuf import WireError
from inspector.artifacts.logs.wandb_blocks import HEADER, record_at
from inspector.artifacts.logs.wandb_records import Item, record_of
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError
from inspector.core.texts import visible
from inspector.formats.log_media import LogMedia, MediaKind

FILES = "files"
"""The folder beside the run file where its pictures and tables lie."""

_KINDS: dict[str, MediaKind] = {
    "image-file": "image",
    "images": "image",
    "images/separated": "image",
    "histogram": "histogram",
    "table": "table",
    "table-file": "table",
    "audio-file": "audio",
    "audio": "audio",
    "video-file": "video",
    "videos": "video",
    "html-file": "html",
    "object3D-file": "mesh",
    "graph-file": "graph",
}
"""Source: wandb/sdk/data_types, the `_type` of each."""

TYPE = "._type"
"""How the name of a value ends that says what the values beside it are."""


def grouped(items: Sequence[Item]) -> list[Item]:
    """Values with the parts of a thing joined to one object, where a row names each part by itself."""
    stems = [item.name.removesuffix(TYPE) for item in items if item.name.endswith(TYPE)]
    if not stems:
        return list(items)
    parts: dict[str, list[Item]] = {stem: [] for stem in stems}
    alone: list[Item] = []
    for item in items:
        stem = next((stem for stem in stems if item.name.startswith(f"{stem}.")), None)
        (alone if stem is None else parts[stem]).append(item)
    return [*alone, *(_joined(stem, several) for stem, several in parts.items())]


def _joined(stem: str, items: Sequence[Item]) -> Item:
    members = (json.dumps(item.name[len(stem) + 1 :]).encode() + b":" + item.json for item in items)
    return Item(stem, min(item.start for item in items), b"{" + b",".join(members) + b"}")


def media_of(item: Item, value: Any, place: int) -> LogMedia | None:
    """What a value of the history is, where it is no number; None where it names no type that is known.

    Args:
        item: the value as it stands in its record.
        value: the same, parsed.
        place: where in the file its record begins.
    """
    if not isinstance(value, dict):
        return None
    kind = _KINDS.get(str(value.get("_type", "")))
    if kind is None:
        return None
    path, size = value.get("path"), value.get("size")
    names = value.get("filenames")
    several = value.get("values") if kind == "histogram" else names
    if not isinstance(path, str):
        path = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else ""
    caption = value.get("caption", "")
    return LogMedia(
        kind=kind,
        tag=item.name,
        count=len(several) if isinstance(several, list) else 1,
        bytes=size if isinstance(size, int) and 0 <= size < 2**63 else len(item.json),
        start=0 if path else place,
        path=f"{FILES}/{path}" if path else "",
        record=place,
        text=visible(caption, 200) if isinstance(caption, str) else "",
    )


def is_run_file(path: Path) -> bool:
    """Whether a log is a run file of W&B.

    Raises:
        MissingError: it is not there, or may not be read.
    """
    with ByteFile(path) as file:
        return file.read(0, len(HEADER)) == HEADER


def value_at(path: Path, place: int, name: str) -> Any:
    """The value of a name in the record that begins at a byte of a run file, parsed; None where no sound one does.

    Raises:
        FileError: the file is not there, or may not be read.
    """
    with ByteFile(path) as file:
        record = record_at(file, place)
    try:
        items = grouped(record_of(record).items) if record is not None else []
        return next((json.loads(item.json) for item in items if item.name == name), None)
    except (WireError, ValueError, RecursionError):
        return None


def histogram_numbers(path: Path, media: LogMedia) -> tuple[FloatArray, FloatArray]:
    """Edges and counts of a histogram of a run file; (bins + 1,) and (bins,) float64.

    Raises:
        FileError: the file is not there, or no longer holds it.

    Source: wandb/sdk/data_types/histogram.py (`bins` and `values`, or `packedBins` of equal width).
    """
    value = value_at(path, media.start, media.tag)
    try:
        counts = np.array(value["values"], np.float64)
        if "bins" in value:
            edges = np.array(value["bins"], np.float64)
        else:
            packed = value["packedBins"]
            edges = packed["min"] + packed["size"] * np.arange(len(counts) + 1, dtype=np.float64)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise DamagedError(path, f"a histogram at byte {media.start:,}", "other bytes") from error
    if counts.ndim != 1 or edges.shape != (len(counts) + 1,):
        raise DamagedError(path, f"a histogram at byte {media.start:,}", "edges and counts that do not fit")
    return edges, counts
