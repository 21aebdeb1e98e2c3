"""Which panel a series belongs to, told from its tag."""

from __future__ import annotations

import re

import msgspec

from inspector.core.language import tr

_TRAIN, _VAL, _TEST = "train", "val", "test"

# How trainers name the part of the data that a number comes from.
_PHASES = {
    "train": _TRAIN, "training": _TRAIN, "trn": _TRAIN,
    "val": _VAL, "valid": _VAL, "validation": _VAL, "dev": _VAL, "eval": _VAL,
    "test": _TEST, "testing": _TEST,
}  # fmt: skip
_WORDS = "|".join(sorted(_PHASES, key=len, reverse=True))
_PHASE_FIRST = re.compile(rf"^({_WORDS})[/_.\-: ]+(.+)$", re.IGNORECASE)
_PHASE_LAST = re.compile(rf"^(.+?)[/_.\-: ]+({_WORDS})$", re.IGNORECASE)

_INK_OF_PHASE = {_TRAIN: 0, _VAL: 1, _TEST: 3}
"""Green is left to what is planned."""


class Place(msgspec.Struct, frozen=True):
    """Where a series is drawn.

    Attributes:
        order: panels stand by this, then as they were met.
        ink: the palette number that its phase asks for, None to be dealt one.
        bounded: the axis stays linear whatever is asked for.
        group: the heading over panels of its sort.
    """

    key: str
    title: str
    order: int
    label: str
    group: str
    ink: int | None = None
    bounded: bool = False


class _Family(msgspec.Struct, frozen=True):
    """A sort of series that has a panel of its own; `rest` in the pattern becomes the label."""

    key: str
    title: str
    group: str
    order: int
    pattern: re.Pattern[str]
    bounded: bool = False


def _family(key: str, title: str, group: str, order: int, pattern: str, *, bounded: bool = False) -> _Family:
    return _Family(key, title, group, order, re.compile(pattern, re.IGNORECASE), bounded)


_RATE = tr("Learning rate")
_LOSS = tr("Loss")
_SCORES = tr("Scores")
_GRADIENTS = tr("Gradients and updates")
_OTHER = tr("Other")

_SEPARATED_REST = r"(?:[/_.\-: ]+(?P<rest>.+))?"

# Searched in the tag without its phase, first match wins.
_FAMILIES = (
    _family("lr", _RATE, _RATE, 0, rf"^(?:lr|learning[_ ]?rate){_SEPARATED_REST}$"),
    _family("lr", _RATE, _RATE, 0, r"^(?P<rest>.+)[/_.\-](?:lr|learning_rate)$"),
    _family(
        "loss", _LOSS, _LOSS, 1, r"^(?:(?:total|mean|avg)[/_.\- ])?loss(?:[/_.\- ](?:total|mean|avg|epoch|step))?$"
    ),
    _family("loss terms", tr("Loss terms"), _LOSS, 2, r"^(?P<rest>.*loss.*)$"),
    _family("accuracy", tr("Accuracy"), _SCORES, 3, r"^(?P<rest>.*acc(?:uracy)?(?:[@/_.\- ].*|\d*)?)$", bounded=True),
    _family("ari", "ARI", _SCORES, 3, r"^(?:.*/)?(?P<rest>(?:fg[_\-]?)?ari)$", bounded=True),
    # What a score must beat stands beside it.
    _family("ari", "ARI", _SCORES, 3, r"^baseline/(?P<rest>fg_ari_(?:blocks|colour))$", bounded=True),
    _family("grad_norm", tr("Gradient norm by module"), _GRADIENTS, 5, rf"^grad(?:ient)?[_ ]?norm{_SEPARATED_REST}$"),
    _family("update_ratio", tr("Update ratio by module"), _GRADIENTS, 6, rf"^update[_ ]?ratio{_SEPARATED_REST}$"),
    _family("sparsity", tr("Sparsity by layer"), tr("Sparsity"), 7, rf"^sparsity{_SEPARATED_REST}$", bounded=True),
)

_SHARED_ORDER = 4
_OTHER_ORDER = 8
_EXPRESSION_ORDER = -1


def split_phase(tag: str) -> tuple[str, str]:
    """The phase (`train`, `val`, `test` or empty) and the rest of a tag."""
    first = _PHASE_FIRST.match(tag)
    if first:
        return _PHASES[first[1].lower()], first[2]
    last = _PHASE_LAST.match(tag)
    return (_PHASES[last[2].lower()], last[1]) if last else ("", tag)


def place_of(tag: str) -> Place:
    """The panel of a series, and its name there."""
    phase, metric = split_phase(tag)
    ink = _INK_OF_PHASE.get(phase)
    for family in _FAMILIES:
        match = family.pattern.match(metric)
        if match:
            rest = match.groupdict().get("rest") or ""
            label = " ".join(part for part in (phase, rest) if part) or metric
            # Terms and metrics of one phase stand side by side, so the phase alone cannot colour them.
            shared = family.key in ("loss", "accuracy") and (not rest or rest.lower() in ("acc", "accuracy"))
            if shared and phase:
                label = phase
            return Place(
                family.key, family.title, family.order, label, family.group, ink if shared else None, family.bounded
            )
    if phase:
        return Place(metric.lower(), metric, _SHARED_ORDER, phase, _SCORES, ink)
    prefix, slash, rest = tag.rpartition("/")
    if slash and prefix:
        return Place(f"{prefix.lower()}/", prefix, _OTHER_ORDER, rest or tag, prefix.partition("/")[0])
    return Place(tag.lower(), tag, _OTHER_ORDER, tag, _OTHER)


def place_of_expression(text: str) -> Place:
    """The panel of a curve worked out from others: its own."""
    return Place(f"expression {text}", text, _EXPRESSION_ORDER, text, tr("Expressions"))
