"""The findings beside a cursor that stands in the past."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.app.cursor_findings import begun_by
from inspector.app.window import Window
from inspector.diagnosis.values import Diagnosis, Finding, Severity, Sureness
from inspector.session.intents import CursorMoved
from inspector.session.values import State
from inspector.views.triage.view import TriageView
from tests.app.conftest import PATIENCE_MS
from tests.diagnosis.folders import write_curves

BROKEN = "Loss is not finite"


def _titles(window: Window) -> list[str]:
    return [card.finding.title for card in window.findings.cards]


def test_findings_are_those_of_the_moment_where_the_cursor_rests(
    tmp_path: Path, make_window: Callable[[State], Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    write_curves(tmp_path, range(1, 41), train__loss=lambda step: math.nan if step > 30 else 1 / step)
    window = make_window(State(tab="curves"))
    window.desk.open((str(tmp_path),))
    qtbot.waitUntil(lambda: window.desk.diagnoses.of(window.desk.state.chosen) is not None, timeout=PATIENCE_MS)
    settle(window)
    assert BROKEN in _titles(window)
    window.desk.dispatch(CursorMoved(10))
    assert BROKEN not in _titles(window)  # at once, by when each began
    settle(window)
    key = window.desk.state.chosen
    assert key is not None
    exact = window.desk.diagnoses.moments.at(key, 10)
    assert exact is not None
    assert _titles(window) == [one.title for one in exact.findings]
    window.desk.dispatch(CursorMoved(35))
    settle(window)
    assert BROKEN in _titles(window)
    window.desk.dispatch(CursorMoved(None))
    assert not window.desk.diagnoses.moments.busy
    assert BROKEN in _titles(window)


def test_the_triage_view_tells_of_the_moment_where_the_cursor_stands(
    tmp_path: Path, make_window: Callable[[State], Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    write_curves(tmp_path, range(1, 41), train__loss=lambda step: math.nan if step > 30 else 1 / step)
    window = make_window(State(tab="triage"))
    window.desk.open((str(tmp_path),))
    view = window.tabs.view("triage")
    qtbot.waitUntil(lambda: BROKEN in _rows(view), timeout=PATIENCE_MS)
    assert view.head.moment.isHidden()
    for step in (20, 15, 10):  # of which only the last is still wanted
        window.desk.dispatch(CursorMoved(step))
    qtbot.waitUntil(lambda: view.head.moment.text() == "At epoch 0.08", timeout=PATIENCE_MS)
    assert view.head.moment.isVisible()
    assert BROKEN not in _rows(view)
    qtbot.mouseClick(view.head.whole, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: BROKEN in _rows(view), timeout=PATIENCE_MS)
    assert window.desk.chosen()[1].cursor_step is None
    assert view.head.moment.isHidden()


def _rows(view: TriageView) -> list[str]:
    return [row.title for row in view.rows()]


def test_a_first_answer_holds_what_had_begun() -> None:
    def found(name: str, since: float | None) -> Finding:
        return Finding(
            id=name, rules=(), title=name, summary="", severity=Severity.INFO, sureness=Sureness.LIKELY,
            since_step=since,
        )  # fmt: skip

    whole = Diagnosis(findings=(found("early", 10), found("late", 11), found("unplaced", None)))
    assert [one.id for one in begun_by(whole, 10).findings] == ["early", "unplaced"]
