"""Runs that differ only in their seed, and their curves as one mean with a band."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.curve_summary import summary_of
from inspector.analysis.pyramid import pyramid_of
from inspector.analysis.seed_bands import Spread, seed_band
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.display.curves.scene import Band, Levels, Line, Stretch, TableRow
from inspector.display.curves.table import row_of

_SEED = re.compile(r"(?i)(?:(?<![a-z])seed[\W_]*\d+|(?<![a-z\d])s\d+(?![a-z\d]))")
_SEEDS = frozenset(("seed", "random_seed", "rng_seed", "manual_seed", "torch_seed", "global_seed", "data_seed"))
_NAMES = frozenset(
    ("name", "run_name", "exp_name", "experiment", "run_id", "id", "output_dir", "out_dir", "save_dir", "log_dir",
     "logging_dir", "checkpoint_dir", "output", "out", "logdir", "default_root_dir", "group")
)  # fmt: skip
"""Settings that say where a run is kept and not what it does."""

_SPREAD_LABELS: dict[Spread, str] = {
    "range": tr("min to max of {seeds}"),
    "deviation": tr("± 1 standard deviation of {seeds}"),
}


def seed_group(name: str, settings: Mapping[str, Any]) -> str:
    """The same text for runs that differ only in their seed; empty where nothing tells.

    Settings decide where they hold a seed; otherwise the name does, where it holds one (`slots-seed3`, `slots_s3`).
    """
    kept = {path: value for path, value in settings.items() if path.rpartition(".")[2].lower() not in _NAMES}
    rest = {path: value for path, value in kept.items() if path.rpartition(".")[2].lower() not in _SEEDS}
    if rest and len(rest) < len(kept):
        text = "\n".join(f"{path}={value!r}" for path, value in sorted(rest.items()))
        return "settings " + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    without = _SEED.sub("#", name)
    return "" if without == name else f"name {without}"


def grouped_seeds(lines: Sequence[Line], group_of: Mapping[str, str], spread: Spread) -> tuple[list[Line], list[Band]]:
    """Lines with those of a group's runs replaced by their mean, where the first of them stood, and the bands.

    Args:
        lines: of one panel, each with its run's name.
        group_of: the group of each run's name, empty for none.
        spread: what a band shows.
    """
    sets: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if _belongs(line, group_of):
            sets[group_of[line.run], line.tag].append(line)
    found: list[Line] = []
    bands: list[Band] = []
    for line in lines:
        members = sets.get((group_of.get(line.run, ""), line.tag), []) if _belongs(line, group_of) else []
        if len(members) < 2:
            found.append(line)
        elif members[0] is line:
            mean, band = _mean_of(members, spread)
            found.append(mean)
            bands.append(band)
    return found, bands


def _belongs(line: Line, group_of: Mapping[str, str]) -> bool:
    return bool(group_of.get(line.run)) and not line.dim and not line.dashed


def _mean_of(members: Sequence[Line], spread: Spread) -> tuple[Line, Band]:
    band = seed_band([_standing(line) for line in members], spread)
    first = members[0]
    seeds = tr_counted(band.most, "seed")
    if band.fewest != band.most:
        seeds = tr("{fewest} to {seeds}").format(fewest=band.fewest, seeds=seeds)
    pyramid = pyramid_of(band.x, band.mean)
    mean = tr("{curve} · mean of {seeds}")
    line = msgspec.structs.replace(
        first,
        label=mean.format(curve=first.label.partition(" · ")[0], seeds=tr_counted(len(members), "seed")),
        stretches=(Stretch(pyramid.x, Levels(pyramid.y, pyramid.lows, pyramid.highs)),),
        lost_x=np.concatenate([line.lost_x for line in members]),
        lost_y=np.concatenate([line.lost_y for line in members]),
        lost_kinds=np.concatenate([line.lost_kinds for line in members]),
    )
    label = _SPREAD_LABELS[spread].format(seeds=seeds)
    if band.thinned:
        label = tr("{spread}, compared at {places}").format(spread=label, places=tr_counted(band.x.size, "place"))
    return line, Band(x=band.x, low=band.low, high=band.high, label=label, ink=first.ink, kind="seeds")


def _standing(line: Line) -> tuple[FloatArray, FloatArray]:
    """What of a line no later attempt has replaced, as one curve along which x rises."""
    parts = [stretch for stretch in line.stretches if not stretch.dim]
    if len(parts) == 1:
        return parts[0].x, parts[0].shown.y
    x = np.concatenate([np.zeros(0), *(part.x for part in parts)])
    y = np.concatenate([np.zeros(0), *(part.shown.y for part in parts)])
    if (x[1:] < x[:-1]).any():
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return x, y


def rows_of(lines: Sequence[Line], rows: Sequence[tuple[Line, TableRow]]) -> tuple[TableRow, ...]:
    """The table's rows once lines have moved: those that stayed keep theirs, a mean gets its own."""
    known = {id(line): row for line, row in rows}
    found: list[TableRow] = []
    for index, line in enumerate(lines):
        row = known.get(id(line))
        if row is not None:
            found.append(msgspec.structs.replace(row, line=index))
        elif not line.dashed and len(line.stretches) == 1:
            stretch = line.stretches[0]
            found.append(row_of(index, line.tag, stretch.x, summary_of(stretch.shown.y)))
    return tuple(found)
