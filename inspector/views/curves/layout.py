"""Where cards stand: pinned ones first, in columns that are filled evenly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

PanelSize = Literal["small", "medium", "large"]

GAP_PX = 12
FOLDED_PX = 40
_TWO_COLUMNS_PX = 700
_SMALL_CARD_PX = 320


class Measures(msgspec.Struct, frozen=True):
    """Bounds of a card's height, and how many columns there are in a width."""

    least_px: int
    most_px: int
    columns: Callable[[int], int]


_MEASURES: dict[PanelSize, Measures] = {
    "small": Measures(180, 220, lambda width: max(width // _SMALL_CARD_PX, 1)),
    "medium": Measures(250, 380, lambda width: 2 if width >= _TWO_COLUMNS_PX else 1),
    "large": Measures(380, 560, lambda _width: 1),
}


class Cell(msgspec.Struct, frozen=True):
    """The place of a card, in pixels."""

    key: str
    left: int
    top: int
    width: int
    height: int


def pinned_first(keys: Sequence[str], pinned: Sequence[str]) -> list[str]:
    """Keys in their order, those that are pinned before the others, in the order in which they were pinned."""
    known = set(keys)
    first = [key for key in pinned if key in known]
    chosen = set(first)
    return [*first, *(key for key in keys if key not in chosen)]


def cells(
    keys: Sequence[str], folded: frozenset[str], size: PanelSize, width: int, height: int
) -> tuple[tuple[Cell, ...], int]:
    """Where each card stands, and how high all of them are together.

    Args:
        keys: of cards, in their order; each goes to the column that ends highest up.
        folded: those that show their title only.
        size: of the others.
        width: room for all.
        height: what is seen at once; a few cards fill it.
    """
    measures = _MEASURES[size]
    count = min(measures.columns(width), max(len(keys), 1))
    open_cards = sum(key not in folded for key in keys)
    rows = max(-(-open_cards // count), 1)
    wished = (height - (rows - 1) * GAP_PX) // rows
    open_px = min(max(wished, measures.least_px), measures.most_px if len(keys) > 1 else max(height, measures.least_px))
    card_width = (width - (count - 1) * GAP_PX) // count
    ends = [0] * count
    placed: list[Cell] = []
    for key in keys:
        column = min(range(count), key=lambda index: (ends[index], index))
        card_height = FOLDED_PX if key in folded else open_px
        placed.append(Cell(key, column * (card_width + GAP_PX), ends[column], card_width, card_height))
        ends[column] += card_height + GAP_PX
    return tuple(placed), max(max(ends) - GAP_PX, 0)
