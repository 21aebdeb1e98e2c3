"""What may have silenced a channel, in words."""

from __future__ import annotations

from inspector.analysis.silence_causes import CauseHint
from inspector.core.units import number_text, percent_text


def cause_text(hint: CauseHint) -> str:
    """A hint with its number, and what it was held against."""
    value, limit = hint.value, hint.threshold
    match hint.cause:
        case "shift":
            return f"The normalisation leaves {percent_text(value)} of its inputs below zero (hint from {limit:.0%})"
        case "scale":
            return f"The normalisation's scale is {number_text(value)}, next to nothing (below {number_text(limit)})"
        case "bias":
            return f"Its bias is {number_text(value)} lengths of its weights (hint at {number_text(limit)} and below)"
        case "weights":
            return f"Its weights are {number_text(value)} as long as the layer's median ({number_text(limit)} at most)"
        case "rate":
            return f"The rate stood at {percent_text(value)} of its largest when it died (hint from {limit:.0%})"
        case "spike":
            count = int(value)
            return f"The training loss spiked {'once' if count == 1 else f'{count} times'} in that time"
