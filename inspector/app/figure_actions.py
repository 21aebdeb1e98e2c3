"""What is taken away from a view: figures, points of curves, pictures and values."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from inspector.app.curve_data import VIEW, data_ask, shown_runs
from inspector.app.desk import Desk
from inspector.app.news import Message, Working
from inspector.app.pictures import png_of, save_bytes
from inspector.app.saving import Kind, ask_where, file_name
from inspector.app.tabs import Tabs
from inspector.core.errors import UsageError
from inspector.core.language import tr
from inspector.core.units import bytes_text

if TYPE_CHECKING:
    from inspector.app.figures import Drawing
    from inspector.views.curves.grid import PanelGrid
    from inspector.views.curves.view import CurvesView

_PICTURE = Kind(tr("PNG picture (*.png)"), ".png")
FIGURE_KINDS = (_PICTURE, Kind(tr("SVG drawing (*.svg)"), ".svg"), Kind(tr("PDF document (*.pdf)"), ".pdf"))
IN_SIGHT = Kind(tr("Table, the stretch in sight (*.csv)"), ".csv")
DATA_KINDS = (Kind(tr("Table, every point (*.csv)"), ".csv"), IN_SIGHT, Kind(tr("NumPy arrays (*.npz)"), ".npz"))

JOB = -1
"""Number of the figure that is being drawn, among the jobs that can be cancelled."""

_TURNS_MS = 15


class FigureActions(QObject):
    """Takes figures and points out of the shown view, and says where they went."""

    def __init__(self, window: QWidget, desk: Desk, tabs: Tabs) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._tabs = tabs
        self._drawing: Drawing | None = None
        self._out = self._what = ""
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._draw_on)

    def save_figure(self) -> None:
        """Ask where, and write the shown curves as a figure, or another view as a picture."""
        grid, key = self._cards()
        if grid is None:
            picture = self._picture()
            where = ask_where(self._window, tr("Save picture"), self._desk.state.tab, (_PICTURE,))
            if where is not None:
                self._write(where[0], png_of(picture))
            return
        figure = grid.figure(key)
        name = file_name(figure.parts[0].title if key and figure else VIEW, VIEW)
        where = ask_where(self._window, tr("Save figure"), name, FIGURE_KINDS)
        if where is None or figure is None:
            return
        out, _kind = where
        from inspector.app.figures import KINDS, drawing
        from inspector.views.curves.figure import usual_size

        kind = Path(out).suffix.lower().removeprefix(".")
        if kind not in KINDS:
            self._tell_unsaved(out, tr("a figure is PNG, SVG or PDF, told by the ending of the name"))
            return
        self.cancel(JOB)
        self._drawing, self._out = drawing(kind, figure, usual_size(len(figure.parts))), out
        self._what = tr("drawing {file}").format(file=Path(out).name)
        self._turn.start()

    def export_data(self) -> None:
        """Ask where, and write the points of the shown curves."""
        grid, key = self._cards()
        if grid is None:
            self._tell(tr("Points are exported from the Curves view; a tensor from Weights"))
            return
        where = ask_where(self._window, tr("Export data"), file_name(key or VIEW, VIEW), DATA_KINDS)
        if where is None:
            return
        out, kind = where
        in_sight = (grid.x_seen() or (-float("inf"), float("inf"))) if kind is IN_SIGHT else None
        suffix = Path(out).suffix
        if all(suffix.lower() != one.ending for one in DATA_KINDS):
            self._tell_unsaved(out, tr("points are written as CSV or npz, told by the ending of the name"))
            return
        ask = data_ask(self._desk, suffix, panels=(key,) if key else (), x_range=in_sight)
        if ask is not None:
            paths = tuple(path for run, _ in shown_runs(self._desk) for path in run.paths)
            self._desk.file_work.export_curves(paths, ask, out)

    def copy_picture(self) -> None:
        """Copy the card under the pointer or the keyboard, or the whole view."""
        grid, key = self._cards()
        card = grid.card(key) if grid is not None and key else None
        if card is None:
            QGuiApplication.clipboard().setPixmap(self._picture())
        else:
            card.canvas.finish()
            QGuiApplication.clipboard().setPixmap(card.grab())

    def copy_sample(self) -> None:
        """Copy the chosen sample as the shown view draws it, else the whole view."""
        view = self._tabs.made(self._desk.state.tab)
        picture = view.sample_picture() if view is not None else QImage()
        if picture.isNull():
            self.copy_picture()
        else:
            QGuiApplication.clipboard().setImage(picture)

    def copy_values(self) -> None:
        """Copy the values of a card's curves for a table."""
        grid, key = self._cards()
        if grid is None or not key:
            self._tell(tr("Point at the card whose values are wanted"))
            return
        text = grid.values_text(key)
        if text is None:
            self._tell(tr("These are too many values for the clipboard; Export data… writes every point into a file"))
        else:
            QGuiApplication.clipboard().setText(text)

    def cancel(self, job: int) -> None:
        """Draw a figure no further; what stood at its place is as it was."""
        if job == JOB and self._drawing is not None:
            self._drawing.close()
            self._end()

    def _draw_on(self) -> None:
        """Draw for as long as a frame allows."""
        assert self._drawing is not None
        until_s = perf_counter() + _TURNS_MS / 1000
        self._desk.working.emit(Working(self._what, job=JOB))
        try:
            while perf_counter() < until_s:
                next(self._drawing)
        except StopIteration as done:
            self._end()
            self._write(self._out, cast("bytes", done.value))
        except UsageError as error:
            self._end()
            self._tell_unsaved(self._out, str(error))

    def _end(self) -> None:
        self._turn.stop()
        self._drawing = None
        self._desk.working.emit(Working("", job=JOB))

    def _write(self, out: str, data: bytes) -> None:
        try:
            save_bytes(data, out)
        except OSError as error:
            self._tell_unsaved(out, tr("{why}; choose another folder").format(why=error.strerror))
        else:
            self._tell(tr("{file} written, {size}").format(file=out, size=bytes_text(len(data))), good=True)

    def _picture(self) -> QPixmap:
        """The shown view, with what it paints in turns painted to its end."""
        from inspector.views.plot.plot import CurvePlot

        grid, _key = self._cards()
        if grid is not None:
            grid.make_all()
        for plot in self._tabs.stack.findChildren(CurvePlot):
            if plot.unfinished():
                plot.finish()
        return self._tabs.stack.grab()

    def _cards(self) -> tuple[PanelGrid | None, str]:
        """The cards of the Curves view where they are shown, and the key of the one that is meant."""
        view = self._tabs.made(VIEW) if self._desk.state.tab == VIEW else None
        if view is None or view.scene is None:
            return None, ""
        curves = cast("CurvesView", view)
        return curves.grid(), curves.taken() if curves.grid() is not None else ""

    def _tell_unsaved(self, out: str, why: str) -> None:
        self._tell(tr("{file} was not saved: {why}").format(file=out, why=why))

    def _tell(self, sentence: str, *, good: bool = False) -> None:
        self._desk.message.emit(Message(sentence, good=good))
