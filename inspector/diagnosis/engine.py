"""Every check over a run: what was found, worst first, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
import numpy as np

from inspector.core.errors import InspectorError, WorkCancelled
from inspector.core.pulse import Pulse
from inspector.diagnosis.causes import folded
from inspector.diagnosis.channels import checks as channels
from inspector.diagnosis.channels import dead_channels
from inspector.diagnosis.check import Answer, Check, offered
from inspector.diagnosis.checkpoints import checks as checkpoints
from inspector.diagnosis.gradients import checks as gradients
from inspector.diagnosis.kept import found_until, keep_diagnosis, keep_until, material_anew, material_kept
from inspector.diagnosis.log_lines import with_line
from inspector.diagnosis.losses import checks as losses
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.own_thresholds import set_anew
from inspector.diagnosis.plan import checks as plan
from inspector.diagnosis.points import checks as points
from inspector.diagnosis.rates import checks as rates
from inspector.diagnosis.scores import checks as scores
from inspector.diagnosis.seams import checks as seams
from inspector.diagnosis.slots import checks as slots
from inspector.diagnosis.slots import slots_not_separating
from inspector.diagnosis.values import Diagnosis, Finding, NotAssessable, by_weight
from inspector.runs.values import Run

CHECKS: tuple[Check, ...] = (
    *losses.CHECKS,
    *scores.CHECKS,
    *rates.CHECKS,
    *gradients.CHECKS,
    *slots.CHECKS,
    *channels.CHECKS,
    *points.CHECKS,
    *checkpoints.CHECKS,
    *plan.CHECKS,
    *seams.CHECKS,
)


def diagnose(run: Run, pulse: Pulse) -> Diagnosis:
    """What went wrong in a run, as its files are now; it is kept with what was read.

    Raises:
        WorkCancelled: the pulse says so.
    """
    found = judged(material_anew(run, pulse), pulse)
    keep_diagnosis(run, found)
    return found


_OF_SMALL_DUMPS = (slots_not_separating.check, dead_channels.check)
_SMALL_BYTES = 4_000_000
"""Dumps of so few bytes together are looked into at first, by the checks that tell most of them."""


def first_look(run: Run, pulse: Pulse) -> Diagnosis:
    """What curves as far as they were read and small dumps tell, in a moment; what was not found is not said.

    It is kept as the run's diagnosis until there is a whole one.

    Raises:
        WorkCancelled: the pulse says so.
    """
    material = material_of(run, pulse.within(0.0))
    if run.unread_bytes:
        material = material.until(max((float(one.steps[-1]) for one in material.curves.values()), default=0.0))
    small = sum(entry.bytes for entry, _facts in material.dumps) <= _SMALL_BYTES
    quick = [one for one in CHECKS if not one.opens_files or (small and one.function in _OF_SMALL_DUMPS)]
    found = judged(material, pulse, quick)
    first = Diagnosis(findings=found.findings, notes=found.notes, complete=False)
    keep_diagnosis(run, first)
    return first


def diagnose_until(run: Run, step: float, pulse: Pulse) -> Diagnosis:
    """What had gone wrong in a run by a step, as far as its files up to there tell.

    Raises:
        WorkCancelled: the pulse says so.
    """
    found = found_until(run, step)
    if found is None:
        found = judged(material_kept(run, pulse).until(step), pulse)
        keep_until(run, step, found)
    return found


def judged(material: Material, pulse: Pulse, checks: Sequence[Check] | None = None) -> Diagnosis:
    """As `diagnose`, of what was read of a run, by some checks or by all."""
    checks = CHECKS if checks is None else checks
    findings: list[Finding] = []
    not_assessable: list[NotAssessable] = []
    passed: list[str] = []
    for done, one in enumerate(checks):
        pulse.beat(done, len(checks), one.abouts[0].title)
        match _answer(one, material, pulse):
            case Finding() as found:
                findings.append(_with_thresholds(one, found, material))
            case NotAssessable() as open_question:
                if _concerns(one, material):
                    not_assessable.append(open_question)
            case None:
                if _concerns(one, material):
                    passed.append(one.abouts[0].id)
    ordered = tuple(with_line(one, material) for one in by_weight(offered(folded(findings), checks)))
    return Diagnosis(findings=ordered, not_assessable=tuple(not_assessable), passed=tuple(passed), notes=material.notes)


def _concerns(one: Check, material: Material) -> bool:
    """Whether a run has what a check looks at; many checks ask the same of it."""
    return material.once(one.concerns, partial(one.concerns, material))


def _answer(one: Check, material: Material, pulse: Pulse) -> Answer:
    try:
        # Curves hold whatever was logged: a sum that overflows is no error, and what it gives is not finite.
        with np.errstate(all="ignore"):
            return one.function(material, pulse)
    except WorkCancelled:
        raise
    except InspectorError as error:
        return one.abouts[0].not_assessable(str(error))
    except Exception as error:  # noqa: BLE001 - a fault of one check is said, and hides nothing that others found
        because = f"the check itself failed ({type(error).__name__}); this is a fault of the program"
        return one.abouts[0].not_assessable(because)


def _with_thresholds(one: Check, found: Finding, material: Material) -> Finding:
    """A finding that says which of its thresholds were set anew."""
    about = next((about for about in one.abouts if about.id == found.id), one.abouts[0])
    told = set_anew(about.definition, material.thresholds)
    return msgspec.structs.replace(found, thresholds=told) if told else found
