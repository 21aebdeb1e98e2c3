"""A fault of the window itself: written down, said, and the window goes on."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from inspector.app.desk import Desk
from inspector.app.news import Message

_log = logging.getLogger(__name__)


def tell_fault(desk: Desk, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An exception that nobody caught becomes a message with its details, and an entry of the log."""
    sys.__excepthook__(kind, error, trace)
    detail = "".join(traceback.format_exception(kind, error, trace))
    _log.error("%s", detail)
    desk.message.emit(
        Message(f"The window met a fault of its own, {kind.__name__}; what is open and staged is kept", detail)
    )
