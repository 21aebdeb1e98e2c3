"""The panels around the views, with real clicks."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.findings_panel import FindingsPanel
from inspector.app.message_area import MAX_SHOWN, MessageArea
from inspector.app.news import Message
from inspector.app.run_rows import FILE, dot_colour, dot_of
from inspector.app.run_tree import RunTree, TreeRun
from inspector.app.timeline import Timeline
from inspector.app.timeline_strip import Flag
from inspector.app.welcome import Welcome, when_text
from inspector.diagnosis.values import Cure, Diagnosis, Finding, NotAssessable, ProposedEdit, Severity, Sureness
from inspector.display.timeline.scene import Mark, TimelineScene
from inspector.display.tokens import TOKENS
from inspector.formats.facts import CheckpointFacts, OtherFacts
from inspector.runs.values import FileEntry, Life, Liveness, Moment, Run
from inspector.session.intents import LostForgotten
from inspector.session.store import Recent
from inspector.session.values import StagedEdit
from inspector.views.surfaces import Label
from inspector.views.theme import apply_theme


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def _run(name: str = "a", *, live: bool = False) -> Run:
    files = (
        FileEntry(
            path=f"/{name}/last.pt",
            name="last.pt",
            facts=CheckpointFacts(container="torch-zip", bytes=3),
            bytes=3,
            modified_s=0.0,
            hint="last",
        ),
        FileEntry(
            path=f"/{name}/x",
            name="x",
            facts=OtherFacts(bytes=0, because="x: expected a file, found 0 bytes"),
            bytes=0,
            modified_s=0.0,
        ),
    )
    return Run(key=name, name=name, root=f"/{name}", paths=(f"/{name}",), files=files, live=live)


def _finding(name: str, severity: Severity = Severity.ERROR) -> Finding:
    cure = Cure(title="Half the rate", edits=(ProposedEdit(path="optim.lr", new=1e-4, reason="because"),))
    return Finding(
        id=name,
        rules=("X",),
        title=f"Title {name}",
        summary="12 of 24",
        severity=severity,
        sureness=Sureness.CERTAIN,
        since_epoch=3.0,
        cures=(cure,),
    )


def test_the_tree_shows_runs_files_and_why_one_was_left_out(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    tree.show()
    tree.show_runs([TreeRun(_run("a"), "error", 4), TreeRun(_run("b", live=True), "live")], "a", None)
    assert tree.tree.topLevelItemCount() == 2
    child = tree.tree.topLevelItem(0).child(1)  # type: ignore[union-attr]
    assert "found 0 bytes" in child.toolTip(0)
    with qtbot.waitSignal(tree.chosen) as caught:
        rect = tree.tree.visualItemRect(child)
        qtbot.mouseClick(tree.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert caught.args == ["a", child.data(0, FILE)]


def test_a_folded_run_stays_folded(qtbot: QtBot) -> None:
    tree = RunTree()
    qtbot.addWidget(tree)
    rows = [TreeRun(_run("a"), "good")]
    tree.show_runs(rows, "a", None)
    tree.tree.topLevelItem(0).setExpanded(False)  # type: ignore[union-attr]
    tree.show_runs(rows, "a", None)
    assert not tree.tree.topLevelItem(0).isExpanded()  # type: ignore[union-attr]


def test_the_dot_tells_the_worst() -> None:
    assert dot_of(_run(), Severity.CRITICAL, checked=True) == "critical"
    assert dot_of(_run(), Severity.INFO, checked=True) == "good"
    assert dot_of(_run(live=True), Severity.ERROR, checked=True) == "live"
    crashed = msgspec.structs.replace(_run(), liveness=Liveness(life=Life.CRASHED, because="killed"))
    assert [dot_of(crashed, worst, checked=True) for worst in (None, Severity.WARNING, Severity.CRITICAL)] == [
        "error", "error", "critical"
    ]  # fmt: skip


def test_a_run_that_no_check_could_look_at_is_not_called_good() -> None:
    dots = {dot_of(_run(), None, checked=checked) for checked in (True, False)}
    assert dots == {"good", "unchecked"}
    assert len({dot_colour(dot, TOKENS["dark"]) for dot in dots}) == 2


def test_findings_have_buttons_and_what_cannot_be_assessed_is_said(qtbot: QtBot) -> None:
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.resize(336, 700)
    panel.show()
    findings = (_finding("one"), _finding("two", Severity.WARNING))
    diagnosis = Diagnosis(
        findings=findings, not_assessable=(NotAssessable(id="g", title="Gradient flow", because="none"),)
    )
    panel.show_findings(findings, diagnosis, "two")
    assert [card.finding.id for card in panel.cards] == ["one", "two"]
    assert [card.chosen for card in panel.cards] == [False, True]
    from inspector.views.controls import Button

    buttons = {button.text(): button for button in panel.cards[0].findChildren(Button)}
    assert set(buttons) == {"Stage cure", "Evidence", "Dismiss"}
    for text, signal in (("Stage cure", panel.staged), ("Evidence", panel.shown), ("Dismiss", panel.dismissed)):
        with qtbot.waitSignal(signal) as caught:
            qtbot.mouseClick(buttons[text], Qt.MouseButton.LeftButton)
        assert caught.args == ["one"]
    for button in buttons.values():
        button.setText(f"{button.text()} in a longer language")
        button.updateGeometry()
    qtbot.waitUntil(lambda: buttons["Evidence"].y() > buttons["Stage cure"].y())
    assert all(button.mapTo(panel, button.rect().topRight()).x() < panel.width() for button in buttons.values())


def test_a_long_list_is_made_a_few_a_turn_and_what_says_the_same_stays(qtbot: QtBot) -> None:
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    findings = tuple(_finding(f"f{place}") for place in range(9))
    panel.show_findings(findings, Diagnosis(findings=findings), None)
    assert len(panel.cards) < 9
    qtbot.waitUntil(lambda: not panel.busy)
    before = panel.cards
    assert [card.finding.id for card in before] == [finding.id for finding in findings]
    panel.show_findings((findings[3], *findings[:3], *findings[4:]), Diagnosis(findings=findings), "f5")
    qtbot.waitUntil(lambda: not panel.busy)
    shown = [panel._list.layout().itemAt(place).widget() for place in range(9)]
    assert shown == panel.cards
    assert [card.finding.id for card in panel.cards][:3] == ["f3", "f0", "f1"]
    # The first has another button, and the chosen one says more.
    assert {card.finding.id for card in panel.cards if card not in before} == {"f3", "f0", "f5"}


LONG_NAMES = (
    "model.temporal_fusion.static_context_hidden_encoder_grn.layers.11.self_attention.in_proj_weight",
    "/data/experiments/2024/slot_attention/clevr_six_objects/seed_3/checkpoints/step_0000100.pt",
    "a" * 300,
    "W" * 200,
)


@pytest.mark.parametrize("name", LONG_NAMES)
def test_long_names_stay_inside_the_findings(qtbot: QtBot, name: str) -> None:
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    finding = msgspec.structs.replace(_finding("one"), title=f"Dead: {name}", summary=f"{name}: 3 dead", why=name)
    lacking = (NotAssessable(id="g", title="Gradient flow", because=f"{name} has none"),)
    panel.show_findings((finding,), Diagnosis(findings=(finding,), not_assessable=lacking), "one")
    panel.staged_card.show_edits((StagedEdit(path=name, old=name, new=name),), "Resume…")
    qtbot.wait(20)
    labels = [label for label in panel.findChildren(Label) if label.isVisible()]
    assert len(labels) > 8
    for label in labels:
        right = label.mapTo(panel, QPoint(label.width(), 0)).x()
        assert right <= panel.width(), label.text()
        if label.wordWrap():
            lines = label.fontMetrics().boundingRect(
                0, 0, label.width(), 10_000, int(Qt.TextFlag.TextWordWrap), label.text()
            )
            assert lines.height() <= label.height() + 1, "every line has its place"
            assert lines.width() <= label.width() or "W" * 9 in name, label.text()
    whole = [label for label in labels if label.text().replace("\u200b", "") == f"{name}: 3 dead"]
    cut = [label for label in labels if label.toolTip() == f"{name}: 3 dead"]
    assert len(whole) + len(cut) == 1


def test_a_staged_edit_is_shown_and_taken_back(qtbot: QtBot) -> None:
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.staged_card.show_edits((StagedEdit(path="optim.lr", old=1e-3, new=1e-4),), "Resume…")
    from inspector.views.controls import Button

    back = next(b for b in panel.staged_card.findChildren(Button) if b.accessibleName() == "Take back optim.lr")
    with qtbot.waitSignal(panel.staged_card.unstaged) as caught:
        qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert caught.args == ["optim.lr"]


def test_with_nothing_staged_the_card_is_one_line_with_its_button(qtbot: QtBot) -> None:
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    card = panel.staged_card
    edit = StagedEdit(path="optim.lr", old=1e-3, new=1e-4)

    def is_laid_out(*, one_line: bool) -> bool:
        apart_px = abs(card.resume.geometry().center().y() - card.title.geometry().center().y())
        return (apart_px <= 1 and card.height() < 48) if one_line else (apart_px > 20 and card.height() > 70)

    for edits in ((), (edit,), ()):
        card.show_edits(edits, "Resume…")
        qtbot.waitUntil(partial(is_laid_out, one_line=not edits))
        assert card.resume.isVisible()
        with qtbot.waitSignal(card.resumed):
            qtbot.mouseClick(card.resume, Qt.MouseButton.LeftButton)


def _scene() -> TimelineScene:
    marks = (Mark(step=100, kind="checkpoint", label="a", path="a"), Mark(step=200, kind="dump", label="b", path="b"))
    return TimelineScene(
        tag="val/ari",
        steps=np.array([0.0, 100, 200]),
        values=np.array([0.0, np.nan, 1.0]),
        first_step=0,
        last_step=200,
        marks=marks,
        ticks=((0, "0"), (200, "2")),
        axis="epoch",
    )


def test_a_click_on_the_timeline_moves_the_cursor(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(1000, 104)
    timeline.show()
    timeline.show_scene(_scene(), (Moment(0, 0.0), Moment(200, 2.0)))
    timeline.show_flags((Flag(100, Severity.ERROR, "Bad"),))
    qtbot.waitExposed(timeline)
    with qtbot.waitSignal(timeline.moved) as caught:
        place = QPoint(round(timeline.strip.x_of(50)), 40)
        qtbot.mouseClick(timeline.strip, Qt.MouseButton.LeftButton, pos=place)
    assert caught.args[0] == pytest.approx(50, abs=1)


def test_next_and_previous_stop_at_checkpoints_and_dumps(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.show_scene(_scene(), ())
    timeline.show_cursor(0)
    moved: list[float] = []
    timeline.moved.connect(moved.append)
    timeline.moved.connect(timeline.show_cursor)
    timeline.next_step()
    timeline.next_step()
    timeline.next_step()
    timeline.previous_step()
    assert moved == [100, 200, 100]


def test_an_empty_run_has_an_empty_timeline(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.show_scene(None, ())
    timeline.show()
    timeline.next_step()
    timeline.toggle_play()
    assert timeline.strip.shown_cursor() is None


def test_messages_stay_until_closed_and_do_not_repeat(qtbot: QtBot) -> None:
    area = MessageArea()
    qtbot.addWidget(area)
    for number in range(MAX_SHOWN + 2):
        area.add(Message(f"{number}: <b>not bold</b>"))
    area.add(Message(f"{MAX_SHOWN + 1}: <b>not bold</b>"))
    assert len(area.sentences()) == MAX_SHOWN
    assert area.lines[0].text.textFormat() == Qt.TextFormat.PlainText
    area.show()
    qtbot.mouseClick(area.lines[0].close_button, Qt.MouseButton.LeftButton)
    assert len(area.sentences()) == MAX_SHOWN - 1
    for names in ("a", "a, b"):
        area.add(Message(f"Cannot be read now: {names}", intent=LostForgotten()))
    assert [sentence for sentence in area.sentences() if "now" in sentence] == ["Cannot be read now: a, b"]


def test_the_welcome_screen_lists_what_was_open(qtbot: QtBot, tmp_path: Path) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.show_recent(())
    welcome.show_recent((Recent("clevr", (str(tmp_path),), time.time()),))
    welcome.show()
    with qtbot.waitSignal(welcome.opened_sample):
        qtbot.mouseClick(welcome.box.sample, Qt.MouseButton.LeftButton)
    line = next(widget for widget in welcome._lines if hasattr(widget, "pressed"))
    with qtbot.waitSignal(welcome.opened_recent) as caught:
        qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    assert caught.args == [(str(tmp_path),)]


def test_days_are_named_as_people_do() -> None:
    noon = 1_700_000_000.0
    assert when_text(noon, noon) == "today"
    assert when_text(noon - 86_400, noon) == "yesterday"
    assert when_text(noon - 10 * 86_400, noon) == "4 Nov"
    assert when_text(noon - 400 * 86_400, noon).endswith("2022")
