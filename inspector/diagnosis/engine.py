"""Every check over a run: what was found, worst first, and what could not be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from inspector.core.errors import InspectorError, WorkCancelled
from inspector.core.pulse import Pulse
from inspector.diagnosis import attention_axis, dead_channels, loss_not_finite, overfitting, slots_not_separating
from inspector.diagnosis.checkpoints import dead_outputs, gradient_health, moment_health, weight_health
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.points import done_signal, error_stuck, lenient_threshold, misplaced
from inspector.diagnosis.rates import overwritten_rate
from inspector.diagnosis.subjects import anything, pointing, slots
from inspector.diagnosis.values import Diagnosis, Finding, NotAssessable, Sureness
from inspector.runs.values import Run

Answer = Finding | NotAssessable | None
"""None where a check looked and found nothing."""


class Check(NamedTuple):
    """One thing that is looked for.

    Attributes:
        id: of what it looks for; a finding has one of its own where there are several kinds.
        concerns: whether a run has what is looked at; one that lacks it is not told that it cannot be assessed.
    """

    id: str
    title: str
    function: Callable[[Material, Pulse], Answer]
    concerns: Callable[[Material], bool] = anything


CHECKS: tuple[Check, ...] = (
    Check(loss_not_finite.ID, loss_not_finite.TITLE, loss_not_finite.check),
    Check(overwritten_rate.ID, overwritten_rate.TITLE, overwritten_rate.check),
    Check(attention_axis.ID, attention_axis.TITLE, attention_axis.check, slots),
    Check(slots_not_separating.ID, slots_not_separating.TITLE, slots_not_separating.check, slots),
    Check(misplaced.ID, misplaced.TITLE, misplaced.check, pointing),
    Check(done_signal.ID, done_signal.TITLE, done_signal.check, pointing),
    Check(lenient_threshold.ID, lenient_threshold.TITLE, lenient_threshold.check, pointing),
    Check(error_stuck.ID, error_stuck.TITLE, error_stuck.check, pointing),
    Check(dead_channels.ID, dead_channels.TITLE, dead_channels.check),
    Check(overfitting.ID, overfitting.TITLE, overfitting.check),
    Check(moment_health.BROKEN_ID, moment_health.BROKEN_TITLE, moment_health.check_finite),
    Check(gradient_health.NONE_ID, gradient_health.NONE_TITLE, gradient_health.check_none),
    Check(gradient_health.DEPTH_ID, gradient_health.DEPTH_TITLE, gradient_health.check_depth),
    Check(weight_health.EMPTY_ID, weight_health.EMPTY_TITLE, weight_health.check_empty),
    Check(weight_health.COPIES_ID, weight_health.COPIES_TITLE, weight_health.check_copies),
    Check(dead_outputs.ID, dead_outputs.TITLE, dead_outputs.check),
    Check(moment_health.UNDERFLOW_ID, moment_health.UNDERFLOW_TITLE, moment_health.check_underflow),
    Check(moment_health.STEPS_ID, moment_health.STEPS_TITLE, moment_health.check_steps),
)


def diagnose(run: Run, pulse: Pulse) -> Diagnosis:
    """What went wrong in a run; the same for the same files.

    Raises:
        WorkCancelled: the pulse says so.
    """
    return judged(material_of(run, pulse), pulse)


def judged(material: Material, pulse: Pulse) -> Diagnosis:
    """As `diagnose`, of what was read of a run."""
    findings: list[Finding] = []
    not_assessable: list[NotAssessable] = []
    passed: list[str] = []
    for done, one in enumerate(CHECKS):
        pulse.beat(done, len(CHECKS), one.title)
        match _answer(one, material, pulse):
            case Finding() as found:
                findings.append(found)
            case NotAssessable() as open_question:
                if one.concerns(material):
                    not_assessable.append(open_question)
            case None:
                passed.append(one.id)
    ordered = tuple(sorted(findings, key=_order))
    return Diagnosis(findings=ordered, not_assessable=tuple(not_assessable), passed=tuple(passed))


def _answer(one: Check, material: Material, pulse: Pulse) -> Answer:
    try:
        # Curves hold whatever was logged: a sum that overflows is no error, and what it gives is not finite.
        with np.errstate(all="ignore"):
            return one.function(material, pulse)
    except WorkCancelled:
        raise
    except InspectorError as error:
        return NotAssessable(id=one.id, title=one.title, because=str(error))
    except Exception as error:  # noqa: BLE001 - a fault of one check is said, and hides nothing that others found
        because = f"the check itself failed ({type(error).__name__}); this is a fault of the program"
        return NotAssessable(id=one.id, title=one.title, because=because)


def _order(finding: Finding) -> tuple[int, int, float]:
    """Worst first, then surest, then earliest."""
    since = float("inf") if finding.since_step is None else finding.since_step
    return -finding.severity.rank, tuple(Sureness).index(finding.sureness), since
