"""A log that holds a second training, which began where the first did."""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.core.units import epoch_text
from inspector.diagnosis.check import About
from inspector.diagnosis.losses.loss_curves import training_loss
from inspector.diagnosis.material import Material
from inspector.diagnosis.seams.resumes import seams_of
from inspector.diagnosis.tags import shown
from inspector.diagnosis.values import CurveEvidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="two-trainings",
    title="The log holds more than one training",
    rules=(),
    symptom="Curves that begin again at their left end, often with another rate.",
    definition="The steps of the training loss, or of a log without steps its epochs, go back to where they began, or"
    " before, and the curve is then written anew. A resume goes back to some later step and is another matter.",
    why="Findings are those of the latest training; what the earlier ones did is not judged, and dumps or checkpoints"
    " in the folder may be of either",
    confirm="Compare the times of the files with those in the log",
    false_alarm="A logger that counts steps anew in every epoch is known by its epochs, where it logs them",
    cure="Give every training a folder of its own.",
    source="steps and times of the log",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The latest training of several."""
    tag = training_loss(material)
    if tag is None:
        return None
    later = [seam for seam in seams_of(material, tag, pulse) if seam.is_new_training]
    if not later:
        return None
    newest = later[-1].after
    first, last = float(newest.steps[0]), float(newest.steps[-1])
    count = len(later) + 1
    where = f"step {first:,.0f} to {last:,.0f}"
    if newest.stepless and newest.epochs is not None:
        where = f"epoch {epoch_text(newest.epochs[0])} to {epoch_text(newest.epochs[-1])}"
    return ABOUT.finding(
        title=f"The log holds {count} trainings",
        summary=f"{shown(tag)} begins {count} times; the last has {len(newest.values):,} records, of {where},"
        " and is the one that is judged",
        severity=Severity.INFO,
        sureness=Sureness.LIKELY,
        since_step=first,
        since_epoch=material.epoch_at(first),
        evidence=(
            CurveEvidence(series=tag, first_step=first, last_step=last, text=f"{shown(tag)} of the last training"),
        ),
    )
