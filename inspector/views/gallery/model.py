"""The samples of a gallery as rows of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.display.gallery.order import Samples

SampleRole = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class SampleModel(QAbstractListModel):
    """One row a sample, in the order shown; a hundred thousand cost one array.

    Args:
        say: what is said of a sample, for who cannot see it.
    """

    def __init__(self, say: Callable[[int], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._say = say
        self._samples: Samples = np.zeros(0, np.int64)

    @property
    def samples(self) -> Samples:
        """The samples by row."""
        return self._samples

    def show_samples(self, samples: Samples) -> bool:
        """Show these samples; whether they are others than before."""
        if np.array_equal(samples, self._samples):
            return False
        self.beginResetModel()
        self._samples = samples
        self.endResetModel()
        return True

    def row_of(self, sample: int) -> int | None:
        """Where a sample stands, None where it is not shown."""
        found = np.flatnonzero(self._samples == sample)
        return int(found[0]) if found.size else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._samples)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not index.row() < len(self._samples):
            return None
        sample = int(self._samples[index.row()])
        if role == SampleRole:
            return sample
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._say(sample)
        return None
