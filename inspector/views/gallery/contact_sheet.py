"""Pages of samples on paper: pictures with what is drawn over them, captions, a heading and a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QBrush, QImage, QLinearGradient, QPainter, QPen

from inspector.core.language import tr
from inspector.formats.marks import Mark
from inspector.views.fonts import SMALL_PX, Weight, elided, text_font, text_width
from inspector.views.gallery.tiles import PaintPoints, Picture, fitting, star
from inspector.views.theme import colour, tokens

PAGE_PX = QSize(794, 1123)
"""A4 upright in pixels of 1/96 inch."""

_EDGE_PX = 40.0
_GAP_PX = 12.0
_HEAD_PX = 54.0
_FOOT_PX = 34.0
_TITLE_PX = 16
_CAPTION_PX = 11
_LINE_PX = 15.0
_PAGE_COLUMNS, _SHEET_COLUMNS = 4, 6
_SHEET_WIDTH_PX = 1120
_STAR = "#c98a00"
_SYMBOL_PX, _ENTRY_GAP_PX = 14.0, 18.0
_BAR_PX = 60.0

Symbol = Literal["ring", "dashed ring", "line", "square", "bar"]


class LegendItem(msgspec.Struct, frozen=True):
    """One line of the legend: how it is drawn, in which colours (a bar runs through all of them), what it is."""

    symbol: Symbol
    inks: tuple[str, ...]
    text: str


class Heading(msgspec.Struct, frozen=True):
    """What stands on every page.

    Attributes:
        title: the run and the view; about: which samples of which dump.
    """

    title: str
    about: str
    legend: tuple[LegendItem, ...] = ()


class Cell(msgspec.Struct, frozen=True):
    """What is written under one sample.

    Attributes:
        name: its number; value: the number that samples are sorted by.
        facts, said: two more lines, of its other numbers, and its tags and note.
    """

    name: str
    value: str = ""
    facts: str = ""
    said: str = ""
    mark: Mark = Mark()


class SheetPlan(NamedTuple):
    """Where everything stands.

    Attributes:
        size: of a page; rows: of samples on it.
        picture: room for one picture; caption_px: for the lines under it.
        samples: on all pages.
    """

    size: QSizeF
    columns: int
    rows: int
    picture: QSizeF
    caption_px: float
    samples: int

    @property
    def pages(self) -> int:
        """How many there are."""
        return max(1, math.ceil(self.samples / (self.columns * self.rows)))

    def page_of(self, place: int) -> int:
        """On which page a sample stands, from 0."""
        return place // (self.columns * self.rows)

    def area_of(self, place: int) -> QRectF:
        """Where the picture of a sample stands on its page."""
        row, column = divmod(place % (self.columns * self.rows), self.columns)
        left = _EDGE_PX + column * (self.picture.width() + _GAP_PX)
        top = _EDGE_PX + _HEAD_PX + row * (self.picture.height() + self.caption_px + _GAP_PX)
        return QRectF(QPointF(left, top), self.picture)


def plan_of(cells: Sequence[Cell], aspect: float, *, paged: bool) -> SheetPlan:
    """Where samples stand on pages, or on one sheet as high as need be.

    Args:
        cells: one a sample.
        aspect: width over height of most pictures.
        paged: whether there are pages.
    """
    columns = _PAGE_COLUMNS if paged else max(1, min(_SHEET_COLUMNS, len(cells)))
    across = float(PAGE_PX.width() if paged else _SHEET_WIDTH_PX)
    of_columns = _PAGE_COLUMNS if paged else _SHEET_COLUMNS
    width = (across - 2 * _EDGE_PX - (of_columns - 1) * _GAP_PX) / of_columns
    picture = QSizeF(width, width / min(max(aspect, 0.5), 2.5))
    lines = 1 + any(cell.facts for cell in cells) + any(cell.said for cell in cells)
    caption_px = lines * _LINE_PX + 4
    row_px = picture.height() + caption_px + _GAP_PX
    around_px = 2 * _EDGE_PX + _HEAD_PX + _FOOT_PX
    if paged:
        rows = max(1, math.floor((PAGE_PX.height() - around_px + _GAP_PX) / row_px))
        return SheetPlan(QSizeF(PAGE_PX), columns, rows, picture, caption_px, len(cells))
    rows = max(1, math.ceil(len(cells) / columns))
    size = QSizeF(across, math.ceil(around_px + rows * row_px - _GAP_PX))
    return SheetPlan(size, columns, rows, picture, caption_px, len(cells))


def picture_of(
    picture: Picture, size: QSizeF, ratio: float, paint_points: PaintPoints | None, *, smooth: bool = True
) -> QImage:
    """A picture in the middle of its room with what is drawn over it.

    Args:
        picture: what came.
        size: of the room, in pixels of the layout.
        ratio: pixels of the result for each of them.
        paint_points: paints over the picture.
        smooth: whether enlarging blurs; pixels of data stay squares without it.
    """
    pixels = QSize(max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
    image = QImage(pixels, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(colour(tokens().background))
    painter = QPainter(image)
    area = QRectF(QPointF(), QSizeF(pixels) / ratio)
    if picture.problem:
        painter.fillRect(area, QBrush(colour(tokens().void), Qt.BrushStyle.BDiagPattern))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    raster = picture.image()
    shown = picture.shown()
    place = fitting(shown.size(), area)
    painter.drawImage(place, raster, shown)
    if paint_points is not None and len(picture.points):
        paint_points(painter, place, picture.points)
    painter.end()
    return image


def size_of(picture: Picture) -> QSize:
    """Width and height of a picture itself, without what lies around it in its cell."""
    return picture.shown().size().toSize()


def paint_page(painter: QPainter, plan: SheetPlan, heading: Heading, page: int) -> None:
    """Paint what stands on a page beside the samples."""
    theme = tokens()
    painter.fillRect(QRectF(QPointF(), plan.size), colour(theme.panel))
    room = plan.size.width() - 2 * _EDGE_PX
    _write(painter, heading.title, QRectF(_EDGE_PX, _EDGE_PX - 4, room, 22), _TITLE_PX, theme.text, "semibold")
    _write(painter, heading.about, QRectF(_EDGE_PX, _EDGE_PX + 20, room, 18), SMALL_PX, theme.dim)
    foot = QRectF(_EDGE_PX, plan.size.height() - _EDGE_PX - 14, room, 18)
    number = tr("page {page:,} of {pages:,}").format(page=page + 1, pages=plan.pages) if plan.pages > 1 else ""
    right_px = text_width(number, _CAPTION_PX) + 1
    _write(painter, number, foot.adjusted(room - right_px, 0, 0, 0), _CAPTION_PX, theme.dim)
    _paint_legend(painter, heading.legend, foot.adjusted(0, 0, -right_px - _GAP_PX, 0))


def paint_cell(painter: QPainter, area: QRectF, image: QImage, cell: Cell, problem: str) -> None:
    """Paint one sample: its picture, as `picture_of` made it, and the lines under it."""
    theme = tokens()
    painter.drawImage(area, image)
    painter.setPen(QPen(colour(theme.line), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)
    paint_problem(painter, area, problem)
    line = QRectF(area.left(), area.bottom() + 4, area.width(), _LINE_PX)
    name_px = text_width(cell.name, SMALL_PX, "semibold")
    _write(painter, cell.name, line, SMALL_PX, theme.text, "semibold")
    _paint_mark(painter, cell.mark, QPointF(line.left() + name_px + 11, line.center().y()))
    value_px = min(text_width(cell.value, SMALL_PX) + 1, line.width() - name_px - 30)
    _write(painter, cell.value, line.adjusted(line.width() - value_px, 0, 0, 0), SMALL_PX, theme.text)
    for text in (cell.facts, cell.said):
        if text:
            line.translate(0, _LINE_PX)
            _write(painter, text, line, _CAPTION_PX, theme.dim)


def paint_problem(painter: QPainter, area: QRectF, problem: str) -> None:
    """Write why a picture is not there on the foot of its place; nothing where it is."""
    if not problem:
        return
    painter.setFont(text_font(_CAPTION_PX))
    inner = area.adjusted(8, 8, -8, -8)
    flags = int(Qt.TextFlag.TextWrapAnywhere) | int(Qt.AlignmentFlag.AlignBottom.value)
    said = painter.boundingRect(inner, flags, problem).intersected(inner)
    painter.fillRect(said.adjusted(-4, -4, 4, 4), colour(tokens().panel))
    painter.setPen(colour(tokens().dim))
    painter.drawText(said, flags, problem)


def _paint_mark(painter: QPainter, mark: Mark, middle: QPointF) -> None:
    """A star for flagged, a cross for rejected."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if mark.flagged:
        painter.fillPath(star(middle, 5.5), colour(_STAR))
        middle += QPointF(15, 0)
    if mark.rejected:
        painter.setPen(QPen(colour(tokens().critical), 1.6))
        for down in (-3.5, 3.5):
            painter.drawLine(middle + QPointF(-3.5, down), middle + QPointF(3.5, -down))


def _paint_legend(painter: QPainter, legend: Sequence[LegendItem], room: QRectF) -> None:
    """The items side by side, as far as there is room."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left = room.left()
    for item in legend:
        symbol_px = {"bar": _BAR_PX, "square": _SYMBOL_PX * len(item.inks)}.get(item.symbol, _SYMBOL_PX)
        wide = symbol_px + 6 + text_width(item.text, _CAPTION_PX) + 1
        if left + wide > room.right():
            return
        _paint_symbol(painter, item, QRectF(left, room.center().y() - 5, symbol_px, 10))
        at = QRectF(left + symbol_px + 6, room.top(), wide - symbol_px - 6, room.height())
        _write(painter, item.text, at, _CAPTION_PX, tokens().dim)
        left += wide + _ENTRY_GAP_PX


def _paint_symbol(painter: QPainter, item: LegendItem, area: QRectF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if item.symbol == "bar":
        shades = QLinearGradient(area.topLeft(), area.topRight())
        for place, ink in enumerate(item.inks):
            shades.setColorAt(place / max(len(item.inks) - 1, 1), colour(ink))
        painter.fillRect(area, shades)
    elif item.symbol == "square":
        for place, ink in enumerate(item.inks):
            painter.fillRect(QRectF(area.left() + place * _SYMBOL_PX, area.top(), 10, 10), colour(ink))
    else:
        for ink, wide in (("#000000", 3.4), (item.inks[0], 2.0)):
            pen = QPen(colour(ink, 0.55 if ink == "#000000" else 1.0), wide)
            if item.symbol == "dashed ring":
                pen.setDashPattern([3.0 / wide, 2.0 / wide])
            painter.setPen(pen)
            if item.symbol == "line":
                painter.drawLine(area.bottomLeft() + QPointF(1, -1), area.topRight() + QPointF(-1, 1))
            else:
                painter.drawEllipse(area.center(), 4.5, 4.5)


def _write(painter: QPainter, text: str, room: QRectF, size_px: int, ink: str, weight: Weight = "regular") -> None:
    """One line, cut where it is wider than its room."""
    if text and room.width() > 0:
        painter.setFont(text_font(size_px, weight))
        painter.setPen(colour(ink))
        shown = elided(text, room.width() + 0.5, size_px, weight)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
