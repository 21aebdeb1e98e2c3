"""Follows the weights of a run over its checkpoints."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.colour_maps import apply_map
from inspector.display.nearest import place_or_name
from inspector.display.weights.trend.scene import TrendAsk, TrendScene
from inspector.runs.diff_values import WeightTrend
from inspector.runs.values import FileEntry
from inspector.runs.weight_trend import trend_of

MAX_LAYERS = 400
_LEAST_DECADES = 1.0


def prepare(ask: TrendAsk, pulse: Pulse) -> TrendScene:
    """The map; a checkpoint that cannot be read is left out and said so."""
    entries: list[FileEntry] = []
    notes: list[str] = []
    for number, file in enumerate(ask.files):
        pulse.beat(number, len(ask.files), tr("opening {file}").format(file=file.name))
        try:
            facts = opened(Path(file.path), pulse).facts
        except FileError as error:
            notes.append(str(error))
            continue
        entries.append(
            FileEntry(
                path=file.path,
                name=file.name,
                facts=facts,
                bytes=facts.bytes,
                modified_s=file.modified_s,
                step=file.step,
                epoch=file.epoch,
            )
        )
    places = {entry.path: place_or_name(entry) for entry in entries}
    return scene_of(trend_of(entries, pulse), places, tuple(notes))


def scene_of(trend: WeightTrend, places: dict[str, str], notes: tuple[str, ...] = ()) -> TrendScene:
    """A trend as a map on a log scale of change."""
    names = tuple(visible(places.get(path, name), 60) for path, name in zip(trend.paths, trend.names, strict=True))
    changes = trend.from_previous[:MAX_LAYERS]
    low, high = _ends(changes)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(changes)
    cells = apply_map(logs, math.log10(low), math.log10(high), "viridis") if high > 0 else _blank(changes)
    left = len(trend.layers) - MAX_LAYERS
    says = [tr_counted(left, "more layer")] if left > 0 else []
    says += (
        [tr("{checkpoints} left out").format(checkpoints=tr_counted(trend.left_out, "checkpoint"))]
        if trend.left_out
        else []
    )
    few = len(trend.paths) < 2 or not trend.layers
    return TrendScene(
        layers=tuple(visible(layer, 200) or tr("model") for layer in trend.layers[:MAX_LAYERS]),
        said=_said(trend, names)[:MAX_LAYERS],
        places=names,
        changes=np.ascontiguousarray(changes),
        norms=np.ascontiguousarray(trend.norms[:MAX_LAYERS]),
        cells=cells,
        low=low,
        high=high,
        says=(*says, *trend.notes, *notes),
        problem=tr("Fewer than two checkpoints of the run hold the same weights") if few else "",
    )


def _said(trend: WeightTrend, places: tuple[str, ...]) -> tuple[str, ...]:
    since, unchanged = tr("still since {place}"), tr("unchanged")
    stopped = {one.layer: since.format(place=places[one.checkpoint]) for one in trend.stopped}
    return tuple(unchanged if layer in trend.still else stopped.get(layer, "") for layer in trend.layers)


def _ends(changes: FloatArray) -> tuple[float, float]:
    """The least and the greatest change that the colours tell apart; NaN where nothing changed."""
    known = changes[np.isfinite(changes) & (changes > 0)]
    if not known.size:
        return math.nan, math.nan
    high = float(known.max())
    return min(float(known.min()), high / 10**_LEAST_DECADES), high


def _blank(changes: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.zeros((*changes.shape, 4), np.uint8)
