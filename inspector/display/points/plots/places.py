"""Plots of errors by their direction, and by place in the image."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from inspector.analysis.group_quantiles import group_quantiles
from inspector.core.language import tr, tr_counted
from inspector.core.units import pixels_text
from inspector.display.colour_maps import apply_map
from inspector.display.points.plots.measures import Measures, room_for
from inspector.display.points.plots.scatter import scattered
from inspector.display.points.plots.scene import Axis, Cells, Mark, Plot
from inspector.display.points.plots.texts import NO_PAIRS, of_the_worst

MOST_CELLS = 12
"""Along the longer side of the map."""

_LEAST_CELLS = 4
_OBJECTS_A_CELL = 4
_SHOWN_SHARE = 0.95
"""The worst cells share the last colour, else one object that is far off leaves all others the first."""


def offsets(of: Measures) -> Plot:
    """Where predictions lie as seen from their objects."""
    paired = np.isfinite(of.errors_px)
    dx, dy = of.offsets_px[paired].T
    reach = room_for(of.known_px, of.close_px) or 1.0
    low = float(min(dx.min(initial=0.0), dy.min(initial=0.0)))
    most = float(max(dx.max(initial=0.0), dy.max(initial=0.0)))
    axis = partial(Axis, unit="px", low=-reach, high=reach, least=min(low, -reach), most=max(most, reach))
    plot = partial(
        Plot,
        key="offsets",
        title=tr("Direction of errors"),
        x=axis(label=tr("right"), column="dx_px"),
        y=axis(label=tr("down"), column="dy_px"),
        meaning=of_the_worst(
            tr(
                "Each prediction as seen from its object; a cloud beside the middle is an offset, and brushing keeps "
                "samples by the direction of their error"
            ),
            of,
        ),
        flipped=True,
        square=True,
    )
    if not dx.size:
        return plot(missing=NO_PAIRS)
    middle = float(np.median(dx)), float(np.median(dy))
    return plot(
        summary=tr("median {error}").format(error=f"{_signed(middle[0])}, {_signed(middle[1])} px"),
        marks=(Mark(at=0.0, text="", ink="faint"), Mark(at=0.0, text="", ink="faint", level=True)),
        **scattered(dx, dy, of.of[paired], (-reach, reach), (-reach, reach)),
    )


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def error_map(of: Measures) -> Plot:
    """The median error of objects by where in the image they are."""
    paired = np.isfinite(of.errors_px)
    x, y = of.points.gt_original[paired].T
    sizes = of.points.original_sizes
    height, width = sizes.max(axis=0).tolist() if len(sizes) else (1.0, 1.0)
    axis = partial(Axis, unit="px", low=-0.5)
    plot = partial(
        Plot,
        key="map",
        title=tr("Error by place in the image"),
        x=axis(label=tr("true x"), high=width - 0.5, column="gt_x_px"),
        y=axis(label=tr("true y"), high=height - 0.5, column="gt_y_px"),
        meaning=of_the_worst(
            tr(
                "The median error of the objects in each part of the image; brushing keeps samples by where their "
                "object is"
            ),
            of,
        ),
        flipped=True,
        square=True,
    )
    inside = (x >= -0.5) & (x < width - 0.5) & (y >= -0.5) & (y < height - 0.5)
    if not inside.any():
        return plot(missing=NO_PAIRS if not len(x) else tr("no object with a prediction lies inside its image"))
    cells = min(max(math.sqrt(np.count_nonzero(inside) / _OBJECTS_A_CELL), _LEAST_CELLS), MOST_CELLS)
    side = max(height, width) / cells
    rows, columns = max(1, round(height / side)), max(1, round(width / side))
    places = np.floor((y[inside] + 0.5) / height * rows), np.floor((x[inside] + 0.5) / width * columns)
    cell = (places[0] * columns + places[1]).astype(np.int64)
    errors = of.errors_px[paired][inside]
    medians = group_quantiles(cell, errors, rows * columns, (0.5,))[:, 0]
    counts = np.bincount(cell, minlength=rows * columns)
    low, high, most = np.nanquantile(medians, (0.0, _SHOWN_SHARE, 1.0)).tolist()
    tip, worst = tr("median {error} of {objects}"), pixels_text(high)
    return plot(
        summary=tr("median {low} to {high}").format(low=pixels_text(low), high=pixels_text(most)),
        cells=(
            Cells(
                x=(-0.5, width - 0.5),
                y=(-0.5, height - 0.5),
                picture=apply_map(medians.reshape(rows, columns), low, high, "viridis"),
                texts=tuple(
                    tip.format(error=pixels_text(median), objects=tr_counted(count, "object")) if count else ""
                    for median, count in zip(medians.tolist(), counts.tolist(), strict=True)
                ),
                legend=(pixels_text(low), worst if high == most else tr("{error} or more").format(error=worst)),
            ),
        ),
    )
