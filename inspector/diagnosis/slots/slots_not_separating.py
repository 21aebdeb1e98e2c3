"""Slots that stay alike: every slot explains every pixel, long after the warm-up.

Symptom: uniform masks, and slots of one direction; evidence: mask entropy and slot cosine, logged or of a dump. Uniform
masks are normal before the slots part, so nothing is said until long after the warm-up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.blocks import BLOCKS_TEXT, FG_ARI
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import another_seed, cure, divided, one_colour_a_slot, reward_apart, slots_apart
from inspector.diagnosis.gates import warmup_steps
from inspector.diagnosis.material import Material, file_text, value_at
from inspector.diagnosis.scores.score_curves import foreground_ari_tag
from inspector.diagnosis.slots.dump_slots import DumpedSlots, dumped_slots, slot_masks
from inspector.diagnosis.slots.slot_collapse import collapses, cosine_tag
from inspector.diagnosis.tags import mask_entropy, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Evidence,
    Finding,
    NotAssessable,
    SettingEvidence,
    Severity,
    SlotEvidence,
    Sureness,
)
from inspector.runs.rising import finite

ABOUT = About(
    id="slots-not-separating",
    title="Slots do not separate",
    rules=("X.A2", "S0.11c"),
    symptom="Every mask shows the whole image, faintly and alike",
    definition="Mask entropy, −Σ m log m over the slots of a pixel divided by log of their number, stays above"
    " {mask_entropy} later than {steps_after_warmup} steps after the warm-up. A dump without masks of a decoder is"
    " judged by the attention of its slots, which makes it possible only. It is graver where the slots of an image"
    " also have a mean cosine above {slot_cosine} later than {steps_of_cosine} steps after the warm-up. Slots that"
    " began with a spread below {least_slot_noise} and have a cosine above {like_slots} are told once the warm-up is"
    " over: nothing sets them apart.",
    why="All slots explain every pixel alike, so none stands for an object; with equal slots every gradient is"
    " equal too, and the run can stay so for good",
    confirm="Train on with one cure, or afresh with another seed: where slots part, mask entropy falls to between"
    " 0.5 and 0.85",
    false_alarm="Runs may still break out later; before slots part a cosine of 0.99 and uniform masks are normal",
    cure="A decoder that no slot can paint a whole picture with; a small loss on the cosine between slots"
    " ({diversity_weight}, clamped at 0); slots that start apart; another seed, as one of three stays on this plateau;"
    " a rate divided by {collapse_rate_cut}.",
    source="Rules X.A2 and S0.11c, measured on small runs of which one of three stayed stuck",
)


class _Entropy(NamedTuple):
    """Mask entropies that rise in step, (points,) each; `tag` is None where they are of dumps."""

    tag: str | None
    steps: FloatArray
    values: FloatArray


class _Seen(NamedTuple):
    """What is known of the slots now; NaN where unknown.

    Attributes:
        warmup: its steps, 0 where they are not known.
        gate: the step up to which uniform masks are normal.
        warmup_known: whether settings or the rate's curve gave the warm-up.
    """

    entropy: _Entropy
    cosine: float
    cosine_tag: str | None
    fg_ari: float
    dump: DumpedSlots | None
    warmup: float
    gate: float
    warmup_known: bool

    @property
    def of_attention(self) -> bool:
        """Whether it is judged by the attention of a dump that has no masks of a decoder."""
        return self.entropy.tag is None and self.dump is not None and bool(self.dump.masks)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Mask entropy first, slot cosine beside it (rules X.A2, S0.11c)."""
    tag = mask_entropy(material.curves)
    logged = finite(material.curves[tag]) if tag is not None else None
    newest, trouble = _newest_dump(material, pulse)
    if logged is not None and tag is not None and len(logged.values) and not logged.stepless:
        entropy = _Entropy(tag, logged.steps, logged.values)
    elif newest is not None and np.isfinite(newest.entropy):
        entropy = _Entropy(None, np.array([float(newest.entry.step or 0)]), np.array([newest.entropy]))
    else:
        lacking = trouble or "no dump with masks or attention of slots and a known step, and no mask entropy was logged"
        return ABOUT.not_assessable(material.lacking(lacking))
    if entropy.values[-1] <= material.thresholds.mask_entropy or collapses(material):
        return None
    seen = _seen(material, entropy, newest, warmup_steps(material))
    if entropy.steps[-1] <= seen.gate:
        because = (
            f"masks are still uniform at step {entropy.steps[-1]:,.0f}, which is normal until step {seen.gate:,.0f},"
            f" {material.thresholds.steps_after_warmup:,} after the warm-up"
        )
        return ABOUT.not_assessable(because)
    return _finding(material, seen)


def _newest_dump(material: Material, pulse: Pulse) -> tuple[DumpedSlots | None, str]:
    """The newest dump with masks and a step, and why it could not be read."""
    found = [entry for entry, facts in material.dumps if slot_masks(facts) is not None and entry.step is not None]
    if not found:
        return None, ""
    try:
        return dumped_slots(found[-1], material.thresholds, pulse), ""
    except FileError as error:
        return None, str(error)


def _seen(material: Material, entropy: _Entropy, dump: DumpedSlots | None, warmup: float | None) -> _Seen:
    curves = material.curves
    alike_tag, score_tag = cosine_tag(curves), foreground_ari_tag(curves)
    last = float(entropy.steps[-1])
    cosine = value_at(curves[alike_tag], last) if alike_tag else None
    score = value_at(curves[score_tag], last) if score_tag else None
    if cosine is None:
        alike_tag, cosine = None, dump.cosine if dump else float("nan")
    if score is None:
        score = dump.fg_ari if dump else float("nan")
    alike = _began_alike(material) and cosine > material.thresholds.like_slots
    gate = (warmup or 0.0) + (0 if alike else material.thresholds.steps_after_warmup)
    return _Seen(entropy, cosine, alike_tag, score, dump, warmup or 0.0, gate, warmup is not None)


def _began_alike(material: Material) -> bool:
    noise = material.number("model.slot_noise")
    return noise is not None and noise < material.thresholds.least_slot_noise


def _finding(material: Material, seen: _Seen) -> Finding:
    steps, values = seen.entropy.steps, seen.entropy.values
    late = steps > seen.gate
    uniform = late & (values > material.thresholds.mask_entropy)
    # The unbroken stretch up to now.
    broken = np.flatnonzero(~uniform)
    start = int(broken[-1]) + 1 if len(broken) else 0
    since, last = float(steps[start]), float(steps[-1])
    collapsed = bool(
        seen.cosine > material.thresholds.slot_cosine and last > seen.warmup + material.thresholds.steps_of_cosine
    )
    return ABOUT.finding(
        rules=("X.A2", "S0.11c") if collapsed else ("X.A2",),
        summary=_summary(seen),
        severity=Severity.ERROR if collapsed else Severity.WARNING,
        sureness=_sureness(seen, len(steps) - start, material.thresholds),
        since_step=since,
        since_epoch=material.epoch_at(since),
        evidence=_evidence(material, seen, since),
        cures=_cures(material),
        false_alarm=_false_alarm(seen),
        baseline=_baseline(seen),
    )


def _false_alarm(seen: _Seen) -> str:
    texts = [ABOUT.false_alarm]
    if not seen.warmup_known:
        texts.append("the warm-up of this run is not known")
    if seen.of_attention:
        texts.append("the dump has attention and no masks of a decoder, which may part where attention is still even")
    return "; ".join(texts)


def _summary(seen: _Seen) -> str:
    values = seen.entropy.values
    what = "Attention entropy" if seen.of_attention else "Mask entropy"
    known = f"{what} is {values[-1]:.3f} of a uniform mask's at step {seen.entropy.steps[-1]:,.0f}"
    texts = [f"{known}, {seen.entropy.steps[-1] - seen.warmup:,.0f} steps after the warm-up"]
    if not seen.warmup_known:
        texts = [known]
    if np.isfinite(seen.cosine):
        centred = seen.dump.centred_cosine if seen.dump else float("nan")
        beside = f" ({centred:.2f} less their common mean)" if np.isfinite(centred) else ""
        texts.append(f"Slots of one image have a mean cosine of {seen.cosine:.2f}{beside}")
    if np.isfinite(seen.fg_ari):
        texts.append(f"FG-ARI is {number_text(seen.fg_ari)}")
    return ". ".join(texts)


def _baseline(seen: _Seen) -> str:
    blocks = seen.dump.blocks_fg_ari if seen.dump else float("nan")
    score = f"FG-ARI {number_text(seen.fg_ari)}: " if np.isfinite(seen.fg_ari) else ""
    own = f"{score}2×2 blocks, which look at nothing, score {blocks:.2f} on the samples of the dump"
    return own if np.isfinite(blocks) else f"{score}{BLOCKS_TEXT}"


def _sureness(seen: _Seen, evaluations: int, limits: Thresholds) -> Sureness:
    blocks = seen.dump.blocks_fg_ari if seen.dump and np.isfinite(seen.dump.blocks_fg_ari) else FG_ARI[1]
    if not seen.warmup_known or seen.fg_ari > blocks or seen.of_attention:
        return Sureness.POSSIBLE
    return Sureness.CERTAIN if evaluations >= 2 and seen.cosine > limits.slot_cosine else Sureness.LIKELY


def _evidence(material: Material, seen: _Seen, since: float) -> tuple[Evidence, ...]:
    evidence: list[Evidence] = []
    last = float(seen.entropy.steps[-1])
    if seen.dump is not None:
        name, sample = file_text(seen.dump.entry), seen.dump.sample
        evidence.append(
            SlotEvidence(
                dump=seen.dump.entry.path,
                sample=sample,
                slots=tuple(range(seen.dump.slots)),
                masks=seen.dump.masks,
                text=f"Sample {sample + 1} of {name}, whose {seen.dump.slots} slots are most alike",
            )
        )
    for tag, text in ((seen.entropy.tag, "stays uniform"), (seen.cosine_tag, "in the same time")):
        if tag is not None:
            evidence.append(CurveEvidence(series=tag, first_step=since, last_step=last, text=f"{shown(tag)} {text}"))
    if _began_alike(material):
        noise = material.setting("model.slot_noise")
        text = f"Slots began with a spread of {number_text(noise)}, so almost alike"
        evidence.append(SettingEvidence(path="model.slot_noise", value=noise, text=text))
    return tuple(evidence)


def _cures(material: Material) -> tuple[Cure, ...]:
    other = another_seed(material, "one seed of three stays on this plateau (X.A2)")
    reason = "Smaller steps let slots that begin to part go on (S0.11c)"
    lower = divided(material, "optim.lr", material.thresholds.collapse_rate_cut, reason)
    return (
        *cure("Start anew with one colour a slot", one_colour_a_slot(material)),
        *reward_apart(material, "S0.11c"),
        *cure("Start anew with slots apart", slots_apart(material)),
        *cure("Start anew with another seed", other),
        *cure("Lower the rate", lower),
    )
