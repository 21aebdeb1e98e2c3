"""Where evidence shows itself: the intents that bring it onto the screen."""

from __future__ import annotations

import math

from inspector.diagnosis.values import (
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    PointEvidence,
    SettingEvidence,
    SlotEvidence,
    TensorEvidence,
)
from inspector.display.curves.filtering import filter_for
from inspector.runs.values import Run
from inspector.session.gallery import with_range
from inspector.session.intents import CursorMoved, GalleryChanged, Intent, RunChosen, TabChosen, ViewChanged
from inspector.session.values import StagedEdit


def intents_for(evidence: Evidence, run_key: str) -> tuple[Intent, ...]:
    """What to do, in order, so that a piece of evidence is seen."""
    match evidence:
        case CurveEvidence(series=tag, last_step=step):
            return TabChosen("curves"), ViewChanged({"series_filter": filter_for(tag)}), CursorMoved(step)
        case LayerEvidence(dump=path, layer=layer):
            return RunChosen(run_key, path), TabChosen("features"), ViewChanged({"layer": layer})
        case SlotEvidence(dump=path, sample=sample, slots=slots):
            solo = slots[0] if len(slots) == 1 else None
            return RunChosen(run_key, path), TabChosen("slots"), ViewChanged({"sample": sample, "solo_slot": solo})
        case PointEvidence(dump=path, sample=sample):
            shown = ViewChanged({"sample": sample, "point_layout": "grid" if evidence.column else "single"})
            return RunChosen(run_key, path), TabChosen("points"), shown, *_narrowed(evidence)
        case TensorEvidence(checkpoint=path, name=name):
            shown = ViewChanged({"tensor": name, "weights_page": "tensors", "kernel_input": -1})
            return RunChosen(run_key, path), TabChosen("weights"), shown
        case SettingEvidence(path=setting):
            return TabChosen("settings"), ViewChanged({"settings_filter": setting})


def _narrowed(evidence: PointEvidence) -> tuple[Intent, ...]:
    """The gallery shows the samples that the evidence is of, where it is of more than one."""
    if not evidence.column:
        return ()
    low = -math.inf if evidence.low is None else evidence.low
    high = math.inf if evidence.high is None else evidence.high
    return (GalleryChanged("points", {"ranges": with_range((), evidence.column, (low, high)), "filter": ""}),)


def staged_cure(finding: Finding, run: Run, place: int = 0) -> tuple[StagedEdit, ...]:
    """A finding's best cure, or the one at a place, as edits of a run's settings; paths the run lacks are left out."""
    known = {field.path: field.default for field in run.settings.fields}
    edits = finding.cures[place].edits if place < len(finding.cures) else ()
    return tuple(
        StagedEdit(
            path=edit.path,
            old=run.settings.values.get(edit.path, known[edit.path]),
            new=edit.new,
            reason=edit.reason,
            finding=finding.id,
        )
        for edit in edits
        if edit.path in known
    )
