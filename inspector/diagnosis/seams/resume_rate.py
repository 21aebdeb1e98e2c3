"""A resumed run whose rate goes on as if it had not been edited."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import RATE_PATHS
from inspector.diagnosis.material import Material
from inspector.diagnosis.rates.planned_rate import planned_rate
from inspector.diagnosis.seams.resumes import Seam, edits_of, parent_of, parent_seam
from inspector.diagnosis.tags import rates, shown
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, SettingEvidence, Severity, Sureness
from inspector.formats.run_folder import Edit
from inspector.runs.rising import finite

ABOUT = About(
    id="resume-rate",
    title="An edited rate did not take effect on resume",
    rules=("X.R1",),
    symptom="The rate goes on where the parent's ended, though it was edited for the resume.",
    definition="The first logged rate of a resumed run lies further than **{resumed_rate}** of itself from what its"
    " edited settings plan, and is, within the same distance, what the settings before the edit plan. A rate that is"
    " neither is judged with the learning rate. A plateau schedule goes on from the rate that it had come to in its"
    " parent, whose log is read for it.",
    why="Loading the state of the optimizer and the scheduler writes the saved rate over the edited one, for all of"
    " torch's schedulers: the run trains as before and the edit is lost",
    confirm="Print the rate of every group after the state is loaded, and again in the first step",
    false_alarm="A plan that meets the old one at that step shows the same; look a few steps further",
    cure="Build the scheduler anew from the edited settings and step it to the checkpoint's place, after the"
    " optimizer's state is loaded without `initial_lr` and the rate is set. `run-inspector resume` does so.",
    source="Rule X.R1, measured on twelve families of torch's schedulers",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The first rate of every group against both plans."""
    pulse.beat(0, 0, "looking at the rate after the resume")
    edits = [edit for edit in edits_of(material) if edit.path.startswith(RATE_PATHS)]
    if parent_of(material) is None or not edits:
        return None
    before = _unedited(material, edits)
    compared = False
    for tag in rates(material.curves):
        one = finite(material.curves[tag])
        if not len(one.values) or one.stepless:
            continue
        first = msgspec.structs.replace(
            one, steps=one.steps[:1], values=one.values[:1], epochs=None if one.epochs is None else one.epochs[:1]
        )
        plans = [planned_rate(each, tag, first, []) for each in (material, before)]
        told = [float(plan.rates[0]) for plan in plans if plan is not None and math.isfinite(plan.rates[0])]
        asked, unedited = told if len(told) == 2 else _by_plateau(material, before, tag, pulse)
        if not math.isfinite(asked) or not math.isfinite(unedited):
            continue
        compared = True
        found, step = float(first.values[0]), float(first.steps[0])
        if not _near(material, found, asked) and _near(material, found, unedited):
            return _finding(material, edits, tag, (found, asked, step))
    if compared:
        return None
    because = "no rate was logged" if not rates(material.curves) else "its edited settings do not determine the rate"
    return ABOUT.not_assessable(material.lacking(because))


def _by_plateau(material: Material, before: Material, tag: str, pulse: Pulse) -> tuple[float, float]:
    """The rate that a plateau schedule is to go on from, and the one that it had come to in the parent; NaN unknown.

    The edited rate is asked for as it is, or as often reduced as before: the nearer to the parent's is given, so that
    either passes.
    """
    rates_of = [_base(each, tag) for each in (material, before)]
    families = {each.setting("schedule.family") for each in (material, before)}
    seam = parent_seam(material, tag, pulse) if families == {"plateau"} and all(rates_of) else ""
    if not isinstance(seam, Seam) or not len(seam.before.values):
        return math.nan, math.nan
    held, (new, old) = float(seam.before.values[-1]), rates_of
    return min((new, held * new / old), key=lambda asked: abs(asked - held)), held


def _base(material: Material, tag: str) -> float:
    """The rate of a curve's group by the settings, 0 where they do not tell."""
    factor = material.number(f"optim.groups.{tag.rpartition('/')[2]}.lr_mult")
    return (material.number("optim.lr") or 0.0) * (1.0 if factor is None else factor)


def _unedited(material: Material, edits: list[Edit]) -> Material:
    """The run as it would be with the settings of its parent."""
    sheet = material.run.settings
    values = {**sheet.values, **{edit.path: edit.old for edit in edits}}
    return replace(
        material,
        run=msgspec.structs.replace(material.run, settings=msgspec.structs.replace(sheet, values=values)),
    )


def _near(material: Material, rate: float, plan: float) -> bool:
    return abs(rate - plan) <= material.thresholds.resumed_rate * abs(plan)


def _finding(material: Material, edits: list[Edit], tag: str, figures: tuple[float, float, float]) -> Finding:
    found, asked, step = figures
    return ABOUT.finding(
        summary=f"{shown(tag)} is {number_text(found)} at step {step:,.0f}, the first after the resume, as before the"
        f" edit, where the edited settings plan {number_text(asked)}",
        severity=Severity.CRITICAL,
        sureness=Sureness.CERTAIN,
        since_step=step,
        since_epoch=material.epoch_at(step),
        evidence=(
            CurveEvidence(series=tag, first_step=step, last_step=step, text=f"{shown(tag)} at the first step"),
            *(
                SettingEvidence(
                    path=edit.path, value=edit.new, text=f"{edit.path} was edited from {edit.old} to {edit.new}"
                )
                for edit in edits
            ),
        ),
        baseline=f"The edited settings: {number_text(asked)}",
    )
