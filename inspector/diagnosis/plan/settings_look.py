"""Settings that are worth a look before there are curves to judge them by."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.losses.samples import training_samples
from inspector.diagnosis.material import Material
from inspector.diagnosis.subjects import slots
from inspector.diagnosis.tags import losses
from inspector.diagnosis.values import Finding, NotAssessable, ProposedEdit, SettingEvidence, Severity, Sureness

ABOUT = About(
    id="settings-look",
    title="Settings worth a look",
    rules=("S0.05", "S0.06", "S0.10", "S3.10", "S4.04", "X.LR10"),
    symptom="Nothing in the curves: there are none yet.",
    definition="Until {plan_epochs} epoch was trained, or {plan_losses} losses were logged where epochs are not known,"
    " of the settings alone:\n\n- fewer than {samples_per_slot} training samples for each slot, each counted"
    " {augmented_samples} times where they are augmented;\n- gradients that are not clipped;\n- augmentation that is"
    " off;\n- {many_epochs} epochs or more of fewer than {few_for_many} samples;\n- a warm-up of more than"
    " {warmup_share} of the schedule.\n\nAll are one finding. From then on losses and scores tell, and what they show"
    " names the setting.",
    why="Each of them is behind faults that take long to show",
    confirm="Train, and look at what is found then",
    false_alarm="All of these are right in some runs: data that is generated anew has no size, Adam needs no clipping"
    " where gradients are even, and published slot attention has no other loss than its reconstruction",
    cure="The edits that go with each, where it is not meant so.",
    source="Rules S0.05, S0.10, S3.10, S4.04 and X.LR10; S0.06 is contradicted by what is published (FG-ARI above 0.9"
    " with reconstruction alone) and proposes nothing",
    acts=True,
)


class _Remark(NamedTuple):
    rule: str
    evidence: SettingEvidence
    edits: tuple[ProposedEdit | None, ...] = ()


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """All remarks on the settings of a run that has hardly begun."""
    pulse.beat(0, 0, "looking at settings")
    if not material.run.settings.values or _has_begun(material):
        return None
    remarks = [remark for look in _LOOKS if (remark := look(material)) is not None]
    if not remarks:
        return None
    remarks += [remark for remark in (_reconstruction_alone(material),) if remark is not None]
    edits = [one for remark in remarks for one in remark.edits]
    return ABOUT.finding(
        rules=tuple(remark.rule for remark in remarks),
        summary="; ".join(remark.evidence.text for remark in remarks),
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        evidence=tuple(remark.evidence for remark in remarks),
        cures=cure("Edit what is not meant so", *edits),
    )


def has_settings(material: Material) -> bool:
    """Whether the settings of a run are known."""
    return bool(material.run.settings.values)


def _has_begun(material: Material) -> bool:
    """Whether an epoch was trained, or, where epochs are not known, many losses were logged."""
    epochs = [moment.epoch for moment in material.run.moments if moment.epoch is not None]
    if epochs:
        return max(epochs) >= material.thresholds.plan_epochs
    return any(len(material.curves[tag].values) >= material.thresholds.plan_losses for tag in losses(material.curves))


def _few_samples(material: Material) -> _Remark | None:
    found, count = training_samples(material), material.number("model.slots") or material.number("model.num_slots")
    if found is None or not count or not slots(material):
        return None
    limits = material.thresholds
    needed = limits.samples_per_slot * count
    times = limits.augmented_samples if material.setting("data.augment") is True else 1.0
    if found.value * times >= needed:
        return None
    text = f"{found.value:,} training samples are few for {count:g} slots, for which {needed:,.0f} are advised"
    more = edit(material, "data.subset", 1.0, "All samples are more than a part of them (S0.05)")
    return _Remark("S0.05", SettingEvidence(path=found.path, value=found.value, text=text), (more,))


def _no_clipping(material: Material) -> _Remark | None:
    path = "optim.clip_norm"
    if path not in material.fields or material.setting(path) is not None:
        return None
    clip = material.thresholds.clip_norm
    shorter = edit(material, path, clip, "One long gradient can no longer undo much; a norm near the 90th percentile of"
                   " those observed is better still (S0.10)")  # fmt: skip
    return _Remark("S0.10", SettingEvidence(path=path, value=None, text="Gradients are not clipped"), (shorter,))


def _no_augmentation(material: Material) -> _Remark | None:
    path = "data.augment"
    if path not in material.fields or material.setting(path) is not False:
        return None
    reason = "Turned, mirrored and recoloured; inputs and outputs of a puzzle must be changed alike (S3.10)"
    varied = edit(material, path, new=True, reason=reason)
    return _Remark("S3.10", SettingEvidence(path=path, value=False, text="Samples are not augmented"), (varied,))


def _many_epochs(material: Material) -> _Remark | None:
    limits, path = material.thresholds, "schedule.epochs"
    found, epochs = training_samples(material), material.number(path)
    if found is None or epochs is None or epochs < limits.many_epochs or found.value >= limits.few_for_many:
        return None
    text = f"{epochs:,.0f} epochs of {found.value:,} samples show each so often that it is learnt by heart"
    stop = edit(material, "train.early_stop", new=True, reason="It ends when validation no longer gets better (S4.04)")
    return _Remark("S4.04", SettingEvidence(path=path, value=epochs, text=text), (stop,))


def _long_warmup(material: Material) -> _Remark | None:
    path = "schedule.warmup_epochs"
    warmup, epochs = material.number(path), material.number("schedule.epochs")
    share = material.thresholds.warmup_share
    if warmup is None or not epochs or warmup <= share * epochs * (1 + 1e-9):
        return None
    text = f"The warm-up takes {number_text(warmup)} of {epochs:,.0f} epochs, {percent_text(warmup / epochs)}"
    shorter = edit(material, path, float(f"{share * epochs:.6g}"), f"At most {percent_text(share)} of the run (X.LR10)")
    return _Remark("X.LR10", SettingEvidence(path=path, value=warmup, text=text), (shorter,))


_LOOKS: tuple[Callable[[Material], _Remark | None], ...] = (
    _few_samples,
    _no_clipping,
    _no_augmentation,
    _many_epochs,
    _long_warmup,
)

_TERMS = ("loss.diversity_weight", "loss.spectral_weight", "loss.consistency_weight")


def _reconstruction_alone(material: Material) -> _Remark | None:
    """Told beside other remarks only, as it is no fault."""
    if not set(_TERMS) <= set(material.fields) or any(material.number(path) for path in _TERMS):
        return None
    text = "Reconstruction is the whole loss, as in published slot attention; leave it so unless slots collapse"
    return _Remark("S0.06", SettingEvidence(path=_TERMS[0], value=material.setting(_TERMS[0]), text=text))
