"""The recipe file of a run that one trained: it is run only when the user has said so here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.formats.recipes.own import is_recipe_file
from inspector.formats.run_folder import RunRecord
from inspector.formats.setting_fields import Field
from inspector.formats.settings_schema import fields_of_schema
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel

_LONGEST_PATH = 400


class RecipeFileRow(QWidget):
    """A sentence and two buttons, hidden for a run of one of this program's recipes.

    Signals:
        changed: the user has named a file.

    Attributes:
        named: the file that the user lets run, empty before. What an opened run says is no leave to run anything.
        declared: the settings that it declares; empty until a trainer that ran it has told them.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.named = ""
        self.declared: tuple[Field, ...] = ()
        self._recorded = ""
        self.about = ElidedLabel("", ink="dim", middle=True)
        self.use = Button(tr("Use this file"))
        self.other = Button(tr("Choose another…"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.about)
        row.addWidget(self.use)
        row.addWidget(self.other)
        row.addStretch(1)
        self.use.clicked.connect(self._on_use)
        self.other.clicked.connect(self._on_other)
        self.hide()

    @property
    def asks(self) -> bool:
        """Whether the user has yet to name a file."""
        return bool(self._recorded) and not self.named

    def show_run(self, record: RunRecord | None) -> None:
        """Tell of a run's recipe file; nothing is named of it yet."""
        file = record.recipe_file if record is not None and is_recipe_file(record.recipe) else None
        self._recorded, self.named = file.path if file is not None else "", ""
        self.declared = ()
        self.setVisible(bool(self._recorded))
        self._tell()

    def take(self, schema: Mapping[str, Any]) -> bool:
        """Take the settings that the named file declares, by their JSON Schema; whether they are others than before."""
        try:
            declared = fields_of_schema(schema) if schema else ()
        except SettingsError:  # of a trainer of another version; the run's own schema is shown
            declared = ()
        before, self.declared = self.declared, declared if self.named else ()
        return self.declared != before

    def _on_use(self) -> None:
        self._name(self._recorded)

    def _on_other(self) -> None:
        folder = str(Path(self.named).parent) if self.named else ""
        chosen, _kind = QFileDialog.getOpenFileName(self, tr("Recipe file"), folder, tr("Python files (*.py)"))
        if chosen:
            self._name(chosen)

    def _name(self, path: str) -> None:
        self.named, self.declared = path, ()
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        path = visible(self.named or self._recorded, _LONGEST_PATH)
        named, recorded = tr("Trained by the recipe file {path}"), tr("This run was trained by a recipe file, {path}")
        self.about.setText((named if self.named else recorded).format(path=path))
        self.about.set_ink("dim" if self.named else "warning")
        self.use.setVisible(not self.named)
