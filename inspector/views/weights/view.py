"""The widget of weights: a checkpoint, looked into without loading it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.core.language import tr
from inspector.core.pulse import Progress
from inspector.core.texts import visible
from inspector.diagnosis.values import Finding, TensorEvidence
from inspector.display.offer import Scene
from inspector.display.weights.scene import WeightsScene
from inspector.display.weights.tensor.scene import TensorScene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Button, Label, SearchField, Segmented
from inspector.views.elided import ElidedLabel
from inspector.views.flow import FlowLayout
from inspector.views.more import first_of
from inspector.views.notes import READ_ON
from inspector.views.surfaces import ground_warning
from inspector.views.view import View
from inspector.views.waiting import Waiting
from inspector.views.weights.compare import ComparePage
from inspector.views.weights.folding import FoldingRow
from inspector.views.weights.imports import ImportsPage
from inspector.views.weights.objects import ObjectsPage
from inspector.views.weights.state import StateCards
from inspector.views.weights.tensors import TensorsPage

_TYPING_MS = 200
_BAR_PX = 860
"""The toolbar's width from which the summary stands beside its controls."""

_PAGES = {"tensors": tr("Tensors"), "objects": tr("Objects"), "imports": tr("Would import"), "compare": tr("Compare")}
PAGES = tuple(_PAGES)

_SHOWN_ON = {"tensor": "card", "tensors": "card", "trend": "compare"}
"""The widgets of parts and pages that have another name."""


class WeightsView(View):
    """Tensors, objects, imports, and two checkpoints compared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = Segmented(list(_PAGES.items()), label=tr("Pages"))
        self.pages.set_value("tensors")
        self.filter = SearchField(tr("filter names"), mono=True)
        self.summary = ElidedLabel(ink="dim", right=True)
        self.verified = Label(ink="dim")
        self.verify = Button(tr("Verify"))
        self.verify.setToolTip(tr("Compare every record with the checksum written with it"))
        self.tensors = TensorsPage()
        self.tree, self.card, self.section = self.tensors.tree, self.tensors.card, self.tensors.section
        self.read_on = Button(READ_ON)
        self.read_on.setToolTip(tr("Read past the limit that cut the listing short"))
        self._notes = ElidedLabel(ink="warning", size_px=12)
        ground_warning(self._notes)
        self._below = QWidget()
        self._sheets = QStackedWidget()
        self._waits: dict[str, Waiting] = {}
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._path = ""
        self._chosen = ""
        self._marked: tuple[str, ...] = ()
        self._checks: dict[str, tuple[str, bool, str]] = {}
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.pages.chosen.connect(self._on_page)
        self.filter.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._on_filter)
        self.tree.chosen.connect(self._on_chosen)
        self.card.input_chosen.connect(self._on_input)
        self.card.copy_path.clicked.connect(self._on_copy_path)
        for button, key in ((self.verify, "verify"), (self.card.export, "export_tensor"), (self.read_on, "read_on")):
            button.clicked.connect(partial(self.command.emit, key))
        self._follow("tensor", self.card.waiting)

    # What is not seen at once is made when it is first wanted: all of it together would hold up the window's frames.

    @cached_property
    def state(self) -> StateCards:
        """The cards below the tensor's."""
        cards = StateCards()
        cards.module_chosen.connect(self._on_module)
        self._follow("state", cards.waiting)
        self.tensors.add_below(cards)
        return cards

    @cached_property
    def objects(self) -> ObjectsPage:
        """The page of plain values."""
        page = ObjectsPage()
        self._follow("objects", page.waiting)
        self._put("objects", page)
        return page

    @cached_property
    def imports(self) -> ImportsPage:
        """The page of what unpickling would import."""
        page = ImportsPage()
        page.command.connect(self.command)
        page.show_imports(self.scene.imports if self.scene is not None else ())
        self._put("imports", page)
        return page

    @cached_property
    def compare(self) -> ComparePage:
        """The page of two checkpoints."""
        page = ComparePage()
        page.other_chosen.connect(self._on_other)
        page.tensor_chosen.connect(self._on_tensor)
        page.command.connect(self.command)
        self._follow("compare", page.waiting)
        self._follow("trend", page.trend.waiting)
        self._put("compare", page)
        return page

    def make_ahead(self) -> Iterator[None]:
        yield
        self._make("state")

    def _follow(self, part: str, waiting: Waiting) -> None:
        self._waits[part] = waiting
        waiting.lead_to(self, f"weights.{part}")

    def _put(self, key: str, page: QWidget) -> None:
        """Let a page take its place among the sheets."""
        place = PAGES.index(key)
        current = self._sheets.currentIndex()
        self._sheets.insertWidget(place, page)
        empty = self._sheets.widget(place + 1)
        if empty is not None:
            self._sheets.removeWidget(empty)
            empty.deleteLater()
        self._sheets.setCurrentIndex(current)

    def _make(self, key: str) -> None:
        """Make what shows a part, or a page."""
        getattr(self, _SHOWN_ON.get(key, key))

    def _lay_out(self) -> None:
        self.filter.setFixedWidth(182)
        controls, facts = QWidget(), QWidget()
        left = FlowLayout(controls, gap_px=12)
        left.addWidget(self.pages)
        left.addWidget(self.filter)
        right = QHBoxLayout(facts)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(12)
        right.addWidget(self.summary, 1)
        right.addWidget(self.verified)
        right.addWidget(self.verify)
        bar = FoldingRow(_BAR_PX)
        bar.add(controls, 0)
        bar.add(facts, 1)
        for page in (self.tensors, *(QWidget() for _ in PAGES[1:])):
            self._sheets.addWidget(page)
        below = QHBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._notes, 1)
        below.addWidget(self.read_on)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(10)
        column.addWidget(bar)
        column.addWidget(self._sheets, 1)
        column.addWidget(self._below)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.width() != event.oldSize().width():
            self.tensors.share_out(self.width(), wide=self.width() >= _BAR_PX)

    def draw(self, scene: WeightsScene) -> None:
        if scene.path != self._path:
            self._path = scene.path
            if self.made("state") and getattr(self.parts.get("state"), "path", "") != scene.path:
                self.state.clear()  # unless the cards came before the tree
            if self.made("compare"):
                self.compare.offer_trend(offered="trend" in self.parts)
        self.summary.setText(scene.summary)
        self.summary.setToolTip(scene.place)
        self._show_check()
        count = sum(len(group.names) for group in scene.imports)
        imports = f"{_PAGES['imports']} · {count:,}" if count else _PAGES["imports"]
        self.pages.set_choices(list({**_PAGES, "imports": imports}.items()))
        self.tensors.show_tree(scene)
        if self.made("imports"):
            self.imports.show_imports(scene.imports)
        self._notes.setText(first_of([visible(note, 200) for note in scene.notes]))
        self._notes.setToolTip("\n".join(visible(note) for note in scene.notes))
        self._below.setVisible(bool(scene.notes))
        self.read_on.setVisible(scene.limited)
        self._show_chosen()

    def draw_part(self, part: str, scene: Scene) -> None:
        if part == "tensor":
            self._show_chosen()
        elif part == "state":
            self.state.show_state(scene)
        elif part == "objects":
            self.objects.show_objects(scene, found=bool(self.filter.text()))
            self._go_to_value()
        elif part == "compare":
            self.compare.show_comparison(scene)
        elif part == "trend":
            self.compare.show_trend(scene)

    def wait_for_part(self, part: str, progress: Progress) -> None:
        self._make(part)
        self._waits[part].wait(progress)
        if part == "trend":
            self.compare.offer_trend(offered=True)

    def say_of_part(self, part: str, sentence: str) -> None:
        self._make(part)
        self._waits[part].say(sentence)

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        if not self._typing.isActive():
            self.filter.show_text(view_state.tensor_filter)
            self.tree.set_filter(view_state.tensor_filter)
        self.pages.set_value(view_state.weights_page)
        self._make(view_state.weights_page)
        self._sheets.setCurrentIndex(PAGES.index(view_state.weights_page))
        self.filter.setVisible(view_state.weights_page in ("tensors", "objects"))
        if view_state.tensor != self._chosen:
            self._chosen = view_state.tensor
            self._show_chosen()

    def mark(self, finding: Finding | None, place: int) -> None:
        pieces = finding.evidence[place:] + finding.evidence[:place] if finding is not None else ()
        marked = tuple(one.name for one in pieces if isinstance(one, TensorEvidence))
        if marked != self._marked:
            self._marked = marked
            if self.made("objects") and "objects" in self.parts:
                self._go_to_value()

    def _go_to_value(self) -> None:
        """Go to the plain value that the chosen finding is seen in, where it is among those shown."""
        shown = set(self.parts["objects"].paths)
        value = next((name for name in self._marked if name in shown), None)
        if value is not None:
            self.objects.go_to(value)

    def show_check(self, path: str, text: str, *, sound: bool, detail: str) -> None:
        """Say what a check of a file's bytes found."""
        self._checks[path] = (text, sound, detail)
        self._show_check()

    def _show_check(self) -> None:
        text, sound, detail = self._checks.get(self._path, ("", True, ""))
        self.verified.setText(text)
        self.verified.setToolTip(detail)
        self.verified.set_ink("dim" if sound else "critical")
        self.verified.setVisible(bool(text))
        self.verify.setText(tr("Verify again") if text else tr("Verify"))
        self.verify.updateGeometry()

    def focus_filter(self) -> None:
        """Type into the filter next."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def next_layer(self) -> None:
        """Go to the next tensor of the tree."""
        self._step_tensor(1)

    def previous_layer(self) -> None:
        """Go to the previous tensor of the tree."""
        self._step_tensor(-1)

    def page(self) -> str:
        """Which of PAGES is to be seen."""
        return PAGES[self._sheets.currentIndex()]

    def tensor_name(self) -> str | None:
        """The tensor whose card is shown, None where there is none; empty is the name of a file's only tensor."""
        tensor: TensorScene | None = self.parts.get("tensor")
        return tensor.name if tensor is not None and not self.card.isHidden() else None

    def _show_chosen(self) -> None:
        self.tensors.show_chosen(self._chosen, self.parts.get("tensor"))

    def _step_tensor(self, by: int) -> None:
        name = self.tensors.beside(self.tensor_name(), by)
        if name is not None:
            self.tree.go_to(name)
            self._on_chosen(name)

    def _on_page(self, page: str) -> None:
        self.tell(ViewChanged({"weights_page": page}))

    def _on_typed(self) -> None:
        self._typing.start()

    def _on_filter(self) -> None:
        self.tree.set_filter(self.filter.text())
        self.tell(ViewChanged({"tensor_filter": self.filter.text()}))

    def _on_chosen(self, path: str) -> None:
        self.tell(ViewChanged({"tensor": path, "kernel_input": -1}))

    def _on_input(self, number: int) -> None:
        self.tell(ViewChanged({"kernel_input": number}))

    def _on_other(self, path: str) -> None:
        self.tell(ViewChanged({"compared_checkpoint": path}))

    def _on_tensor(self, path: str) -> None:
        self.tell(ViewChanged({"tensor": self.tensors.known(path), "weights_page": "tensors", "kernel_input": -1}))

    def _on_module(self, path: str) -> None:
        self.tell(ViewChanged({"tensor": self.tensors.known(path), "kernel_input": -1}))

    def _on_copy_path(self) -> None:
        QGuiApplication.clipboard().setText(self.tensor_name() or "")


def make(parent: QWidget | None = None) -> WeightsView:
    """The widget of this viewer."""
    return WeightsView(parent)
