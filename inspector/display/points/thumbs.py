"""Thumbnails of samples with their points."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inspector.artifacts.dumps.dump import Dump, opened
from inspector.artifacts.dumps.points.all_points import Points
from inspector.artifacts.dumps.points.compared import compared_points
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import QUIET, Pulse
from inspector.display.gallery.scene import ThumbsScene
from inspector.display.gallery.thumbs import Thumb, thumbs_of
from inspector.display.points.rows import other_rows, rows_of
from inspector.display.points.sample_picture import sample_picture
from inspector.display.points.scene import PointThumbsAsk
from inspector.formats.dump import Role


def prepare(ask: PointThumbsAsk, pulse: Pulse) -> ThumbsScene:
    """The thumbnails that are asked for; raises as `thumbs_of`."""
    pulse.beat(what=tr("opening the dump"))
    _points(opened(Path(ask.path), pulse, generous=ask.generous), ask, pulse)
    return thumbs_of(ask, _draw, pulse, reads=(Role.IMAGE,))


def _draw(dump: Dump, ask: PointThumbsAsk, sample: int) -> Thumb:
    points = _points(dump, ask, QUIET)
    rows = np.concatenate([rows_of(points, sample), _others(dump, ask, sample)])
    picture, problem = sample_picture(dump, sample, points.sizes[sample], ask.longest_px)
    return Thumb(picture, rows, "" if problem is None else str(problem))


def _points(dump: Dump, ask: PointThumbsAsk, pulse: Pulse) -> Points:
    return points_without_pattern(dump, pulse, ask.radius_px, undo=ask.undo)


def _others(dump: Dump, ask: PointThumbsAsk, sample: int) -> AnyArray:
    """The rows of another dump for a sample; none where there is no such dump, which is said beside the table."""
    if not ask.compared:
        return other_rows(np.empty((0, 2)))
    try:
        found = compared_points(dump, ask.compared, QUIET, radius_px=ask.radius_px, undo=ask.undo)
    except FileError:
        return other_rows(np.empty((0, 2)))
    return other_rows(found.predictions(sample))
