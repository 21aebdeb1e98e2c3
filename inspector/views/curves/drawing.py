"""A panel of the scene as what its canvas draws and its legend names."""

from __future__ import annotations

from inspector.analysis.pyramid import Pyramid, pyramid_of
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.display.curves.scene import Band, CurvesScene, Levels, Line, Panel
from inspector.views.legend import LegendEntry
from inspector.views.plot.drawing import Drawing
from inspector.views.plot.frame import Scale
from inspector.views.traces import Flag, Strip, Trace

MOST_LINES = 200
"""A panel of more draws and names the first ones; the filter chooses others."""


def shown_lines(panel: Panel) -> tuple[Line, ...]:
    """The lines that a card draws."""
    return panel.lines[:MOST_LINES]


def count_of(panel: Panel) -> str:
    """How many of a panel's lines a card draws, in words; empty where it draws all."""
    if len(panel.lines) <= MOST_LINES:
        return ""
    return tr("the first {drawn} of {curves}").format(drawn=MOST_LINES, curves=tr_counted(len(panel.lines), "curve"))


def hidden_lines(panel: Panel, labels: frozenset[str], runs: frozenset[str]) -> frozenset[int]:
    """Indices of the lines of a card that have one of these labels, or are of one of these runs."""
    return frozenset(
        index
        for index, line in enumerate(shown_lines(panel))
        if line.label in labels or (line.run and line.run in runs)
    )


def drawing_of(panel: Panel, scene: CurvesScene) -> Drawing:
    """All that the canvas of a panel shows."""
    return Drawing(
        traces=tuple(_trace(line) for line in shown_lines(panel)),
        strips=tuple(_strip(band) for band in panel.bands),
        flags=tuple(
            Flag(
                x=marker.x,
                kind=marker.kind,
                label=marker.label,
                opens=marker.opens,
                until=marker.until,
                severity=marker.severity,
            )
            for marker in scene.markers
            if marker.panel in ("", panel.key)
        ),
        x_axis=scene.x_axis,
        x=Scale(panel.x_scale, scene.x_threshold),
        y=Scale(panel.y_scale, panel.y_threshold),
        fit_x=scene.fit_x,
        fit_y=panel.fit_y,
    )


def legend_of(panel: Panel) -> tuple[LegendEntry, ...]:
    """The names of a panel's lines, its bands after them."""
    lines = tuple(
        LegendEntry(
            label=line.label,
            ink=line.ink,
            dashed=line.dashed or bool(line.variant),
            dim=line.dim,
            told="\n".join(part for part in (line.tag, line.run, line.file) if part and part != line.label),
        )
        for line in shown_lines(panel)
    )
    bands = tuple(LegendEntry(label=band.label, ink=band.ink, dim=True, told=band.source) for band in panel.bands)
    return (*lines, *bands)


def pyramids(line: Line) -> tuple[Pyramid, ...]:
    """A line as drawn, cut where x fell back."""
    return tuple(_pyramid(stretch.x, stretch.shown) for stretch in line.stretches)


def _trace(line: Line) -> Trace:
    stretches = line.stretches
    logged = [(stretch.x, stretch.logged) for stretch in stretches]
    return Trace(
        label=line.label,
        ink=line.ink,
        parts=pyramids(line),
        behind=tuple(_pyramid(x, levels) for x, levels in logged if levels is not None),
        stale=frozenset(index for index, stretch in enumerate(stretches) if stretch.dim),
        dashed=line.dashed,
        variant=line.variant,
        dim=line.dim,
        lost_x=line.lost_x,
        lost_kinds=line.lost_kinds,
    )


def _pyramid(x: FloatArray, levels: Levels) -> Pyramid:
    return Pyramid(x, levels.y, levels.lows, levels.highs)


def _strip(band: Band) -> Strip:
    return Strip(lows=pyramid_of(band.x, band.low), highs=pyramid_of(band.x, band.high), ink=band.ink, label=band.label)
