"""The widget of weights: the tensors and one of them, the plain values, what unpickling would import."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.core.texts import visible
from inspector.display.weights.scene import WeightsScene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Label, SearchField, Segmented
from inspector.views.fonts import mono_font
from inspector.views.surfaces import Card, Rule, quiet
from inspector.views.view import View
from inspector.views.weights.detail import TensorCard
from inspector.views.weights.tree import TensorTree
from inspector.views.weights.values import ValueTable

_TYPING_MS = 200
_TREE_PX = 290
_CONTENTS_SHOWN = 9

_PAGES = ("tensors", "objects", "imports")


class WeightsView(View):
    """A checkpoint, looked into without loading it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = Segmented([("tensors", "Tensors"), ("objects", "Objects"), ("imports", "Would import")])
        self.pages.set_value("tensors")
        self.filter = SearchField("filter names", mono=True)
        self.summary = Label(ink="dim")
        self.tree = TensorTree()
        self.card = TensorCard()
        self.values = ValueTable()
        self.imports = QPlainTextEdit()
        self.imports_said = Label(ink="dim", wrap=True)
        self.values_said = Label(ink="warning")
        self._contents = QGridLayout()
        self._rule = Rule()
        self._content_labels: list[Label] = []
        self._notes = Label(ink="warning")
        self._sheets = QStackedWidget()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out()
        self.pages.chosen.connect(self._on_page)
        self.filter.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._on_filter)
        self.tree.chosen.connect(self._on_chosen)

    def _lay_out(self) -> None:
        self.filter.setFixedWidth(182)
        bar = QHBoxLayout()
        bar.setSpacing(12)
        bar.addWidget(self.pages)
        bar.addWidget(self.filter)
        bar.addStretch(1)
        bar.addWidget(self.summary)
        for page in (self._tensor_page(), self._value_page(), self._import_page()):
            self._sheets.addWidget(page)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(10)
        column.addLayout(bar)
        column.addWidget(self._sheets, 1)
        column.addWidget(self._notes)

    def _tensor_page(self) -> QWidget:
        side = Card()
        side.column.setContentsMargins(6, 8, 6, 10)
        side.column.addWidget(self.tree, 1)
        side.column.addWidget(self._rule)
        self._contents.setContentsMargins(8, 2, 8, 2)
        self._contents.setVerticalSpacing(9)
        self._contents.setColumnStretch(0, 1)
        side.column.addLayout(self._contents)
        side.setFixedWidth(_TREE_PX)
        page = QWidget()
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        column.addStretch(1)
        right = QScrollArea()
        quiet(right)
        right.setWidgetResizable(True)
        right.setWidget(sheet)
        sheet.setAutoFillBackground(False)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(side)
        row.addWidget(right, 1)
        return page

    def _value_page(self) -> QWidget:
        page = Card()
        page.column.addWidget(self.values, 1)
        page.column.addWidget(self.values_said)
        return page

    def _import_page(self) -> QWidget:
        page = Card()
        self.imports.setReadOnly(True)
        self.imports.setFont(mono_font())
        self.imports.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.imports.setAccessibleName("What unpickling would import")
        quiet(self.imports)
        page.column.addWidget(self.imports_said)
        page.column.addWidget(self.imports, 1)
        return page

    def draw(self, scene: WeightsScene) -> None:
        self.summary.setText(scene.summary)
        self.summary.setToolTip(scene.place)
        count = len(scene.would_import)
        self.pages.set_choices(
            [
                ("tensors", "Tensors"),
                ("objects", "Objects"),
                ("imports", f"Would import · {count}" if count else "Would import"),
            ]
        )
        self.tree.set_nodes(scene.nodes)
        self.card.setVisible(scene.tensor is not None)
        if scene.tensor is not None:
            self.tree.set_chosen(scene.tensor.name)
            self.card.show_tensor(scene.tensor)
        self._show_contents(scene.contents)
        self.values.set_rows(scene.values)
        self.values_said.setText(f"{scene.values_left_out:,} more values; use the filter to find them")
        self.values_said.setVisible(scene.values_left_out > 0)
        self.imports.setPlainText("\n".join(visible(name) for name in scene.would_import))
        self.imports.setVisible(count > 0)
        self.imports_said.setText(
            "Shown as plain values; nothing was imported or run" if count else "Loading this file would import nothing"
        )
        more = f" (and {len(scene.notes) - 1} more)" if len(scene.notes) > 1 else ""
        self._notes.setText(f"{visible(scene.notes[0], 200)}{more}" if scene.notes else "")
        self._notes.setToolTip("\n".join(visible(note) for note in scene.notes))
        self._notes.setVisible(bool(scene.notes))

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        if not self._typing.isActive() and self.filter.text() != view_state.tensor_filter:
            self.filter.blockSignals(True)
            self.filter.setText(view_state.tensor_filter)
            self.filter.blockSignals(False)

    def focus_filter(self) -> None:
        """Type into the filter next."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def page(self) -> str:
        """Which of `tensors`, `objects` and `imports` is to be seen."""
        return _PAGES[self._sheets.currentIndex()]

    def _show_contents(self, contents: tuple[tuple[str, str], ...]) -> None:
        for label in self._content_labels:
            self._contents.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._content_labels = []
        self._rule.setVisible(bool(contents))
        for row, (name, value) in enumerate(contents[:_CONTENTS_SHOWN]):
            first = Label(name, self, ink="dim", mono=True, size_px=12)
            second = Label(value if len(value) <= 24 else f"{value[:23]}…", self, ink="faint", size_px=12)
            second.setToolTip(value)
            self._contents.addWidget(first, row, 0)
            self._contents.addWidget(second, row, 1, Qt.AlignmentFlag.AlignRight)
            self._content_labels += [first, second]

    def _on_page(self, page: str) -> None:
        self._sheets.setCurrentIndex(_PAGES.index(page))

    def _on_typed(self) -> None:
        self._typing.start()

    def _on_filter(self) -> None:
        self.tell(ViewChanged({"tensor_filter": self.filter.text()}))

    def _on_chosen(self, path: str) -> None:
        self.tell(ViewChanged({"tensor": path}))


def make(parent: QWidget | None = None) -> WeightsView:
    """The widget of this viewer."""
    return WeightsView(parent)
