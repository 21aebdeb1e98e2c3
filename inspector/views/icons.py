"""Line icons (Lucide) in the colour of the text around them, in either theme and at any scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from inspector.core.resources import resource
from inspector.display.tokens import Tokens
from inspector.views.theme import tokens


@cache
def _source(name: str) -> bytes:
    return resource(f"icons/{name}.svg").read_bytes()


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", colour.encode())))


def paint_icon(painter: QPainter, area: QRectF, name: str, colour: str) -> None:
    """Paint an icon into a square in one colour (`#rrggbb`)."""
    _renderer(name, colour).render(painter, area)


class _LineIcon(QIconEngine):
    """Paints one icon in the colour that its state has in the theme shown."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        paint_icon(painter, QRectF(rect), self._name, _ink(tokens(), mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, image.rect(), mode, state)
        painter.end()
        return QPixmap.fromImage(image)

    def clone(self) -> QIconEngine:
        return _LineIcon(self._name)


def _ink(theme: Tokens, mode: QIcon.Mode) -> str:
    if mode == QIcon.Mode.Disabled:
        return theme.faint
    return theme.text if mode in (QIcon.Mode.Active, QIcon.Mode.Selected) else theme.dim


@cache
def icon(name: str) -> QIcon:
    """The icon `resources/icons/NAME.svg`; it follows the theme by itself.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    _source(name)
    return QIcon(_LineIcon(name))  # an engine belongs to exactly one icon, so the icon is what is kept
