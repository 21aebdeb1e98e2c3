"""The two bundled fonts: the same letters, and so the same pictures, on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics, QFontMetricsF, QPainter, QStaticText, QTransform

from inspector.core.resources import resource

BASE_PX = 13
SMALL_PX = 12

Weight = Literal["regular", "medium", "semibold"]

_WEIGHTS: dict[Weight, QFont.Weight] = {
    "regular": QFont.Weight.Normal,
    "medium": QFont.Weight.Medium,
    "semibold": QFont.Weight.DemiBold,
}
_TEXT = "Inter"
_MONO = "JetBrains Mono"
_SHAPES = ("calt", "liga")
_STEPS = 64
"""Of a pixel, in which Qt lays out text; between two, a glyph may begin a quarter of a screen's pixel farther."""
_plain = False
_FILES = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "JetBrainsMono-Regular.ttf")


@cache
def load_fonts() -> None:
    """Make the bundled fonts known to Qt; a second call does nothing.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for name in _FILES:
        path = resource(f"fonts/{name}")
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileNotFoundError(f"{path} is not a font; install Run Inspector again")


def text_font(size_px: int = BASE_PX, weight: Weight = "regular") -> QFont:
    """The font of all text, with figures of equal width but within `plain_figures`."""
    return QFont(_text_font(size_px, weight, plain=_plain))


@cache
def _text_font(size_px: int, weight: Weight, *, plain: bool) -> QFont:
    font = _font(_TEXT, size_px, weight)
    # Told outright: what a font does not tell it takes from the application's.
    font.setFeature(QFont.Tag("tnum"), 0 if plain else 1)
    for name in _SHAPES if plain else ():
        font.setFeature(QFont.Tag(name), 0)
    return font


def text_width(text: str, size_px: int = BASE_PX, weight: Weight = "regular") -> float:
    """How wide a line is in `text_font`, in pixels."""
    return _text_width(text, size_px, weight, plain=_plain)


@lru_cache(maxsize=4096)
def _text_width(text: str, size_px: int, weight: Weight, *, plain: bool) -> float:
    return QFontMetricsF(_text_font(size_px, weight, plain=plain)).horizontalAdvance(text)


def elided(text: str, room_px: float, size_px: int = BASE_PX, weight: Weight = "regular") -> str:
    """A line in `text_font`, cut with an ellipsis where it is wider than its room."""
    if text_width(text, size_px, weight) <= room_px:
        return text
    metrics = QFontMetricsF(text_font(size_px, weight))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room_px)


def write(
    painter: QPainter,
    at: tuple[float, float],
    text: str,
    size_px: int = BASE_PX,
    weight: Weight = "regular",
    *,
    ends: bool = False,
) -> None:
    """Write a line in `text_font`, in the painter's pen.

    A line that was written before is not shaped again, which takes most of the time of `QPainter.drawText`.

    Args:
        painter: gets the font.
        at: x of its left end, and y halfway down it.
        text: one line.
        size_px: of the font.
        weight: likewise.
        ends: whether x is that of its right end.
    """
    font = _text_font(size_px, weight, plain=_plain)
    painter.setFont(font)
    shaped, high_px = _shaped(text, size_px, weight, plain=_plain)
    left = at[0] - text_width(text, size_px, weight) if ends else at[0]
    left = math.floor(left * _STEPS) / _STEPS
    top = at[1] - high_px / 2
    if _plain:  # the engine of a file writes text as such
        painter.drawText(
            QRectF(left, top, text_width(text, size_px, weight) + 1, high_px), Qt.TextFlag.TextDontClip, text
        )
    else:
        painter.drawStaticText(QPointF(left, top), shaped)


@lru_cache(maxsize=2048)
def _shaped(text: str, size_px: int, weight: Weight, *, plain: bool) -> tuple[QStaticText, float]:
    """A line with its glyphs in their places, and how high it is."""
    font = _text_font(size_px, weight, plain=plain)
    shaped = QStaticText(text)
    shaped.setTextFormat(Qt.TextFormat.PlainText)
    shaped.prepare(QTransform(), font)
    return shaped, QFontMetricsF(font).height()


@contextmanager
def plain_figures() -> Iterator[None]:
    """For a file that holds text: glyphs that no character stands for (figures of equal width) are not found in it."""
    global _plain  # noqa: PLW0603 - painting code asks for fonts by itself, on one thread
    _plain = True
    try:
        yield
    finally:
        _plain = False


def mono_font(size_px: int = SMALL_PX) -> QFont:
    """The font of names, paths and anything that is read letter by letter."""
    return _font(_MONO, size_px, "regular")


def _font(family: str, size_px: int, weight: Weight) -> QFont:
    font = QFont(family)
    font.setPixelSize(size_px)
    font.setWeight(_WEIGHTS[weight])
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias | QFont.StyleStrategy.NoSubpixelAntialias)
    return font


def cut_to(metrics: QFontMetrics | QFontMetricsF, text: str, where: Qt.TextElideMode, room_px: float) -> str:
    """A text within so many pixels, with `…` where it is cut; for one that fits, Qt takes long to find that it does."""
    if metrics.horizontalAdvance(text) <= room_px:
        return text
    if isinstance(metrics, QFontMetrics):
        return metrics.elidedText(text, where, int(room_px))
    return metrics.elidedText(text, where, room_px)
