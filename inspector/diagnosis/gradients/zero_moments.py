"""Kernels of which most elements never had a gradient, as behind ReLUs that stay silent."""

from __future__ import annotations

from inspector.analysis.optimizer_state import saved_optimizers
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import listed, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.checkpoints.newest_checkpoint import Newest, newest
from inspector.diagnosis.cures import cure, divided, leaky
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="zero-gradients",
    title="Most of a kernel never had a gradient",
    rules=("X.D1",),
    symptom="Second moments of a convolution of which whole channels are zero",
    definition="In the newest checkpoint the share of elements of a kernel (three axes or more) whose second moment is"
    " exactly zero is **{zero_moments}** or more. A kernel without any gradient is another finding.",
    why="A second moment of exactly zero says that no step ever had a gradient there: the channel was silent from the"
    " first step on and does not learn",
    confirm="Record a dump of the layer: the channels that never fire are the ones without gradient",
    false_alarm="Channels that are masked on purpose, or that only some batches use, look the same for a while",
    cure="An activation that passes a gradient below 0, and a smaller rate, in a new run: what is silent seldom comes"
    " back.",
    source="Rule X.D1 (AutoTrainer: 0.7 of the gradient's entries), by Adam's second moments in place of one step",
)

_KERNEL_AXES = 3


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The second moments of every kernel in the newest checkpoint."""
    one = newest(material, pulse)
    if isinstance(one, str):
        return ABOUT.not_assessable(one)
    moments = _moments(one)
    if not moments:
        return ABOUT.not_assessable(f"{file_text(one.entry)} keeps no second moments of kernels")
    rows = one.summary.rows()
    shares = {name: rows[name].zeros / rows[name].count for name in moments if name in rows and rows[name].count}
    found = {name: share for name, share in shares.items() if material.thresholds.zero_moments <= share < 1}
    return _finding(material, one, found) if found else None


def has_moments(material: Material) -> bool:
    """Whether the newest checkpoint keeps second moments."""
    return any(
        tensor.role == "optimizer" and tensor.name.endswith("exp_avg_sq")
        for _entry, facts in material.checkpoints[-1:]
        for tensor in facts.tensors
    )


def _moments(one: Newest) -> list[str]:
    """Names of the second moments of all kernels."""
    facts = one.checkpoint.facts
    return [
        square.name
        for optimizer in saved_optimizers(facts.tensors, facts.objects)
        for entry in optimizer.state.values()
        if (square := entry.tensors.get("exp_avg_sq")) is not None and len(square.shape) >= _KERNEL_AXES
    ]


def _finding(material: Material, one: Newest, shares: dict[str, float]) -> Finding:
    worst = sorted(shares, key=lambda name: -shares[name])
    texts = [f"{percent_text(shares[name])} of {visible(name, 60)}" for name in worst]
    return ABOUT.finding(
        summary=f"No step had a gradient for {listed(texts)}, in {file_text(one.entry)}",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((name, f"{percent_text(shares[name])} of it is zero") for name in worst),
        cures=_cures(material),
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    passing = leaky(material, "It passes a gradient where ReLU is silent (X.D1)")
    cut = material.thresholds.dead_rate_cut
    slower = divided(material, "optim.lr", cut, "Shorter steps throw fewer channels where they stay silent (X.D1)")
    return (*cure("Let gradients through below 0", passing), *cure("Lower the rate", slower))
