"""What stands on exported contact sheets: captions of samples, legends of views, words for which samples they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.gallery.export import SELECTED, SHOWN
from inspector.display.gallery.order import Samples
from inspector.display.slot_colours import OKABE_ITO
from inspector.display.tokens import TOKENS
from inspector.formats.marks import UNMARKED, Mark, Marks
from inspector.formats.sample_table import SampleTable
from inspector.session.values import ViewState
from inspector.views.gallery.contact_sheet import Cell, LegendItem
from inspector.views.gallery.texts import CaptionOf, caption_of

WHICH: Mapping[str, str] = {
    "flagged": tr("flagged"),
    "kept": tr("not rejected"),
    SELECTED: tr("selected"),
    SHOWN: tr("shown"),
    "all": tr("all"),
}
"""The choices of samples, in the order they are offered."""

_STOPS = 16


def about_text(which: str, filter_text: str) -> str:
    """`flagged`, `shown: err_px>20`: which samples they are, in words."""
    words = WHICH.get(which, visible(which, 200))
    return f"{words}: {visible(filter_text, 200)}" if which == SHOWN and filter_text else words


def cells_of(table: SampleTable, order: str, marks: Marks, samples: Samples, caption: CaptionOf) -> tuple[Cell, ...]:
    """What is written under each sample.

    Args:
        table: the numbers of all.
        order: the column that they are sorted by; empty for the number of the sample.
        marks: what was said of them.
        samples: those that are written.
        caption: what the gallery writes on their tiles.
    """
    column = table.column(order)
    found = []
    for sample in samples.tolist():
        mark = marks.get(sample, UNMARKED)
        value = "" if column is None else caption_of(sample, column)
        told = caption(table, sample, column)
        pieces = (*(text.strip() for text, _ink in told.left), told.right.strip())
        facts = " · ".join(text for text in pieces if text not in ("", value, f"{sample + 1:,}"))
        found.append(Cell(f"{sample + 1:,}", value, facts, said_text(mark), mark))
    return tuple(found)


def said_text(mark: Mark) -> str:
    """`#hard #far  two objects touch`."""
    return "  ".join(text for text in (" ".join(f"#{visible(tag)}" for tag in mark.tags), visible(mark.note)) if text)


def legend_of(view: str, view_state: ViewState, ask: Any) -> tuple[LegendItem, ...]:
    """What the colours of a view's pictures mean; `ask` is what it asks for its scene."""
    return tuple(_LEGENDS[view](view_state, ask))


def _points(view_state: ViewState, _ask: Any) -> Iterator[LegendItem]:
    inks = TOKENS["dark"]  # overlays have one colour in both themes
    if view_state.show_gt:
        yield LegendItem("ring", (inks.gt,), tr("truth"))
    if view_state.show_prediction:
        yield LegendItem("ring", (inks.prediction,), tr("prediction"))
    if view_state.compared_dump:
        yield LegendItem("ring", (inks.other_prediction,), tr("prediction of the other dump"))
    if view_state.show_error_line:
        yield LegendItem("line", (inks.error_line,), tr("error, in pixels of the original image"))
    if view_state.show_threshold:
        yield LegendItem("dashed ring", (inks.error_line,), tr("threshold of the loss"))


def _slots(view_state: ViewState, _ask: Any) -> Iterator[LegendItem]:
    if view_state.mask_style != "image":
        yield LegendItem("square", OKABE_ITO, tr("one colour a slot, from slot 0"))


def _features(view_state: ViewState, ask: Any) -> Iterator[LegendItem]:
    table = COLOUR_MAPS[view_state.colour_map]
    every = range(0, len(table), len(table) // _STOPS)
    inks = tuple(f"#{bytes(table[place, :3]).hex()}" for place in (*every, len(table) - 1))
    fire = tr("channels of {layer} that fire, none to all") if ask.layer else tr("channels that fire, none to all")
    yield LegendItem("bar", inks, fire.format(layer=visible(ask.layer, 60)))


_LEGENDS: Mapping[str, Callable[[ViewState, Any], Iterator[LegendItem]]] = {
    "points": _points,
    "slots": _slots,
    "features": _features,
}
