"""A learning rate that is not the one its scheduler planned.

Symptom: the rate stays at its top, or far below it; evidence: recorded rates against the plan, and the group's rate in
checkpoints against the scheduler's closed form. Two faults look alike and are told apart: a writer that sets the rate
anew after every step of the scheduler, and a scaled rate that is handed back to a scheduler which goes on from it.
"""

from __future__ import annotations

import math

from inspector.core.pulse import Pulse
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.rates.checkpoint_rates import HeldRate, held_rates
from inspector.diagnosis.rates.rate_abouts import ABOUT, ABOUTS
from inspector.diagnosis.rates.rate_checkpoints import checkpoint_marks
from inspector.diagnosis.rates.rate_curves import curve_marks
from inspector.diagnosis.rates.rate_fits import fitted_marks
from inspector.diagnosis.rates.rate_marks import Kind, Mark
from inspector.diagnosis.rates.rate_units import unit_marks
from inspector.diagnosis.tags import rates
from inspector.diagnosis.values import Cure, Evidence, Finding, NotAssessable, SettingEvidence, Severity, Sureness

_SEVERITIES: dict[Kind, Severity] = {
    Kind.OVERWRITTEN: Severity.CRITICAL,
    Kind.COMPOUNDED: Severity.CRITICAL,
    Kind.DIFFERENT: Severity.WARNING,
    Kind.WRITTEN: Severity.WARNING,
    Kind.FLATTENED: Severity.WARNING,
    Kind.UNIT: Severity.ERROR,
    Kind.PAST_END: Severity.WARNING,
}

_LISTED_TEXTS = 2


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Recorded rates and checkpoints (rules X.LR1 to X.LR9, S3.02)."""
    pulse.beat(0, 0, "comparing learning rates")
    held = held_rates(material)
    of_curves, compared = curve_marks(material, held)
    marks = [
        *of_curves,
        *checkpoint_marks(held, material.thresholds),
        *unit_marks(material, held),
        *fitted_marks(material),
    ]
    if marks:
        return _finding(material, marks)
    if compared or any(math.isfinite(one.planned) for one in held):
        return None
    return ABOUT.not_assessable(material.lacking(_lacking(material, held)))


def _lacking(material: Material, held: list[HeldRate]) -> str:
    if held:
        return f"the scheduler in {file_text(held[-1].entry)} keeps no formula from which its plan could be drawn"
    if rates(material.curves):
        return "neither settings nor a scheduler's state in a checkpoint say what rate was planned"
    return "no learning rate was logged and no checkpoint holds a scheduler's state"


def _finding(material: Material, marks: list[Mark]) -> Finding:
    kind = max(mark.kind for mark in marks)
    telling = sorted(marks, key=lambda mark: -mark.kind)
    steps = [mark.step for mark in telling if mark.kind is kind and mark.step is not None]
    since = min(steps, default=None)
    rules = dict.fromkeys(rule for mark in telling for rule in mark.rules)
    if kind is Kind.OVERWRITTEN:
        rules["S3.02"] = None
    return ABOUTS[kind].finding(
        rules=tuple(rules),
        summary=". ".join(_texts(telling)),
        severity=_SEVERITIES[kind],
        sureness=_surest(telling, kind),
        since_step=since,
        since_epoch=None if since is None else material.epoch_at(since),
        evidence=(*(mark.evidence for mark in telling), *_setting(material)),
        cures=_cures(material),
        baseline="A healthy rate equals its scheduler's closed form at every step",
        source=f"Rules {', '.join(rules)}; {ABOUTS[kind].source}",
    )


def _texts(telling: list[Mark]) -> list[str]:
    """What the first of them say, each but once: one mark may say more of the same figures than another."""
    said: list[str] = []
    for mark in telling:
        if not any(text.startswith(mark.text) for text in said):
            said.append(mark.text)
    return said[:_LISTED_TEXTS]


def _surest(marks: list[Mark], kind: Kind) -> Sureness:
    order = tuple(Sureness)
    return order[min(order.index(mark.sureness) for mark in marks if mark.kind is kind)]


def _setting(material: Material) -> tuple[Evidence, ...]:
    if material.setting("schedule.warmup") != "overwrite":
        return ()
    text = "The warm-up is set to write over the scheduler"
    return (SettingEvidence(path="schedule.warmup", value="overwrite", text=text),)


def _cures(material: Material) -> tuple[Cure, ...]:
    reason = "Warm-up times decay in one closed form: no second writer is left, and nothing compounds"
    return cure("Multiply the warm-up with the decay", edit(material, "schedule.warmup", "multiply", reason))
