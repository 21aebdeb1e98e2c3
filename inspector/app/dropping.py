"""Files that are dragged over the window: what would take them is marked and says what it will do."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from inspector.app.arrivals import Arrivals, effect_text, joining_text
from inspector.app.desk import Desk
from inspector.app.run_tree import RunTree
from inspector.core.language import tr, tr_counted
from inspector.runs.groups import Grouping
from inspector.views.fonts import text_font
from inspector.views.surfaces import rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_PILL_PX = 30
_PADDING_PX = 14
_GAP_PX = 8


class DropMark(QWidget):
    """A border around what would take the files, and a line of text; it lies over the window and takes no events."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.text = ""
        self._target = QRect()
        self.hide()

    def mark(self, target: QRect, text: str) -> None:
        """Mark an area of the window."""
        self.text, self._target = text, target
        self.setAccessibleName(text)
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self._target).adjusted(3, 3, -3, -3)
        painter.fillPath(rounded(area, 8), colour(theme.accent, 0.08))
        painter.setPen(QPen(colour(theme.accent), 2))
        painter.drawPath(rounded(area, 8))
        painter.setFont(text_font(weight="medium"))
        pill = self._pill(painter.fontMetrics().horizontalAdvance(self.text) + 2 * _PADDING_PX)
        painter.fillPath(rounded(pill, 8), colour(theme.raised))
        painter.setPen(QPen(colour(theme.accent), 1))
        painter.drawPath(rounded(pill, 8))
        painter.setPen(colour(theme.text))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), self.text)

    def _pill(self, wide_px: int) -> QRectF:
        """Where the text goes: within a large target, beside a small one."""
        target = self._target
        if target.width() > wide_px + 2 * _PADDING_PX and target.height() > 3 * _PILL_PX:
            return QRectF(target.center().x() - wide_px / 2, target.bottom() - 2 * _PILL_PX, wide_px, _PILL_PX)
        left = min(target.right() + _GAP_PX, self.width() - wide_px - _GAP_PX)
        top = min(max(target.center().y() - _PILL_PX // 2, 0), self.height() - _PILL_PX)
        return QRectF(left, top, wide_px, _PILL_PX)


class Dropping(QObject):
    """One drag after another over a window.

    Args:
        window: takes the drops.
        tree: each run in it is a target of its own.
        elsewhere: what is marked where no run is under the pointer.
    """

    def __init__(self, window: QWidget, desk: Desk, arrivals: Arrivals, tree: RunTree, elsewhere: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._arrivals = arrivals
        self._tree = tree
        self._elsewhere = elsewhere
        self.mark = DropMark(window)
        self._paths: tuple[str, ...] = ()
        self._grouping: Grouping | None = None
        self._target: str | None = None
        arrivals.looked.connect(self._on_looked)

    def enter(self, event: QDropEvent) -> None:
        """Files come over the window."""
        paths = paths_of(event)
        if not paths:
            event.ignore()
            return
        event.acceptProposedAction()
        if paths != self._paths:
            self._paths, self._grouping = paths, None
            self._arrivals.look(paths)
        self._aim(event.position().toPoint())

    def move(self, event: QDropEvent) -> None:
        """They move on."""
        event.acceptProposedAction()
        self._aim(event.position().toPoint())

    def leave(self) -> None:
        """They leave, or were dropped."""
        self._arrivals.look_away()
        self._paths, self._grouping, self._target = (), None, None
        self.mark.hide()

    def drop(self, event: QDropEvent) -> None:
        """They are dropped."""
        paths = paths_of(event)
        target = self._run_at(event.position().toPoint())
        event.acceptProposedAction()
        self.leave()
        # After the drop has ended: opening may replace the very widget that received it.
        QTimer.singleShot(0, self, partial(self._arrivals.bring, paths, target))

    def _run_at(self, place: QPoint) -> str | None:
        if not self._tree.isVisible():
            return None
        return self._tree.key_at(self._tree.mapFrom(self._window, place))

    def _aim(self, place: QPoint) -> None:
        self._target = self._run_at(place)
        self._show()

    def _on_looked(self, grouping: Grouping) -> None:
        self._grouping = grouping
        if self._paths:
            self._show()

    def _show(self) -> None:
        run = self._desk.run(self._target)
        if self._grouping is not None:
            text = effect_text(self._grouping, run.name if run else "")
        else:
            looking = tr("Looking at {paths}…").format(paths=tr_counted(len(self._paths), "path"))
            text = joining_text(run.name) if run else looking
        widget: QWidget = self._elsewhere
        area = widget.rect()
        if run is not None:
            widget, area = self._tree, self._tree.area_of(run.key)
        self.mark.mark(QRect(widget.mapTo(self._window, area.topLeft()), area.size()), text)


def paths_of(event: QDropEvent) -> tuple[str, ...]:
    """The files and folders that are dragged; what lies on other machines is left out."""
    data = event.mimeData()
    return tuple(url.toLocalFile() for url in data.urls() if url.isLocalFile()) if data.hasUrls() else ()
