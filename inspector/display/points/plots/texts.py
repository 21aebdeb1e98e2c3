"""Words and figures that several plots share."""

from __future__ import annotations

import math

from inspector.core.language import tr
from inspector.display.points.plots.measures import Measures

NO_PAIRS = tr("no object has both a true and a predicted point")


def share_text(share: float) -> str:
    """`3%`, `0.4%`; `NaN` for NaN."""
    if math.isnan(share):
        return "NaN"
    return f"{share:.0%}" if share >= 0.0095 or share == 0 else f"{share:.1%}"


def reach_text(reach_px: float) -> str:
    """`57.6 px`: how far a threshold reaches, to the tenth."""
    return f"{round(reach_px, 1):,g} px"


def of_the_worst(sentence: str, of: Measures) -> str:
    """A sentence on what brushing keeps, with the object that counts where samples have several."""
    if not of.several:
        return sentence
    return tr("{sentence}; of several objects of a sample the worst counts").format(sentence=sentence)
