"""The few numbers that tell most about a run of its kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from inspector.analysis.null_sparsity import null_sparsity
from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text, percent_text, pixels_text
from inspector.diagnosis.channels.layers_seen import DEAD, SPARSITY
from inspector.diagnosis.losses.loss_curves import compared_losses
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.main_score import best_place, main_score
from inspector.diagnosis.scores.score_curves import foreground_ari_tag
from inspector.diagnosis.slots.active_slots import active_tag
from inspector.diagnosis.slots.slot_collapse import cosine_tag
from inspector.diagnosis.tags import is_loss, loss_pair, median_pixel_error, pixel_error, rates, shown, with_words
from inspector.diagnosis.values import CurveEvidence, Finding, LayerEvidence, PointEvidence, Severity
from inspector.display.triage.scene import KeyNumber, Tone
from inspector.formats.metric_meanings import metric_text, tip_of
from inspector.formats.series import Series
from inspector.runs.placing import moment_text
from inspector.runs.rising import finite

MOST_NUMBERS = 6

_POINTS = "points"
_OWN_ACTIVE = "slots/active"
_LAST = 5
"""Training losses whose median stands for the last: single ones are noise."""

_BASELINES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "val/fg_ari": (("baseline/fg_ari_blocks", tr("2×2 blocks")),),
    "val/ari": (("baseline/ari_blocks", tr("2×2 blocks")),),
    "val/accuracy_content": (
        ("baseline/accuracy_content_copy_input", tr("copied input")),
        ("baseline/accuracy_content_most_frequent", tr("most frequent colour")),
    ),
    "val/pixel_error": (("baseline/pixel_error_mean_position", tr("mean position")),),
}
"""The curves of a score's trivial baselines, the one that is shown first, and what each does."""


def key_numbers(material: Material, findings: Iterable[Finding]) -> tuple[KeyNumber, ...]:
    """At most `MOST_NUMBERS`: the main score first, then what the run is about; toned where a finding speaks of it."""
    tones = _tones(findings)
    found: dict[str, KeyNumber] = {}
    for make, tag_of in _NUMBERS:
        tag = tag_of(material)
        one = _points(material, tag)
        if tag is not None and one is not None:
            for number in make(material, tag, one, tones):
                found.setdefault(f"{number.title} {number.qualifier}", number)
    return tuple(found.values())[:MOST_NUMBERS]


def _tones(findings: Iterable[Finding]) -> dict[str, Tone]:
    """The tone of every curve that a finding names, of layers and of points; of several the worst."""
    tones: dict[str, Tone] = {}
    for finding in sorted(findings, key=lambda one: one.severity.rank):
        tone: Tone = "critical" if finding.severity.rank >= Severity.ERROR.rank else "warning"
        if finding.severity is Severity.INFO:
            continue
        for one in finding.evidence:
            match one:
                case CurveEvidence(series=tag):
                    tones[tag] = tone
                case LayerEvidence():
                    tones[SPARSITY] = tone
                case PointEvidence():
                    tones[_POINTS] = tone
                case _:
                    pass
    return tones


def _points(material: Material, tag: str | None) -> Series | None:
    one = material.curves.get(tag) if tag else None
    drawn = finite(one) if one is not None else None
    return drawn if drawn is not None and len(drawn.values) else None


def _when(material: Material, step: float) -> str:
    return moment_text(material.run.moments, step)


def _best_and_last(material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """The best and the last value of a curve; the last alone where it is the best."""
    name, last = shown(tag), float(one.values[-1])
    place = best_place(one, tag)
    is_last = place is not None and place == len(one.values) - 1
    if place is not None and not is_last:
        yield KeyNumber(
            title=name,
            value=metric_text(tag, float(one.values[place])),
            qualifier=tr("best, {moment}").format(moment=_when(material, float(one.steps[place]))),
            tip=_told(_baseline_text(material, tag), tag),
        )
    how = tr("best and last, {moment}") if is_last else tr("last, {moment}")
    yield KeyNumber(
        title=name,
        value=metric_text(tag, last),
        qualifier=how.format(moment=_when(material, float(one.steps[-1]))),
        tone="text" if is_last else tones.get(tag, "text"),
        tip=_told(_baseline_text(material, tag), tag),
    )


def _baseline(material: Material, tag: str) -> tuple[str, str]:
    """What does a score's trivial baseline, and its last value; empty where none was logged."""
    for curve, name in _BASELINES.get(tag, ()):
        one = _points(material, curve)
        if one is not None:
            return name, metric_text(tag, float(one.values[-1]))
    return "", ""


def _baseline_text(material: Material, tag: str) -> str:
    """`2×2 blocks 0.56`, empty where no baseline was logged."""
    return " ".join(filter(None, _baseline(material, tag)))


def _told(text: str, tag: str) -> str:
    """A text, and below it what the metric measures."""
    return "\n".join(part for part in (text, tip_of(tag)) if part)


def _foreground(material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """FG-ARI beside its baseline; the baseline alone where it is the main score, if any is known."""
    name, value = _baseline(material, tag)
    if tag != main_score(material):
        yield KeyNumber(
            title=shown(tag),
            value=metric_text(tag, float(one.values[-1])),
            qualifier=_baseline_text(material, tag),
            tone=tones.get(tag, "text"),
        )
    elif name:
        yield KeyNumber(title=tr("baseline"), value=value, qualifier=tr("FG-ARI of {baseline}").format(baseline=name))


def _slot_cosine(material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    low = int(np.argmin(one.values))
    was = tr("was {value} at {moment}").format(
        value=number_text(one.values[low], 2), moment=_when(material, float(one.steps[low]))
    )
    yield KeyNumber(
        title=tr("slot cosine"),
        value=f"{one.values[-1]:.2f}".replace("-", "−"),
        qualifier=was if low < len(one.values) - 1 else tr("lowest so far"),
        tone=tones.get(tag, "text"),
        tip=tip_of("slots/cosine"),
    )


def _active_slots(material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    count = material.number("model.slots")
    value = number_text(one.values[-1], 3)
    yield KeyNumber(
        title=tr("active slots"),
        value=tr("{active} of {slots}").format(active=value, slots=f"{count:.0f}") if count else value,
        qualifier=tr("area ≥ 1%") if tag == _OWN_ACTIVE else shown(tag),
        tone=tones.get(tag, "text"),
        tip=tip_of(_OWN_ACTIVE),
    )


def _point_error_tag(material: Material) -> str | None:
    """The curve that findings of points speak of; the median beside it where that is the main score."""
    tag = pixel_error(material.curves)
    return tag if tag != main_score(material) else median_pixel_error(material.curves)


def _point_error(material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    if tag == main_score(material):
        return
    yield KeyNumber(
        title=tr("point error"),
        value=pixels_text(float(one.values[-1])),
        qualifier=tr("median") if "median" in tag else tr("mean"),
        tone=tones.get(tag) or tones.get(_POINTS, "text"),
        tip=_told(shown(tag), tag),
    )


def _done_tag(material: Material) -> str | None:
    """How well done samples are told from others: no finding chooses among these curves."""
    tag = next((tag for tag in ("val/done_average_precision", "val/done_f1") if tag in material.curves), None)
    return tag or with_words(material.curves, frozenset({"done"}), frozenset({"acc", "accuracy", "precision", "f1"}))


def _done(_material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    value = number_text(one.values[-1], 3)
    name = tr("average precision") if "average_precision" in tag else shown(tag)
    yield KeyNumber(title=tr("done"), value=value, qualifier=name, tone=tones.get(tag, "text"), tip=tip_of(tag))


def _trained_beside(material: Material) -> str | None:
    """The training loss that a validation loss is held against."""
    pair = compared_losses(material.curves)
    return pair.train if pair is not None else None


def _gap(material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """How much larger the validation loss is than that of training."""
    pair = compared_losses(material.curves)
    held_out = _points(material, pair.validation) if pair is not None else None
    if pair is None or held_out is None:
        return
    train, validation = float(np.median(one.values[-_LAST:])), float(held_out.values[-1])
    if train <= 0 or validation <= 0 or not math.isfinite(validation / train):
        return
    tip = tr("The last value of {validation} over the median of the last {count} of {train}")
    yield KeyNumber(
        title=tr("val / train loss"),
        value=f"×{number_text(validation / train, 2)}",
        qualifier=f"{number_text(validation, 3)} / {number_text(train, 3)}",
        tone=tones.get(pair.validation, "text"),
        tip=tip.format(validation=shown(pair.validation), train=shown(tag), count=min(_LAST, len(one.values))),
    )


def _sparsity(material: Material, _tag: str, _one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """The mean share of silence of the encoder's layers, beside what their activation leaves by itself."""
    layers = _layers(material)
    last = [float(one.values[-1]) for tag in layers if (one := _points(material, tag)) is not None]
    activation = material.setting("encoder.activation")
    baseline = null_sparsity(activation, 0.0) if isinstance(activation, str) else math.nan
    worst: Tone = tones.get(SPARSITY, "text")
    for tag in (f"{DEAD}{tag.removeprefix(SPARSITY)}" for tag in layers):
        worst = max((worst, tones.get(tag, "text")), key=("text", "warning", "critical").index)
    known = isinstance(activation, str) and math.isfinite(baseline)
    alone = tr("{activation} alone {share}").format(activation=activation, share=f"{baseline:.0%}")
    yield KeyNumber(
        title=tr("sparsity"),
        value=percent_text(sum(last) / len(last)).replace(".0%", "%"),
        qualifier=alone if known else tr("of {layers}").format(layers=tr_counted(len(last), "layer")),
        tone=worst,
        tip=tr("Mean over the logged layers") + f"\n{tip_of(SPARSITY)}",
    )


def _layers(material: Material) -> list[str]:
    return [tag for tag in material.curves if tag.startswith(SPARSITY) and _points(material, tag) is not None]


def _other_score(material: Material) -> str | None:
    """The validation loss, where the main score is none."""
    pair, main = loss_pair(material.curves), main_score(material)
    return pair.validation if pair is not None and not (main and is_loss(main)) else None


def _rate(_material: Material, tag: str, one: Series, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    yield KeyNumber(
        title=shown(tag),
        value=metric_text(tag, float(one.values[-1])),
        qualifier=tr("last"),
        tone=tones.get(tag, "text"),
    )


_Make = Callable[[Material, str, Series, Mapping[str, Tone]], Iterator[KeyNumber]]

_NUMBERS: tuple[tuple[_Make, Callable[[Material], str | None]], ...] = (
    (_best_and_last, main_score),
    (_foreground, lambda material: foreground_ari_tag(material.curves)),
    (_slot_cosine, lambda material: cosine_tag(material.curves)),
    (_active_slots, active_tag),
    (_point_error, _point_error_tag),
    (_done, _done_tag),
    (_gap, _trained_beside),
    (_sparsity, lambda material: next(iter(_layers(material)), None)),
    (_best_and_last, _other_score),
    (_rate, lambda material: next(iter(rates(material.curves)), None)),
)
"""What makes each number, of the finite points of a curve, and which curve: the one that findings speak of."""
