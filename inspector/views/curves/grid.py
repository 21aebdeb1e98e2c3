"""The cards in columns that scroll; one cursor and one stretch of x for all of them, made only where they are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QPointF, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.display.curves.scene import CurvesScene, Panel
from inspector.views.canvas import CurveCanvas
from inspector.views.curves.card import PanelCard
from inspector.views.curves.card_menu import card_menu
from inspector.views.curves.drawing import hidden_lines
from inspector.views.curves.exporting import EXPORTS, values_text
from inspector.views.curves.figure import Figure, FigurePart, part_of
from inspector.views.curves.hovering import Hovering
from inspector.views.curves.layout import PanelSize
from inspector.views.curves.shelf import CardShelf
from inspector.views.menu_button import menu_of
from inspector.views.plot.turns import PaintTurns

_AHEAD_SHARE = 0.02


class PanelGrid(CardShelf):
    """Cards in columns, each with its curves.

    Signals:
        cursor_moved: x where the user put the cursor.
        opened: the flag that was pressed.
        export_wanted: key of a command, and of the panel that it is for.
        pin_wanted, fold_wanted: key of the panel whose state is to be switched.
        hidden_changed: key of a panel, and the names of its lines that are hidden (frozenset).
    """

    cursor_moved = Signal(float)
    opened = Signal(object)
    export_wanted = Signal(str, str)
    pin_wanted = Signal(str)
    fold_wanted = Signal(str)
    hidden_changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Cards of curves"))
        self._panels: dict[str, int] = {}
        self._scene: CurvesScene | None = None
        self._shared_y = False
        self._cursor_x: float | None = None
        self._x_seen: tuple[float, float] | None = None
        self._hidden_labels: Mapping[str, Sequence[str]] = {}
        self._hidden_runs: frozenset[str] = frozenset()
        self._chosen_run = ""
        self.hovering = Hovering(self)
        self._turns = PaintTurns(self)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def show_scene(self, scene: CurvesScene) -> None:
        """Show the panels of a scene; where the user has moved the camera on the same axis, it stays.

        It goes on with the newest record where that was in sight under the cursor.
        """
        keep = self._x_seen is not None and self._scene is not None and self._scene.x_axis == scene.x_axis
        before = self._x_seen if keep else None
        if before is not None and self._scene is not None and self._cursor_x == self._scene.last_x:
            self._x_seen = _gone_on(before, self._scene.last_x, scene.last_x)
        else:
            self._x_seen = before
        self._scene = scene
        self._panels = {panel.key: index for index, panel in enumerate(scene.panels)}
        self.set_panels({panel.key: panel.group for panel in scene.panels})
        for card in self.made():
            card.show_panel(scene.panels[self._panels[card.panel.key]], scene, keep_camera=keep)
            if self._x_seen is not None and self._x_seen != before:
                card.canvas.set_x_range(*self._x_seen)
        self.arrange_now()
        self.set_cursor(self._cursor_x)
        self.hovering.renew_soon()

    def arrange(self, pinned: Sequence[str], folded: Sequence[str], size: PanelSize, *, shared_y: bool) -> None:
        """Put pinned cards first, fold others, at one of three sizes; `shared_y` moves the y of a group together."""
        self._shared_y = shared_y
        self.set_arrangement(pinned, folded, size)

    def set_cursor(self, x: float | None) -> None:
        """Put the cursor of every panel at x."""
        self._cursor_x = x
        for card in self.made():
            card.canvas.set_cursor(x)
            card.show_values(x)

    def fit(self) -> None:
        """Show everything in every panel."""
        self._x_seen = None
        for canvas in self.canvases():
            canvas.fit()

    def x_seen(self) -> tuple[float, float] | None:
        """The stretch of x that the user chose to see; None for all."""
        return self._x_seen

    def canvases(self) -> list[CurveCanvas]:
        """The canvases that have been made, in the order of the cards."""
        return [card.canvas for card in self.cards()]

    def figure(self, key: str = "") -> Figure | None:
        """One card as a figure, or all that are unfolded, as they are seen; None before the first scene."""
        if self._scene is None:
            return None
        keys = [key] if key in self._panels else self.unfolded()
        return Figure(
            title=", ".join(self._scene.runs[:1]),
            parts=tuple(self._figure_part(self._scene, one) for one in keys),
            note=self._scene.smoothing_text,
        )

    def values_text(self, key: str) -> str | None:
        """The values of one card for a table, over the x that is seen; None where they are too many."""
        assert self._scene is not None
        panel = self._scene.panels[self._panels[key]]
        return values_text(panel, self._scene, self._hidden_lines(panel), self._x_seen)

    def _hidden_lines(self, panel: Panel) -> frozenset[int]:
        return hidden_lines(panel, self._labels_of(panel.key), self._hidden_runs)

    def _labels_of(self, key: str) -> frozenset[str]:
        return frozenset(self._hidden_labels.get(key, ()))

    def _figure_part(self, scene: CurvesScene, key: str) -> FigurePart:
        panel = scene.panels[self._panels[key]]
        card = self.card(key)
        return part_of(
            panel,
            scene,
            hidden=self._hidden_lines(panel),
            camera=card.canvas.camera() if card is not None else None,
            x_range=self._x_seen,
        )

    def busy(self) -> bool:
        """Whether a card in sight is still to be made, or to be painted."""
        return self.waits() or any(canvas.unfinished() for canvas in self.canvases())

    def set_hidden(self, labels: Mapping[str, Sequence[str]], runs: frozenset[str]) -> None:
        """Hide the lines of these names, by the key of their panel, and all lines of these runs."""
        if (labels, runs) != (self._hidden_labels, self._hidden_runs):
            self._hidden_labels, self._hidden_runs = labels, runs
            for card in self.made():
                card.set_hidden(self._labels_of(card.panel.key), runs)

    def choose_run(self, run: str) -> None:
        """Let all other runs step back; none where it is empty."""
        self._chosen_run = run
        for card in self.made():
            card.choose_run(run)

    def new_card(self, key: str) -> PanelCard:
        assert self._scene is not None
        card = PanelCard(self._scene.panels[self._panels[key]], self._scene, self.holder)
        canvas = card.canvas
        canvas.share_turns(self._turns)
        canvas.cursor_moved.connect(self._on_cursor_moved)
        canvas.ranged.connect(self._on_ranged)
        canvas.fitted.connect(self.fit)
        canvas.opened.connect(self.opened)
        canvas.pointed.connect(self._on_pointed)
        canvas.menu_wanted.connect(self._on_menu)
        card.pin_wanted.connect(self._on_pin)
        card.fold_wanted.connect(self._on_fold)
        card.alone_wanted.connect(self._on_alone)
        card.hidden_changed.connect(self._on_hidden)
        return card

    def join(self, card: PanelCard) -> None:
        card.set_hidden(self._labels_of(card.panel.key), self._hidden_runs)
        card.choose_run(self._chosen_run)
        if self._x_seen is not None:
            card.canvas.set_x_range(*self._x_seen)
        card.canvas.set_cursor(self._cursor_x)
        card.show_values(self._cursor_x)

    def leave(self, card: PanelCard) -> None:
        self.hovering.forget(card)

    def _on_cursor_moved(self, x: float) -> None:
        self.set_cursor(x)
        self.cursor_moved.emit(x)

    def _on_ranged(self) -> None:
        moved = self.sender()
        if not isinstance(moved, CurveCanvas):
            return
        self._x_seen = moved.x_range()
        mine = self.card_of(moved)
        for card in self.made():
            if card.canvas is moved:
                continue
            card.canvas.set_x_range(*self._x_seen)
            if self._shared_y and mine is not None and card.panel.group == mine.panel.group:
                card.canvas.set_y_range(*moved.y_range())

    def _on_pointed(self, pixel: QPointF | None) -> None:
        canvas = self.sender()
        card = self.card_of(canvas)
        x = card.canvas.x_at(pixel) if card is not None and pixel is not None else None
        for other in self.made():
            other.canvas.set_pointer(None if other is card else x)
            other.show_values(self._cursor_x if x is None else x)
        self.hovering.point(card if pixel is not None else None, pixel)

    def _on_menu(self, place: QPoint) -> None:
        card = self.card_of(self.sender())
        if card is None:
            return
        pixel = QPointF(card.canvas.mapFromGlobal(place))
        menu = menu_of(card_menu(self.hovering.order, alone=bool(self.alone())), self)
        menu.triggered.connect(partial(self._on_menu_chosen, card.panel.key, pixel))
        menu.popup(place)

    def _on_menu_chosen(self, key: str, pixel: QPointF, action: QAction) -> None:
        card = self.card(key)
        chosen = action.data()
        if chosen in ("nearness", "value"):
            self.hovering.sort(chosen)
        elif chosen == "fit":
            self.fit()
        elif chosen == "alone":
            self.show_alone("" if self.alone() else key)
        elif any(chosen == item.key for item in EXPORTS):
            self.export_wanted.emit(chosen, key)
        elif card is not None:
            self.hovering.pin(card, pixel)

    def _on_pin(self) -> None:
        self._tell_of_card(self.pin_wanted)

    def _on_fold(self) -> None:
        self._tell_of_card(self.fold_wanted)

    def _tell_of_card(self, signal: SignalInstance) -> None:
        card = self.sender()
        if isinstance(card, PanelCard):
            signal.emit(card.panel.key)

    def _on_alone(self) -> None:
        card = self.sender()
        if isinstance(card, PanelCard):
            self.show_alone("" if self.alone() else card.panel.key)

    def _on_hidden(self, labels: frozenset[str]) -> None:
        card = self.sender()
        if isinstance(card, PanelCard):
            self.hidden_changed.emit(card.panel.key, labels)

    def _on_scrolled(self) -> None:
        self.hovering.point(None, None)


def _gone_on(seen: tuple[float, float], last: float, now: float) -> tuple[float, float]:
    """A stretch of x moved along with its newest record, where that is in it and would leave it."""
    low, high = seen
    if not (low <= last <= high < now):
        return seen
    right = now + (high - low) * _AHEAD_SHARE
    return right - (high - low), right
