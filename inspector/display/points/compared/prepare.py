"""From two dumps to what became of their samples."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.analysis.point_changes import Change, change_counts
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.compared import Compared, compared_points
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Pulse
from inspector.core.units import pixels_text
from inspector.display.points.compared.scene import ComparedAsk, ComparedScene

_WORDS = {Change.FIXED: tr("fixed"), Change.BROKEN: tr("broken")}


def prepare(ask: ComparedAsk, pulse: Pulse) -> ComparedScene:
    """What is said of the two dumps, and of the chosen sample in both.

    Raises:
        FileError: a dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dumps"))
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    found = compared_points(
        dump,
        ask.other,
        pulse,
        generous=ask.generous,
        radius_px=ask.radius_px,
        undo=ask.undo,
        limit_px=ask.limit_px,
    )
    counts = change_counts(found.changes)
    sample = min(ask.sample, len(found.changes) - 1)
    samples = tr_counted(len(found.pairs.here), "sample")
    return ComparedScene(
        place=ask.place,
        limit_px=found.limit_px,
        fixed=counts.fixed,
        broken=counts.broken,
        same=counts.same,
        unknown=counts.unknown,
        text=_text(found),
        matched_text=tr("{samples} matched by {what}").format(samples=samples, what=found.pairs.by),
        sample=sample,
        change_text=_change_text(found, sample),
        predictions=tuple((x, y) for x, y in found.predictions(sample).tolist()),
        notes=_notes(found),
    )


def _text(found: Compared) -> str:
    """`median 14.8 px there, 9.2 px here`, of the samples whose error is known in both."""
    both = np.isfinite(found.now_px) & np.isfinite(found.before_px)
    if not both.any():
        return tr("no sample has an error in both")
    there, here = (pixels_text(float(np.median(one[both]))) for one in (found.before_px, found.now_px))
    return tr("median {there} there, {here} here").format(there=there, here=here)


def _change_text(found: Compared, sample: int) -> str:
    """`sample 12: 21.3 px there, 6.0 px here, fixed`."""
    before, now, change = (float(one[sample]) for one in (found.before_px, found.now_px, found.changes))
    number = f"{sample + 1:,}"
    if math.isnan(change):
        return tr("sample {number}: not in both").format(number=number)
    there, here = (tr("no error") if math.isnan(value) else pixels_text(value) for value in (before, now))
    word = _word(int(change), good=bool(found.good[sample]))
    text = tr("sample {number}: {there} there, {here} here, {change}")
    return text.format(number=number, there=there, here=here, change=word)


def _word(change: int, *, good: bool) -> str:
    """`fixed`, `broken`, `same: both above the limit`; an object that was missed is above any."""
    if change != Change.SAME:
        return _WORDS[Change(change)]
    return tr("same: both within the limit") if good else tr("same: both above the limit")


def _notes(found: Compared) -> tuple[str, ...]:
    notes = []
    if found.moved:
        note = tr("The objects of {samples} are not the same in both dumps; these may be other images")
        notes.append(note.format(samples=tr_counted(found.moved, "sample")))
    if found.pairs.unmatched:
        note = tr("{samples} are in one of the dumps alone")
        notes.append(note.format(samples=tr_counted(found.pairs.unmatched, "sample")))
    return tuple(notes)
