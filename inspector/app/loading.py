"""What the window will need later, loaded in small steps while it has nothing else to do."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

from inspector.display.catalogue import CATALOGUE

_LATER = ("inspector.app.resume_sheet", "inspector.app.sheets")
"""What is wanted when a button is pressed."""
_EVERY_MS = 5
"""Between two steps, for the files that are being opened meanwhile."""


class Loading(QObject):
    """Imports modules, one a turn of the event loop: nobody waits for them when a tab or button is first pressed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] = iter(())
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._go_on)

    def begin(self, first: str) -> None:
        """Load the modules of one viewer, then those of all others; from the next turn of the event loop on."""
        self._steps = _steps(first)
        self._timer.start()

    @property
    def busy(self) -> bool:
        """Whether there is more to load."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Load no more."""
        self._timer.stop()

    def _go_on(self) -> None:
        if next(self._steps, self) is self:
            self._timer.stop()


def _steps(first: str) -> Iterator[None]:
    keys = [offer.key for offer in CATALOGUE if offer.tabbed]
    for key in sorted(keys, key=lambda key: key != first):
        package = importlib.import_module(f"inspector.views.{key}")
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
            yield
    for name in _LATER:
        importlib.import_module(name)
        yield
