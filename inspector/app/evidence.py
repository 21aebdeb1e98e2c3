"""Where evidence shows itself: the intents that bring it onto the screen."""

from __future__ import annotations

from inspector.diagnosis.values import (
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    SettingEvidence,
    SlotEvidence,
    TensorEvidence,
)
from inspector.display.curves.filtering import filter_for
from inspector.runs.values import Run
from inspector.session.intents import CursorMoved, Intent, RunChosen, TabChosen, ViewChanged
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
        case TensorEvidence(checkpoint=path, name=name):
            shown = ViewChanged({"tensor": name, "weights_page": "tensors", "kernel_input": -1})
            return RunChosen(run_key, path), TabChosen("weights"), shown
        case SettingEvidence(path=setting):
            return TabChosen("settings"), ViewChanged({"settings_filter": setting})


def staged_cure(finding: Finding, run: Run) -> tuple[StagedEdit, ...]:
    """A finding's best cure as edits of a run's settings; paths the run lacks are left out."""
    known = {field.path: field.default for field in run.settings.fields}
    edits = finding.cures[0].edits if finding.cures else ()
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
