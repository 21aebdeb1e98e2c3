"""Many small things to do, a few in each turn of the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QTimer

_TURN_S = 0.003


class FewATurn(QObject):
    """Calls that are made in their order, for a few milliseconds a turn; of one name the newest."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: dict[Hashable, Callable[[], object]] = {}
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.go_on)

    @property
    def busy(self) -> bool:
        """Whether a call waits."""
        return bool(self._calls)

    def add(self, name: Hashable, call: Callable[[], object]) -> None:
        """Make a call when its turn comes, in the place of one of the same name that waits."""
        self._calls[name] = call
        self._go_on_soon()

    def go_on(self) -> None:
        """Make the calls of one turn now."""
        until_s = time.perf_counter() + _TURN_S
        try:
            while self._calls:
                self._calls.pop(next(iter(self._calls)))()
                if time.perf_counter() >= until_s:
                    return
        finally:
            self._go_on_soon()

    def stop(self) -> None:
        """Make no call any more of those that wait."""
        self._calls.clear()
        self._timer.stop()

    def _go_on_soon(self) -> None:
        if self._calls and not self._timer.isActive():
            self._timer.start()
