"""What a card offers to take away: a figure, points, a picture, values for a table."""

from __future__ import annotations

import numpy as np

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.curves.scene import CurvesScene, Line, Panel
from inspector.views.curves.drawing import shown_lines
from inspector.views.menu_button import MenuItem

EXPORTS = (
    MenuItem(key="save_figure", text=tr("Save figure…"), heading=tr("Take away")),
    MenuItem(key="export_data", text=tr("Export data…")),
    MenuItem(key="copy_picture", text=tr("Copy picture")),
    MenuItem(key="copy_values", text=tr("Copy values as TSV")),
)
"""Keys are those of the window's commands."""

MOST_ROWS = 20_000


def values_text(
    panel: Panel, scene: CurvesScene, hidden: frozenset[int], x_range: tuple[float, float] | None
) -> str | None:
    """The values of a card's curves as logged, a row for each x and a column for each curve, between tabs.

    Where a later attempt logged an x again, its value stands.

    Args:
        panel: of the scene.
        scene: what is shown.
        hidden: indices of the lines that are left out.
        x_range: the stretch of x; None for all.

    Returns:
        None where there are more than MOST_ROWS.
    """
    lines = [line for index, line in enumerate(shown_lines(panel)) if index not in hidden]
    points = [_points(line, x_range) for line in lines]
    everywhere = np.unique(np.concatenate([np.zeros(0), *(x for x, _ in points)]))
    if everywhere.size > MOST_ROWS:
        return None
    columns = []
    for x, y in points:
        cells = [""] * everywhere.size
        for row, value in zip(np.searchsorted(everywhere, x).tolist(), y.tolist(), strict=True):
            cells[row] = repr(value)
        columns.append(cells)
    head = [_cell(scene.x_label), *(_cell(line.label) for line in lines)]
    rows = zip(map(_x_cell, everywhere.tolist()), *columns, strict=True)
    return "\n".join("\t".join(row) for row in [head, *rows]) + "\n"


def _points(line: Line, x_range: tuple[float, float] | None) -> tuple[np.ndarray, np.ndarray]:
    low, high = x_range or (-np.inf, np.inf)
    x = np.concatenate([np.zeros(0), *(part.x for part in line.stretches)])
    y = np.concatenate([np.zeros(0), *((part.logged or part.shown).y for part in line.stretches)])
    seen = (x >= low) & (x <= high)
    return x[seen], y[seen]


def _x_cell(x: float) -> str:
    return str(int(x)) if x.is_integer() else repr(x)


def _cell(text: str) -> str:
    return visible(text).replace("\t", " ")
