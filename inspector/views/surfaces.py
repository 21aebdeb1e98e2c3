"""What controls and pictures stand on: text in the theme's inks, badges, cards, quiet scroll bars."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QStyle,
    QStyleOptionSlider,
    QVBoxLayout,
    QWidget,
)

from inspector.display.tokens import mixed
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import BASE_PX, Weight, text_font
from inspector.views.label import Ink, Label, ground_warning
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

__all__ = [
    "CARD_RADIUS_PX",
    "RADIUS_PX",
    "Badge",
    "Card",
    "Ink",
    "Label",
    "QuietBar",
    "Rule",
    "Surface",
    "bare_corner",
    "chosen_colour",
    "ground_warning",
    "hover_colour",
    "outline_colour",
    "paint_ring",
    "quiet",
    "rounded",
    "scrolled",
    "take_out",
]

RADIUS_PX = 6
CARD_RADIUS_PX = 8
_RING_PX = 2

Surface = Literal["panel", "raised", "background"]


def outline_colour() -> QColor:
    """The border of what can be pressed or typed into: a little stronger than a rule."""
    theme = tokens()
    return colour(mixed(theme.line, theme.dim, 0.25))


def hover_colour() -> QColor:
    """Behind what the pointer is over."""
    theme = tokens()
    return colour(mixed(theme.panel, theme.line, 0.5))


def chosen_colour() -> QColor:
    """Behind the chosen segment, and badges."""
    theme = tokens()
    return colour(theme.raised if theme.raised != theme.panel else mixed(theme.panel, theme.line, 0.8))


def rounded(area: QRectF, radius: float = RADIUS_PX) -> QPainterPath:
    """A path along the middle of a one pixel border just inside `area`."""
    path = QPainterPath()
    path.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    return path


def paint_ring(widget: QWidget) -> None:
    """Paint a ring in the accent just inside a widget, which leads the eye to what lies in it."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(tokens().accent), _RING_PX))
    painter.drawPath(rounded(QRectF(widget.rect()).adjusted(1, 1, -1, -1)))


class Badge(QLabel):
    """A small count or word in a pill; hidden where the text is empty."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(text_font(11))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(7, 1, 7, 1)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Change the text."""
        self.setText(text)
        if not text:
            self.hide()
        elif self.parentWidget() is not None:
            self.show()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(chosen_colour())
        radius = self.height() / 2
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        painter.end()
        super().paintEvent(event)


class Card(QFrame):
    """A rounded panel with a title line; put content into `column`, small texts into `head`.

    Args:
        title: empty for no title line; one that is too long is cut, in its middle where that is asked for.
        surface: which token fills it: `panel` on the background, `raised` on a panel.
    """

    def __init__(
        self,
        title: str = "",
        parent: QWidget | None = None,
        *,
        surface: Surface = "panel",
        ink: Ink = "text",
        weight: Weight = "medium",
        middle: bool = False,
    ) -> None:
        super().__init__(parent)
        self.surface: Surface = surface
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 10, 12, 12)
        self.column.setSpacing(8)
        self.title = ElidedLabel(title, self, ink=ink, middle=middle)
        self.title.setFont(text_font(BASE_PX, weight))
        self.head = QHBoxLayout()
        self.head.setSpacing(10)
        self.head.addWidget(self.title)
        self.head.addStretch(1)
        self.column.addLayout(self.head)
        self.title.setVisible(bool(title))

    def set_title(self, title: str) -> None:
        """Change the title; no line is kept for an empty one."""
        self.title.setText(title)
        self.title.setVisible(bool(title))

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()), CARD_RADIUS_PX)
        painter.fillPath(path, colour(getattr(theme, self.surface)))
        painter.setPen(colour(theme.line))
        painter.drawPath(path)


class Rule(QWidget):
    """A horizontal line, one pixel high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), colour(tokens().line))


_BAR_PX = 10


class QuietBar(QScrollBar):
    """A thin scroll bar without buttons, painted from the tokens."""

    def sizeHint(self) -> QSize:
        upright = self.orientation() == Qt.Orientation.Vertical
        return QSize(_BAR_PX, 40) if upright else QSize(40, _BAR_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.maximum() <= self.minimum():
            return
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ScrollBarSlider
        knob = QRectF(self.style().subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, part, self))
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        held = self.isSliderDown() or self.underMouse()
        painter.setBrush(colour(mixed(theme.line, theme.dim, 0.5 if held else 0.25)))
        painter.drawRoundedRect(knob.adjusted(2, 2, -2, -2), 3, 3)


def quiet(area: QAbstractScrollArea) -> None:
    """Give a scroll area thin scroll bars and neither frame nor fill of its own."""
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.viewport().setAutoFillBackground(False)
    area.setVerticalScrollBar(QuietBar(Qt.Orientation.Vertical, area))
    area.setHorizontalScrollBar(QuietBar(Qt.Orientation.Horizontal, area))


def bare_corner(area: QAbstractScrollArea) -> None:
    """Nothing where the two scroll bars of an area meet; the style draws a frame there.

    For areas that mostly show both: a bar that stands alone ends above the empty corner.
    """
    area.setCornerWidget(QWidget())


def take_out(widget: QWidget, layout: QLayout) -> None:
    """Be rid of a widget that stands in a layout; it is not seen any more from now on."""
    layout.removeWidget(widget)
    widget.hide()
    widget.deleteLater()


def scrolled(sheet: QWidget, name: str) -> QScrollArea:
    """A quiet scroll area as wide as its sheet, which goes on below; `name` is what a screen reader calls it."""
    area = QScrollArea()
    area.setAccessibleName(name)
    quiet(area)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(sheet)
    sheet.setAutoFillBackground(False)
    return area
