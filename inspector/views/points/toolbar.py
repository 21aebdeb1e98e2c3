"""The controls above the samples: one or many, in which order, and what is drawn over them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.session.gallery import GalleryState
from inspector.session.values import ViewState
from inspector.views.controls import Button, LabelledSlider, Segmented
from inspector.views.flow import FlowLayout
from inspector.views.points.reading_sheet import ReadingButton
from inspector.views.points.styles import SIZES, StyleButton

LAYOUTS = (("grid", tr("Grid")), ("single", tr("Single")), ("plots", tr("Plots")))
SHOWN = (
    ("show_gt", tr("GT"), tr("True points; dashed where no prediction was matched")),
    ("show_prediction", tr("Prediction"), tr("Predicted points; a diamond where no object was matched")),
    ("show_error_line", tr("Error line"), tr("From each true point to its prediction")),
    ("show_threshold", tr("Threshold"), tr("Where the loss changes its form, around true points")),
    ("show_marked", tr("Marked"), tr("Objects that were counted before, with their numbers")),
    ("show_labels", tr("Labels"), tr("Errors, confidence, and how far points lie outside")),
)
_GAP_PX = 8
SORTS = (("err_px", tr("error")), ("done", tr("done")), ("count", tr("count")))


class PointsToolbar(QWidget):
    """One or more rows of controls.

    Signals:
        changed: fields of `ViewState` and their new values (dict).
        sorted: the column to sort by, and whether the largest comes first (str, bool).
    """

    changed = Signal(object)
    sorted = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layout_choice = Segmented(LAYOUTS, label=tr("Layout"))
        self.sort_choice = Segmented((), label=tr("Sort by"))
        self.shown_choice = Segmented(several=True, label=tr("Show"))
        self.ring_size = LabelledSlider(tr("Size"), low=SIZES[0], high=SIZES[1], decimals=None)
        self.style_button = StyleButton()
        self.reading_button = ReadingButton()
        self.zoom = Button(tr("Zoom to error"))
        self.zoom.setCheckable(True)
        self.zoom.setToolTip(tr("Show the part around the largest error (Z)"))
        self.sort_choice.hide()
        self._view_state = ViewState()
        self._sorts: list[tuple[str, str]] = []
        self._state = GalleryState(viewer="points")
        self._controls = FlowLayout(self, gap_px=_GAP_PX)
        for widget in (
            self.layout_choice, self.sort_choice, self.shown_choice, self.ring_size, self.style_button,
            self.reading_button, self.zoom,
        ):  # fmt: skip
            self._controls.addWidget(widget)
        self.offer(threshold=False, marked=False)
        self.layout_choice.chosen.connect(self._on_layout)
        self.sort_choice.chosen.connect(self._on_sort)
        self.shown_choice.chosen.connect(self._on_shown)
        self.ring_size.moved.connect(self._on_size)
        self.style_button.sheet.changed.connect(self._on_styles)
        self.zoom.clicked.connect(self._on_zoom)

    def add(self, widget: QWidget) -> None:
        """Put another control behind the others."""
        self._controls.addWidget(widget)

    def reflect(self, view_state: ViewState) -> None:
        """Show what the session holds."""
        self._view_state = view_state
        self.layout_choice.set_value(view_state.point_layout)
        self._show_shown()
        self.ring_size.set_value(view_state.point_size)
        self.style_button.sheet.show_styles(view_state.point_styles)
        self.zoom.setVisible(view_state.point_layout == "single")
        self.zoom.setChecked(view_state.zoom_error)

    def reflect_order(self, state: GalleryState, columns: Sequence[str]) -> None:
        """Show how samples are sorted, and offer what there is to sort them by."""
        self._state = state
        there = [(name, text) for name, text in SORTS if name in columns]
        if there != self._sorts:
            self._sorts = there
            self.sort_choice.set_choices(there)
        for name, text in there:  # in place, so that the one that was pressed keeps the focus
            segment = self.sort_choice.segment(name)
            segment.setText(f"{text} {'↓' if state.descending else '↑'}" if name == state.order else text)
            segment.updateGeometry()
        self.sort_choice.set_value(state.order)
        self.sort_choice.setVisible(bool(there) and self._view_state.point_layout != "single")

    def offer(self, *, threshold: bool, marked: bool) -> None:
        """Let the ring of the loss's threshold, and marked objects, be shown where there are any."""
        absent = {"show_threshold": not threshold, "show_marked": not marked}
        there = [one for one in SHOWN if not absent.get(one[0], False)]
        self.shown_choice.set_choices([(name, text) for name, text, _tip in there])
        for name, _text, tip in there:
            self.shown_choice.segment(name).setToolTip(tip)
        self._show_shown()

    def _show_shown(self) -> None:
        self.shown_choice.set_values([name for name, _text, _tip in SHOWN if getattr(self._view_state, name)])

    def _on_layout(self, layout: str) -> None:
        self.changed.emit({"point_layout": layout})

    def _on_sort(self, name: str) -> None:
        descending = not self._state.descending if name == self._state.order else True
        self.sorted.emit(name, descending)

    def _on_shown(self, name: str) -> None:
        self.changed.emit({name: name in self.shown_choice.values()})

    def _on_size(self, size: float) -> None:
        self.changed.emit({"point_size": round(size, 3)})

    def _on_styles(self, styles: object) -> None:
        self.changed.emit({"point_styles": styles})

    def _on_zoom(self) -> None:
        self.changed.emit({"zoom_error": self.zoom.isChecked()})
