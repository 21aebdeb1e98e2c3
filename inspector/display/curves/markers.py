"""What stands at an x beside the curves: checkpoints, dumps, seams between attempts, findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from inspector.core.language import tr
from inspector.core.units import number_text
from inspector.diagnosis.parts import tag_in_part
from inspector.diagnosis.values import CurveEvidence, Finding
from inspector.display.curves.axis import Axis
from inspector.display.curves.lines import Points
from inspector.display.curves.scene import CurvesScene, Marker, StepMarker

MAX_MARKERS = 300
"""Of one kind; more cannot be told apart, so an even share is shown."""

_SEAM = tr("attempt {attempt} begins at step {step}")


def file_markers(marks: Sequence[StepMarker], axis: Axis) -> tuple[Marker, ...]:
    """Checkpoints and dumps that have a place on the axis."""
    places = axis.of_steps(np.array([mark.step for mark in marks], np.float64))
    found = []
    for mark, place in zip(marks, places, strict=True):
        x = mark.epoch if axis.kind == "epoch" and mark.epoch is not None else float(place)
        if np.isfinite(x):
            found.append(Marker(x=x, kind=mark.kind, label=mark.label, opens=mark.path))
    return (
        *_even([one for one in found if one.kind == "checkpoint"]),
        *_even([one for one in found if one.kind == "dump"]),
    )


def seam_markers(all_points: Iterable[Points]) -> tuple[Marker, ...]:
    """Where a restarted or resumed run begins to log again; one for all lines that begin again together."""
    seams: dict[tuple[float, float], Marker] = {}
    for points in all_points:
        for attempt, start in enumerate(points.starts.tolist()):
            if attempt and start < len(points.x):
                x, step = float(points.x[start]), float(points.steps[start])
                label = _SEAM.format(attempt=attempt + 1, step=number_text(step))
                seams.setdefault((x, step), Marker(x=x, kind="seam", label=label))
    return _even(sorted(seams.values(), key=lambda marker: marker.x))


def with_findings(scene: CurvesScene, findings: Iterable[Finding]) -> CurvesScene:
    """A scene with the findings that began at a step; it replaces those of an earlier look."""
    placed = []
    for finding in findings:
        if finding.since_step is None:
            continue
        x = x_of_step(scene, finding.since_step)
        if np.isfinite(x):
            placed.append(
                Marker(x=x, kind="finding", label=finding.title, opens=finding.id, severity=finding.severity.value)
            )
    rest = [marker for marker in scene.markers if marker.kind != "finding" or marker.panel]
    return msgspec.structs.replace(scene, markers=(*rest, *_even(placed)))


def with_evidence(scene: CurvesScene, finding: Finding | None) -> CurvesScene:
    """A scene with the stretches of its curves that show a finding, each on the panel of its curve."""
    if finding is None:
        return scene
    found: dict[tuple[str, float, float], Marker] = {}
    for one in finding.evidence:
        if isinstance(one, CurveEvidence):
            ends = x_of_step(scene, one.first_step), x_of_step(scene, one.last_step)
            for panel in scene.panels if np.isfinite(ends).all() else ():
                if any(one.series in (line.tag, tag_in_part(line.tag, line.file)) for line in panel.lines):
                    marker = Marker(
                        x=ends[0],
                        until=ends[1],
                        kind="evidence",
                        label=one.text,
                        panel=panel.key,
                        severity=finding.severity.value,
                    )
                    found.setdefault((panel.key, *ends), marker)
    return msgspec.structs.replace(scene, markers=(*scene.markers, *found.values())) if found else scene


def x_of_step(scene: CurvesScene, step: float) -> float:
    """Where a step stands on the axis of a scene, NaN where no file tells."""
    if scene.x_axis == "step":
        return step
    if not scene.cursor_steps.size:
        return float("nan")
    return float(np.interp(step, scene.cursor_steps, scene.cursor_x))


def _even(markers: Sequence[Marker]) -> tuple[Marker, ...]:
    if len(markers) <= MAX_MARKERS:
        return tuple(markers)
    return tuple(markers[place] for place in np.linspace(0, len(markers) - 1, MAX_MARKERS).astype(int))
