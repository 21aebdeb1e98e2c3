"""Checkpoints, dumps, seams and findings on the x axis: where they are, how they look, what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from inspector.core.language import tr
from inspector.display.tokens import severity_colour
from inspector.display.x_texts import x_text
from inspector.session.values import XAxis
from inspector.views.fonts import text_font
from inspector.views.more import and_more
from inspector.views.plot.frame import Frame
from inspector.views.theme import colour, tokens
from inspector.views.traces import Flag

_REACH_PX = 7.0
_APART_PX = 7.0
_SIZE_PX = 4.0
_SHADE_SHARE = 0.09
_EVIDENCE_SHARE = 0.16
_EVIDENCE_LEAST_PX = 3.0
_TEXT_PX = 10
_MOST_NAMES = 4
_STRIP_PX = 3.0
_SENTENCE_PX = 16.0


class Stand(msgspec.Struct, frozen=True):
    """Flags of one kind and severity that would lie on each other, at a place of the axis."""

    x_px: float
    flags: tuple[Flag, ...]


def stands(frame: Frame, flags: Sequence[Flag]) -> tuple[Stand, ...]:
    """Flags in sight, those of one kind that are closer than a glyph together."""
    area = frame.area
    found: list[tuple[float, list[Flag]]] = []
    last: dict[tuple[str, str], int] = {}
    for flag in sorted((flag for flag in flags if flag.until is None), key=lambda flag: flag.x):
        x_px = frame.across_px(flag.x)
        if not area.left - 1 <= x_px <= area.right + 1:
            continue
        before = last.get((flag.kind, flag.severity))
        if before is not None and x_px - found[before][0] < _APART_PX:
            found[before][1].append(flag)
        else:
            last[flag.kind, flag.severity] = len(found)
            found.append((x_px, [flag]))
    return tuple(Stand(x_px, tuple(held)) for x_px, held in found)


def stand_at(some: Sequence[Stand], frame: Frame, x_px: float, y_px: float) -> Stand | None:
    """The flags whose glyph is under a pixel; what can be opened before what cannot."""
    if abs(y_px - frame.area.bottom) > _REACH_PX + 2:
        return None
    near = [stand for stand in some if abs(stand.x_px - x_px) <= _REACH_PX]
    return min(near, key=lambda stand: (not stand.flags[-1].opens, abs(stand.x_px - x_px)), default=None)


def stand_text(stand: Stand, axis: XAxis) -> str:
    """What stands there, a line for each of the first few."""
    lines = [f"{flag.label} · {x_text(flag.x, axis)}" for flag in stand.flags[:_MOST_NAMES]]
    more = len(stand.flags) - _MOST_NAMES
    return "\n".join([*lines, and_more(more)] if more > 0 else lines)


def paint_shades(painter: QPainter, frame: Frame, flags: Sequence[Flag]) -> None:
    """What has a length: a warm-up and evidence behind the curves, a finding as a strip above them."""
    theme = tokens()
    painter.setFont(text_font(_TEXT_PX))
    metrics = QFontMetricsF(painter.font())
    for flag, place in _shaded(frame, flags):
        if flag.kind == "finding":
            painter.fillRect(_strip(place), _severity_colour(flag))
            continue
        if flag.kind == "evidence":
            painter.fillRect(place, colour(severity_colour(flag.severity, theme), _EVIDENCE_SHARE))
            continue
        painter.fillRect(place, colour(theme.warning, _SHADE_SHARE))
        if metrics.horizontalAdvance(flag.label) < place.width() - 6:
            painter.setPen(colour(theme.warning))
            painter.drawText(QPointF(place.left() + 4, frame.area.bottom - 8), flag.label)


def paint_sentence(painter: QPainter, frame: Frame, flags: Sequence[Flag]) -> None:
    """The first finding with a length in words above the curves; as much of it as there is room for."""
    sentence = _sentence(frame, flags)
    if sentence is None:
        return
    flag, place, text = sentence
    painter.setFont(text_font(_TEXT_PX))
    painter.setPen(_severity_colour(flag))
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)


def sentence_px(flags: Sequence[Flag]) -> float:
    """How much room above the curves a sentence takes; 0 where no finding has a length."""
    return _SENTENCE_PX if any(flag.kind == "finding" and flag.until is not None for flag in flags) else 0.0


def _sentence(frame: Frame, flags: Sequence[Flag]) -> tuple[Flag, QRectF, str] | None:
    """The finding that is told, its place and what fits there."""
    area = frame.area
    told = next((flag for flag, _ in _shaded(frame, flags) if flag.kind == "finding"), None)
    if told is None:
        return None
    metrics = QFontMetricsF(text_font(_TEXT_PX))
    text = metrics.elidedText(told.label, Qt.TextElideMode.ElideRight, area.width)
    top = area.top - _STRIP_PX - 2 - _SENTENCE_PX
    return told, QRectF(area.left, top, metrics.horizontalAdvance(text) + 1, _SENTENCE_PX), text


def _shaded(frame: Frame, flags: Sequence[Flag]) -> list[tuple[Flag, QRectF]]:
    """Flags with a length that are in sight, and all of their place."""
    area = frame.area
    found: list[tuple[Flag, QRectF]] = []
    for flag in flags:
        if flag.until is not None:
            left, right = max(frame.across_px(flag.x), area.left), min(frame.across_px(flag.until), area.right)
            if flag.kind == "evidence" and left <= area.right and right >= area.left:  # that of one point is seen too
                left = min(left, area.right - _EVIDENCE_LEAST_PX)
                right = max(right, left + _EVIDENCE_LEAST_PX)
            if right > left:
                found.append((flag, QRectF(left, area.top, right - left, area.height)))
    return found


def _strip(place: QRectF) -> QRectF:
    return QRectF(place.left(), place.top() - _STRIP_PX - 1, place.width(), _STRIP_PX)


def shades_at(flags: Sequence[Flag], frame: Frame, x_px: float, y_px: float) -> tuple[Flag, ...]:
    """Flags with a length that are under a pixel: findings at their strip or sentence, a warm-up at its foot."""
    sentence = _sentence(frame, flags)
    if sentence is not None and sentence[1].contains(x_px, y_px):
        return (sentence[0],)
    found: list[Flag] = []
    for flag, place in _shaded(frame, flags):
        foot = QRectF(place.left(), place.bottom() - 20, place.width(), 14)
        hit = _strip(place).adjusted(0, -2, 0, 4) if flag.kind == "finding" else foot
        if hit.contains(x_px, y_px):
            found.append(flag)
    return tuple(found)


def shade_text(some: Sequence[Flag], axis: XAxis) -> str:
    """What they are, each with its ends, a line for each of the first few."""
    text = tr("{name} · {begin} to {end}")
    lines = [
        text.format(name=flag.label, begin=x_text(flag.x, axis), end=x_text(flag.until or flag.x, axis))
        for flag in some
    ]
    more = len(lines) - _MOST_NAMES
    return "\n".join([*lines[:_MOST_NAMES], and_more(more)] if more > 0 else lines)


def _severity_colour(flag: Flag) -> QColor:
    return QColor(severity_colour(flag.severity, tokens()))


def paint_stands(painter: QPainter, frame: Frame, some: Sequence[Stand], lit: Stand | None = None) -> None:
    """A glyph for each, on the x axis; a seam and a finding also have an upright through the curves."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for stand in some:
        _GLYPHS[stand.flags[0].kind](painter, frame, stand, stand is lit)


def _diamond(painter: QPainter, frame: Frame, stand: Stand, lit: bool) -> None:
    x_px = stand.x_px
    size = _SIZE_PX + (1.5 if lit else 0)
    y = frame.area.bottom
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens().text if lit else tokens().dim))
    painter.drawPolygon(
        QPolygonF([QPointF(x_px, y - size), QPointF(x_px + size, y), QPointF(x_px, y + size), QPointF(x_px - size, y)])
    )


def _square(painter: QPainter, frame: Frame, stand: Stand, lit: bool) -> None:
    x_px = stand.x_px
    size = _SIZE_PX - 1 + (1.5 if lit else 0)
    painter.setBrush(QColor(tokens().panel))
    painter.setPen(QPen(QColor(tokens().text if lit else tokens().accent), 1.4))
    painter.drawRect(QRectF(x_px - size, frame.area.bottom - size, 2 * size, 2 * size))


def _seam(painter: QPainter, frame: Frame, stand: Stand, lit: bool) -> None:
    x_px = stand.x_px
    pen = QPen(QColor(tokens().text if lit else tokens().faint), 1)
    pen.setDashPattern([2.0, 3.0])
    painter.setPen(pen)
    painter.drawLine(QLineF(x_px, frame.area.top, x_px, frame.area.bottom))
    painter.setPen(QPen(QColor(tokens().text if lit else tokens().dim), 1.6))
    for shift in (-2.0, 2.0):
        painter.drawLine(QLineF(x_px + shift, frame.area.bottom - 3, x_px + shift, frame.area.bottom + 4))


def _flag(painter: QPainter, frame: Frame, stand: Stand, lit: bool) -> None:
    x_px = stand.x_px
    ink = _severity_colour(stand.flags[0])
    foot = frame.area.bottom + 4
    top = foot - 12
    painter.setPen(QPen(ink, 2.0 if lit else 1.2))
    painter.drawLine(QLineF(x_px, top, x_px, foot))
    painter.setBrush(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(QPolygonF([QPointF(x_px, top), QPointF(x_px + 8, top + 3), QPointF(x_px, top + 6)]))


_GLYPHS: dict[str, Callable[[QPainter, Frame, Stand, bool], None]] = {
    "checkpoint": _diamond,
    "dump": _square,
    "seam": _seam,
    "finding": _flag,
    "warm-up": _seam,
    "evidence": _seam,
}
