"""Above the grid of a gallery: how many samples, how they are sorted and filtered, and the line that marks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QStackedWidget, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.gallery.bins import Bins
from inspector.formats.sample_table import SampleColumn
from inspector.session.gallery import GalleryState, NumberRange
from inspector.session.sample_lists import SampleLists
from inspector.views.controls import Button, SearchField
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.gallery.filter_menu import filter_items, saved_as
from inspector.views.gallery.histogram import BrushedHistogram
from inspector.views.gallery.texts import CountText
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.surfaces import Label

_ASCENDING, _DESCENDING, _BY_NUMBER = "<", ">", ""
_MOST_CHIPS = 4
_BRUSHED_PX = 150
_LONGEST_NAME = 18
_TERMS = tr("{terms}  words of a note").format(
    terms="fg_ari<0.2  active_slots>=3  flagged  rejected  noted  -seen  #tag"
)
_WIDE_PX = 600
"""In a narrower row the name of the number that is brushed stands in its menu and its tip alone."""

_NARROW_PX = 480
"""In a narrower row yet there is no such menu, as the number of samples would be cut."""

_SHORT_PX = 400
"""In a narrower one yet only the place among the samples is said, and the menu of filters has no name."""


class Head(QWidget):
    """The row of controls.

    Signals:
        changed: fields of the `GalleryState` and their new values.
        unranged: the column whose range is taken away.
        filter_chosen: the key of an item of `filter_menu`.
    """

    changed = Signal(object)
    unranged = Signal(str)
    filter_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.count = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.order = MenuButton(says=tr("Sort samples by"))
        self.brushed = MenuButton(says=tr("Histogram of"))
        self.histogram = BrushedHistogram()
        self.filter = SearchField(tr("Filter samples"))
        self.filter.setToolTip(_TERMS)
        self.filters = MenuButton(tr("Filters"), says=tr("Filters of samples"))
        self.chips: list[Button] = []
        self._brushed_label = ""
        self._said = CountText()
        self._filter_name = tr("Filters")
        self._ranges: tuple[NumberRange, ...] = ()
        self._chip_names: list[str] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in (
            (self.order, 0), (self.count, 0), (self.brushed, 0), (self.histogram, 2), (self.filter, 3),
            (self.filters, 0),
        ):  # fmt: skip
            self._row.addWidget(widget, stretch)
        self._row.setSpacing(8)
        self.histogram.setMaximumWidth(280)
        self.filter.setMinimumWidth(64)
        self.order.chosen.connect(self._on_order)
        self.brushed.chosen.connect(self._on_brushed)
        self.filter.textChanged.connect(self._on_filter)
        self.filters.chosen.connect(self.filter_chosen)

    def show_state(
        self,
        state: GalleryState,
        columns: Sequence[SampleColumn],
        said: CountText,
        wrong: tuple[str, ...],
        brushed: SampleColumn | None,
    ) -> None:
        """Show how the gallery is sorted and filtered, without telling it back.

        Args:
            state: the state.
            columns: what it can be sorted by.
            said: how many samples are shown.
            wrong: what in the filter means nothing.
            brushed: the one whose histogram is shown.
        """
        self.show_said(said)
        by = next((column for column in columns if column.name == state.order), None)
        arrow = "↓" if state.descending else "↑"
        order = visible(by.title, 40) if by else tr("Sample")
        self.order.set_text(f"{order} {arrow}")
        self.order.set_items(
            (
                MenuItem(
                    key=f"by {_BY_NUMBER}", text=tr("Sample number"), on=by is None, group="by", heading=tr("Sort by")
                ),
                *(
                    MenuItem(key=f"by {one.name}", text=visible(one.title, 60), on=one is by, group="by")
                    for one in columns
                ),
                MenuItem(
                    key=_ASCENDING, text=tr("Smallest first"), on=not state.descending, group="way", heading=tr("Order")
                ),
                MenuItem(key=_DESCENDING, text=tr("Largest first"), on=state.descending, group="way"),
            )
        )
        self._show_brushed(state.histogram, columns, brushed)
        if self.filter.text() != state.filter:
            with QSignalBlocker(self.filter):
                self.filter.setText(state.filter)
        self.filter.set_wrong(wrong=bool(wrong))
        self.filter.setAccessibleDescription("\n".join(wrong))
        self.filter.setToolTip("\n".join(visible(sentence, 300) for sentence in wrong) or _TERMS)
        self._show_chips(state.ranges, {column.name: column.title for column in columns})

    def show_said(self, said: CountText) -> None:
        """Show how many samples there are, are selected and are marked."""
        self._said = said
        self._say()
        self.count.setToolTip(said.full)

    def _say(self) -> None:
        """Show it as far as there is room."""
        is_short = self.width() < _SHORT_PX
        self.count.setText(self._said.short if is_short else self._said.full)
        self.filters.set_text("" if is_short else self._filter_name)

    def show_lists(self, state: GalleryState, lists: SampleLists, *, advancing: bool) -> None:
        """Show the named filters, and the name of the one that is set."""
        named = saved_as(state, lists)
        self._filter_name = visible(named.name, _LONGEST_NAME) if named else tr("Filters")
        self._say()
        self.filters.set_items(tuple(filter_items(state, lists, advancing=advancing)))

    def _show_brushed(self, chosen: str, columns: Sequence[SampleColumn], brushed: SampleColumn | None) -> None:
        metrics, label = QFontMetrics(self.brushed.font()), visible(brushed.title) if brushed else ""
        self._brushed_label = metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, _BRUSHED_PX)
        self.brushed.setToolTip(tr("Histogram of {name}").format(name=visible(brushed.title, 60)) if brushed else "")
        self._name_brushed()
        followed = MenuItem(key="", text=tr("As sorted"), on=not chosen, group="of", heading=tr("Histogram of"))
        others = (
            MenuItem(key=one.name, text=visible(one.title, 60), on=one.name == chosen, group="of") for one in columns
        )
        self.brushed.set_items((followed, *others))

    def _name_brushed(self) -> None:
        self.brushed.set_text(self._brushed_label if self.width() >= _WIDE_PX else "")
        self.brushed.setVisible(bool(self._brushed_label) and self.width() >= _NARROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._name_brushed()
        self._say()

    def show_bins(self, column: SampleColumn | None, bins: Bins | None, chosen: NumberRange | None) -> None:
        """Show the histogram of a column; none where there is none."""
        self.histogram.setVisible(column is not None)
        if column is not None and bins is not None:
            ends = (chosen.low, chosen.high) if chosen is not None else None
            self.histogram.show_bins(visible(column.title, 60), bins, ends)

    def _show_chips(self, ranges: tuple[NumberRange, ...], labels: dict[str, str]) -> None:
        named = [visible(labels.get(one.column, one.column), 30) for one in ranges]
        if (ranges, named) == (self._ranges, self._chip_names):
            return
        self._ranges, self._chip_names = ranges, named
        while len(self.chips) < min(len(ranges), _MOST_CHIPS):
            chip = Button()
            chip.setProperty("place", len(self.chips))
            chip.clicked.connect(self._on_chip)
            self._row.insertWidget(self._row.indexOf(self.filter), chip)
            self.chips.append(chip)
        for place, chip in enumerate(self.chips):
            chip.setVisible(place < len(ranges))
            if place < len(ranges):
                one = ranges[place]
                text = tr("{name} {low} to {high}").format(
                    name=named[place], low=_rounded(one.low), high=_rounded(one.high)
                )
                chip.setText(f"{text} ×")
                chip.setAccessibleName(tr("Take away the filter {filter}").format(filter=text))
                chip.updateGeometry()

    def _on_chip(self) -> None:
        chip = self.sender()
        if isinstance(chip, Button):
            self.unranged.emit(self._ranges[chip.property("place")].column)

    def _on_order(self, key: str) -> None:
        if key in (_ASCENDING, _DESCENDING):
            self.changed.emit({"descending": key == _DESCENDING})
        else:
            self.changed.emit({"order": key.removeprefix("by ")})

    def _on_brushed(self, key: str) -> None:
        self.changed.emit({"histogram": key})

    def _on_filter(self, text: str) -> None:
        self.changed.emit({"filter": text})


def _rounded(value: float) -> str:
    return number_text(value, 3)


class MarkLine(QWidget):
    """One line to type a tag or a note into; Enter says it, Esc leaves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(ink="dim", size_px=SMALL_PX)
        self.line = SearchField()
        self._said: Callable[[str], None] | None = None
        self._left: Callable[[], None] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addWidget(self.line, 1)
        self.line.returnPressed.connect(self._say)
        self.line.installEventFilter(self)

    def ask(
        self, title: str, text: str, known: Sequence[str], said: Callable[[str], None], left: Callable[[], None]
    ) -> None:
        """Have a text typed.

        Args:
            title: what is asked for.
            text: what stands there at first.
            known: what may be completed.
            said: takes the text.
            left: told when it is done or left.
        """
        self.title.setText(title)
        self.line.setAccessibleName(title)
        self.line.setText(text)
        self.line.setCompleter(QCompleter(list(known), self.line) if known else None)  # type: ignore[arg-type]  # None takes it away
        self._said, self._left = said, left
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = watched is self.line and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._leave()
            return True
        return False

    def _say(self) -> None:
        said, text = self._said, self.line.text().strip()
        self._leave()
        if said is not None:
            said(text)

    def _leave(self) -> None:
        left, self._said, self._left = self._left, None, None
        if left is not None:
            left()


class Heads(QStackedWidget):
    """The controls, and in their place the line that marks samples while it is asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.mark_line = Head(), MarkLine()
        self.addWidget(self.head)
        self.addWidget(self.mark_line)
        self.setFixedHeight(self.head.filter.height())

    def ask(self, title: str, text: str, known: Sequence[str], said: Callable[[str], None], back: QWidget) -> None:
        """Have a text typed; then the focus goes back."""

        def left() -> None:
            self.setCurrentWidget(self.head)
            back.setFocus(Qt.FocusReason.OtherFocusReason)

        self.setCurrentWidget(self.mark_line)
        self.mark_line.ask(title, text, known, said, left)
