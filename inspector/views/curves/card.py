"""One panel of curves: a card with its legend; the canvas is made when the card first comes into sight."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector.analysis.pyramid import Pyramid
from inspector.core.arrays import FloatArray
from inspector.display.curves.scene import CurvesScene, Levels, Line, Panel
from inspector.session.values import XAxis
from inspector.views.canvas import CurveCanvas, XKind
from inspector.views.legend import Legend, LegendEntry
from inspector.views.surfaces import Card
from inspector.views.traces import Trace

_X_KINDS: dict[XAxis, XKind] = {
    "step": "count",
    "epoch": "number",
    "time": "time",
    "wall": "number",
    "samples": "count",
    "metric": "number",
}


class PanelCard(Card):
    """A card with curves.

    Signals:
        made: the canvas, when it has come to be.
    """

    made = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent)
        self.legend = Legend()
        self.legend.toggled.connect(self._on_toggled)
        self.column.setSpacing(4)
        self.column.addWidget(self.legend)
        self.column.addStretch(0)
        self.canvas: CurveCanvas | None = None
        self._panel: Panel | None = None
        self._x_axis: XAxis = "step"
        self._fit_x: tuple[float, float] = (0.0, 1.0)
        self._hidden_tags: set[str] = set()

    def show_panel(self, panel: Panel, scene: CurvesScene, *, keep_camera: bool) -> None:
        """Show a panel of a scene; the canvas follows when there is one."""
        self._panel = panel
        self._x_axis, self._fit_x = scene.x_axis, scene.fit_x
        self.set_title(panel.title)
        entries = [
            LegendEntry(label=line.label, ink=line.ink, dashed=line.dashed, dim=line.dim) for line in panel.lines
        ]
        self.legend.set_entries(entries, self._hidden())
        if self.canvas is not None:
            self._fill(self.canvas, keep_camera=keep_camera)

    def make_canvas(self) -> None:
        """Make the canvas, once."""
        if self.canvas is not None or self._panel is None:
            return
        self.canvas = CurveCanvas()
        self.column.insertWidget(2, self.canvas, 1)
        self._fill(self.canvas, keep_camera=False)
        self.made.emit(self.canvas)

    def show_values(self, x: float | None) -> None:
        """Write what the curves are worth at x into the legend."""
        if self.canvas is not None:
            self.legend.set_values(() if x is None else self.canvas.values_at(x))

    def key(self) -> str:
        """The panel's key, empty before the first."""
        return self._panel.key if self._panel is not None else ""

    def _fill(self, canvas: CurveCanvas, *, keep_camera: bool) -> None:
        assert self._panel is not None
        canvas.set_traces(
            [_trace(line) for line in self._panel.lines],
            x_kind=_X_KINDS[self._x_axis],
            log_y=self._panel.y_scale == "log",
            fit_x=self._fit_x,
            fit_y=self._panel.fit_y,
            keep_camera=keep_camera,
        )
        canvas.set_hidden(self._hidden())

    def _hidden(self) -> frozenset[int]:
        lines: Sequence[Line] = self._panel.lines if self._panel is not None else ()
        return frozenset(index for index, line in enumerate(lines) if line.label in self._hidden_tags)

    def _on_toggled(self, index: int) -> None:
        if self._panel is None or self.canvas is None:
            return
        self._hidden_tags ^= {self._panel.lines[index].label}
        self.canvas.set_hidden(self._hidden())
        self.legend.set_hidden(self._hidden())


def _trace(line: Line) -> Trace:
    logged = [(stretch.x, stretch.logged) for stretch in line.stretches]
    return Trace(
        label=line.label,
        ink=line.ink,
        parts=tuple(_pyramid(stretch.x, stretch.shown) for stretch in line.stretches),
        behind=tuple(_pyramid(x, levels) for x, levels in logged if levels is not None),
        dashed=line.dashed,
        dim=line.dim,
        lost_x=line.lost_x,
        lost_y=line.lost_y,
    )


def _pyramid(x: FloatArray, levels: Levels) -> Pyramid:
    return Pyramid(x, levels.y, levels.lows, levels.highs)
