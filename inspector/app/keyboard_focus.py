"""Where Tab goes: through what is seen, in the order in which it is read, round the window or the page over it.

F6 goes from one large area of the window to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMainWindow, QScrollArea, QWidget

from inspector.views.surfaces import paint_ring
from inspector.views.view import guarded


class KeyboardFocus(QObject):
    """Moves the focus of one window, and rings what shows it by nothing else.

    Those are areas that scroll, and widgets whose class says so by `focus_ringed`.

    Args:
        areas: gives the large areas of the window in reading order, which F6 goes through.
    """

    def __init__(self, window: QMainWindow, areas: Callable[[], Sequence[QWidget]]) -> None:
        super().__init__(window)
        self._window = window
        self._areas = areas
        self._left: dict[QWidget, QWidget] = {}
        self._ring: _Ring | None = None

    def step(self, *, forward: bool) -> bool:
        """Move the focus to the next stop, or the one before; whether there is any."""
        focused = QApplication.focusWidget()
        if focused is not None and not (focused.isVisible() and focused.isEnabled()):
            self._window.setFocus()  # Qt asks where to go from what was hidden, as a page that was closed
            return True
        found = [stop for part in self._parts(focused) for stop in stops(part)]
        if not found:
            return False
        if focused in found:
            target = found[(found.index(focused) + (1 if forward else -1)) % len(found)]
        else:
            target = found[0 if forward else -1]
        self._focus(target, forward=forward)
        return True

    def step_area(self, *, forward: bool) -> None:
        """Move the focus to the next area, or the one before; not out of a page over them.

        It goes to what the area names by its method `entry`, else to where it was when it left the area.
        """
        focused = QApplication.focusWidget()
        areas = [(area, found) for area in self._areas() if _is_seen(area) and (found := stops(area))]
        if not areas or (focused is not None and self._parts(focused)[0] not in self._own()):
            return
        at = next((place for place, (_area, found) in enumerate(areas) if focused in found), None)
        if at is not None and focused is not None:
            self._left[areas[at][0]] = focused
        next_at = (0 if forward else -1) if at is None else (at + (1 if forward else -1)) % len(areas)
        area, found = areas[next_at]
        entry = getattr(area, "entry", None)
        wanted = entry() if entry is not None else self._left.get(area)
        self._focus(wanted if wanted in found else found[0], forward=forward)

    def _focus(self, target: QWidget, *, forward: bool) -> None:
        target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        _scroll_to(target)
        if getattr(target, "focus_ringed", isinstance(target, QAbstractScrollArea)):
            self._ring = _Ring(target)

    def _own(self) -> list[QWidget]:
        """What the window is made of, and areas that lie over it beside the others."""
        own = [part for part in (self._window.menuWidget(), self._window.centralWidget()) if part is not None]
        over = (area for area in self._areas() if area.parentWidget() is self._window and _is_seen(area))
        return own + [area for area in over if area not in own]

    def _parts(self, focused: QWidget | None) -> list[QWidget]:
        """The page over the window that has the focus, else all that the window is made of."""
        own = self._own()
        part = focused
        while part is not None and part.parentWidget() is not self._window:
            part = part.parentWidget()
        return own if part is None or part in own else [part]


def stops(part: QWidget) -> list[QWidget]:
    """What Tab stops at in a part of the window, first what is read first."""
    found = [part] if _is_stop(part) else []
    inner = [child for child in part.children() if isinstance(child, QWidget) and _is_seen(child)]
    held = {child: stops(child) for child in inner}
    ordered = in_reading_order([(child.geometry(), child) for child, below in held.items() if below])
    return found + [stop for child in ordered for stop in held[child]]


def in_reading_order(boxes: Sequence[tuple[QRect, QWidget]]) -> list[QWidget]:
    """Widgets from the top down, and from the left where they stand side by side.

    They are cut where a line runs between them, first across and then down, until none can be cut (Source: Nagy and
    Seth, "Hierarchical representation of optically scanned documents", 1984: the XY-cut).
    """
    if len(boxes) <= 1:
        return [widget for _, widget in boxes]
    for begin, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        groups: list[list[tuple[QRect, QWidget]]] = []
        reach = 0
        for box in sorted(boxes, key=lambda one: begin(one[0])):
            if not groups or begin(box[0]) > reach:
                groups.append([])
            groups[-1].append(box)
            reach = max(reach, end(box[0])) if len(groups[-1]) > 1 else end(box[0])
        if len(groups) > 1:
            return [widget for group in groups for widget in in_reading_order(group)]
    return [widget for _, widget in sorted(boxes, key=lambda one: (one[0].top(), one[0].left()))]


def _is_seen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.isWindow()


def _is_stop(widget: QWidget) -> bool:
    policy = widget.focusPolicy()
    return (
        (policy & Qt.FocusPolicy.TabFocus) == Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and widget.focusProxy() is None
    )


def _scroll_to(widget: QWidget) -> None:
    """Bring a widget into sight in every area that it is in."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget, 8, 8)
        above = above.parentWidget()


class _Ring(QWidget):
    """A line inside the edge of what has the focus; gone with it."""

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(area.rect())
        area.installEventFilter(self)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            watched.removeEventFilter(self)
            self.hide()
            self.deleteLater()
        elif event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_ring(self)
