"""Two checkpoints side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Progress
from inspector.core.texts import visible
from inspector.display.weights.compare.scene import ChangeRow, CompareScene
from inspector.display.weights.trend.scene import TrendScene
from inspector.views.controls import Button, Segmented
from inspector.views.elided import ElidedLabel
from inspector.views.surfaces import Card, Label, scrolled
from inspector.views.waiting import Waiting
from inspector.views.weights.folding import FoldingRow
from inspector.views.weights.rows import Bar, BarRows, TextTable
from inspector.views.weights.trend import TrendPanel

CHOOSE_FILE = "compare_file"
_COMPARED, _NO_OTHER = tr("Compared with"), tr("no other")
_WAYS = (("modules", tr("By module")), ("tensors", tr("By tensor")), ("run", tr("Over the run")))


class TableCard(Card):
    """A table under a title, with a line for what was left out."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent, ink="dim", weight="regular")
        self.table = TextTable(title)
        self.said = Label(ink="faint", size_px=12)
        self.column.addWidget(self.table)
        self.column.addWidget(self.said)

    def show_rows(self, rows: Sequence[tuple[str, ...]], head: tuple[str, ...] = (), left_out: int = 0) -> None:
        """Show rows; the card hides itself where there are none."""
        self.setVisible(bool(rows))
        self.table.set_rows(rows, head)
        self.said.setText(tr("{count:,} more").format(count=left_out))
        self.said.setVisible(left_out > 0)


class ComparePage(QWidget):
    """The choice of the other checkpoint, and what differs.

    Signals:
        other_chosen: path of a checkpoint of the run; command: key of a command; tensor_chosen: a name.
    """

    other_chosen = Signal(str)
    command = Signal(str)
    tensor_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = Button(_NO_OTHER, icon_name="chevron-down")
        self.choice.setAccessibleName(_COMPARED)
        self.menu = QMenu(self)
        self.other_file = Button(tr("Another file…"))
        self.summary = ElidedLabel(ink="dim", right=True)
        self.waiting = Waiting()
        self.problem = Label(ink="dim", wrap=True)
        self.by = Segmented(_WAYS[:2], label=tr("Changes"))
        self.by.set_value("modules")
        self.changes = BarRows(tr("Changes, the largest first"))
        self.changes_said = Label(ink="faint", size_px=12, wrap=True)
        self.changes_card = Card(tr("Relative change"), ink="dim", weight="regular")
        self.keys = TableCard(tr("Keys"))
        self.still = TableCard(tr("Unchanged modules"))
        self.settings = TableCard(tr("Values that differ"))
        self.notes = Label(ink="dim", size_px=12, wrap=True)
        self.trend = TrendPanel()
        self.trend.hide()
        self._scene: CompareScene | None = None
        self._trend_offered = False
        self._lay_out()
        self.choice.clicked.connect(self._on_choose)
        self.menu.triggered.connect(self._on_choice)
        self.other_file.clicked.connect(self._on_other_file)
        self.by.chosen.connect(self._on_by)
        self.changes.clicked.connect(self.tensor_chosen)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(10)
        bar.addWidget(Label(_COMPARED, ink="dim"))
        bar.addWidget(self.choice)
        bar.addWidget(self.other_file)
        bar.addWidget(self.summary, 1)
        self.changes_card.head.addWidget(self.by)
        self.changes_card.column.addWidget(self.changes)
        self.changes_card.column.addWidget(self.changes_said)
        self.changes_card.column.addWidget(self.trend)
        sides = QWidget(), QWidget()
        left, right = QVBoxLayout(sides[0]), QVBoxLayout(sides[1])
        left.addWidget(self.changes_card)
        left.addStretch(1)
        for card in (self.keys, self.still, self.settings):
            right.addWidget(card)
        right.addStretch(1)
        both = FoldingRow(640)
        both.add(sides[0], 11)
        both.add(sides[1], 9)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(both)
        column.addWidget(self.notes)
        column.addStretch(1)
        for layout in (left, right):
            layout.setSpacing(12)
            layout.setContentsMargins(0, 0, 0, 0)
        area = scrolled(sheet, tr("What differs"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addLayout(bar)
        whole.addWidget(self.waiting)
        whole.addWidget(self.problem)
        whole.addWidget(area, 1)
        for widget in (self.changes_card, self.keys, self.still, self.settings, self.notes, self.problem):
            widget.hide()

    def wait(self, progress: Progress) -> None:
        """Say how far the work is."""
        self.waiting.wait(progress)

    def show_comparison(self, scene: CompareScene) -> None:
        """Show what differs."""
        self.waiting.done()
        self._scene = scene
        self._show_choices(scene)
        self.summary.setText(scene.summary)
        self.summary.setToolTip(f"{scene.title}\n{scene.summary}" if scene.title else "")
        self.problem.setText(scene.problem)
        self.problem.setVisible(bool(scene.problem))
        self.changes_card.title.setToolTip(scene.title)
        self._show_changes()
        self.keys.show_rows([(row.name, row.said) for row in scene.keys], (), scene.keys_left_out)
        self.still.show_rows([(path,) for path in scene.still])
        settings = [(row.path, row.first, row.second) for row in scene.settings]
        self.settings.show_rows(settings, (tr("path"), tr("first"), tr("second")), scene.settings_left_out)
        self.notes.setText(" · ".join(scene.says))
        self.notes.setVisible(bool(scene.says))

    def _show_choices(self, scene: CompareScene) -> None:
        self.menu.clear()
        for path, name in scene.choices:
            action = self.menu.addAction(visible(name, 120).replace("&", "&&"))
            action.setData(path)
            action.setCheckable(True)
            action.setChecked(path == scene.other)
        self.choice.setText(visible(dict(scene.choices).get(scene.other, _NO_OTHER), 60))
        self.choice.setEnabled(bool(scene.choices))
        self.choice.updateGeometry()

    def _show_changes(self) -> None:
        scene = self._scene
        if scene is None:
            return
        way = self.by.value()
        self.trend.setVisible(way == "run")
        self.changes.setVisible(way != "run")
        self.changes_said.setVisible(way != "run")
        self.changes_card.setVisible(bool(scene.modules or scene.tensors) or self._trend_offered)
        rows: tuple[ChangeRow, ...] = scene.tensors if way == "tensors" else scene.modules
        bars = tuple(Bar(row.label, row.value, row.share, False, row.detail, row.path) for row in rows)
        self.changes.set_bars(bars)
        says = [tr("‖b − a‖ / ‖a‖, bars on a log scale")]
        if way == "tensors" and scene.left_out:
            says.append(tr_counted(scene.left_out, "more tensor"))
        self.changes_said.setText(" · ".join(says))

    def show_trend(self, scene: TrendScene) -> None:
        """Show the weights over the run, as a third way to look at changes."""
        self.offer_trend(offered=True)
        self.trend.show_trend(scene)

    def offer_trend(self, *, offered: bool) -> None:
        """Let the user choose the weights over the run, or not."""
        if not offered and self.by.value() == "run":
            self.by.set_value("modules")
        self._trend_offered = offered
        self.by.set_choices(_WAYS if offered else _WAYS[:2])
        self._show_changes()

    def _on_by(self, _value: str) -> None:
        self._show_changes()

    def _on_choose(self) -> None:
        self.menu.popup(self.choice.mapToGlobal(self.choice.rect().bottomLeft()))

    def _on_choice(self, action: QAction) -> None:
        self.other_chosen.emit(str(action.data()))

    def _on_other_file(self) -> None:
        self.command.emit(CHOOSE_FILE)
