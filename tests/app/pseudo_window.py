"""`python -m tests.app.pseudo_window OUT`: a window on the bundled run, in the language of the environment.

Writes OUT/texts.json, what is said at each place by what kind of widget, OUT/*.png, and OUT/report.md.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QTreeView,
    QWidget,
)

from inspector.app.launch import start_qt
from inspector.core.resources import resource
from inspector.session.values import State

PATIENCE_S = 60.0
MOST_ROWS = 40
PICTURED = ("triage", "shortcuts")


def texts_of(widget: QWidget) -> Iterator[str]:
    """What a widget says, and what it tells under the pointer and to a screen reader."""
    yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
    match widget:
        case QLabel() | QAbstractButton():
            yield widget.text()
        case QLineEdit() | QPlainTextEdit():
            yield widget.placeholderText()
        case QComboBox():
            yield from (widget.itemText(row) for row in range(widget.count()))
        case QTableView() | QTreeView() if widget.model() is not None:
            model = widget.model()
            columns = range(model.columnCount())
            yield from (str(model.headerData(at, Qt.Orientation.Horizontal) or "") for at in columns)
            cells = [model.index(row, at) for row in range(min(model.rowCount(), MOST_ROWS)) for at in columns]
            roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
            yield from (str(cell.data(role) or "") for cell in cells for role in roles)


def main(out: Path) -> None:
    """Go to every view, page and sheet."""
    application = start_qt("offscreen")
    from inspector.app.desk import Desk
    from inspector.app.status_bar import StatusBar
    from inspector.app.tabs import TABBED
    from inspector.app.window import Window
    from inspector.display.report.values import ReportAsk
    from inspector.session.intents import TabChosen, ViewChanged
    from inspector.views.theme import apply_theme
    from tests.app.test_accessibility import PAGES, SHEETS

    assert isinstance(application, QApplication)
    apply_theme(application, "dark")
    window = Window(Desk(State()), remember=False)
    window.resize(1600, 1000)
    window.show()
    said: dict[str, list[tuple[str, str]]] = {}

    def settled() -> bool:
        desk = window.desk
        drawn = not desk.state.runs or not window.tabs.view(desk.state.tab).pending()
        return not desk.opening and not desk.busy and drawn

    def visit(title: str) -> None:
        turn_until(settled)
        parts = [*window.findChildren(QWidget)]
        shown = [one for one in parts if one.isVisible() and not one.objectName().startswith("qt_")]
        said[title] = sorted({(type(one).__name__, text) for one in shown for text in texts_of(one) if text})
        if title in PICTURED:
            bar = window.findChild(StatusBar)
            assert bar is not None  # it names the Python of this machine: no part of the picture
            above = QRect(0, 0, window.width(), bar.mapTo(window, QPoint()).y())
            assert window.grab(above).save(str(out / f"{title}.png"))

    visit("welcome")
    window.open_paths((str(resource("sample_run")),))
    turn_until(lambda: bool(window.desk.chosen()))
    for offer in TABBED:
        window.desk.dispatch(TabChosen(offer.key))
        visit(offer.key)
    for tab, view in PAGES:
        window.desk.dispatch(TabChosen(tab))
        window.desk.dispatch(ViewChanged(view))
        visit(f"{tab} {next(iter(view.values()))}")
    window.desk.dispatch(TabChosen("triage"))
    for command, shut in (("resume", "close_resume"), *((sheet, "") for sheet in ("shortcuts", *SHEETS, "palette"))):
        window.commands.run(command)
        visit(command)
        if shut:
            window.commands.run(shut)
        for page in window.children():
            own = (window.menuWidget(), window.centralWidget())
            if isinstance(page, QWidget) and page.isVisible() and page not in own:
                page.hide()
    chosen = window.desk.chosen()
    assert chosen is not None
    said["working"] = []
    window.desk.file_work.working.connect(lambda told: said["working"].append(("Working", told.what)))
    window.desk.file_work.report(ReportAsk(paths=chosen[0].paths, form="md", made_s=0.0), str(out / "report.md"))
    turn_until(lambda: not window.desk.file_work.running)
    assert (out / "report.md").exists(), window.messages.sentences()
    acts = window.findChildren(QAction)
    said["commands"] = sorted({("QAction", text) for act in acts for text in (act.text(), act.toolTip()) if text})
    (out / "texts.json").write_text(json.dumps(said), encoding="utf-8")
    window.close()


def turn_until(so: Callable[[], bool]) -> None:
    """Let the event loop turn until something is so."""
    loop, until_s = QEventLoop(), time.monotonic() + PATIENCE_S
    timer = QTimer(interval=10)
    timer.timeout.connect(lambda: loop.quit() if so() or time.monotonic() > until_s else None)
    for _ in range(2):  # what an answer asks for in its turn
        timer.start()
        loop.exec()
        timer.stop()
    assert so()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
