"""One trace of a rate that is not the planned one, wherever it was found."""

from __future__ import annotations

import math
from enum import IntEnum

import msgspec

from inspector.core.units import number_text
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.diagnosis.values import Evidence, Sureness


class Kind(IntEnum):
    """What happened to the rate, the gravest last."""

    PAST_END = 0  # a cosine that went on beyond its length climbs again
    DIFFERENT = 1  # it differs, and nothing tells why
    WRITTEN = 2  # someone wrote after the scheduler's last step
    FLATTENED = 3  # all groups were given one rate
    UNIT = 4  # the scheduler counts steps and is set in epochs, or the other way round
    COMPOUNDED = 5  # the scaled rate was handed back to a scheduler that goes on from it
    OVERWRITTEN = 6  # a second writer sets the rate anew, whatever the scheduler did


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A trace: the rules that it meets, where it begins, and the sentence that shows it."""

    kind: Kind
    rules: tuple[str, ...]
    text: str
    sureness: Sureness
    evidence: Evidence
    step: float | None = None


def compound_length(ratio: float, limits: Thresholds = DEFAULTS) -> int | None:
    """The warm-up W whose product of 1/W, 2/W, ... is the ratio, None where no whole number gives it.

    Source: X.LR4, W!/W^W.
    """
    if not 0.0 < ratio < 1.0:
        return None
    for length in range(2, limits.longest_compound + 1):
        if abs(compounded(length) / ratio - 1.0) <= limits.compound_match:
            return length
    return None


def compound_text(ratio: float, limits: Thresholds = DEFAULTS) -> str:
    """`0.2222 of it (3!/3^3, a warm-up of 3 steps handed back each time)`."""
    length = compound_length(ratio, limits)
    because = f" ({length}!/{length}^{length}: a warm-up of {length} steps handed back each time)" if length else ""
    return f"{number_text(ratio)} of it{because}"


def compounded(length: int) -> float:
    """What a rate is multiplied by where a warm-up of so many steps is handed back each time: W!/W^W."""
    return math.exp(math.lgamma(length + 1) - length * math.log(length))
