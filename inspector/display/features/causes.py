"""What may have silenced a channel, in words."""

from __future__ import annotations

from inspector.analysis.silence_causes import CauseHint
from inspector.core.language import tr, tr_many
from inspector.core.units import number_text, percent_text


def cause_text(hint: CauseHint) -> str:
    """A hint with its number, and what it was held against."""
    value, limit = hint.value, hint.threshold
    match hint.cause:
        case "shift":
            said = tr("The normalisation leaves {share} of its inputs below zero (hint from {limit:.0%})")
            return said.format(share=percent_text(value), limit=limit)
        case "scale":
            said = tr("The normalisation's scale is {scale}, next to nothing (below {limit})")
            return said.format(scale=number_text(value), limit=number_text(limit))
        case "bias":
            said = tr("Its bias is {bias} lengths of its weights (hint at {limit} and below)")
            return said.format(bias=number_text(value), limit=number_text(limit))
        case "weights":
            said = tr("Its weights are {length} as long as the layer's median ({limit} at most)")
            return said.format(length=number_text(value), limit=number_text(limit))
        case "rate":
            said = tr("The rate stood at {share} of its largest when it died (hint from {limit:.0%})")
            return said.format(share=percent_text(value), limit=limit)
        case "spike":
            count = int(value)
            said = tr_many(
                "The training loss spiked once in that time",
                "The training loss spiked {count} times in that time",
                count,
            )
            return said.format(count=count)
