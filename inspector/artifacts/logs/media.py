"""What a log holds beside numbers, fetched one at a time: bytes, histograms, texts, tables of settings."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.logs.event_hparams import hparams_record, shown_value
from inspector.artifacts.logs.event_tensors import array, tensor
from inspector.artifacts.logs.protobuf import BYTES, FIXED64, Field, WireError, fields, text
from inspector.artifacts.logs.wandb_media import histogram_numbers, is_run_file
from inspector.artifacts.opened_paths import named_file
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError, LimitError, MissingError
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.log_media import LogMedia

MAX_BYTES = 64 * 2**20
"""More is not fetched at once."""

_PIECE_BYTES = 4 * 2**20
_DOUBLE = struct.Struct("<d")


class Histogram(NamedTuple):
    """How many values lie between edges.

    Attributes:
        edges: (bins + 1,) float64, not decreasing.
        counts: (bins,) float64, 0 or more.
    """

    edges: FloatArray
    counts: FloatArray


_EMPTY = Histogram(np.empty(0), np.empty(0))


def media_bytes(path: Path, media: LogMedia, pulse: Pulse) -> bytes:
    """The bytes of one thing that the log at `path` lists.

    Raises:
        DamagedError: the file no longer holds them.
        LimitError: they are more than is fetched at once.
        MissingError: the file is not there, or may not be read.
        WorkCancelled: the pulse was cancelled.
    """
    file_path = _beside(path, media.path) if media.path else path
    if media.bytes > MAX_BYTES:
        raise LimitError(file_path, f"at most {bytes_text(MAX_BYTES)} at once", bytes_text(media.bytes))
    parts = []
    with ByteFile(file_path) as file:
        for begin in range(0, media.bytes, _PIECE_BYTES):
            pulse.beat(begin, media.bytes, f"Reading {file_path.name}")
            parts.append(file.read(media.start + begin, min(_PIECE_BYTES, media.bytes - begin)))
    data = b"".join(parts)
    if len(data) != media.bytes:
        raise DamagedError(file_path, f"{media.bytes:,} bytes at byte {media.start:,}", f"{len(data):,}")
    return data


def _beside(path: Path, name: str) -> Path:
    """A file that the log names.

    Raises:
        MissingError: it was not opened, or is not there.
    """
    found = named_file(name, path)
    if found is None:
        raise MissingError(path.parent / name, "a file among what was opened", "none", "open the folder of the run")
    return found


def histogram_of(path: Path, media: LogMedia, pulse: Pulse) -> Histogram:
    """A histogram of an event file or of a run file of W&B.

    Raises:
        FileError: as `media_bytes`, or the bytes are no histogram.
        WorkCancelled: the pulse was cancelled.
    """
    if is_run_file(path):
        return _sound(*histogram_numbers(path, media))
    data = media_bytes(path, media, pulse)
    try:
        return _histogram(data)
    except WireError as error:
        raise DamagedError(path, f"a histogram at byte {media.start:,}", str(error)) from error


def _histogram(data: bytes) -> Histogram:
    found = list(fields(data, 0, len(data)))
    is_tensor = any(field.number in (1, 2, 4) and field.wire != FIXED64 for field in found)
    return _from_tensor(data) if is_tensor else _from_message(data, found)


def _from_tensor(data: bytes) -> Histogram:
    """Rows of left edge, right edge and count.

    Source: tensorboard/plugins/histogram/summary_v2.py.
    """
    rows = array(data, tensor(data, 0, len(data)))
    if rows is None or rows.ndim != 2 or rows.shape[1] != 3 or not len(rows):
        return _EMPTY
    return _sound(np.append(rows[:, 0], rows[-1, 1]), rows[:, 2])


def _from_message(data: bytes, found: list[Field]) -> Histogram:
    """Right edges and counts; the first bin begins at the least value, the last ends at the greatest.

    Source: tensorboard/data_compat.py (`_migrate_histogram_value`).
    """
    ends = {
        field.number: _DOUBLE.unpack_from(data, field.start)[0]
        for field in found
        if field.number in (1, 2) and field.wire == FIXED64
    }
    limits, counts = (
        np.concatenate([np.empty(0), *(_doubles(data, field) for field in found if field.number == number)])
        for number in (6, 7)
    )
    bins = min(len(limits), len(counts))
    if not bins:
        return _EMPTY
    limits, counts = limits[:bins], counts[:bins]
    least, greatest = ends.get(1, 0.0), ends.get(2, 0.0)
    if bins > 1 and counts[0] == 0 and limits[0] <= least:  # a bin that only marks where the next begins
        return _sound(np.append(limits[:-1], max(greatest, limits[-2])), counts[1:])
    return _sound(np.concatenate([[least], limits[:-1], [greatest]]), counts)


def _doubles(data: bytes, field: Field) -> FloatArray:
    size = field.end - field.start
    if field.wire not in (BYTES, FIXED64) or size % 8:
        raise WireError("numbers that are cut")
    return np.frombuffer(data, "<f8", size // 8, field.start)


def _sound(edges: FloatArray, counts: FloatArray) -> Histogram:
    """Edges that do not go back, and counts that are none below zero; what is not finite counts as nothing."""
    edges = np.maximum.accumulate(np.nan_to_num(edges, nan=0.0, posinf=0.0, neginf=0.0))
    return Histogram(edges, np.maximum(np.nan_to_num(counts, nan=0.0, posinf=0.0, neginf=0.0), 0.0))


def curve_of(path: Path, media: LogMedia, pulse: Pulse) -> FloatArray:
    """A precision-recall curve: (2, thresholds) float64, recall and precision, each 0 to 1; NaN where undefined.

    Raises:
        FileError: as `media_bytes`, or the bytes are no such curve.
        WorkCancelled: the pulse was cancelled.

    Source: tensorboard/plugins/pr_curve/summary.py, rows TP, FP, TN, FN, precision, recall.
    """
    data = media_bytes(path, media, pulse)
    try:
        rows = array(data, tensor(data, 0, len(data)))
    except WireError as error:
        raise DamagedError(path, f"a curve at byte {media.start:,}", str(error)) from error
    if rows is None or rows.ndim != 2 or rows.shape[0] != 6:
        raise DamagedError(path, f"a curve at byte {media.start:,}", "numbers of another shape")
    return rows[[5, 4]]


def texts_of(path: Path, media: LogMedia, pulse: Pulse) -> tuple[str, ...]:
    """The texts of one entry in full.

    Raises:
        FileError: as `media_bytes`, or the bytes are no texts.
        WorkCancelled: the pulse was cancelled.
    """
    data = media_bytes(path, media, pulse)
    if media.count == 1:
        return (data.decode("utf-8", "backslashreplace"),)
    try:
        found = tensor(data, 0, len(data))
    except WireError as error:
        raise DamagedError(path, f"texts at byte {media.start:,}", str(error)) from error
    return tuple(text(data, field) for field in found.texts)


def hparams_of(path: Path, media: LogMedia, pulse: Pulse) -> dict[str, str]:
    """What a record of hyper-parameters says, by name: values of a session, or what an experiment varies.

    Raises:
        FileError: as `media_bytes`, or the bytes are no such record.
        WorkCancelled: the pulse was cancelled.
    """
    data = media_bytes(path, media, pulse)
    try:
        found = hparams_record(data)
    except WireError as error:
        raise DamagedError(path, f"hyper-parameters at byte {media.start:,}", str(error)) from error
    return found.others | {name: shown_value(value) for name, value in found.settings.items()}
