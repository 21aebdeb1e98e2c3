"""From a dump to the scene of the Points viewer."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np

from inspector.artifacts.dumps.dump import Dump, opened
from inspector.artifacts.dumps.points.all_points import Points
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.artifacts.dumps.sample_pairs import sample_names
from inspector.artifacts.identity import Identity
from inspector.core.arrays import Rgba
from inspector.core.errors import LimitError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.points.overlay import overlay_of
from inspector.display.points.read_as import reading_of
from inspector.display.points.rows import rows_of
from inspector.display.points.sample_picture import SamplePicture, sample_picture
from inspector.display.points.sample_text import detail_rows, sample_lines
from inspector.display.points.scene import PointsAsk, PointsScene, PointTile
from inspector.formats.dump import TRUTH_FILE
from inspector.formats.facts import DumpFacts

SINGLE_PX = 1024

PICTURES_KEPT = 24
"""Of up to 4 MB each: stepping back and forth reads nothing."""

_NAMES = "names of all samples"


def prepare(ask: PointsAsk, pulse: Pulse) -> PointsScene:
    """The scene of the chosen sample and of the errors of all.

    Raises:
        FileError: the dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    points = points_without_pattern(dump, pulse, ask.radius_px, undo=ask.undo)
    sample = min(ask.sample, points.samples - 1)
    pulse.beat(what=tr("image"))
    height, width = points.sizes[sample]
    picture, problem = _picture(dump.path, dump.stamp, sample, SINGLE_PX, (float(height), float(width)))
    notes = Notes()
    for note in points.notes:
        notes.add(note)
    if isinstance(problem, LimitError):
        notes.add_error(problem)
    return PointsScene(
        sample=sample,
        tile=_tile(points, sample, picture, problem),
        threshold=ask.threshold,
        has_marked=len(points.marked) > 0,
        about=_about(ask.place, dump.facts, points),
        detail_title=tr("Sample {number:,}").format(number=sample + 1),
        lines=sample_lines(points.sample(sample), _name(dump, sample)),
        details=detail_rows(points.sample(sample)),
        reading=reading_of(dump, points),
        notes=notes.texts(),
        limited=points.limited or notes.limited,
    )


@lru_cache(maxsize=PICTURES_KEPT)
def _picture(
    path: Path, _stamp: tuple[Identity, bool], sample: int, longest_px: int, size: tuple[float, float]
) -> SamplePicture:
    return sample_picture(opened(path), sample, np.array(size), longest_px)


def _name(dump: Dump, sample: int) -> str:
    """What the dump calls a sample; empty where it does not."""
    if _NAMES not in dump.remembered:
        dump.remembered[_NAMES] = sample_names(dump)
    names: tuple[str, ...] = dump.remembered[_NAMES]
    return names[sample] if sample < len(names) else ""


def _tile(points: Points, index: int, picture: Rgba, problem: Exception | None) -> PointTile:
    overlay = overlay_of(rows_of(points, index))
    return PointTile(
        sample=index,
        error_px=float(points.worst_px[index]),
        picture=picture,
        pairs=overlay.pairs,
        marked=overlay.marked,
        problem="" if problem is None else str(problem),
    )


def _about(place: str, facts: DumpFacts, points: Points) -> str:
    elsewhere = facts.attributes.get(TRUTH_FILE)
    truth = tr("truth of {file}").format(file=visible(elsewhere, 100)) if isinstance(elsewhere, str) else ""
    space = tr("in {space}").format(space=points.space)
    matched = ""
    if math.isfinite(points.radius_px):
        matched = tr("matched within {distance}").format(distance=f"{points.radius_px:,.0f} px")
    return " · ".join(part for part in (place, truth, space, matched) if part)
