"""Console lines in a virtual list: only the lines on the screen are ever asked for or painted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy, QWidget

from inspector.core.language import tr, tr_counted
from inspector.display.log.patterns import pattern_of
from inspector.display.log.scene import LineNote, LogScene
from inspector.display.tokens import Tokens
from inspector.views.surfaces import bare_corner, quiet
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

ROW_PX = 18
_BASE_PX = 13
_MARK_PX = 3
_FOLDED = tr("{states} folded")
_PLAIN = LineNote()
_COPY = QKeySequence.StandardKey.Copy
_ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)


def _asked_by(event: QKeyEvent) -> str:
    """What a key asks for in a list of lines: Ctrl+F, F3 and Shift+F3, n and N."""
    if event.matches(QKeySequence.StandardKey.Find):
        return "find"
    if event.key() not in (Qt.Key.Key_F3, Qt.Key.Key_N):
        return ""
    return {Qt.KeyboardModifier.NoModifier: "next", Qt.KeyboardModifier.ShiftModifier: "previous"}.get(
        event.modifiers(), ""
    )


def inks(theme: Tokens) -> dict[str, str]:
    """The theme's colour for each name of a terminal's."""
    return {
        "red": theme.critical,
        "green": theme.good,
        "yellow": theme.warning,
        "blue": theme.accent,
        "cyan": theme.series[1 % len(theme.series)],
        "magenta": theme.series[2 % len(theme.series)],
    }


def _inked(text: str, note: LineNote, theme: Tokens) -> Iterator[tuple[int, int, str]]:
    """The pieces of a line with their ink: begin, end, colour."""
    if note.kind == "error":
        yield 0, len(text), theme.critical
        return
    names, at = inks(theme), 0
    for piece in note.pieces:
        if piece.colour in names:
            yield at, piece.start, theme.text
            at = piece.start + piece.count
            yield piece.start, at, names[piece.colour]
    yield at, len(text), theme.text


class LineList(QAbstractScrollArea):
    """Paints the lines of a scene; scrolling past it asks for more.

    Signals:
        wanted: index of the first visible line.
        step_chosen: the step of a line that gave numbers and was pressed.
        asked: `find`, `next` or `previous`, by its key.
        followed: whether the end is shown, and what comes later will be.
    """

    wanted = Signal(int)
    step_chosen = Signal(float)
    asked = Signal(str)
    followed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: LogScene | None = None
        self.selected: range = range(0)
        self._anchor = -1
        quiet(self)
        bare_corner(self)
        self.setAccessibleName(tr("Console lines"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        return QSize(600, 400)

    def visible_rows(self) -> int:
        """How many whole lines fit."""
        return max(1, self.viewport().height() // ROW_PX)

    def at_end(self) -> bool:
        """Whether the last line is on the screen."""
        return self.verticalScrollBar().value() >= self.verticalScrollBar().maximum()

    def show_scene(self, scene: LogScene) -> None:
        """Show a window of lines; the scroll bar spans all of them."""
        before = self.scene
        at_end = self.at_end()
        grew = before is not None and before.name == scene.name and scene.total > before.total
        jumped = before is not None and scene.line != before.line and scene.line >= 0
        if before is not None and (before.name, before.filter) != (scene.name, scene.filter):
            self.selected = range(0)
        self.scene = scene
        self._size_bars()
        bar = self.verticalScrollBar()
        if jumped:
            self._reveal(scene)
        elif at_end and grew and bar.maximum() > 0:
            bar.setValue(bar.maximum())
        self.viewport().update()

    def shown_texts(self) -> tuple[str, ...]:
        """The lines on the screen, for copying and tests."""
        scene = self.scene
        if scene is None:
            return ()
        first = self.verticalScrollBar().value() - scene.first
        return scene.texts[max(first, 0) : max(first, 0) + self.visible_rows()]

    def chosen_texts(self) -> tuple[str, ...]:
        """The selected lines, as far as they are loaded; the lines on the screen where none is selected."""
        scene = self.scene
        if scene is None or not self.selected:
            return self.shown_texts()
        first = scene.first
        return tuple(scene.texts[row - first] for row in self.selected if 0 <= row - first < len(scene.texts))

    def note_at(self, row: int) -> LineNote:
        """What is known of the line in a row."""
        scene = self.scene
        index = -1 if scene is None else row - scene.first
        return scene.notes[index] if scene is not None and 0 <= index < len(scene.notes) else _PLAIN

    def _reveal(self, scene: LogScene) -> None:
        """Bring the line that was gone to onto the screen, if it is among those loaded."""
        if scene.line + 1 in scene.numbers:
            row = scene.first + scene.numbers.index(scene.line + 1)
            bar = self.verticalScrollBar()
            if not bar.value() <= row < bar.value() + self.visible_rows():
                bar.setValue(row - self.visible_rows() // 3)

    def _size_bars(self) -> None:
        scene = self.scene
        if scene is None:
            return
        bar = self.verticalScrollBar()
        bar.setPageStep(self.visible_rows())
        bar.setRange(0, max(0, scene.total - self.visible_rows()))
        longest = max((len(text) for text in scene.texts), default=0)
        character_px = self.fontMetrics().horizontalAdvance("0")
        across = self.horizontalScrollBar()
        across.setPageStep(self.viewport().width())
        across.setRange(0, max(0, longest * character_px + self._gutter_px() + 24 - self.viewport().width()))
        across.setSingleStep(character_px * 4)

    def _gutter_px(self) -> int:
        digits = len(str(self.scene.lines)) if self.scene else 1
        return self.fontMetrics().horizontalAdvance("0") * digits + 26

    def _on_scrolled(self, first: int) -> None:
        self.viewport().update()
        self.wanted.emit(first)
        self.followed.emit(self.at_end())

    def _row_at(self, y_px: float) -> int:
        return self.verticalScrollBar().value() + int(y_px // ROW_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.scene is None:
            return
        row = min(self._row_at(event.position().y()), self.scene.total - 1)
        extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._anchor >= 0
        self._anchor = self._anchor if extend else row
        self._select(row)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._anchor >= 0 and self.scene is not None:
            self._select(min(max(self._row_at(event.position().y()), 0), self.scene.total - 1))
        note = self.note_at(self._row_at(event.position().y()))
        shape = Qt.CursorShape.ArrowCursor if note.step is None else Qt.CursorShape.PointingHandCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)
        self.viewport().setToolTip("" if note.step is None else tr("Go to step {step:,.0f}").format(step=note.step))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and self.selected == range(row, row + 1):
            step = self.note_at(row).step
            if step is not None and not event.modifiers():
                self.step_chosen.emit(step)

    def _select(self, row: int) -> None:
        low, high = sorted((self._anchor, row))
        self.selected = range(low, high + 1)
        self.viewport().update()

    def copy(self) -> None:
        """Copy the selected lines, or those on the screen."""
        QGuiApplication.clipboard().setText("\n".join(self.chosen_texts()))

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (_asked_by(event) or event.key() in _ENDS or (self.selected and event.matches(_COPY)))
        ):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.matches(_COPY):
            self.copy()
        elif asked := _asked_by(event):
            self.asked.emit(asked)
        elif event.key() in _ENDS:
            bar.setValue(bar.minimum() if event.key() == Qt.Key.Key_Home else bar.maximum())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size_bars()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        scene = self.scene
        if scene is None:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        wanted = None
        if scene.search and not scene.wrong:
            wanted = pattern_of(scene.search)
        first = self.verticalScrollBar().value()
        for place in range(self.visible_rows() + 1):
            index = first + place - scene.first
            if 0 <= index < len(scene.texts):
                self._paint_line(painter, place * ROW_PX, first + place, index, wanted)

    def _paint_line(self, painter: QPainter, top_px: int, row: int, index: int, wanted: re.Pattern[str] | None) -> None:
        scene = self.scene
        assert scene is not None
        theme = tokens()
        text, number, note = scene.texts[index], scene.numbers[index], self.note_at(row)
        gutter = self._gutter_px()
        width = self.viewport().width()
        left = gutter - self.horizontalScrollBar().value()
        character_px = painter.fontMetrics().horizontalAdvance("0")
        if row in self.selected or number == scene.line + 1:
            painter.fillRect(0, top_px, width, ROW_PX, colour(theme.selection))
        for match in wanted.finditer(text) if wanted is not None else ():
            if match.end() > match.start():
                start, stop = (painter.fontMetrics().horizontalAdvance(text[:at]) for at in match.span())
                painter.fillRect(
                    QRectF(left + start, top_px + 1, stop - start, ROW_PX - 2), colour(theme.warning, 0.35)
                )
        base = top_px + _BASE_PX
        for start, stop, ink in _inked(text, note, theme):
            painter.setPen(colour(ink))
            ahead = painter.fontMetrics().horizontalAdvance(text[:start])
            painter.drawText(QPointF(left + ahead, base), text[start:stop])
        if note.folded:
            painter.setPen(colour(theme.faint))
            end = painter.fontMetrics().horizontalAdvance(text) + 2 * character_px
            painter.drawText(QPointF(left + end, base), _FOLDED.format(states=tr_counted(note.folded, "state")))
        painter.fillRect(0, top_px, gutter - 8, ROW_PX, colour(theme.background))
        painter.setPen(colour(theme.critical if note.kind == "error" else theme.faint))
        label = str(number)
        painter.drawText(QPointF(gutter - 16 - painter.fontMetrics().horizontalAdvance(label), base), label)
        if note.kind == "error":  # a bar, where a line with numbers has a dot
            painter.fillRect(0, top_px, _MARK_PX, ROW_PX, colour(theme.critical))
        elif note.kind == "numbers":
            painter.fillRect(QRectF(0, top_px + ROW_PX / 2 - 2, 4, 4), colour(theme.accent))
