"""From two dumps to what became of their samples."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.analysis.point_changes import Change, change_counts
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.compared import Compared, compared_points
from inspector.core.pulse import Pulse
from inspector.core.units import counted, pixels_text
from inspector.display.points.compared.scene import ComparedAsk, ComparedScene

_WORDS = {Change.FIXED: "fixed", Change.BROKEN: "broken"}


def prepare(ask: ComparedAsk, pulse: Pulse) -> ComparedScene:
    """What is said of the two dumps, and of the chosen sample in both.

    Raises:
        FileError: a dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what="opening the dumps")
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
    return ComparedScene(
        place=ask.place,
        limit_px=found.limit_px,
        fixed=counts.fixed,
        broken=counts.broken,
        same=counts.same,
        unknown=counts.unknown,
        text=_text(found),
        matched_text=f"{counted(len(found.pairs.here), 'sample')} matched by {found.pairs.by}",
        sample=sample,
        change_text=_change_text(found, sample),
        predictions=tuple((x, y) for x, y in found.predictions(sample).tolist()),
        notes=_notes(found),
    )


def _text(found: Compared) -> str:
    """`median 14.8 px there, 9.2 px here`, of the samples whose error is known in both."""
    both = np.isfinite(found.now_px) & np.isfinite(found.before_px)
    if not both.any():
        return "no sample has an error in both"
    there, here = (pixels_text(float(np.median(one[both]))) for one in (found.before_px, found.now_px))
    return f"median {there} there, {here} here"


def _change_text(found: Compared, sample: int) -> str:
    """`sample 12: 21.3 px there, 6.0 px here, fixed`."""
    before, now, change = (float(one[sample]) for one in (found.before_px, found.now_px, found.changes))
    if math.isnan(change):
        return f"sample {sample + 1:,}: not in both"
    errors = ", ".join(
        f"{'no error' if math.isnan(value) else pixels_text(value)} {where}"
        for value, where in ((before, "there"), (now, "here"))
    )
    return f"sample {sample + 1:,}: {errors}, {_word(int(change), good=bool(found.good[sample]))}"


def _word(change: int, *, good: bool) -> str:
    """`fixed`, `broken`, `same: both above the limit`; an object that was missed is above any."""
    if change != Change.SAME:
        return _WORDS[Change(change)]
    return f"same: both {'within' if good else 'above'} the limit"


def _notes(found: Compared) -> tuple[str, ...]:
    notes = []
    if found.moved:
        notes.append(
            f"The objects of {counted(found.moved, 'sample')} are not the same in both dumps; these may be other images"
        )
    if found.pairs.unmatched:
        notes.append(f"{counted(found.pairs.unmatched, 'sample')} are in one of the dumps alone")
    return tuple(notes)
