"""A loss that is higher after a resume than it was before."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import spread_of
from inspector.diagnosis.losses.loss_curves import has_losses, training_loss
from inspector.diagnosis.material import Material
from inspector.diagnosis.seams.resumes import Seam, edits_of, is_resumed, parent_of, parent_seam, seams_of
from inspector.diagnosis.tags import rates, shown
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="resume-loss-jump",
    title="Loss jumps where the run was resumed",
    rules=("X.R2",),
    symptom="The training loss stands clearly higher in the first steps after a resume than in the last before it.",
    definition="The median of the first {seam_records} losses after a resume is above **{seam_jump}** times that of"
    " the last {seam_records} before it, and by {seam_spreads} standard deviations of a single one. {seam_least} on"
    " either side are needed. A resume is where the steps of a log go back, or where a run says whose child it is and"
    " its parent's log can be read; edits of the loss, the data or the model leave nothing to compare. Where the rate"
    " rose by more than {seam_rate_rise} times with it, that may be why.",
    why="Something that training needs was not restored: the optimizer's moments, the scheduler, the scaler, averaged"
    " weights in place of the trained ones, or the order of samples, so that known ones come again",
    confirm="Evaluate the checkpoint before the first step: if that loss is the old one, the weights are right and the"
    " state of the optimizer is missing. Without its moments the first steps of Adam are up to five times as long",
    false_alarm="A rate that was raised on purpose, harder samples or another mean over batches raise it too",
    cure="Resume again with the whole state: optimizer, scheduler, scaler, averages, random numbers and the place in"
    " the data. `run-inspector resume` restores them all; of a script of your own, look at what its checkpoint lacks"
    " in the Weights view.",
    source="Rule X.R2, measured on torch: without its state the first update of Adam is 1.0 · rate in place of 0.2",
)

_CHANGED = ("loss.", "data.", "model.", "encoder.", "decoder.")
"""Settings that make losses before and after another thing."""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The training loss on both sides of every resume that is known."""
    tag = training_loss(material)
    if tag is None:
        lacking = ABOUT.not_assessable(material.lacking("no training loss was logged"))
        return None if parent_of(material) is None else lacking
    seams = [seam for seam in seams_of(material, tag, pulse) if not seam.is_new_training]
    because = ""
    if parent_of(material) is not None:
        before = parent_seam(material, tag, pulse)
        changed = [visible(edit.path, 60) for edit in edits_of(material) if edit.path.startswith(_CHANGED)]
        if changed:
            because = f"{', '.join(changed)} was edited, so that losses before and after are not alike"
        elif isinstance(before, Seam):
            seams.append(before)
        else:
            because = before
    least = material.thresholds.seam_least
    known = [seam for seam in seams if min(len(seam.before.values), len(seam.after.values)) >= least]
    if not known:
        because = because or (f"fewer than {least} losses were logged on one side of the resume" if seams else "")
        return ABOUT.not_assessable(because) if because else None
    worst = max(known, key=lambda seam: _jump(material, seam))
    return _finding(material, tag, worst, pulse) if _jump(material, worst) > 0 else None


def has_sides(material: Material) -> bool:
    """Whether a run logged a loss, or resumes another one."""
    return has_losses(material) or is_resumed(material)


def _ends(material: Material, seam: Seam) -> tuple[float, float]:
    count = material.thresholds.seam_records
    return float(np.median(seam.before.values[-count:])), float(np.median(seam.after.values[:count]))


def _jump(material: Material, seam: Seam) -> float:
    """How far the loss lies above what chance and training explain; at most 0 where it does not."""
    limits = material.thresholds
    before, after = _ends(material, seam)
    spread = spread_of(seam.before.values[-limits.seam_records :])
    return after - before - max((limits.seam_jump - 1) * abs(before), limits.seam_spreads * spread)


def _finding(material: Material, tag: str, seam: Seam, pulse: Pulse) -> Finding:
    before, after = _ends(material, seam)
    text = (
        f"{shown(tag)} is {number_text(before)} before the resume at step {seam.step:,.0f}, {number_text(after)} after"
    )
    rate = _rate(material, seam, pulse)
    last = min(material.thresholds.seam_records, len(seam.after.steps)) - 1
    return ABOUT.finding(
        summary=f"{text}, {after / before:.2f} times as much{rate}" if before > 0 else f"{text}{rate}",
        severity=Severity.WARNING,
        sureness=Sureness.POSSIBLE if rate else Sureness.LIKELY,
        since_step=seam.step,
        since_epoch=material.epoch_at(seam.step),
        evidence=(
            CurveEvidence(
                series=tag,
                first_step=seam.step,
                last_step=float(seam.after.steps[last]),
                text=f"{shown(tag)} after the resume",
            ),
        ),
        baseline=f"Before the resume: {number_text(before)}",
    )


def _rate(material: Material, seam: Seam, pulse: Pulse) -> str:
    """A rate that is higher after the resume, as the sentence goes on; empty where it is not."""
    for tag in rates(material.curves)[:1]:
        for other in seams_of(material, tag, pulse):
            if other.step == seam.step and len(other.before.values):
                old, new = float(other.before.values[-1]), float(other.after.values[0])
                if new > material.thresholds.seam_rate_rise * old:
                    return f"; the rate rose from {number_text(old)} to {number_text(new)}"
    return ""
