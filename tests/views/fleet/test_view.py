"""The table of many runs: filled as rows are read, sorted, filtered, opened, compared and copied by hand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.formats.fleet import FleetFinding, FleetRow, FleetRun, FleetScore
from inspector.views.fleet.view import FleetView

RUNS = tuple(FleetRun(f"run_{number}", (f"/runs/run_{number}",)) for number in range(4))
PATIENCE_MS = 10_000


def row(number: int, best: float, severity: str = "", **settings: str) -> FleetRow:
    return FleetRow(
        run=RUNS[number],
        status="finished",
        score=FleetScore(tag="val/loss", last=best, best=best, best_step=9.0),
        findings=(FleetFinding(id="x", title="A loss rises", severity=severity),) if severity else (),
        settings=settings,
    )


def shown(view: FleetView) -> str:
    return " ".join(view.model.row(place).run.name[-1] for place in range(view.model.rowCount()))


def filled(qtbot: QtBot) -> FleetView:
    """A view of four runs, three of which are read."""
    view = FleetView()
    qtbot.addWidget(view)
    view.resize(1400, 500)
    view.show()
    view.show_runs("/runs", RUNS)
    view.take((row(2, 0.5, "warning", lr="0.1", seed="2"), row(0, 0.75, lr="0.1", seed="0")))
    view.take((row(1, 0.25, "critical", lr="0.1", seed="1"),))
    return view


def test_runs_are_there_before_they_are_read_and_settings_that_differ_get_columns(qtbot: QtBot) -> None:
    view = filled(qtbot)
    assert shown(view) == "0 1 2 3"
    assert view.said.text() == "4 runs · 3 read"
    titles = [view.model.column(place).title for place in range(view.model.columnCount())]
    assert titles[-2:] == ["Age", "seed"]
    assert [one.run.name for one in view.table.chosen()] == ["run_0"]  # as it was before the columns came
    view.end()
    assert view.said.text() == "4 runs · 3 read, reading was stopped"


def test_a_click_on_a_heading_sorts_and_what_is_read_later_finds_its_place(qtbot: QtBot) -> None:
    view = filled(qtbot)
    head = view.table.horizontalHeader()
    place = head.sectionViewportPosition(2) + 20
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=head.viewport().rect().topLeft() + _at(place))
    assert shown(view) == "1 2 0 3"  # findings: the worst first
    view.table.sortByColumn(4, Qt.SortOrder.AscendingOrder)
    assert shown(view) == "1 2 0 3"
    view.take((row(3, 0.3),))
    qtbot.waitUntil(lambda: shown(view) == "1 3 2 0", timeout=PATIENCE_MS)


def _at(x_px: int) -> object:
    from PySide6.QtCore import QPoint

    return QPoint(x_px, 10)


def test_typing_filters_and_a_chosen_run_stays_chosen(qtbot: QtBot) -> None:
    view = filled(qtbot)
    view.table.selectRow(2)
    view.table.setFocus()
    qtbot.keyClick(view.table, Qt.Key.Key_Slash)
    qtbot.keyClicks(view.filter, "best<0.6")
    qtbot.waitUntil(lambda: shown(view) == "1 2", timeout=PATIENCE_MS)
    assert [one.run.name for one in view.table.chosen()] == ["run_2"]
    assert view.said.text() == "4 runs · 3 read · 2 shown"
    view.filter.clear()
    qtbot.waitUntil(lambda: shown(view) == "0 1 2 3", timeout=PATIENCE_MS)


def test_enter_opens_a_run_and_several_are_compared(qtbot: QtBot) -> None:
    view = filled(qtbot)
    opened: list[FleetRow] = []
    compared: list[tuple[FleetRow, ...]] = []
    view.opened.connect(opened.append)
    view.compared.connect(compared.append)
    view.table.selectRow(1)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert [one.run.name for one in opened] == ["run_1"]
    assert not view.compare.isEnabled()
    qtbot.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.compare.isEnabled()
    assert not view.open.isEnabled()
    qtbot.mouseClick(view.compare, Qt.MouseButton.LeftButton)
    assert [[one.run.name for one in rows] for rows in compared] == [["run_1", "run_2"]]


def test_chosen_rows_are_copied_with_their_headings(qtbot: QtBot) -> None:
    view = filled(qtbot)
    view.table.selectRow(1)
    qtbot.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, line, end = QApplication.clipboard().text().split("\n")
    told = dict(zip(head.split("\t"), line.split("\t"), strict=True))
    assert (told["run"], told["findings"], told["best"], told["seed"]) == ("run_1", "1 critical", "0.25", "1")
    assert end == ""
