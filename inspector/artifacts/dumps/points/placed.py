"""The points of a dump, read and placed in pixels of the original images, before they are paired."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.analysis.points import are_known
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.conventions import conventions_of
from inspector.artifacts.dumps.points.lists import PointRows, read_points, without_padding
from inspector.artifacts.dumps.points.placement import Placement, image_sizes
from inspector.artifacts.dumps.points.sample_signals import SampleSignals, confidence_of, sample_signals
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.dump import Role
from inspector.formats.point_conventions import Convention

KINDS = (Role.GT_POINTS, Role.PRED_POINTS)


def has_points(dump: Dump) -> bool:
    """Whether a dump holds true or predicted points."""
    return any(dump.one(role) is not None for role in KINDS)


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPoints:
    """What a dump holds; lists as `PointRows` has them.

    Attributes:
        truth_px, predicted_px, marked_px: (points, 2) float64, NaN where missing, in pixels of the original image.
        marked_numbers: (points,) int64, the place of each among the marked objects of its sample, from 0,
            those nowhere counted too.
        confidence: (predictions,) float64, NaN where the file does not tell it.
    """

    truth: PointRows
    predicted: PointRows
    marked: PointRows
    truth_px: FloatArray
    predicted_px: FloatArray
    marked_px: FloatArray
    marked_numbers: IntArray
    confidence: FloatArray
    signals: SampleSignals
    placement: Placement
    gt_convention: Convention
    prediction_convention: Convention
    convention_text: str
    convention_sure: bool
    notes: Notes


def placed_points(dump: Dump, pulse: Pulse) -> PlacedPoints:
    """The points of a dump, read once.

    Raises:
        FileError: it holds none.
        WorkCancelled: the pulse says so.
    """
    name = "lists of points"
    if name not in dump.remembered:
        dump.remembered[name] = _read(dump, pulse)
    found: PlacedPoints = dump.remembered[name]
    return found


def _read(dump: Dump, pulse: Pulse) -> PlacedPoints:
    if not has_points(dump):
        raise dump.lacking("points")
    notes = Notes()
    samples = dump.facts.samples or 1
    signals = sample_signals(dump, samples, notes)
    truth, predicted, marked = (
        without_padding(read_points(dump, role, samples, notes, pulse), counts)
        for role, counts in zip(
            (*KINDS, Role.MARKED_POINTS),
            (signals.count, signals.count_predicted, signals.sequence_step),
            strict=True,
        )
    )
    placed = are_known(marked.values)
    marked, marked_numbers = marked.chosen(placed), marked.numbers[placed]
    pulse.beat(what="point errors")
    sizes = image_sizes(dump, samples, notes)
    read = conventions_of(dump, truth, predicted, sizes)
    kept = dump.one(Role.MARKED_POINTS)
    marked_convention = (kept.convention if kept is not None else None) or read.truth
    placement = Placement(sizes, (read.truth, read.predicted, marked_convention), notes)
    pulse.beat(what="point errors")
    return PlacedPoints(
        truth=truth,
        predicted=predicted,
        marked=marked,
        truth_px=placement.original_px(truth.values, truth.of, read.truth),
        predicted_px=placement.original_px(predicted.values, predicted.of, read.predicted),
        marked_px=placement.original_px(marked.values, marked.of, marked_convention),
        marked_numbers=marked_numbers,
        confidence=confidence_of(dump, predicted, notes),
        signals=signals,
        placement=placement,
        gt_convention=read.truth,
        prediction_convention=read.predicted,
        convention_text=read.text,
        convention_sure=read.sure,
        notes=notes,
    )
