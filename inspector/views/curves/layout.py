"""Where cards stand: pinned ones first, in columns that are filled evenly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

PanelSize = Literal["small", "medium", "large"]

GAP_PX = 12
FOLDED_PX = 40
HEADING_PX = 26
_MANY_CARDS = 12
_TWO_COLUMNS_PX = 700
_SMALL_CARD_PX, _WIDE_CARD_PX = 320, 800


class Measures(msgspec.Struct, frozen=True):
    """Bounds of a card's height, and how many columns there are in a width."""

    least_px: int
    most_px: int
    columns: Callable[[int], int]


_MEASURES: dict[PanelSize, Measures] = {
    "small": Measures(180, 220, lambda width: max(width // _SMALL_CARD_PX, 1)),
    "medium": Measures(250, 380, lambda width: max(width // _WIDE_CARD_PX, 2 if width >= _TWO_COLUMNS_PX else 1)),
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


class Heading(msgspec.Struct, frozen=True):
    """The name of a group above its cards."""

    text: str
    top: int


class Layout(msgspec.Struct, frozen=True):
    """Where everything stands, and how high all of it is."""

    cells: tuple[Cell, ...] = ()
    headings: tuple[Heading, ...] = ()
    height: int = 0


def headed(groups: Sequence[str]) -> bool:
    """Whether names of groups help to find a card: there are many, and some belong together."""
    return len(groups) >= _MANY_CARDS and 1 < len(set(groups)) <= len(groups) // 2


def layout(
    keys: Sequence[str],
    folded: frozenset[str],
    size: PanelSize,
    width: int,
    height: int,
    groups: Sequence[str] = (),
) -> Layout:
    """Where each card stands.

    Args:
        keys: of cards, in their order; each goes to the column that ends highest up.
        folded: those that show their title only.
        size: of the others.
        width: room for all.
        height: what is seen at once; a few cards fill it.
        groups: of each card, where groups have headings; a group begins below all that is before it.
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
    headings: list[Heading] = []
    for index, key in enumerate(keys):
        if groups and (not index or groups[index] != groups[index - 1]):
            headings.append(Heading(groups[index], max(ends)))
            ends = [max(ends) + HEADING_PX] * count
        column = min(range(count), key=lambda place: (ends[place], place))
        card_height = FOLDED_PX if key in folded else open_px
        placed.append(Cell(key, column * (card_width + GAP_PX), ends[column], card_width, card_height))
        ends[column] += card_height + GAP_PX
    return Layout(tuple(placed), tuple(headings), max(max(ends) - GAP_PX, 0))
