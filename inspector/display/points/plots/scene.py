"""What the plots of points ask for, and what they draw: values on two axes, whose brushed ranges filter samples."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from inspector.core.arrays import AnyArray, FloatArray, IntArray, Rgba
from inspector.display.ticks import Tick
from inspector.runs.loss_threshold import LossThreshold

PlotInk = Literal["accent", "warning", "critical", "good", "dim", "faint", "gt", "prediction"]
"""A token of the theme."""


class PlotsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The plots of all samples of one dump.

    Attributes:
        radius_px: up to which distance a prediction is matched to an object; None for the usual radius.
        threshold: of the loss, None where it is not known.
        generous: read on where the usual limits left something out.
        undo: predictions are taken without the one mistake behind their errors, where there is one.
    """

    path: str
    radius_px: float | None = None
    threshold: LossThreshold | None = None
    generous: bool = False
    undo: bool = False


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """One axis.

    Attributes:
        label: what it counts, with its unit.
        low, high: its ends.
        least, most: what its ends stand for where values beyond them are drawn at them; NaN for the ends themselves.
        column: the number of samples that a range of it keeps; empty where brushing means nothing.
        whole: it counts things.
        ticks: where round numbers would not do.
        steps: (2, places) float64: ascending places on the axis and, at each, the value of the column; None where
            the axis is that of the column itself.
        shown: whether its ticks are.
    """

    label: str
    low: float
    high: float
    unit: str = ""
    least: float = math.nan
    most: float = math.nan
    column: str = ""
    whole: bool = False
    ticks: tuple[Tick, ...] = ()
    steps: FloatArray | None = None
    shown: bool = True


class Bars(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Bars from a base up.

    Attributes:
        edges: (bars + 1,) on the x axis.
        heights: (bars,) 0 or more, NaN for none.
        bases: (bars,) where each begins; None for 0.
        samples, places: (counted,) of which sample each thing that is counted is, and in which bar; None where the
            heights are no counts of samples' own.
        name: in the legend, empty for none.
    """

    edges: FloatArray
    heights: FloatArray
    bases: FloatArray | None = None
    samples: IntArray | None = None
    places: IntArray | None = None
    ink: PlotInk = "accent"
    name: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A line through (points,) x and y; it breaks at NaN."""

    x: FloatArray
    y: FloatArray
    ink: PlotInk = "accent"
    dashed: bool = False
    name: str = ""


class Band(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What lies between two lines, `low` and `high`, over `x`, (points,) float64 each; it breaks at NaN."""

    x: FloatArray
    low: FloatArray
    high: FloatArray
    ink: PlotInk = "accent"
    name: str = ""


class Dots(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A dot at each of (points,) x and y; `samples` says of which sample each is, None where of none."""

    x: FloatArray
    y: FloatArray
    samples: IntArray | None = None
    ink: PlotInk = "accent"
    name: str = ""


class Cells(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Equal cells over a part of both axes, the first row at the least y.

    Attributes:
        picture: (rows, columns, 4) uint8 colours of its own; None where `alpha` fills cells with the ink.
        alpha: (rows, columns) uint8.
        texts: what each cell says under the pointer, row by row; empty for nothing.
        legend: the picture's first and last colour in words.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    picture: Rgba | None = None
    alpha: AnyArray | None = None
    ink: PlotInk = "accent"
    texts: tuple[str, ...] = ()
    legend: tuple[str, str] = ("", "")


class Tips(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What parts of the x axis say under the pointer: one text between each two edges, empty for nothing."""

    edges: FloatArray
    texts: tuple[str, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A dashed line across the plot at a value of the x axis, or of the y axis where it is `level`."""

    at: float
    text: str
    ink: PlotInk = "warning"
    level: bool = False


class Plot(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One plot.

    Attributes:
        key: its one name.
        summary: its figures in words.
        meaning: one sentence, what it shows and what brushing it keeps.
        missing: why there is nothing to draw, empty where there is.
        flipped: y grows downwards, as in an image.
        square: a pixel is as long on both axes.
    """

    key: str
    title: str
    x: Axis
    y: Axis
    summary: str = ""
    meaning: str = ""
    missing: str = ""
    cells: tuple[Cells, ...] = ()
    bands: tuple[Band, ...] = ()
    bars: tuple[Bars, ...] = ()
    lines: tuple[Line, ...] = ()
    dots: tuple[Dots, ...] = ()
    marks: tuple[Mark, ...] = ()
    tips: Tips | None = None
    flipped: bool = False
    square: bool = False


class PlotsScene(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Every plot of a dump, in order.

    Attributes:
        threshold: of the loss that was drawn, 0 where it is not known.
        threshold_text: where it comes from, empty where it is not known.
    """

    plots: tuple[Plot, ...]
    threshold: float = 0.0
    threshold_text: str = ""

    def plot(self, key: str) -> Plot:
        """The plot of a name.

        Raises:
            KeyError: there is none.
        """
        found = next((plot for plot in self.plots if plot.key == key), None)
        if found is None:
            raise KeyError(key)
        return found
