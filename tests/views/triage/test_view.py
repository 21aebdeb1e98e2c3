"""The triage view, with real clicks and keys."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.core.pulse import Progress
from inspector.diagnosis.values import Severity
from inspector.display.triage.scene import (
    CureRow,
    FindingRow,
    KeyNumber,
    LookedAt,
    Picture,
    SettingDifference,
    SettingsAgainst,
    Stroke,
    TriageScene,
)
from inspector.session.intents import FindingDismissed, ViewChanged
from inspector.session.values import ViewState
from inspector.views.surfaces import Label
from inspector.views.theme import apply_theme
from inspector.views.triage.view import TriageView


def row(name: str, *, dismissed: bool = False, note: str = "") -> FindingRow:
    line = Stroke(x=np.linspace(0, 1, 5), y=np.array([0.0, 0.5, np.nan, 1.0, 0.2]))
    return FindingRow(
        id=name,
        severity=Severity.ERROR,
        title=f"Title {name}",
        brief="brief",
        summary="summary",
        since="since epoch 6",
        sureness="certain",
        picture=Picture(strokes=(line,), shade=(0.5, 1.0), dots=((0.5, 0.5),)),
        cures=(CureRow(title="Lower it", edits=()),),
        dismissed=dismissed,
        note=note,
    )


def scene(*rows: FindingRow, looking: bool = False) -> TriageScene:
    return TriageScene(
        headline="Going wrong since epoch 6",
        sentence="two causes",
        tone="text",
        looking=looking,
        numbers=(KeyNumber(title="val/ari", value="0.447", qualifier="best, epoch 5"),),
        findings=rows,
        not_assessable=(LookedAt(title="Gradient flow", because="no norms"),),
        against=SettingsAgainst(name="slots fixed", rows=(SettingDifference(path="optim.lr", there="1", here="2"),)),
    )


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> TriageView:
    apply_theme(qapp, "dark")
    made = TriageView()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def test_the_first_open_finding_is_chosen_until_the_user_chooses(view: TriageView) -> None:
    view.show_scene(scene(row("a"), row("b")))
    assert [line.chosen for line in view.findings.lines.values()] == [True, False]
    view.set_state(None, ViewState(finding="b"))
    assert [line.chosen for line in view.findings.lines.values()] == [False, True]


def test_buttons_tell_what_is_wanted_of_which_finding(qtbot: QtBot, view: TriageView) -> None:
    view.show_scene(scene(row("a"), row("b")))
    line = view.findings.lines["b"]
    told: list[object] = []
    view.intent.connect(told.append)
    view.command.connect(told.append)
    for button, command in ((line.stage, "stage_cure"), (line.show_button, "show_finding")):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert told == [ViewChanged({"finding": "b"}), command]
        told.clear()


def test_a_note_is_asked_for_and_escape_keeps_the_finding(qtbot: QtBot, view: TriageView) -> None:
    view.show_scene(scene(row("a")))
    line = view.findings.lines["a"]
    told: list[object] = []
    view.intent.connect(told.append)
    qtbot.mouseClick(line.dismiss, Qt.MouseButton.LeftButton)
    assert line.asking.isVisible()
    qtbot.keyClicks(line.note, "known")
    qtbot.keyClick(line.note, Qt.Key.Key_Escape)
    assert not line.asking.isVisible()
    qtbot.mouseClick(line.dismiss, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(line.note, "meant so ")
    view.show_scene(scene(row("a")))
    assert line.note.text() == "meant so ", "a newer scene leaves what is being written"
    qtbot.keyClick(line.note, Qt.Key.Key_Return)
    assert told == [FindingDismissed("a", dismissed=True, note="meant so")]


def test_dismissed_findings_are_listed_on_demand_and_brought_back(qtbot: QtBot, view: TriageView) -> None:
    view.show_scene(scene(row("a"), row("b", dismissed=True, note="meant so")))
    assert [shown.id for shown in view.rows()] == ["a"]
    assert view.findings.aside.text() == "1 dismissed"
    with qtbot.waitSignal(view.intent) as heard:
        qtbot.mouseClick(view.findings.aside, Qt.MouseButton.LeftButton)
    assert heard.args == [ViewChanged({"show_dismissed": True})]
    view.set_state(None, ViewState(show_dismissed=True))
    line = view.findings.lines["b"]
    assert line.said.text() == "Dismissed: meant so"
    with qtbot.waitSignal(view.intent) as heard:
        qtbot.mouseClick(line.back, Qt.MouseButton.LeftButton)
    assert heard.args == [FindingDismissed("b", dismissed=False)]
    view.set_state(None, ViewState(show_dismissed=True, finding="b"))
    with qtbot.waitSignal(view.intent) as heard:
        assert view.dismiss_chosen(), "the key that puts aside takes up again"
    assert heard.args == [FindingDismissed("b", dismissed=False)]


def test_a_lone_dismissed_finding_is_chosen_as_it_is_listed_and_brought_back_by_the_key_that_puts_aside(
    qtbot: QtBot, view: TriageView
) -> None:
    view.show_scene(scene(row("a", dismissed=True)))
    assert not view.dismiss_chosen()
    view.intent.connect(
        lambda intent: isinstance(intent, ViewChanged) and view.set_state(None, ViewState(**intent.changes))
    )
    view.toggle_dismissed()
    assert view.findings.lines["a"].chosen
    with qtbot.waitSignal(view.intent) as heard:
        assert view.dismiss_chosen()
    assert heard.args == [FindingDismissed("a", dismissed=False)]


def test_a_long_list_is_made_a_few_lines_a_turn_and_keys_choose_among_all(qtbot: QtBot, view: TriageView) -> None:
    names = [f"{place:02}" for place in range(12)]
    view.show_scene(scene(*map(row, names)))
    listed = view.findings
    assert 0 < len(listed.lines) < len(names)
    assert view.pending()
    view.intent.connect(lambda intent: view.set_state(None, ViewState(finding=intent.changes["finding"])))
    for _ in range(2 * len(names)):
        view.step_finding(1)
    assert view.chosen_row().id == names[-1]
    assert listed.lines[names[-1]].chosen
    view.show_scene(scene(*map(row, ("new", *names[1:]))))

    def in_order() -> bool:
        made = sorted(listed.lines.items(), key=lambda pair: pair[1].geometry().top())
        return [name for name, _line in made] == ["new", *names[1:]]

    qtbot.waitUntil(in_order)
    assert not view.pending()
    assert [name for name, line in listed.lines.items() if line.chosen] == [names[-1]]


def test_a_note_that_is_being_written_keeps_its_focus_as_findings_come_go_and_change(
    qtbot: QtBot, view: TriageView
) -> None:
    view.show_scene(scene(row("a"), row("b")))
    view.activateWindow()
    view.set_state(None, ViewState(finding="b"))
    assert view.dismiss_chosen()
    note = view.findings.lines["b"].note
    qtbot.waitUntil(note.hasFocus)
    qtbot.keyClicks(note, "see")
    worse = msgspec.structs.replace(row("b"), severity=Severity.CRITICAL)
    for rows in ((worse, *map(row, "acdefg")), (row("c"),), (row("a"), row("b"))):
        view.show_scene(scene(*rows))
        qtbot.waitUntil(lambda: not view.pending())
        assert note.hasFocus()
    assert note.text() == "see"
    with qtbot.waitSignal(view.intent) as heard:
        qtbot.keyClick(note, Qt.Key.Key_Return)
    assert heard.args == [FindingDismissed("b", dismissed=True, note="see")]


def test_progress_is_told_while_there_is_no_verdict_and_not_after(view: TriageView) -> None:
    view.show_scene(scene(looking=True))
    view.show_progress(Progress(3, 18, "Dead channels"))
    assert view.head.sentence.text() == "3 of 18 · Dead channels"
    view.show_scene(scene(row("a")))
    view.show_progress(Progress(4, 18, "Dead channels"))
    assert view.head.sentence.text() == "two causes"


@pytest.mark.parametrize(("width_px", "rows"), [(1000, 1), (800, 2), (420, 6)])
def test_key_numbers_stand_side_by_side_or_in_rows_of_equal_length_and_none_is_cut(
    qtbot: QtBot, view: TriageView, width_px: int, rows: int
) -> None:
    view.resize(width_px, 700)
    told = (KeyNumber(title=f"val/score_{place}", value="0.4471", qualifier="best, epoch 1,250") for place in range(6))
    view.show_scene(msgspec.structs.replace(scene(row("a")), numbers=tuple(told)))
    head = view.head

    def laid_out() -> bool:
        places = [number.geometry() for number in head.numbers]
        return (
            len({place.top() for place in places})
            == rows
            == 6 // sum(place.top() == places[0].top() for place in places)
        )

    qtbot.waitUntil(laid_out)
    for number in head.numbers:
        inside = number.geometry().translated(head._numbers.pos())
        assert head.rect().contains(inside)
        assert number.height() >= number.layout().heightForWidth(number.width())
        assert number.value.width() >= number.value.sizeHint().width()


def test_what_was_looked_for_stands_by_subject_and_what_lacks_the_same_together(view: TriageView) -> None:
    lacking = [LookedAt(title=title, because="no dump") for title in ("Slots do not compete", "Few slots are in use")]
    passed = [
        LookedAt(title=title, subject=subject)
        for title, subject in (("Loss is below zero", "Loss"), ("Score collapsed", "Scores"), ("Overfitting", "Loss"))
    ]
    view.show_scene(msgspec.structs.replace(scene(), not_assessable=tuple(lacking), passed=tuple(passed)))
    lacked, looked = (
        [label.text() for label in card.findChildren(Label) if label.isVisible()]
        for card in (view.below.not_assessable, view.below.passed)
    )
    assert lacked == ["Not assessable", "Slots do not compete · Few slots are in use", "no dump"]
    assert looked == [
        "Looked for and not found", "Loss", "Loss is below zero · Overfitting", "Scores", "Score collapsed",
    ]  # fmt: skip
    assert view.findings.nothing.text() == "3 checks found nothing: loss, scores"


def test_what_was_not_found_stands_beside_the_settings_where_nothing_else_does(view: TriageView) -> None:
    below, passed = view.below, (LookedAt(title="Score collapsed", subject="Scores"),)
    lacking = (LookedAt(title="Few slots are in use", because="no dump"),)
    for not_assessable, beside in (((), below.passed), (lacking, below.not_assessable)):
        view.show_scene(msgspec.structs.replace(scene(), not_assessable=not_assessable, passed=passed))
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        assert beside.geometry().top() == below.settings.geometry().top()
        assert beside.geometry().right() < below.settings.geometry().left()
    assert below.passed.geometry().top() > below.settings.geometry().bottom()
    assert below.passed.width() > below.settings.width()


def test_settings_of_a_compared_run_take_the_place_of_good_ones(view: TriageView) -> None:
    view.show_scene(scene())
    assert view.below.settings.title.text() == "Settings against slots fixed"
    view.set_reference(SettingsAgainst(name="run b", rows=()))
    assert view.below.settings.title.text() == "Settings against run b"
    view.set_reference(None)
    assert view.below.settings.title.text() == "Settings against slots fixed"


def test_a_narrow_view_leaves_out_pictures_and_keeps_the_buttons(qtbot: QtBot, view: TriageView) -> None:
    view.show_scene(scene(row("a")))
    line = view.findings.lines["a"]
    assert line.picture.isVisible()
    view.resize(420, 700)
    qtbot.waitUntil(lambda: not line.picture.isVisible())
    assert line.dismiss.isVisible()


def test_longer_words_on_buttons_take_the_room_of_a_picture(qtbot: QtBot, view: TriageView) -> None:
    view.resize(840, 700)
    view.show_scene(scene(row("a")))
    line = view.findings.lines["a"]
    qtbot.waitUntil(line.picture.isVisible)
    line.stage.setText("Make ready what would heal it")
    line.fit(840 - 28)
    qtbot.waitUntil(lambda: not line.picture.isVisible() and line.width() >= line.dismiss.geometry().right())
