"""Where evidence shows itself: the intents that bring it onto the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from inspector.diagnosis.tags import is_loss
from inspector.diagnosis.values import (
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    LineEvidence,
    PointEvidence,
    SettingEvidence,
    SlotEvidence,
    TensorEvidence,
)
from inspector.display.curves.filtering import filter_for
from inspector.display.log.judge import changes_to_show_point
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import Run
from inspector.session.gallery import with_range
from inspector.session.intents import CursorMoved, GalleryChanged, Intent, RunChosen, TabChosen, ViewChanged
from inspector.session.values import StagedEdit


def intents_for(finding: Finding, place: int, run: Run) -> tuple[Intent, ...]:
    """What to do, in order, so that a piece of a finding's evidence is seen; the view marks it by itself."""
    evidence = finding.evidence[place]
    beside = _beside(evidence.series, finding) if isinstance(evidence, CurveEvidence) else ()
    return intents_to(evidence, run, beside)


def intents_to(evidence: Evidence, run: Run, beside: Sequence[str] = ()) -> tuple[Intent, ...]:
    """The same of a piece of evidence by itself, of a curve with others beside it."""
    shown: dict[str, Any]
    match evidence:
        case CurveEvidence(series=tag, last_step=step):
            wanted = " ".join(filter_for(one) for one in (tag, *beside))
            shown = {"series_filter": wanted, "curves_page": "cards"}
            return TabChosen("curves"), ViewChanged(shown), CursorMoved(step)
        case LayerEvidence(dump=path, layer=layer, channels=channels):
            channel = channels[0] if len(channels) == 1 else -1
            shown = {"layer": layer, "channel": channel, "features_page": "channels", "hide_dead": False}
            return RunChosen(run.key, path), TabChosen("features"), ViewChanged(shown)
        case SlotEvidence(dump=path, sample=sample, slots=slots, masks=masks):
            solo = slots[0] if len(slots) == 1 else None
            shown = {"sample": sample, "solo_slot": solo, "hidden_slots": (), "mask_dataset": masks}
            source = {"mask_source": "encoder" if masks else "decoder"}
            return RunChosen(run.key, path), TabChosen("slots"), ViewChanged({**shown, **source})
        case PointEvidence(dump=path, sample=sample):
            shown = {"sample": sample, "point_layout": "grid" if evidence.column else "single"}
            return RunChosen(run.key, path), TabChosen("points"), ViewChanged(shown), *_narrowed(evidence)
        case TensorEvidence(checkpoint=path, name=name):
            shown = {"tensor": name, "weights_page": "tensors", "kernel_input": -1, "tensor_filter": ""}
            if _is_plain_value(run, path, name):
                shown = {"weights_page": "objects", "tensor_filter": name}
            return RunChosen(run.key, path), TabChosen("weights"), ViewChanged(shown)
        case SettingEvidence(path=setting):
            return TabChosen("settings"), ViewChanged({"settings_filter": setting})
        case LineEvidence(log=path, series=tag, step=step):
            return RunChosen(run.key, path), TabChosen("log"), ViewChanged(changes_to_show_point(tag, step))


def _beside(tag: str, finding: Finding) -> list[str]:
    """The other losses that a finding holds a loss against."""
    if not is_loss(tag) or filter_for(tag).startswith("/"):
        return []
    tags = dict.fromkeys(one.series for one in finding.evidence if isinstance(one, CurveEvidence))
    return [one for one in tags if one != tag and is_loss(one) and not filter_for(one).startswith("/")]


def _is_plain_value(run: Run, path: str, name: str) -> bool:
    facts = next((entry.facts for entry in run.files if entry.path == path), None)
    return isinstance(facts, CheckpointFacts) and name in facts.objects


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
