"""The small controls that every view shares, painted from the tokens so that both themes need no style sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from inspector.display.tokens import mixed
from inspector.views.fonts import SMALL_PX, mono_font, text_font
from inspector.views.icons import paint_icon
from inspector.views.keys import ENTER, PressedByKeys, keeper
from inspector.views.slider import LabelledSlider
from inspector.views.spoken import Role
from inspector.views.surfaces import Badge, Card, Label, chosen_colour, hover_colour, outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

__all__ = ["Badge", "Button", "Card", "Label", "LabelledSlider", "SearchField", "Segmented"]

CONTROL_PX = 26
_PADDING_PX = 11
_ICON_PX = 14


_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class _Pressable(PressedByKeys):
    """A painted button that shows its focus only to who moves it with the keyboard, and keeps keys only then."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.focus_shown = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_shown = event.reason() in _KEYBOARD
        if not self.focus_shown:
            self.removeEventFilter(keeper(self.kept))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.focus_shown = False
        super().focusOutEvent(event)


class Button(_Pressable):
    """A push button; `primary` is the one thing to do on its surface."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, primary: bool = False, icon_name: str = ""
    ) -> None:
        super().__init__(parent)
        self.primary = primary
        self._icon_name = icon_name
        self.setText(text)
        self.setFont(text_font(SMALL_PX))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = 2 * _PADDING_PX + QFontMetrics(self.font()).horizontalAdvance(self.text())
        if self._icon_name:
            width = width + _ICON_PX + (6 if self.text() else 4 - _PADDING_PX)
        return QSize(width, CONTROL_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()))
        if self.primary and self.isEnabled():
            fill = mixed(theme.action, theme.on_action, 0.14 if self.underMouse() and not self.isDown() else 0.0)
            painter.fillPath(path, colour(mixed(fill, "#000000", 0.15) if self.isDown() else fill))
        elif self.isDown() or self.isChecked():
            painter.fillPath(path, chosen_colour())
        elif self.underMouse() and self.isEnabled():
            painter.fillPath(path, hover_colour())
        if self.focus_shown or not (self.primary and self.isEnabled()):
            painter.setPen(colour(theme.accent) if self.focus_shown else outline_colour())
            painter.drawPath(path)
        ink = theme.on_action if self.primary else theme.text
        self._paint_content(painter, ink if self.isEnabled() else theme.faint)

    def _paint_content(self, painter: QPainter, ink: str) -> None:
        text = self.text()
        icon_px = (_ICON_PX + (6 if text else 0)) if self._icon_name else 0
        left = (self.width() - QFontMetrics(self.font()).horizontalAdvance(text) - icon_px) / 2
        if self._icon_name:
            top = (self.height() - _ICON_PX) / 2
            paint_icon(painter, QRectF(left, top, _ICON_PX, _ICON_PX), self._icon_name, ink)
        painter.setPen(colour(ink))
        painter.drawText(QRectF(left + icon_px, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)


def is_click(event: QMouseEvent, widget: QWidget) -> bool:
    """Whether the left button was let go over a widget."""
    return event.button() == Qt.MouseButton.LeftButton and widget.rect().contains(event.position().toPoint())


def segment_px(text: str) -> int:
    """How wide a segment with this text is."""
    return 2 * _PADDING_PX + QFontMetrics(text_font()).horizontalAdvance(text)


class _Segment(_Pressable):
    """One of joined buttons; the row paints the border around them all."""

    def __init__(self, value: str, text: str, row: Segmented) -> None:
        super().__init__(row)
        self._row = row
        self.value = value
        self.setText(text)
        self.setCheckable(True)
        self.setFont(text_font())

    def sizeHint(self) -> QSize:
        return QSize(segment_px(self.text()), CONTROL_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(rounded(QRectF(QRect(-self.pos(), self._row.size()))))
        if self.isChecked():
            painter.fillRect(self.rect(), colour(theme.selection) if self._row.raised else chosen_colour())
        elif self.underMouse() and self.isEnabled():
            painter.fillRect(self.rect(), hover_colour())
        if self.focus_shown:
            painter.fillRect(
                QRectF(_PADDING_PX, self.height() - 4, self.width() - 2 * _PADDING_PX, 2), colour(theme.accent)
            )
        ink = theme.text if self.isChecked() else theme.dim
        painter.setPen(colour(ink if self.isEnabled() else theme.faint))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class Segmented(QWidget):
    """Joined buttons: a choice of one, or with `several` any number of switches.

    Args:
        choices: (value, text) of each segment.
        several: each segment is a switch of its own.
        label: what the choice is called by a screen reader.
        raised: it stands on a page over the window, which is as light as a chosen segment elsewhere.

    Signals:
        chosen: the value of the segment that the user pressed (str).
    """

    chosen = Signal(str)

    spoken_role = Role.Grouping

    def __init__(
        self,
        choices: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
        *,
        several: bool = False,
        label: str = "",
        raised: bool = False,
    ) -> None:
        super().__init__(parent)
        self.raised = raised
        self._several = several
        self._segments: dict[str, _Segment] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Replace the segments; those that stay keep whether they are chosen."""
        if [(segment.value, segment.text()) for segment in self._segments.values()] == list(choices):
            return
        kept, seen = self.values(), self.isVisible()
        if seen:
            self.hide()  # all around is laid out once, not for every segment
        for segment in self._segments.values():
            self._row.removeWidget(segment)
            segment.hide()
            segment.deleteLater()
        self._segments = {value: _Segment(value, text, self) for value, text in choices}
        for segment in self._segments.values():
            segment.clicked.connect(self._on_clicked)
            self._row.addWidget(segment)
            segment.show()
        self.set_values(kept)
        if seen:
            self.show()

    def set_value(self, value: str | None) -> None:
        """Show one segment as chosen, without a signal."""
        self.set_values(() if value is None else (value,))

    def set_values(self, values: Sequence[str]) -> None:
        """Show these segments as chosen, without a signal."""
        for segment in self._segments.values():
            segment.setChecked(segment.value in values)

    def value(self) -> str | None:
        """The first chosen segment."""
        return next(iter(self.values()), None)

    def values(self) -> tuple[str, ...]:
        """The chosen segments, in order."""
        return tuple(value for value, segment in self._segments.items() if segment.isChecked())

    def choices(self) -> tuple[str, ...]:
        """The values of all segments, in order."""
        return tuple(self._segments)

    def segment(self, value: str) -> QAbstractButton:
        """The button of a value.

        Raises:
            KeyError: there is no such segment.
        """
        return self._segments[value]

    def _on_clicked(self) -> None:
        pressed = self.sender()
        if not isinstance(pressed, _Segment):
            return
        if not self._several:
            self.set_value(pressed.value)
        self.chosen.emit(pressed.value)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(outline_colour())
        painter.drawPath(rounded(QRectF(self.rect())))


class SearchField(QLineEdit):
    """A line to type a filter into; Esc empties it, then leaves it."""

    def __init__(self, placeholder: str = "", parent: QWidget | None = None, *, mono: bool = False) -> None:
        super().__init__(parent)
        self.setFrame(False)
        self.setFont(mono_font() if mono else text_font())
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setTextMargins(8, 0, 8, 0)
        self.setFixedHeight(CONTROL_PX)
        self.wrong = False
        clear = QPalette()
        clear.setBrush(QPalette.ColorRole.Base, Qt.BrushStyle.NoBrush)
        self.setPalette(clear)

    def show_text(self, text: str) -> None:
        """Show a text that was not typed here; nobody is told."""
        if text != self.text():
            self.blockSignals(True)
            self.setText(text)
            self.blockSignals(False)

    def set_wrong(self, *, wrong: bool) -> None:
        """Mark what was typed as not usable, by the border's colour."""
        if wrong != self.wrong:
            self.wrong = wrong
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.installEventFilter(keeper(ENTER))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.removeEventFilter(keeper(ENTER))
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.text():
            self.clear()
        else:
            self.clearFocus()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        border = colour(theme.accent) if self.hasFocus() else outline_colour()
        painter.setPen(colour(theme.critical) if self.wrong else border)
        painter.setBrush(colour(theme.background))
        painter.drawPath(rounded(QRectF(self.rect())))
        painter.end()
        super().paintEvent(event)
