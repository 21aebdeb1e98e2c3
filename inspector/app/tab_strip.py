"""The viewers as tabs: a title, a count, a line under the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from inspector.core.language import tr
from inspector.display.offer import Fit, Offer, Verdict
from inspector.views.fonts import cut_to, text_font
from inspector.views.keys import PRESS, PressedByKeys
from inspector.views.spoken import Role
from inspector.views.surfaces import chosen_colour
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

HEIGHT_PX = 38
_PADDING_PX, _LEAST_PADDING_PX = 14, 4
_BADGE_FONT_PX = 11
_LEAST_PX, _STRIP_PX = 56, 750
"""Of a tab; and what the strip takes at most from the panels beside it, before longer titles are cut."""


class _Tab(PressedByKeys):
    """One tab; dim where its viewer does not fit the run."""

    kept = PRESS | {Qt.Key.Key_Left, Qt.Key.Key_Right}
    stepped = Signal(int)

    def __init__(self, key: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self.badge = ""
        self.fits = True
        self.shown: tuple[Verdict, str] | None = None
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFont(text_font())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(by)

    def _badge_px(self) -> int:
        metrics = QFontMetrics(text_font(_BADGE_FONT_PX))
        return metrics.horizontalAdvance(self.badge) + 16 if self.badge else 0

    def sizeHint(self) -> QSize:
        badge = self._badge_px()
        width = QFontMetrics(self.font()).horizontalAdvance(self.text()) + 2 * _PADDING_PX + (badge + 8 if badge else 0)
        return QSize(width, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), _LEAST_PX), HEIGHT_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        lit = self.isChecked() or self.underMouse()
        painter.setPen(colour(theme.text if lit and self.fits else (theme.dim if self.fits else theme.faint)))
        text_px = painter.fontMetrics().horizontalAdvance(self.text())
        wanted_px = text_px + 8 + self._badge_px()
        badge = self.badge if wanted_px + 2 * _LEAST_PADDING_PX <= self.width() else ""  # it gives way first
        room_px = self.width() - (wanted_px if badge else text_px)
        left = min(_PADDING_PX, max(_LEAST_PADDING_PX, room_px // 2))
        area = QRectF(left, 0, self.width() - 2 * left, self.height() - 2)
        title = self.text()
        if not badge:
            title = cut_to(painter.fontMetrics(), title, Qt.TextElideMode.ElideRight, area.width() + 1)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, title)
        if badge:
            left += text_px + 8
            pill = QRectF(left, self.height() / 2 - 9, self._badge_px(), 17)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(chosen_colour())
            painter.drawRoundedRect(pill, 8.5, 8.5)
            painter.setFont(text_font(_BADGE_FONT_PX))
            painter.setPen(colour(theme.dim))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, badge)
        if self.isChecked():
            painter.fillRect(0, self.height() - 2, self.width(), 2, colour(theme.accent))
        if self.hasFocus() and self.window().isActiveWindow():
            painter.setPen(colour(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 4.5, -2.5, -4.5), 4, 4)


class TabStrip(QWidget):
    """One tab a viewer, in the order of the catalogue.

    Signals:
        chosen: the viewer's key.
    """

    chosen = Signal(str)

    spoken_role = Role.PageTabList

    def __init__(self, offers: tuple[Offer, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(0)
        self._tabs = {offer.key: _Tab(offer.key, offer.title, self) for offer in offers}
        for tab in self._tabs.values():
            tab.clicked.connect(self._on_clicked)
            tab.stepped.connect(self._on_stepped)
            row.addWidget(tab)
        row.addStretch(1)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Views"))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), _STRIP_PX), HEIGHT_PX)

    def tab(self, key: str) -> QAbstractButton:
        """The button of a viewer.

        Raises:
            KeyError: there is none.
        """
        return self._tabs[key]

    def show_tab(self, key: str, verdict: Verdict, badge: str) -> None:
        """Say how well a viewer fits, with its count."""
        tab = self._tabs[key]
        if (verdict, badge) == tab.shown:  # a new layout of the strip is one of the whole window
            return
        tab.shown = (verdict, badge)
        tab.badge = badge
        tab.fits = verdict.fit is not Fit.NO
        tab.setToolTip(verdict.because)
        tab.setAccessibleDescription(verdict.because)
        tab.updateGeometry()
        tab.update()

    def show_badge(self, key: str, badge: str) -> None:
        """Show another count beside a title."""
        tab = self._tabs[key]
        if tab.shown is not None:
            self.show_tab(key, tab.shown[0], badge)

    def choose(self, key: str) -> None:
        """Show a tab as chosen, without a signal."""
        if key in self._tabs:
            self._tabs[key].setChecked(True)

    def _on_clicked(self) -> None:
        tab = self.sender()
        if isinstance(tab, _Tab):
            self.chosen.emit(tab.key)

    def entry(self) -> QAbstractButton | None:
        """The chosen tab, where the keyboard comes in."""
        return next((tab for tab in self._tabs.values() if tab.isChecked()), None)

    def _on_stepped(self, by: int) -> None:
        """The tab beside the one with the keyboard is pressed; past the end, nothing is."""
        tabs = list(self._tabs.values())
        to = next(place for place, tab in enumerate(tabs) if tab is self.sender()) + by
        if 0 <= to < len(tabs):
            tabs[to].setFocus(Qt.FocusReason.TabFocusReason)
            tabs[to].click()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        bottom = QPoint(0, self.height() - 1)
        painter = QPainter(self)
        painter.setPen(colour(tokens().line))
        painter.drawLine(bottom, bottom + QPoint(self.width(), 0))
