"""Whether a run has console text, and which window of it is wanted."""

from __future__ import annotations

from typing import Any

from inspector.display.log.scene import LogAsk, LogScene
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.facts import ConsoleFacts
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState

WINDOW_LINES = 400
"""Lines fetched at once: several screens, so that scrolling meets them ready."""

STRIDE_LINES = 100
"""Windows begin at multiples of this, so that small scrolls ask for nothing new."""


ABOVE_LINES = 12
"""Lines left above one that is gone to."""


def _logs(run: Run) -> list[FileEntry]:
    return [entry for entry in run.files if isinstance(entry.facts, ConsoleFacts)]


def judge(run: Run) -> Verdict:
    """Made for any run with a console log."""
    logs = _logs(run)
    if logs:
        return Verdict(Fit.MADE_FOR, f"{len(logs)} console logs")
    return Verdict(Fit.NO, f"no console text among {len(run.files)} files")


def ask(run: Run, state: RunState, view: ViewState) -> LogAsk | None:
    """The window around the first visible line of the chosen log, or of the first one."""
    logs = _logs(run)
    if not logs:
        return None
    entry = next((log for log in logs if log.path == state.file), logs[0])
    first = max(0, (view.log_first // STRIDE_LINES - 1) * STRIDE_LINES)
    return LogAsk(
        path=entry.path,
        name=entry.name,
        first=first,
        count=WINDOW_LINES,
        filter=view.log_filter,
        stamp=entry.modified_s,
        search=view.log_search,
        line=view.log_line,
    )


def changes_to_show(line: int) -> dict[str, Any]:
    """The fields of `ViewState` that bring a line, counted from 0, to the middle of the Log view, and mark it.

    With `artifacts.logs.console.lines_behind` the way from a point of a curve to the text it was read from.
    """
    return {"log_filter": "", "log_line": line, "log_first": max(0, line - ABOVE_LINES)}


OFFER = Offer(
    key="log",
    title="Log",
    judge=judge,
    ask=ask,
    ask_type=LogAsk,
    scene_type=LogScene,
    prepare="inspector.display.log.prepare",
)
