"""What unpickling would import, without a verdict."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.weights.scene import ImportGroup
from inspector.views.controls import Button
from inspector.views.surfaces import Card, Label, quiet
from inspector.views.weights.rows import TextTable

CLEAN_COPY = "save_clean_copy"


class ImportsPage(Card):
    """Names by module, those outside torch, numpy and collections first.

    Signals:
        command: key of a command that was pressed.
    """

    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.said = Label(wrap=True)
        self.clean = Button(tr("Save clean copy…"))
        self.clean.setToolTip(tr("Write the tensors and plain values anew, so that the file loads without these names"))
        self.others_said = Label(tr("Of other packages"), ink="dim", size_px=12)
        self.others = TextTable(tr("Names of other packages"))
        self.usual_said = Label(tr("Of torch, numpy and Python itself"), ink="dim", size_px=12)
        self.usual = TextTable(tr("Names of torch, numpy and Python"))
        head = QHBoxLayout()
        head.addWidget(self.said, 1)
        head.addWidget(self.clean)
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        for widget in (self.others_said, self.others, self.usual_said, self.usual):
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(tr("What the file would import"))
        quiet(area)
        area.setWidgetResizable(True)
        area.setWidget(sheet)
        sheet.setAutoFillBackground(False)
        self.column.addLayout(head)
        self.column.addWidget(area, 1)
        self.clean.clicked.connect(self._on_clean)

    def show_imports(self, groups: tuple[ImportGroup, ...]) -> None:
        """Show the names."""
        self.said.setText(
            tr("Shown as plain values; nothing was imported or run")
            if groups
            else tr("Loading this file would import nothing")
        )
        self.clean.setVisible(bool(groups))
        for table, label, usual in ((self.others, self.others_said, False), (self.usual, self.usual_said, True)):
            rows = [
                (group.module or tr("no module"), ", ".join(group.names)) for group in groups if group.usual is usual
            ]
            table.set_rows(rows)
            table.setVisible(bool(rows))
            label.setVisible(bool(rows))
        self.usual_said.setContentsMargins(0, 0 if self.others_said.isHidden() else 10, 0, 0)

    def _on_clean(self) -> None:
        self.command.emit(CLEAN_COPY)
