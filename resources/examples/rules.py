"""Rules of one's own: what is to be looked for in runs beside what Run Inspector looks for.

Use it:  run-inspector triage RUN --rules rules.py
"""

import numpy as np

from inspector.core.pulse import Pulse
from inspector.diagnosis.check import About, Check
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Finding,
    NotAssessable,
    ProposedEdit,
    Severity,
    Sureness,
)

TAG = "val/loss"
LEAST_FALL = 0.02
RECORDS = 5

SLOW = About(
    id="own-slow-validation",
    title="Validation hardly falls any more",
    rules=(),
    symptom="The last points of the curve lie on a line that is all but level",
    definition="Over the last five records `val/loss` fell by less than 2% of what it was",
    why="The epochs that are left cost more than they bring",
    confirm="Train the last epochs again at half the rate",
    false_alarm="A loss that waits on a plateau falls once the rate does",
    cure="Fewer epochs, or a schedule that ends sooner",
    source="Our own runs",
)


def slow_validation(material: Material, _pulse: Pulse) -> Finding | NotAssessable | None:
    """Whether the loss has fallen too little over the last records."""
    curve = material.curves.get(TAG)
    if curve is None:
        return SLOW.not_assessable(f"no {TAG} was logged")
    good = np.isfinite(curve.values)
    steps, values = curve.steps[good][-RECORDS:], curve.values[good][-RECORDS:]
    if len(values) < RECORDS or values[0] <= 0:
        return SLOW.not_assessable(f"{TAG} has fewer than {RECORDS} records above zero")
    fall = float(1 - values[-1] / values[0])
    if fall >= LEAST_FALL:
        return None
    first, last = float(steps[0]), float(steps[-1])
    epochs = material.number("schedule.epochs")
    shorter = Cure(
        title="Stop sooner",
        edits=(ProposedEdit(path="schedule.epochs", new=int(0.8 * (epochs or 0)), reason="The rest brings little"),),
    )
    return SLOW.finding(
        summary=f"{TAG} fell by {fall:.1%} from step {first:,.0f} to step {last:,.0f}",
        severity=Severity.INFO,
        sureness=Sureness.LIKELY,
        since_step=first,
        evidence=(CurveEvidence(series=TAG, first_step=first, last_step=last, text="it is all but level"),),
        cures=(shorter,) if epochs else (),
    )


CHECKS = (Check(abouts=(SLOW,), function=slow_validation),)
