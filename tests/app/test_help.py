"""Help over the window: from F1, a finding and the palette, with links and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QPixmap, QTextDocument
from pytestqt.qtbot import QtBot

from inspector.app.help_page import HelpSheet
from inspector.app.window import Window
from inspector.display.help.pages import FINDING
from inspector.display.tokens import TOKENS
from inspector.session.intents import PreferencesChanged, ViewChanged
from inspector.session.values import State
from inspector.views.help_text import HelpText
from tests.app.test_palette import listed

PATIENCE_MS = 60_000


@pytest.fixture
def window(make_window: Callable[..., Window]) -> Window:
    return make_window(State())


def sheet_of(window: Window) -> HelpSheet:
    sheet = window.commands.help.sheet
    assert sheet is not None
    return sheet


def press_link(qtbot: QtBot, text: HelpText, title: str) -> None:
    """Click a link where it stands on the screen."""
    found = text.document().find(title)
    assert not found.isNull()
    text.setTextCursor(found)
    text.ensureCursorVisible()
    middle = text.cursorRect(found).center() - QPoint(12, 0)
    assert text.anchorAt(middle)
    qtbot.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def test_links_lead_on_and_the_way_back_is_kept(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = sheet_of(window)
    assert sheet.isVisible()
    assert sheet.page is not None
    assert sheet.page.name == "contents"
    assert not sheet.back.isEnabled()
    press_link(qtbot, sheet.text, "Metrics")
    assert sheet.page.name == "metrics"
    assert "Adjusted Rand index" in sheet.text.toPlainText()
    sheet.text.verticalScrollBar().setValue(300)
    qtbot.mouseClick(sheet.contents, Qt.MouseButton.LeftButton)
    assert sheet.page.name == "contents"
    qtbot.mouseClick(sheet.back, Qt.MouseButton.LeftButton)
    assert sheet.page.name == "metrics"
    assert sheet.text.verticalScrollBar().value() == 300
    qtbot.keyClick(sheet.text, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert sheet.page.name == "contents"
    qtbot.keyClick(sheet.text, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_text_is_found_on_a_page(qtbot: QtBot, window: Window) -> None:
    window.commands.help.show("metrics")
    sheet = sheet_of(window)
    qtbot.keyClick(sheet.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert sheet.field.isVisible()
    qtbot.keyClicks(sheet.field, "RAND")
    count = sheet.text.toPlainText().lower().count("rand")
    assert count > 1
    assert sheet.found.text() == f"1 of {count}"
    assert len(sheet.text.extraSelections()) == count
    first = sheet.text.textCursor().position()
    qtbot.keyClick(sheet.field, Qt.Key.Key_Return)
    assert (sheet.found.text(), sheet.text.textCursor().position() > first) == (f"2 of {count}", True)
    for _ in range(2):
        qtbot.keyClick(sheet.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert sheet.found.text() == f"{count} of {count}"
    qtbot.keyClick(sheet.field, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    assert not sheet.field.isVisible()
    assert sheet.text.extraSelections() == []


def test_the_page_of_a_finding_comes_from_the_palette_a_link_and_f1(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "train/loss": 1.0}\n{"step": 2, "train/loss": 0.5}\n')
    window.open_paths((str(tmp_path),))
    window.commands.run("palette")
    palette = window.palette_box
    qtbot.keyClicks(palette.field, "slots collapsed after")
    wanted = "Slots collapsed after they had parted"  # it comes while the palette is open
    qtbot.waitUntil(lambda: listed(palette)[:1] == [wanted], timeout=PATIENCE_MS)
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    sheet = sheet_of(window)
    assert sheet.isVisible()
    assert sheet.page is not None
    assert sheet.page.name == f"{FINDING}slot-collapse"
    window.commands.help.show_finding("overfitting")
    assert sheet.page.title == "Overfitting"
    assert "3 evaluations" in sheet.text.toPlainText()
    picture = sheet.text.loadResource(int(QTextDocument.ResourceType.ImageResource.value), QUrl("x"))
    assert isinstance(picture, QPixmap)
    press_link(qtbot, sheet.text, "Accuracy is lower on held-out data")
    assert sheet.page.name == f"{FINDING}accuracy-gap"
    sheet.hide()
    qtbot.waitUntil(lambda: bool(window.desk.state.runs), timeout=PATIENCE_MS)
    window.desk.dispatch(ViewChanged({"finding": "dead-channels"}))
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert sheet.isVisible()
    assert sheet.page.title == "Dead channels"
    window.commands.help.show_finding("one-of-the-users-own")
    assert sheet.page.name == "own_rules"


def test_letters_are_not_the_windows_while_a_page_is_read(qtbot: QtBot, window: Window) -> None:
    window.commands.run("help")
    smoothing = window.desk.state.view.smoothing
    qtbot.keyClick(sheet_of(window).text, Qt.Key.Key_S)
    assert window.desk.state.view.smoothing == smoothing


def test_a_page_follows_the_theme(qtbot: QtBot, window: Window) -> None:
    window.commands.run("help")
    text = sheet_of(window).text
    for theme in ("light", "dark"):
        window.desk.dispatch(PreferencesChanged({"theme": theme}))
        qtbot.waitUntil(lambda theme=theme: link_ink(text) == TOKENS[theme].accent, timeout=PATIENCE_MS)


def link_ink(text: HelpText) -> str:
    """The colour of the first link."""
    return text.document().find("All findings").charFormat().foreground().color().name()


def test_a_page_loads_no_file(qtbot: QtBot) -> None:
    text = HelpText()
    qtbot.addWidget(text)
    text.show_page("![x](file:///etc/hostname)\n\n[y](https://example.org)", None)
    assert text.loadResource(int(QTextDocument.ResourceType.ImageResource.value), QUrl("file:///etc/hostname")) is None
    assert text.loadResource(int(QTextDocument.ResourceType.StyleSheetResource.value), QUrl("a.css")) is None
    assert not text.openExternalLinks()
