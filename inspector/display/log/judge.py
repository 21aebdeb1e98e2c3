"""Whether a run has console text, and which window of it is wanted."""

from __future__ import annotations

from typing import Any

from inspector.core.language import tr, tr_counted
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
        return Verdict(Fit.MADE_FOR, tr_counted(len(logs), "console log"))
    return Verdict(Fit.NO, tr("no console text among {files}").format(files=tr_counted(len(run.files), "file")))


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
        tag=view.log_tag,
        step=view.log_step,
    )


def changes_to_show(line: int) -> dict[str, Any]:
    """The fields of `ViewState` that bring a line, counted from 0, onto the Log view, and mark it."""
    return {"log_filter": "", "log_line": line, "log_first": max(0, line - ABOVE_LINES), "log_tag": ""}


def changes_to_show_point(tag: str, step: float) -> dict[str, Any]:
    """The fields of `ViewState` that bring the line behind a point of a console log's curve onto the Log view.

    For a curve at a step this is the line that its nearest point was read from; of several, the last.
    """
    return {"log_filter": "", "log_tag": tag, "log_step": step}


OFFER = Offer(
    key="log",
    title=tr("Log"),
    judge=judge,
    ask=ask,
    ask_type=LogAsk,
    scene_type=LogScene,
    prepare="inspector.display.log.prepare",
)
