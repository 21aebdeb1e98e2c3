"""From a dump to how its points are read."""

from __future__ import annotations

from inspector.artifacts.dumps.dump import Dump
from inspector.artifacts.dumps.points.all_points import Points
from inspector.core.language import tr
from inspector.display.points.reading import Reading, ReadSide
from inspector.formats.dump import Role


def reading_of(dump: Dump, points: Points) -> Reading:
    """How the points of a dump are read and paired."""
    sides = (
        (tr("Truth"), dump.one(Role.GT_POINTS), points.gt_convention),
        (tr("Predictions"), dump.one(Role.PRED_POINTS), points.prediction_convention),
    )
    return Reading(
        file=dump.path.name,
        sides=tuple(
            ReadSide(name=name, dataset=one.path, convention=convention, by_hand=one.convention is not None)
            for name, one, convention in sides
            if one is not None
        ),
        text=points.convention_text,
        sure=points.convention_sure,
        size_known=points.size_known,
        pairing_text=points.pairing_text,
        radius_px=points.radius_px,
    )
