"""How the rows of the tree of runs are painted: a heading over many runs, a run with its dot, a file."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inspector.diagnosis.values import Severity
from inspector.display.tokens import Tokens, severity_colour
from inspector.runs.life_words import LIFE_WORDS
from inspector.runs.values import Life, Run
from inspector.views.fonts import SMALL_PX, cut_to, text_font
from inspector.views.surfaces import rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

ROW_PX = 27
MARGIN_PX = 14
_INDENT_PX = 12
"""Of the runs below a heading."""

KEY = int(Qt.ItemDataRole.UserRole)
FILE = KEY + 1
HINT = KEY + 2
DOT = KEY + 3
SHOWN = KEY + 4
FOLDER = KEY + 5
COMPARED = KEY + 6
"""What an item holds: its run's key (empty for a heading), its file's path or None, the text at the right, its dot,
whether it is shown, the folder of many runs that it is in or heads, whether its run is drawn beside the chosen one."""

Index = QModelIndex | QPersistentModelIndex


def dot_of(run: Run, worst: Severity | None, *, checked: bool) -> str:
    """The name of a run's dot: `live`, a severity, `good` where checks found nothing, `unchecked` where none was made.

    A run that failed is no better than an error.

    Args:
        run: the run.
        worst: severity of its worst finding.
        checked: whether any check had what it needs.
    """
    if run.live:
        return "live"
    if run.liveness.life in (Life.FAILED, Life.CRASHED) and (worst is None or worst.rank < Severity.ERROR.rank):
        return Severity.ERROR.value
    if worst is None or worst is Severity.INFO:
        return "good" if checked else "unchecked"
    return worst.value


def dot_colour(dot: str, theme: Tokens) -> str:
    """The colour of a dot."""
    others = {"live": theme.good, "good": theme.good, "unchecked": theme.faint}
    return others.get(dot) or severity_colour(dot, theme)


def life_text(run: Run) -> str:
    """`live`, `stalled`, `finished`, `failed`, `presumed crashed`; empty where nothing tells."""
    return "" if run.liveness.life is Life.SILENT else LIFE_WORDS[run.liveness.life]


def hint_of_run(run: Run, findings: int) -> str:
    """`4 · finished`: how many findings, and what has become of the run."""
    return " · ".join(part for part in (f"{findings}" if findings else "", life_text(run)) if part)


class Rows(QStyledItemDelegate):
    """Paints a row: dot or indent, name, and a dim text at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW_PX)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = tokens()
        area: QRect = option.rect
        full = QRect(0, area.top(), area.right() + 1, area.height())
        state: QStyle.StateFlag = option.state
        if index.data(SHOWN):
            painter.fillRect(full, colour(theme.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(full, colour(theme.raised))
        if state & QStyle.StateFlag.State_HasFocus:  # where the keys of the tree are
            painter.setPen(colour(theme.accent))
            painter.drawPath(rounded(QRectF(full).adjusted(3, 1, -3, -1)))
        if index.data(COMPARED):
            painter.fillRect(QRect(0, full.top() + 4, 3, full.height() - 8), colour(theme.accent))
        key, top = index.data(KEY), index.data(FILE) is None
        left = MARGIN_PX + ((16 if top else 18) if key else 0)
        if key and index.data(FOLDER):
            left += _INDENT_PX
        if key and top:
            _paint_dot(painter, QPointF(left - 12, area.center().y() + 0.5), index.data(DOT), theme)
        hint = index.data(HINT) or ""
        painter.setFont(text_font(SMALL_PX))
        room = full.width() - left - MARGIN_PX
        hint_px = min(painter.fontMetrics().horizontalAdvance(hint) + 4, room * (2 if top else 1) // (3 if top else 2))
        hint_area = QRect(full.right() - MARGIN_PX - hint_px, full.top(), hint_px, full.height())
        painter.setPen(colour(theme.faint))
        shown_hint = cut_to(painter.fontMetrics(), hint, Qt.TextElideMode.ElideRight, hint_px)
        painter.drawText(hint_area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), shown_hint)
        painter.setFont(text_font(weight="medium") if top else text_font())
        painter.setPen(colour(theme.text if top or index.data(SHOWN) else theme.dim))
        name_area = QRect(left, full.top(), room - hint_px - 8, full.height())
        name = cut_to(painter.fontMetrics(), index.data(), Qt.TextElideMode.ElideMiddle, name_area.width())
        painter.drawText(name_area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)


def _paint_dot(painter: QPainter, centre: QPointF, dot: str, theme: Tokens) -> None:
    """A disc; a ring while the run is live; a square for critical, so that colour is not alone."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = colour(dot_colour(dot, theme))
    if dot == "live":
        painter.setPen(QPen(ink, 2))
        painter.drawEllipse(centre, 3.2, 3.2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        if dot == "critical":
            painter.drawRect(QRectF(centre.x() - 3.6, centre.y() - 3.6, 7.2, 7.2))
        else:
            painter.drawEllipse(centre, 3.9, 3.9)
    painter.restore()
