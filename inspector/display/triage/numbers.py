"""The few numbers that tell most about a run of its kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from inspector.analysis.null_sparsity import null_sparsity
from inspector.core.language import tr
from inspector.core.units import number_text, percent_text, pixels_text
from inspector.diagnosis.losses.loss_curves import compared_losses
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import is_loss, loss_pair, part_of, shown, with_words
from inspector.diagnosis.values import CurveEvidence, Finding, LayerEvidence, PointEvidence, Severity
from inspector.display.triage.scene import KeyNumber, Tone
from inspector.formats.metric_meanings import metric_text, tip_of
from inspector.formats.metric_names import better_of, words
from inspector.formats.series import Series
from inspector.runs.placing import moment_text
from inspector.runs.rising import finite

MOST_NUMBERS = 6

_SPARSITY = "sparsity/"
_POINTS = "points"
_SCORES = (
    "val/fg_ari",
    "val/ari",
    "val/accuracy_content",
    "val/pixel_error",
    "val/accuracy",
    "val_accuracy",
    "val/acc",
)
_LOSSES = ("val/loss", "val_loss", "valid_loss", "train/loss", "train_loss", "loss")
"""By which a run is judged, the most telling first; any other score comes before the losses."""

_BASELINES: Mapping[str, tuple[str, str]] = {
    "val/fg_ari": ("baseline/fg_ari_blocks", tr("2×2 blocks")),
    "val/ari": ("baseline/ari_blocks", tr("2×2 blocks")),
    "val/accuracy_content": ("baseline/accuracy_content_copy_input", tr("copied input")),
    "val/pixel_error": ("baseline/pixel_error_centre", tr("the centre")),
}
"""The curve of a score's trivial baseline, and what that does."""

_TRAIN = "train"
_SLOT = frozenset({"slot", "slots"})
_COSINE = frozenset({"cosine", "cos", "similarity"})
_POINT_ERROR = frozenset({"pixel", "point"})
_ERROR = frozenset({"error", "err", "distance"})
_FOREGROUND = frozenset({"fg", "fgari"})


def key_numbers(material: Material, findings: Iterable[Finding]) -> tuple[KeyNumber, ...]:
    """At most `MOST_NUMBERS`: the main score first, then what the run is about; toned where a finding speaks of it."""
    tones = _tones(findings)
    found: dict[str, KeyNumber] = {}
    for number in _numbers(material, tones):
        found.setdefault(f"{number.title} {number.qualifier}", number)
    return tuple(found.values())[:MOST_NUMBERS]


def score_tag(material: Material) -> str:
    """The curve that a run is judged by, empty where it has none."""
    told = [tag for tag in material.curves if better_of(tag) and len(finite(material.curves[tag]).values)]
    return min(told, key=_telling, default="")


def _telling(tag: str) -> tuple[bool, bool, int, str]:
    """Least of the curve that tells most: scores before losses, of held-out data before others, known ones first."""
    known = _LOSSES if is_loss(tag) else _SCORES
    place = known.index(tag) if tag in known else len(known)
    return is_loss(tag) or _TRAIN in words(tag), part_of(tag) != "validation", place, tag


def best_place(one: Series, tag: str) -> int | None:
    """Where a curve's best point is; None where its name tells no direction, or it has no points."""
    better = better_of(tag)
    if not better or not len(one.values):
        return None
    return int(np.argmax(one.values) if better == "high" else np.argmin(one.values))


def _numbers(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    makes: tuple[Callable[[Material, Mapping[str, Tone]], Iterator[KeyNumber]], ...] = (
        _main_score, _foreground, _slot_cosine, _active_slots, _point_error, _done, _gap, _sparsity, _second_score,
        _rate,
    )  # fmt: skip
    for make in makes:
        yield from make(material, tones)


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
                    tones[_SPARSITY] = tone
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


def _main_score(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """The best and the last value of the main score; the last alone where it is the best."""
    yield from _best_and_last(material, score_tag(material), tones)


def _second_score(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    main = score_tag(material)
    pair = loss_pair(material.curves)
    if pair is not None and not is_loss(main):
        yield from _best_and_last(material, pair.validation, tones)


def _best_and_last(material: Material, tag: str, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    one = _points(material, tag)
    if one is None:
        return
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


def _baseline_text(material: Material, tag: str) -> str:
    """`2×2 blocks score 0.56`, empty where no baseline was logged."""
    curve, name = _BASELINES.get(tag, ("", ""))
    one = _points(material, curve)
    return "" if one is None else f"{name} {metric_text(tag, float(one.values[-1]))}"


def _told(text: str, tag: str) -> str:
    """A text, and below it what the metric measures."""
    return "\n".join(part for part in (text, tip_of(tag)) if part)


def _foreground(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """FG-ARI beside its baseline, unless it is the main score and no baseline is known."""
    tag = next((tag for tag in ("val/fg_ari", "fg_ari") if tag in material.curves), None)
    tag = tag or with_words(material.curves, _FOREGROUND)
    one = _points(material, tag)
    if one is None or tag is None:
        return
    baseline = _baseline_text(material, tag)
    if tag == score_tag(material):
        if baseline:
            curve = _BASELINES[tag][0]
            known = _points(material, curve)
            assert known is not None
            yield KeyNumber(
                title=tr("baseline"),
                value=metric_text(tag, float(known.values[-1])),
                qualifier=tr("FG-ARI of {baseline}").format(baseline=_BASELINES[tag][1]),
            )
        return
    yield KeyNumber(
        title=shown(tag), value=metric_text(tag, float(one.values[-1])), qualifier=baseline, tone=tones.get(tag, "text")
    )


def _slot_cosine(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    tag = with_words(material.curves, _SLOT, _COSINE)
    one = _points(material, tag)
    if one is None or tag is None:
        return
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


def _active_slots(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    tag = with_words(material.curves, _SLOT, frozenset({"active"}))
    one = _points(material, tag)
    if one is None or tag is None:
        return
    count = material.number("model.slots")
    value = number_text(one.values[-1], 3)
    yield KeyNumber(
        title=tr("active slots"),
        value=tr("{active} of {slots}").format(active=value, slots=f"{count:.0f}") if count else value,
        qualifier=tr("area ≥ 1%"),
        tone=tones.get(tag, "text"),
        tip=tip_of("slots/active"),
    )


def _point_error(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    tag = with_words(material.curves, _POINT_ERROR, _ERROR, frozenset({"median"}))
    tag = tag or with_words(material.curves, _POINT_ERROR, _ERROR)
    one = _points(material, tag)
    if one is None or tag is None or tag == score_tag(material):
        return
    yield KeyNumber(
        title=tr("point error"),
        value=pixels_text(float(one.values[-1])),
        qualifier=tr("median") if "median" in tag else tr("mean"),
        tone=tones.get(tag) or tones.get(_POINTS, "text"),
        tip=_told(shown(tag), tag),
    )


def _done(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    tag = next((tag for tag in ("val/done_average_precision", "val/done_f1") if tag in material.curves), None)
    tag = tag or with_words(material.curves, frozenset({"done"}), frozenset({"acc", "accuracy", "precision", "f1"}))
    one = _points(material, tag)
    if one is not None and tag is not None:
        value = number_text(one.values[-1], 3)
        name = tr("average precision") if "average_precision" in tag else shown(tag)
        yield KeyNumber(title=tr("done"), value=value, qualifier=name, tone=tones.get(tag, "text"), tip=tip_of(tag))


def _gap(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """How much larger the validation loss is than that of training."""
    pair = compared_losses(material.curves)
    trained = _points(material, pair.train) if pair else None
    held_out = _points(material, pair.validation) if pair else None
    if pair is None or trained is None or held_out is None:
        return
    train, validation = float(np.median(trained.values[-5:])), float(held_out.values[-1])
    if train <= 0 or validation <= 0 or not math.isfinite(validation / train):
        return
    yield KeyNumber(
        title=tr("val / train loss"),
        value=f"×{number_text(validation / train, 2)}",
        qualifier=f"{number_text(validation, 3)} / {number_text(train, 3)}",
        tone=tones.get(pair.validation, "text"),
        tip=tr("{validation} over {train}; both are their last values").format(
            validation=shown(pair.validation), train=shown(pair.train or "")
        ),
    )


def _sparsity(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    """The mean share of silence of the encoder's layers, beside what their activation leaves by itself."""
    layers = [tag for tag in material.curves if tag.startswith(_SPARSITY)]
    last = [float(one.values[-1]) for tag in layers if (one := _points(material, tag)) is not None]
    if not last:
        return
    activation = material.setting("encoder.activation")
    baseline = null_sparsity(activation, 0.0) if isinstance(activation, str) else math.nan
    worst: Tone = tones.get(_SPARSITY, "text")
    for tag in (f"dead_channels/{tag.removeprefix(_SPARSITY)}" for tag in layers):
        worst = max((worst, tones.get(tag, "text")), key=("text", "warning", "critical").index)
    known = isinstance(activation, str) and math.isfinite(baseline)
    alone = tr("{activation} alone {share}").format(activation=activation, share=f"{baseline:.0%}")
    yield KeyNumber(
        title=tr("sparsity"),
        value=percent_text(sum(last) / len(last)).replace(".0%", "%"),
        qualifier=alone if known else tr("of {layers} layers").format(layers=len(last)),
        tone=worst,
        tip=tr("Mean over the logged layers") + f"\n{tip_of(_SPARSITY)}",
    )


def _rate(material: Material, tones: Mapping[str, Tone]) -> Iterator[KeyNumber]:
    tag = next((tag for tag in material.curves if tag.startswith("lr/")), None)
    one = _points(material, tag)
    if one is not None and tag is not None:
        yield KeyNumber(
            title=shown(tag),
            value=metric_text(tag, float(one.values[-1])),
            qualifier=tr("last"),
            tone=tones.get(tag, "text"),
        )
