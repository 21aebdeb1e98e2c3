"""Two forms of curves in a file: one long table (CSV), or one array for each curve and axis (npz)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import IO, cast

import msgspec
import numpy as np

from inspector.artifacts.output import Data, Output
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.curves.export import DataForm
from inspector.display.curves.kept import Smoothing, attempts
from inspector.display.curves.lines import points_of
from inspector.formats.series import Series

COLUMNS = ("run", "tag", "attempt", "step", "epoch", "time", "value")
SMOOTHED = "smoothed"

_ROWS = 8_000
_PIECE_BYTES = 8_000_000
_NAME_CHARACTERS = 200
_ZIP64_BYTES = 1 << 30
_WHOLE = 2.0**53
_LOST = {"value": b"nan"}
"""What is not a number here was logged so; elsewhere it is not known, and its cell is empty."""


class WrittenCurve(msgspec.Struct, frozen=True, kw_only=True):
    """A curve on its way into the file.

    Attributes:
        tag: as logged; with the file's name where several logs of the run have one such curve.
        rows: (points,) int64, the points that are written; None for all.
        x: (all points,) float64, where they stand; NaN where no file tells.
        smoothing: nothing is done where it has no text.
    """

    run: str
    tag: str
    series: Series
    rows: IntArray | None
    x: FloatArray
    smoothing: Smoothing

    @property
    def points(self) -> int:
        """How many are written."""
        return len(self.series.values) if self.rows is None else len(self.rows)

    def taken(self, values: AnyArray) -> AnyArray:
        """Of an array of all points, (all points,) of any dtype, those that are written: (points,)."""
        return values if self.rows is None else values[self.rows]

    def attempts(self) -> IntArray:
        """(points,) int64, which attempt of the run wrote each point, from 1."""
        starts = self.series.starts
        everyone = np.arange(len(self.series.values)) if self.rows is None else self.rows
        if starts is None or not starts.size:
            return np.ones(everyone.shape, np.int64)
        return np.searchsorted(starts, everyone, "right").astype(np.int64)

    def smoothed(self, pulse: Pulse) -> FloatArray | None:
        """(points,) float64 as drawn, NaN where a point has no place; None where nothing is smoothed."""
        if not self.smoothing.text:
            return None
        placed = np.flatnonzero(np.isfinite(self.x))
        points = points_of(self.series, self.x)
        if points.sorted:
            placed = placed[np.argsort(self.x[placed], kind="stable")]
        values = np.full(len(self.series.values), np.nan)
        for begin, end in attempts(points.starts, len(points.y)):
            values[placed[begin:end]] = self.smoothing.of(points.y[begin:end], pulse)
        return np.asarray(self.taken(values))


def _write_csv(curves: Sequence[WrittenCurve], output: Output, pulse: Pulse) -> None:
    smooth = any(curve.smoothing.text for curve in curves)
    output.write(_csv_row(*COLUMNS, *((SMOOTHED,) if smooth else ())) + b"\n")
    total = sum(curve.points for curve in curves)
    done = 0
    for curve in curves:
        head = _csv_row(curve.run, curve.tag)
        columns = _columns(curve, pulse)
        if not smooth:
            columns.pop(SMOOTHED)
        for begin in range(0, curve.points, _ROWS):
            pulse.beat(done + begin, total, tr("writing {name}").format(name=visible(curve.tag, 60)))
            rows = slice(begin, begin + _ROWS)
            cells = [
                repeat(b"") if values is None else number_texts(values[rows], _LOST.get(name, b""))
                for name, values in columns.items()
            ]
            output.write(b"\n".join(map(b",".join, zip(repeat(head), *cells, strict=False))) + b"\n")
        done += curve.points


def _columns(curve: WrittenCurve, pulse: Pulse) -> dict[str, AnyArray | None]:
    """The columns after the curve's name, (points,) each; None for what no file states."""
    series = curve.series

    def taken(values: FloatArray | None) -> AnyArray | None:
        return None if values is None else curve.taken(values)

    return {
        "attempt": curve.attempts(),
        "step": curve.taken(series.steps),
        "epoch": taken(series.epochs),
        "time": taken(series.times),
        "value": curve.taken(series.values),
        SMOOTHED: curve.smoothed(pulse),
    }


def _csv_row(*cells: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    return stream.getvalue().encode("utf-8", "backslashreplace")


def number_texts(values: AnyArray, lost: bytes = b"") -> list[bytes]:
    """The shortest text of each number that is read back bit for bit; without a point where all are whole.

    Args:
        values: (points,) float64 or int64.
        lost: what is written for NaN.
    """
    if not values.size:
        return []
    texts = msgspec.json.encode(_as_whole(values).tolist())[1:-1].split(b",")
    for row in np.flatnonzero(~np.isfinite(values)).tolist():
        texts[row] = lost if np.isnan(values[row]) else b"inf" if values[row] > 0 else b"-inf"
    return texts


def _as_whole(values: AnyArray) -> AnyArray:
    """As int64 where that is the very same numbers; -0.0 is not 0."""
    if values.dtype == np.int64 or not (np.abs(values) < _WHOLE).all():
        return values
    whole = values.astype(np.int64)
    same = whole.astype(np.float64).view(np.int64) == np.ascontiguousarray(values, np.float64).view(np.int64)
    return whole if same.all() else values


def _write_npz(curves: Sequence[WrittenCurve], output: Output, pulse: Pulse) -> None:
    """Source: numpy/lib/_npyio_impl.py (`savez`): a zip of `.npy` files, not compressed."""
    several = len({curve.run for curve in curves}) > 1
    total = sum(curve.points for curve in curves)
    done = 0
    stream = cast("IO[bytes]", _Stream(output))  # of a file the archive only writes
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        taken: set[str] = set()
        for curve in curves:
            name = _free(member_name(f"{curve.run}/{curve.tag}" if several else curve.tag), taken)
            columns = _columns(curve, pulse)
            for axis, values in columns.items():
                if values is not None:
                    _write_array(archive, f"{name}/{axis}.npy", values, pulse, (done, total))
            done += curve.points


def member_name(text: str) -> str:
    """A name within an archive that leads nowhere else when it is unpacked."""
    shown = visible(text, _NAME_CHARACTERS).replace("\\", "_").replace(":", "_")
    return "/".join(part if part.strip(". ") else "_" for part in shown.split("/"))


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken."""
    free = next(one for one in _numbered(name) if one not in taken)
    taken.add(free)
    return free


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} ({number})"
        number += 1


def _write_array(archive: zipfile.ZipFile, name: str, values: AnyArray, pulse: Pulse, so_far: tuple[int, int]) -> None:
    held = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": held.dtype.str, "fortran_order": False, "shape": held.shape})
    member = zipfile.ZipInfo(name)
    with archive.open(member, "w", force_zip64=held.nbytes > _ZIP64_BYTES) as file:
        file.write(head.getvalue())
        data = held.view(np.uint8).data
        for begin in range(0, len(data), _PIECE_BYTES):
            pulse.beat(*so_far, tr("writing {name}").format(name=visible(name, 80)))
            file.write(data[begin : begin + _PIECE_BYTES])


class _Stream:
    """An output as the archive writes to it; it never goes back."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, data: Data) -> int:
        self._output.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""


WRITERS: Mapping[DataForm, Callable[[Sequence[WrittenCurve], Output, Pulse], None]] = {
    "csv": _write_csv,
    "npz": _write_npz,
}
