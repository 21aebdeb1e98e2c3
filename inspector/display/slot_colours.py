"""One fixed colour a slot, the same across samples, steps and runs."""

from __future__ import annotations

from inspector.display.tokens import mixed

# Okabe and Ito's palette with grey for black, ordered so that neighbouring slots differ most in lightness and hue.
# Source: Okabe, Ito 2008, "Color Universal Design"; least difference 11.0 under any full dichromacy.
OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442", "#bbbbbb")

TOLD_BY_COLOUR = len(OKABE_ITO)
"""With more slots than this no palette can be told apart by everyone: number and contour are needed too."""

SLOT_COLOURS = (
    *OKABE_ITO,
    *(mixed(colour, "#000000", 0.4) for colour in OKABE_ITO),
    *(mixed(colour, "#ffffff", 0.5) for colour in OKABE_ITO),
)
"""`#rrggbb` of slots 0..23: the eight, the eight darkened, the eight lightened."""


def slot_colour(slot: int) -> str:
    """`#rrggbb` of a slot; colours repeat after the last."""
    return SLOT_COLOURS[slot % len(SLOT_COLOURS)]


def needs_number_and_contour(slots: int) -> bool:
    """Whether colour alone cannot tell so many slots apart."""
    return slots > TOLD_BY_COLOUR
