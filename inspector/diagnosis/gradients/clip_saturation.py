"""A clipping norm so low that nearly every step is clipped."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.gradients.norm_curves import is_ours, norm_tags
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="clip-saturation",
    title="Nearly every gradient is clipped",
    rules=("X.G5", "S0.10"),
    symptom="The share of clipped steps stays near 1, and the gradient norm far above the clipping norm.",
    definition="More than **{clipped_share}** of the steps were clipped, by the logged share or by the norms that were"
    " logged, and the median norm of the whole gradient is more than **{clip_distance}** times the clipping norm.",
    why="A clip that always acts is no guard against single long gradients: it sets the length of every step, and with"
    " SGD it is a second learning rate",
    confirm="Raise the clipping norm and compare: with Adam, which evens lengths out, little should change",
    false_alarm="Normalised gradients may be meant; norms that were logged after clipping are never above it",
    cure="Clip at the quantile {clip_quantile} of the observed norms, so that only unusual gradients are clipped; the"
    " rate may have to come down with it.",
    source="Rule X.G5, the tuning playbook: clip near the 90th percentile of observed norms",
)

_CLIP_NAMES = ("clip_norm", "max_grad_norm", "grad_clip", "clip_grad_norm", "gradient_clip_val")
_SHARE = "clip_fraction"


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The share of clipped steps beside the norms of the gradient."""
    pulse.beat(0, 0, "looking at clipping")
    limits = material.thresholds
    clip = _clip(material)
    if clip is None:
        return ABOUT.not_assessable("no setting tells the clipping norm")
    path, longest = clip
    tag = norm_tags(material.curves).get("")
    norms = course_of(material, tag) if tag else None
    if norms is None or len(norms) < limits.norm_records:
        because = f"fewer than {limits.norm_records} norms of the whole gradient were logged"
        return ABOUT.not_assessable(material.lacking(because))
    clipped = _clipped(material)
    if clipped is not None and len(clipped) >= limits.norm_records:
        share, evidence = float(clipped.values.mean()), clipped.evidence(0, len(clipped) - 1, "the share of steps")
    else:
        share, evidence = float((norms.values > longest).mean()), None
    middle = float(np.median(norms.values))
    if share <= limits.clipped_share or middle <= limits.clip_distance * longest:
        return None
    return _finding(material, path, longest, norms, share, evidence)


def clips(material: Material) -> bool:
    """Whether gradients are clipped, as far as settings or curves tell."""
    return _clip(material) is not None and bool(norm_tags(material.curves))


def _finding(
    material: Material, path: str, longest: float, norms: Course, share: float, evidence: CurveEvidence | None
) -> Finding:
    quantile = material.thresholds.clip_quantile
    proposed = float(f"{np.quantile(norms.values, quantile):.3g}")
    reason = (
        f"{percent_text(quantile)} of the observed norms lie below it, so that only unusual ones are clipped (X.G5)"
    )
    higher = edit(material, path, proposed, reason)
    middle = number_text(float(np.median(norms.values)))
    found = norms.evidence(0, len(norms) - 1, f"beside a clipping norm of {number_text(longest)}")
    return ABOUT.finding(
        summary=f"{percent_text(share)} of the steps were clipped at {number_text(longest)}; {shown(norms.tag)} is"
        f" {middle} in the middle of its records",
        severity=Severity.INFO,
        sureness=Sureness.LIKELY,
        since_step=float(norms.steps[0]),
        since_epoch=norms.epoch(0),
        evidence=(found,) if evidence is None else (found, evidence),
        cures=cure("Clip unusual gradients only", higher),
    )


def _clip(material: Material) -> tuple[str, float] | None:
    """The setting that clips, and its length."""
    values = material.run.settings.values
    for name in _CLIP_NAMES:
        for path in values:
            number = material.number(path) if path.rpartition(".")[2] == name else None
            if number is not None and number > 0:
                return path, number
    return None


def _clipped(material: Material) -> Course | None:
    """The share of clipped steps as this program's trainer logs it; others call something else so."""
    return course_of(material, _SHARE) if is_ours(material) and _SHARE in material.curves else None
