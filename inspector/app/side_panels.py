"""The panels beside the views: each gives way where a window is narrow, and shows when it is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

RUNS, FINDINGS = "runs_panel", "findings_panel"
"""Commands that show and hide them."""

FROM_PX = {RUNS: 1100, FINDINGS: 900}
"""From which width of the window each is shown unless it was hidden."""


class SidePanels(QObject):
    """Shows and hides the panels of one window.

    Signals:
        shown: command of a panel, and whether that is shown now.
    """

    shown = Signal(str, bool)

    def __init__(self, panels: Mapping[str, QWidget], parent: QObject) -> None:
        super().__init__(parent)
        self._panels = panels
        self._fits = dict.fromkeys(panels, True)

    def fit(self, width_px: int) -> None:
        """Let a panel go, or come back, as the window becomes narrow or wide."""
        for key, fits in self._fits.items():
            if fits != (width_px >= FROM_PX[key]):
                self._fits[key] = not fits
                self._show(key, shown=not fits)

    def toggle(self, key: str) -> None:
        """Show a panel, or hide it; so it stays until the window becomes narrow or wide."""
        self._show(key, shown=self._panels[key].isHidden())

    def _show(self, key: str, *, shown: bool) -> None:
        focused = QApplication.focusWidget()
        if not shown and (focused is None or self._panels[key].isAncestorOf(focused)):
            self._panels[key].window().setFocus()  # else it goes to a tab, which keeps keys of commands to itself
        self._panels[key].setVisible(shown)
        self.shown.emit(key, shown)
