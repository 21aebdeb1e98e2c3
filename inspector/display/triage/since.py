"""Since when a finding is there, in words."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.core.units import epoch_text
from inspector.diagnosis.values import Finding
from inspector.runs.placing import epoch_of_step
from inspector.runs.values import Moment


def since_text(finding: Finding, moments: tuple[Moment, ...]) -> str:
    """`since epoch 6`; `since step 190` without epochs or within the first one, empty where neither is known."""
    step, epoch = finding.since_step, finding.since_epoch
    if epoch is None and step is not None:
        epoch = epoch_of_step(moments, step)
    if step is not None and (epoch is None or epoch < 1):
        return tr("since step {step}").format(step=f"{step:,.0f}")
    return "" if epoch is None else tr("since epoch {epoch}").format(epoch=epoch_text(epoch))
