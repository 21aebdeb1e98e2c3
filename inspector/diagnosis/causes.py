"""One cause, one finding: what a finding explains is told with it, and not beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from inspector.diagnosis.checkpoints.gradient_flow import ALL_ZERO
from inspector.diagnosis.cures import RATE_PATHS
from inspector.diagnosis.gradients.no_gradient import ZERO
from inspector.diagnosis.gradients.norm_curves import module_of_norm
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Finding,
    LayerEvidence,
    ProposedEdit,
    Severity,
    TensorEvidence,
    worst_of,
)

_replace = msgspec.structs.replace


class Cause(msgspec.Struct, frozen=True):
    """One kind of finding that explains others.

    Attributes:
        of: the kind that explains, by id.
        explains: the kinds that follow from it.
        when: what must hold of the two, the cause first.
    """

    of: str
    explains: tuple[str, ...]
    when: Callable[[Finding, Finding], bool]


def always(_cause: Finding, _effect: Finding) -> bool:
    """Where one is, the other follows."""
    return True


def from_then_on(cause: Finding, effect: Finding) -> bool:
    """The effect did not begin before its cause, as far as both say when they began."""
    return cause.since_step is None or effect.since_step is None or cause.since_step <= effect.since_step


def not_over_before(cause: Finding, effect: Finding) -> bool:
    """What the effect shows of a curve lasts until its cause or beyond: of a rise, its best may lie before it."""
    ends = [one.last_step for one in effect.evidence if isinstance(one, CurveEvidence)]
    return cause.since_step is None or not ends or max(ends) >= cause.since_step


def in_its_modules(cause: Finding, effect: Finding) -> bool:
    """All modules that the effect is seen in are modules, or parts of modules, that the cause names."""
    named, seen = _modules(cause), _modules(effect)
    return bool(seen) and all(any(_within(module, whole) for whole in named) for module in seen)


def of_the_heads(cause: Finding, _effect: Finding) -> bool:
    """The cause lies in what gives the coordinates."""
    return any(word in module.lower() for module in _modules(cause) for word in _HEADS)


def behind_silence(cause: Finding, effect: Finding) -> bool:
    """Whole layers are silent, and every gradient in the same part of the model was zero in every step."""
    parts = {module.partition(".")[0] for module in _modules(cause)}
    zero = all(one.text == ALL_ZERO or one.text.endswith(ZERO) for one in effect.evidence)
    inside = all(parts & set(module.split(".")) for module in _modules(effect))
    return cause.severity.rank >= Severity.ERROR.rank and bool(effect.evidence) and zero and inside


def vanishing_there(cause: Finding, effect: Finding) -> bool:
    """The optimizer's moments tell of a gradient that vanishes in a module of which the log tells it too."""
    named = _modules(cause)
    return "X.G2" in effect.rules and any(_within(seen, whole) for seen in _modules(effect) for whole in named)


_HEADS = ("head", "coord", "point", "spatial")

_HIGH_RATE = (
    "loss-not-finite", "weights-not-finite", "moments-not-finite", "loss-diverging", "loss-noisy", "score-collapsed",
    "score-oscillating",
)  # fmt: skip
_OF_MASKS = ("active-slots-low", "one-slot", "striped-masks", "masks-below-baseline")
_OF_SCORES = ("score-stagnant", "below-baseline", "grid-accuracy")
_OF_SLOTS = ("slots-not-separating", "slot-collapse", *_OF_MASKS, *_OF_SCORES)
_HOLDS_BACK = (
    "loss-not-finite", "loss-diverging", "attention-axis", "slots-not-separating", "slot-collapse", "one-slot",
    "score-collapsed", "score-stagnant", "score-oscillating", "below-baseline", "loss-stalled", "memorised",
    "overwritten-rate", "compounded-rate", "still-improving",
)  # fmt: skip

CAUSES: tuple[Cause, ...] = (
    Cause("schedule-restarted", ("rate-spike", "resume-loss-jump", "loss-diverging"), from_then_on),
    Cause("rate-spike", ("loss-diverging", "loss-noisy"), not_over_before),
    Cause("rate-spike", (*_HIGH_RATE, "exploding-gradient", "resume-loss-jump"), from_then_on),
    Cause("overwritten-rate", _HIGH_RATE, from_then_on),
    Cause("rate-high", _HIGH_RATE, from_then_on),
    Cause("schedule-unit", ("loss-noisy", "score-oscillating", "loss-diverging"), from_then_on),
    Cause("schedule-past-end", ("loss-diverging", "score-collapsed"), from_then_on),
    Cause("resume-loss-jump", ("loss-diverging",), from_then_on),
    Cause("compounded-rate", ("loss-stalled", "score-stagnant", "still-improving"), always),
    Cause("rate-written-after", ("groups-one-rate",), always),
    Cause("loss-not-finite", ("moments-not-finite", "loss-diverging", "exploding-gradient"), always),
    Cause("loss-not-finite", ("score-collapsed", "points-collapsed", "done-never-fires"), from_then_on),
    Cause("weights-not-finite", ("moments-not-finite",), always),
    Cause("loss-diverging", ("score-collapsed", "loss-noisy"), from_then_on),
    Cause("loss-diverging", ("exploding-gradient",), always),
    Cause("memorised", ("overfitting", "accuracy-gap"), always),
    Cause("overfitting", ("accuracy-gap",), always),
    Cause("attention-axis", _OF_SLOTS, always),
    Cause("slots-not-separating", (*_OF_MASKS, *_OF_SCORES), always),
    Cause("slot-collapse", ("score-collapsed", "score-oscillating", *_OF_MASKS), from_then_on),
    Cause("one-slot", ("active-slots-low", "masks-below-baseline"), always),
    Cause("striped-masks", ("masks-below-baseline",), always),
    Cause("score-collapsed", ("score-oscillating", "below-baseline"), always),
    Cause("dead-channels", ("no-gradient",), behind_silence),
    Cause("dead-channels", ("zero-gradients",), always),
    Cause("dead-channels", ("sparse-features", "dormant-channels"), always),
    Cause("no-gradient", ("dead-outputs", "empty-weights", "duplicated-filters", "unequal-steps"), in_its_modules),
    Cause("no-gradient", ("points-collapsed", "pixel-error-stuck"), of_the_heads),
    Cause("frozen-modules", ("unequal-steps",), in_its_modules),
    Cause("vanishing-gradient", ("gradient-depth",), vanishing_there),
    Cause("dead-channels", ("dead-outputs",), in_its_modules),
    Cause("empty-weights", ("dead-outputs",), in_its_modules),
    Cause("done-rare", ("done-never-fires", "done-loss-stuck"), always),
    Cause("done-never-fires", ("done-loss-stuck",), always),
    Cause("points-swapped", ("pixel-error-stuck",), always),
    Cause("points-offset", ("pixel-error-stuck",), always),
    Cause("points-scaled", ("pixel-error-stuck",), always),
    Cause("points-collapsed", ("pixel-error-stuck", "loss-stalled"), always),
    Cause("points-at-border", ("pixel-error-stuck",), always),
    Cause("loss-threshold", ("pixel-error-stuck",), always),
    *(Cause(one, ("behind-course",), always) for one in _HOLDS_BACK),
)
"""What explains what; of several causes that fit the first counts."""


def folded(findings: Iterable[Finding], causes: Iterable[Cause] = CAUSES) -> tuple[Finding, ...]:
    """The findings that nothing else explains, each with what follows from it, and as bad as the worst of that."""
    given = tuple(findings)
    by_id = {finding.id: finding for finding in reversed(given)}
    owner: dict[str, str] = {}
    for cause in causes:
        for effect in cause.explains:
            both = cause.of in by_id and effect in by_id
            if both and effect not in owner and cause.when(by_id[cause.of], by_id[effect]):
                owner[effect] = cause.of
    effects: dict[str, list[Finding]] = {}
    for finding in given:
        if finding.id in owner:
            effects.setdefault(_root(finding.id, owner), []).append(finding)
    return tuple(_with(finding, effects.get(finding.id, [])) for finding in given if finding.id not in owner)


def _root(name: str, owner: dict[str, str]) -> str:
    while name in owner:
        name = owner[name]
    return name


def _with(cause: Finding, effects: list[Finding]) -> Finding:
    if not effects:
        return cause
    return _replace(
        cause,
        severity=worst_of((cause, *effects)) or cause.severity,
        consequences=tuple(f"{one.title}: {one.summary}" for one in effects),
        evidence=(*cause.evidence, *(evidence for one in effects for evidence in one.evidence[:1])),
        cures=(*cause.cures, *_further(cause, effects)),
    )


def _further(cause: Finding, effects: Iterable[Finding]) -> list[Cure]:
    """What the best cure of each effect edits beside the cures of the cause and of effects before it.

    Behind a cause without a cure there is none: what only helps against its effects must not come first.
    """
    edited = {_subject(edit) for cure in cause.cures for edit in cure.edits}
    found = []
    for effect in effects if edited else ():
        own = [edit for cure in effect.cures[:1] for edit in cure.edits if _subject(edit) not in edited]
        if own:
            edits = tuple(_replace(edit, reason=f"for what follows: {edit.reason}") for edit in own)
            found.append(Cure(title=f"For what follows: {effect.title}", edits=edits))
            edited |= {_subject(edit) for edit in own}
    return found


def _subject(edit: ProposedEdit) -> str:
    """What an edit sets: the rate and its schedule are one thing, which two cures would set twice."""
    return "the rate" if edit.path.startswith(RATE_PATHS) else edit.path


def _modules(finding: Finding) -> set[str]:
    """Paths of the modules whose tensors or layers a finding shows."""
    found = set()
    for evidence in finding.evidence:
        if isinstance(evidence, TensorEvidence):
            found.add(evidence.name.rpartition(".")[0])
        elif isinstance(evidence, LayerEvidence):
            found.add(evidence.layer)
        elif isinstance(evidence, CurveEvidence) and (module := module_of_norm(evidence.series)):
            found.add(module)
    return found


def _within(module: str, whole: str) -> bool:
    """Whether a module is another or a part of it; a dump may leave out what a checkpoint puts before its names."""
    return bool(whole) and f".{whole}." in f".{module}."
