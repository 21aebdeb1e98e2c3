"""Metric files of MLflow's file store: `metrics/NAME` with one `time value step` a line, NAME with its folders."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import numpy as np

from inspector.artifacts.logs.csv_cells import numbers_in
from inspector.artifacts.logs.lines import WholeLines
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.points import GrowingPoints
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.artifacts.sniff_mlflow import METRIC_LINE, METRICS, name_below
from inspector.core.arrays import FloatArray
from inspector.formats.series import SeriesSet

_NO_POINT = Reason(
    "line {where} is no time, value and step and was left out",
    "{count} lines are no time, value and step and were left out, the first is line {where}",
)
_TORN = Reason("line {where}, the last, has no end and was left out", "")
_LINE = re.compile(METRIC_LINE)
_MS_PER_S = 1e3


class MetricParser:
    """The points of one metric, in the order of the file."""

    def __init__(self) -> None:
        self._lines = WholeLines()
        self._points = GrowingPoints("")
        self._damage = Tally()

    def take(self, data: bytes) -> None:
        """Read on."""
        first, block = self._lines.take_block(data)
        self._lines.tell_too_long(self._damage)
        if self._lines.line > first:
            rows = self._rows(block, first)
            self._points.add(rows[:, 2], rows[:, 0] / _MS_PER_S, rows[:, 1], 0)

    def _rows(self, block: bytes, first: int) -> FloatArray:
        """Time in ms, value and step of each line: (lines, 3) float64."""
        lines = block.replace(b"\r", b"").split(b"\n")
        if all(line.count(b" ") == 2 for line in lines):
            found = numbers_in(block.replace(b"\r", b"").replace(b"\n", b",").replace(b" ", b","))
            if found is not None and len(found) == 3 * len(lines):
                return found.reshape(-1, 3)
        rows = []
        for number, line in enumerate(lines, first):
            match = _LINE.fullmatch(line.strip(b" \0"))
            if match is not None:
                rows.append((float(match["time"]), float(match["value"]), float(match["step"] or 0)))
            elif line.strip(b" \0"):
                self._damage.add(_NO_POINT, number)
        return np.array(rows, np.float64).reshape(-1, 3)

    def series(self, path: Path) -> SeriesSet:
        """The curve so far, named by the path below `metrics`."""
        notes = list(self._damage.texts())
        if self._lines.held.strip(b"\0 "):
            notes.append(_TORN.one.format(where=f"{self._lines.line:,}"))
        curve = msgspec.structs.replace(self._points.series(), tag=name_below(path, METRICS) or path.name)
        notes += self._points.clock.note("point")
        return SeriesSet(series=(curve,) if len(curve.values) else (), notes=tuple(notes))


reader = LogReader("mlflow-metric", MetricParser)
series, facts = reader.series, reader.facts
