"""Cards of curves as a figure: title, legend, axes, bands and marks on a painter of any device."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from inspector.display.curves.scene import CurvesScene, Panel
from inspector.views.curves.drawing import count_of, drawing_of, legend_of
from inspector.views.fonts import BASE_PX, SMALL_PX, text_font
from inspector.views.legend import LegendEntry, ink_colour
from inspector.views.plot.axes import frame_in
from inspector.views.plot.camera import Camera
from inspector.views.plot.drawing import Drawing, fitting
from inspector.views.plot.picture import painting
from inspector.views.theme import colour, tokens

_EDGE_PX = 16.0
_GAP_PX = 20.0
_TITLE_PX = 16
_TITLE_ROW_PX = 26.0
_HEAD_ROW_PX = 22.0
_ROW_PX = 18.0
_SWATCH_PX = 14.0
_ENTRY_GAP_PX = 18.0
_LEGEND_SHARE = 0.35
_X_LABEL_PX = 18.0
_WIDE, _HIGH = 900, 560
_CELL_WIDE, _CELL_HIGH = 640, 380
_COLUMNS = 2

Size = tuple[int, int]


class FigurePart(msgspec.Struct, frozen=True, kw_only=True):
    """One card of a figure.

    Attributes:
        count: how many of its curves are drawn, in words; empty where all are.
        entries: of the legend, without those that are hidden.
        hidden: indices of the traces that are left out.
        chosen: indices of those that are not pale; None for all.
        camera: what is seen; None for everything.
    """

    title: str
    x_label: str
    drawing: Drawing
    entries: tuple[LegendEntry, ...] = ()
    count: str = ""
    hidden: frozenset[int] = frozenset()
    camera: Camera | None = None


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Cards side by side under a title.

    Attributes:
        note: what was done to the curves, in words; empty for nothing.
    """

    title: str
    parts: tuple[FigurePart, ...]
    note: str = ""


def part_of(
    panel: Panel,
    scene: CurvesScene,
    *,
    hidden: frozenset[int] = frozenset(),
    camera: Camera | None = None,
    x_range: tuple[float, float] | None = None,
) -> FigurePart:
    """A panel of a scene as a part of a figure.

    Args:
        panel: of the scene.
        scene: what is shown.
        hidden: indices of the lines that are left out.
        camera: what is seen; None for everything.
        x_range: the stretch of x that is seen, in values, where there is no camera.
    """
    drawing = drawing_of(panel, scene)
    return FigurePart(
        title=panel.title,
        x_label=scene.x_label,
        drawing=drawing,
        entries=tuple(entry for index, entry in enumerate(legend_of(panel)) if index not in hidden),
        count=count_of(panel),
        hidden=hidden,
        camera=camera or (_looking_at(drawing, x_range) if x_range is not None else None),
    )


def _looking_at(drawing: Drawing, x_range: tuple[float, float]) -> Camera:
    everything = fitting(drawing)
    ends = drawing.x.ends_to(x_range)
    seen = all(math.isfinite(end) for end in ends) and ends[0] < ends[1]
    return Camera(ends, everything.y) if seen else everything


def usual_size(parts: int) -> Size:
    """Width and height of a figure of so many cards, in pixels of 1/96 inch."""
    if parts <= 1:
        return _WIDE, _HIGH
    rows = math.ceil(parts / _COLUMNS)
    return round(_COLUMNS * _CELL_WIDE + 2 * _EDGE_PX), round(rows * _CELL_HIGH + _TITLE_ROW_PX + 2 * _EDGE_PX)


def painting_of(painter: QPainter, figure: Figure, size: Size, ratio: float) -> Iterator[object]:
    """Paint a figure in the colours of the theme shown; each turn paints a little of it.

    Args:
        painter: counts in pixels of 1/96 inch.
        figure: what is painted.
        size: of the whole.
        ratio: the device's own pixels for one of those; curves are cut to columns so wide.
    """
    painter.fillRect(QRectF(0, 0, *size), colour(tokens().panel))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    across = _EDGE_PX
    width = size[0] - 2 * _EDGE_PX
    top = _EDGE_PX
    if figure.title or figure.note:
        _paint_head(painter, QRectF(across, top, width, _TITLE_ROW_PX), figure)
        top += _TITLE_ROW_PX + 4
    columns = 1 if len(figure.parts) <= 1 else _COLUMNS
    rows = max(math.ceil(len(figure.parts) / columns), 1)
    wide = (width - (columns - 1) * _GAP_PX) / columns
    high = (size[1] - _EDGE_PX - top - (rows - 1) * _GAP_PX) / rows
    for index, part in enumerate(figure.parts):
        row, column = divmod(index, columns)
        place = QRectF(across + column * (wide + _GAP_PX), top + row * (high + _GAP_PX), wide, high)
        yield from _painting_part(painter, part, place, ratio)


def _paint_head(painter: QPainter, place: QRectF, figure: Figure) -> None:
    _write_heading(painter, place, text_font(_TITLE_PX, "semibold"), figure.title, figure.note, gap_px=12)


def _write_heading(painter: QPainter, place: QRectF, font: QFont, text: str, note: str, *, gap_px: int) -> None:
    """A line at the top of a place: a text, and a small one behind it, cut where the place ends."""
    small, theme = text_font(SMALL_PX), tokens()
    shown = _elided(font, text, place.width())
    baseline = place.top() + font.pixelSize()
    _write(painter, font, theme.text, QPointF(place.left(), baseline), shown)
    after = place.left() + QFontMetricsF(font).horizontalAdvance(shown) + gap_px
    _write(painter, small, theme.dim, QPointF(after, baseline), _elided(small, note, place.right() - after))


def _painting_part(painter: QPainter, part: FigurePart, place: QRectF, ratio: float) -> Iterator[object]:
    small = text_font(SMALL_PX)
    _write_heading(painter, place, text_font(BASE_PX, "medium"), part.title, part.count, gap_px=10)
    legend = _paint_legend(painter, part.entries, place.adjusted(0, _HEAD_ROW_PX, 0, 0))
    plot = place.adjusted(0, _HEAD_ROW_PX + legend, 0, -_X_LABEL_PX)
    frame = frame_in(plot.width(), plot.height(), part.drawing, part.camera or fitting(part.drawing), ratio)
    painter.save()
    painter.translate(plot.topLeft())
    yield from painting(painter, frame, part.drawing, part.hidden)
    painter.restore()
    label = _elided(small, part.x_label, frame.area.width)
    middle = plot.left() + frame.area.left + (frame.area.width - QFontMetricsF(small).horizontalAdvance(label)) / 2
    _write(painter, small, tokens().dim, QPointF(middle, place.bottom() - 4), label)


def _paint_legend(painter: QPainter, entries: Sequence[LegendEntry], place: QRectF) -> float:
    """Names in as many rows as they need, up to a share of the place; gives their height."""
    if not entries:
        return 0.0
    font = text_font(SMALL_PX)
    metrics = QFontMetricsF(font)
    most_rows = max(int(place.height() * _LEGEND_SHARE / _ROW_PX), 1)
    left, row = 0.0, 0
    for index, entry in enumerate(entries):
        text = _elided(font, entry.label, place.width() - _SWATCH_PX - 6)
        width = _SWATCH_PX + 6 + metrics.horizontalAdvance(text)
        rest = f"+{len(entries) - index}"
        # On the last row there is room for how many are left out.
        reserve = metrics.horizontalAdvance(rest) + _ENTRY_GAP_PX if row == most_rows - 1 and rest != "+1" else 0.0
        if left and left + width + reserve > place.width():
            if row == most_rows - 1:
                _write(painter, font, tokens().dim, _baseline(place, left, row, metrics), rest)
                break
            left, row = 0.0, row + 1
        _paint_swatch(painter, entry, QPointF(place.left() + left, place.top() + (row + 0.5) * _ROW_PX))
        _write(painter, font, tokens().dim, _baseline(place, left + _SWATCH_PX + 6, row, metrics), text)
        left += width + _ENTRY_GAP_PX
    return (row + 1) * _ROW_PX + 2


def _baseline(place: QRectF, left: float, row: int, metrics: QFontMetricsF) -> QPointF:
    return QPointF(place.left() + left, place.top() + (row + 0.5) * _ROW_PX + metrics.capHeight() / 2)


def _paint_swatch(painter: QPainter, entry: LegendEntry, middle: QPointF) -> None:
    pen = QPen(colour(ink_colour(entry.ink, dim=entry.dim)), 3)
    if entry.dashed:
        pen.setDashPattern([1.2, 0.8])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLine(middle, middle + QPointF(_SWATCH_PX, 0))


def _write(painter: QPainter, font: QFont, ink: str, place: QPointF, text: str) -> None:
    if text:
        painter.setFont(font)
        painter.setPen(colour(ink))
        painter.drawText(place, text)


def _elided(font: QFont, text: str, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, max(width, 0.0) + 0.5)
