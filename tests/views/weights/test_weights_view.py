"""The weights view, with real mouse and keys."""

from __future__ import annotations

import weakref
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from inspector.core.pulse import Progress
from inspector.display.weights.state.scene import RateDot
from inspector.session.intents import ViewChanged
from inspector.session.values import ViewState
from inspector.views.fonts import text_font
from inspector.views.theme import apply_theme
from inspector.views.view import PENDING_AFTER_MS
from inspector.views.weights.compare import ComparePage
from inspector.views.weights.imports import ImportsPage
from inspector.views.weights.objects import ObjectsPage
from inspector.views.weights.rate import RateChart, legend
from inspector.views.weights.state import StateCards
from inspector.views.weights.tree import TensorModel
from inspector.views.weights.view import WeightsView, make
from tests.display.weights.files import facts
from tests.views.weights.scenes import (
    WEIGHT,
    broken,
    comparison,
    scene,
    state,
    tensor,
    trend,
    values,
)


@pytest.fixture
def view(qtbot, qapp: QApplication) -> WeightsView:
    apply_theme(qapp, "dark")
    made = make()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def show(view: WeightsView, view_state: ViewState | None = None, **parts) -> None:
    view.set_state(None, view_state or ViewState())
    view.show_scene(parts.pop("main", None) or scene())
    for part, made in parts.items():
        view.show_part(part, made)


def intents(view: WeightsView) -> list:
    told: list = []
    view.intent.connect(told.append)
    return told


def commands(view: WeightsView) -> list:
    told: list = []
    view.command.connect(told.append)
    return told


def click_row(qtbot, view: WeightsView, path: str) -> None:
    index = view.tree.rows().index_of(path)
    view.tree.scrollTo(index)
    qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=view.tree.visualRect(index).center())


def press(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def to_tensor(path: str) -> ViewChanged:
    return ViewChanged({"tensor": path, "kernel_input": -1})


def test_the_model_is_a_sound_tree(qapp):
    model = TensorModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made = scene()
    model.set_tree(made.tree, made.sections)
    roots = [model.data(model.index(row, 0)) for row in range(model.rowCount())]
    assert roots[:4] == ["encoder.0", "decoder", "", "optimizer · AdamW"]
    empty = scene(tensors=(), objects={})
    model.set_tree(empty.tree, ())
    assert model.rowCount(QModelIndex()) == 0
    del tester


def test_rows_come_as_a_view_walks_and_each_is_found_again(qapp):
    model = TensorModel()
    made = scene()
    model.set_tree(made.tree, made.sections)
    found = {}

    def walk(parent):
        if model.canFetchMore(parent):
            model.fetchMore(parent)
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            walk(index)
            found[model.number(index)] = model.path(index)

    walk(QModelIndex())
    assert found == dict(enumerate(made.tree.paths))
    model.set_tree(made.tree, made.sections)
    assert [model.path(model.index_at(number)) for number in reversed(found)] == [found[n] for n in reversed(found)]


def test_groups_that_were_shown_before_are_freed(qapp):
    model = TensorModel()
    made = scene()
    model.set_tree(made.tree, made.sections)
    groups = [weakref.ref(item) for number, item in model._items.items() if number >= 0]
    assert groups
    model.set_tree(made.tree, made.sections)
    assert not any(group() for group in groups)


def test_a_click_on_a_tensor_or_a_group_asks_for_it(qtbot, view):
    show(view, tensor=tensor())
    told = intents(view)
    click_row(qtbot, view, "model.decoder")
    click_row(qtbot, view, "model.encoder.0")
    assert told == [to_tensor("model.decoder"), to_tensor("model.encoder.0")]


def test_keys_walk_open_and_close_the_tree(qtbot, view):
    show(view, tensor=tensor())
    told = intents(view)
    tree = view.tree
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert told == [to_tensor("model.encoder.0.bias")]
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert tree.current_path() == "model.encoder.0"
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert not tree.isExpanded(tree.currentIndex())
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert tree.isExpanded(tree.currentIndex())
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    assert tree.current_path() == WEIGHT


def test_the_line_between_weights_and_sections_is_stepped_over(qtbot, view):
    show(view)
    view.tree.setFocus()
    view.tree.go_to("model.decoder")
    qtbot.keyClick(view.tree, Qt.Key.Key_Left)
    qtbot.keyClick(view.tree, Qt.Key.Key_Down)
    assert view.tree.current_path() == "optimizer"
    qtbot.keyClick(view.tree, Qt.Key.Key_Up)
    assert view.tree.current_path() == "model.decoder"
    told = intents(view)
    line = view.tree.indexBelow(view.tree.currentIndex())
    qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=view.tree.visualRect(line).center())
    assert view.tree.current_path() == "model.decoder"
    assert told == []


def test_ctrl_c_in_the_tree_copies_the_path(qtbot, view):
    show(view, tensor=tensor())
    qtbot.keyClick(view.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == WEIGHT
    QGuiApplication.clipboard().setText("")
    press(qtbot, view.card.copy_path)
    assert QGuiApplication.clipboard().text() == WEIGHT


def test_brackets_step_through_the_tensors(view):
    show(view, tensor=tensor())
    told = intents(view)
    view.next_layer()
    view.previous_layer()
    assert told == [to_tensor("model.encoder.0.bias")], "there is none before the first"


def test_the_shown_tensor_is_marked_without_being_told_back(qtbot, view):
    told = intents(view)
    show(view, tensor=tensor())
    assert view.tree.current_path() == WEIGHT
    assert view.card.name.text() == "encoder.0.weight"
    assert view.card.change.text() == "changed 0.4% since epoch 39"
    assert view.card.statistics() == {
        "min": "−1", "max": "2", "not finite": "0", "dead outputs": "1: 3", "device": "cpu",
    }  # fmt: skip
    assert told == []


def test_a_chosen_section_takes_the_place_of_the_tensor(qtbot, view):
    show(view, tensor=tensor())
    told = intents(view)
    click_row(qtbot, view, "optimizer")
    assert told == [to_tensor("optimizer")]
    view.set_state(None, ViewState(tensor="optimizer"))
    assert view.card.isHidden()
    assert view.section.name.text() == "optimizer · AdamW"
    assert view.section.table.texts()[0][:3] == ("group", "lr", "weight_decay")
    view.set_state(None, ViewState(tensor=WEIGHT))
    assert view.section.isHidden()
    assert not view.card.isHidden()


def test_dead_outputs_and_copies_are_told_by_their_bars(view):
    show(view, tensor=tensor())
    assert view.card.norms.text_of(3) == "output 3: 0 · dead"
    assert view.card.norms.text_of(4) == "output 4: 1 · a copy of another"
    assert view.card.norms_said.text() == "norm of each output · red dead · yellow a copy"


def test_the_input_of_a_convolution_is_chosen(qtbot, view):
    show(view, tensor=tensor())
    told = intents(view)
    press(qtbot, view.card.inputs.after)
    press(qtbot, view.card.inputs.before)
    assert told == [ViewChanged({"kernel_input": 0}), ViewChanged({"kernel_input": 2})], "round and round"
    view.show_part("tensor", tensor(input=2))
    assert view.card.inputs.shown.text() == "input 2 of 3"


def test_the_four_pages_are_reached_by_their_segments(qtbot, view):
    show(view)
    told = intents(view)
    assert view.pages.segment("imports").text() == "Would import · 2"
    for page in ("objects", "imports", "compare", "tensors"):
        press(qtbot, view.pages.segment(page))
        view.set_state(None, ViewState(weights_page=page))
        assert view.page() == page
    assert [one.changes["weights_page"] for one in told] == ["objects", "imports", "compare", "tensors"]


def test_pages_and_cards_are_made_when_they_are_first_wanted(qtbot, view):
    kinds = (ObjectsPage, ImportsPage, ComparePage, StateCards)
    assert not any(view.findChildren(kind) for kind in kinds)
    show(view, tensor=tensor())
    assert not any(view.findChildren(kind) for kind in kinds)
    view.show_part("state", state())
    qtbot.wait(1)
    assert view.card.y() < view.findChild(StateCards).y()
    for page, kind in zip(("objects", "imports", "compare"), kinds, strict=False):
        view.set_state(None, ViewState(weights_page=page))
        assert view.page() == page
        assert view.findChild(kind).isVisible()
    view.set_state(None, ViewState())
    assert (view.page(), view.card.isVisible()) == ("tensors", True)


def test_what_would_be_imported_is_said_without_a_verdict(qtbot, view):
    show(view, ViewState(weights_page="imports"))
    assert view.imports.said.text() == "Shown as plain values; nothing was imported or run"
    assert view.imports.others.texts() == [("models", "Net")]
    assert view.imports.usual.texts() == [("torch._utils", "_rebuild_tensor_v2")]
    told = commands(view)
    press(qtbot, view.imports.clean)
    assert told == ["save_clean_copy"]
    show(view, ViewState(weights_page="imports"), main=scene(imports=()))
    assert view.imports.said.text() == "Loading this file would import nothing"
    assert view.imports.clean.isHidden()


def test_buttons_stand_for_commands_of_the_window(qtbot, view):
    show(view, tensor=tensor(), main=scene(notes=("limit reached",), limited=True))
    told = commands(view)
    for button in (view.verify, view.card.export, view.read_on):
        press(qtbot, button)
    assert told == ["verify", "export_tensor", "read_on"]
    show(view)
    assert view.read_on.isHidden()


def test_the_result_of_a_check_stands_beside_the_summary_of_its_file(view):
    show(view)
    view.show_check("/run/a.pt", "2 records damaged", sound=False, detail="data/3")
    assert (view.verified.text(), view.verified.toolTip()) == ("2 records damaged", "data/3")
    show(view, main=scene(path="/run/other.pt"))
    assert view.verified.isHidden()


def test_the_filter_works_at_once_and_is_told_once_typing_rests(qtbot, view):
    show(view, tensor=tensor())
    told = intents(view)
    qtbot.keyClicks(view.filter, "bias")
    qtbot.waitUntil(lambda: bool(told))
    assert told == [ViewChanged({"tensor_filter": "bias"})]
    assert view.tree.rows().rowCount() == 1
    view.set_state(None, ViewState(tensor_filter="head"))
    assert view.filter.text() == "head"
    assert view.tree.rows().rowCount() == 0
    qtbot.wait(250)
    assert len(told) == 1


def test_values_are_a_tree_with_the_chosen_one_in_full(qtbot, view):
    show(view, ViewState(weights_page="objects"), objects=values())
    tree = view.objects.tree
    assert tree.rows().data(tree.rows().index_of("args")) == "args"
    tree.go_to("code.forward")
    tree.chosen.emit("code.forward")
    assert view.objects.text.toPlainText() == "def forward(self):\n    return 1"
    qtbot.wait(1)
    press(qtbot, view.objects.copy_path)
    assert QGuiApplication.clipboard().text() == "code.forward"
    tree.go_to("epoch")
    tree.chosen.emit("epoch")
    press(qtbot, view.objects.copy_value)
    assert QGuiApplication.clipboard().text() == "40"


def test_cards_tell_what_the_optimizer_knows(qtbot, view):
    show(view, tensor=tensor(), state=state())
    assert [bar.value for bar in view.state.flow.rows.bars()] == ["0.21", "0.33", "never", "2e-6"]
    assert view.state.flow.rows.area_of(2).width() == 0
    assert "never" in view.state.flow.rows.tip(2)
    assert view.state.ready.missing.text() == "sampler position missing"
    chart = view.state.rate.chart
    assert chart.place(40, 1e-4).y() < chart.place(40, 6.5e-5).y()
    told = intents(view)
    row = view.state.flow.rows
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(10, row.row_px + 5))
    assert told == [to_tensor("model.decoder")]
    view.show_scene(scene(path="/run/other.pt"))
    assert view.state.flow.isHidden()


def test_cards_that_come_before_the_tree_stay(view):
    view.set_state(None, ViewState())
    view.show_part("state", state())
    view.show_scene(scene())
    assert not view.state.flow.isHidden()


def test_a_part_that_takes_long_says_how_far_it_is_and_can_be_stopped(qtbot, view):
    show(view, tensor=tensor())
    stopped, again = [], []
    view.stopped.connect(stopped.append)
    view.again.connect(again.append)
    view.show_part_pending("state", Progress(1, 4, "reading moments"))
    waiting = view.state.waiting
    assert waiting.isHidden(), "a short wait is not worth a word"
    qtbot.waitUntil(waiting.isVisible, timeout=20 * PENDING_AFTER_MS)
    assert waiting.said.text() == "Reading moments… 25%"
    press(qtbot, waiting.button)
    assert (stopped, waiting.said.text()) == (["weights.state"], "Stopped")
    press(qtbot, waiting.button)
    assert again == ["weights.state"]
    view.show_part_message("state", "a.pt: expected 12 bytes\x1b, found 3")
    assert waiting.said.text() == "a.pt: expected 12 bytes\\x1b, found 3"
    view.show_part("state", state())
    assert waiting.isHidden()


def test_two_checkpoints_are_read_by_module_by_tensor_and_over_the_run(qtbot, view):
    show(view, ViewState(weights_page="compare"), compare=comparison())
    page = view.compare
    assert [bar.label for bar in page.changes.bars()] == ["model.encoder"]
    press(qtbot, page.by.segment("tensors"))
    assert [bar.value for bar in page.changes.bars()] == ["14.0%"]
    told = intents(view)
    qtbot.mouseClick(page.changes, Qt.MouseButton.LeftButton, pos=QPoint(10, 5))
    assert told == [ViewChanged({"tensor": WEIGHT, "weights_page": "tensors", "kernel_input": -1})]
    assert page.keys.table.texts() == [("new", "added [2]")]
    assert page.still.table.texts() == [("model.decoder",)]
    assert page.settings.table.texts()[1] == ("epoch", "39", "40")
    view.show_part("trend", trend())
    press(qtbot, page.by.segment("run"))
    assert page.trend.isVisible()
    area = page.trend.map.map_area()
    shown = page.trend.map.text_at(QPointF(area.right() - 1, 5))
    assert shown.splitlines() == ["encoder", "epoch 30", "norm 1.2", "changed by 0.2 of its norm"]


def test_the_other_checkpoint_is_chosen_from_the_run_or_a_file(qtbot, view):
    show(view, ViewState(weights_page="compare"), compare=comparison())
    told, asked = intents(view), commands(view)
    view.compare.menu.actions()[1].trigger()
    assert told == [ViewChanged({"compared_checkpoint": "/run/c.pt"})]
    press(qtbot, view.compare.other_file)
    assert asked == ["compare_file"]


def test_a_tensor_that_cannot_be_read_says_why(qtbot, view):
    show(view, tensor=broken())
    assert not view.card.problem.isHidden()
    assert view.card.chart.isHidden()
    assert view.card.kernels.isHidden()
    view.show_part("tensor", tensor())
    assert view.card.problem.isHidden()
    assert not view.card.chart.isHidden()


def test_each_kernel_tells_its_name_under_the_pointer(qtbot, view):
    show(view, tensor=tensor())
    strip = view.card.kernels
    assert strip.name_at(strip.areas()[3].center()) == "output 3, input 0"
    assert strip.name_at(QPointF(-5, -5)) == ""


def test_a_file_that_is_one_tensor_shows_it(view):
    show(view, main=scene(tensors=(facts("", (4, 4)),), objects={}), tensor=tensor(""))
    assert view.card.isVisible()
    assert view.card.name.text() == "the file's only tensor"
    assert view.tensor_name() == ""


def test_a_checkpoint_without_tensors_shows_its_values_and_notes(qtbot, view):
    nothing = tensor("", facts="")
    show(view, main=scene(tensors=(), imports=(), notes=("a", "b")), tensor=nothing)
    assert view.card.isHidden()
    assert view.tensor_name() is None
    assert "(and 1 more)" in view._notes.text()
    assert view.pages.segment("imports").text() == "Would import"


def test_showing_a_scene_again_keeps_what_was_opened_and_leaks_no_labels(qtbot, view):
    main = scene()
    show(view, main=main, tensor=tensor(), state=state(), compare=comparison(), trend=trend())
    tree = view.tree
    tree.collapse(tree.rows().index_of("model.encoder.0"))
    qtbot.wait(1)
    count = len(view.findChildren(object))
    for _ in range(3):
        show(view, main=main, tensor=tensor(), state=state(), compare=comparison(), trend=trend())
        qtbot.wait(1)
    assert len(view.findChildren(object)) == count


def test_twenty_thousand_tensors_are_walked_without_making_rows(qtbot, view):
    many = tuple(facts(f"model.block{i // 10}.p{i}.weight", (2,)) for i in range(20_000))
    last = "model.block1999.p19999.weight"
    show(view, main=scene(tensors=many, objects={}), tensor=tensor(last))
    qtbot.waitUntil(lambda: view.tree.current_path() == last)  # far above it a group of 2,000 opens
    view.tree.set_filter("p1999")
    assert view.tree.rows().rowCount() > 0


@pytest.mark.parametrize(("height", "width"), [(1, 512), (256, 2), (3, 256), (2, 2), (256, 256)])
def test_a_picture_of_any_shape_is_clear_of_what_stands_below(qtbot, view, height, width):
    matrix = np.full((1, height, width, 4), 200, np.uint8)
    details = (("storage", "80,000,000 bytes from byte 56,384 of the file"),)
    shown = tensor(kernels=matrix, kernel_names=("all",), inputs=0, details=details, pictured="every 78th output")
    show(view, tensor=shown)
    card = view.card
    for view_px in range(520, 1300, 60):
        view.resize(view_px, 700)
        qtbot.wait(1)
        area = card.kernels.areas()[0]
        assert min(area.width(), area.height()) >= 24, "more than a line"
        assert area.right() <= card.kernels.width()
        parts = [card.chart, card.kernels, card.scale.parentWidget(), card.norms_said, card.norms]
        for upper, lower in pairwise(parts):
            assert upper.geometry().bottom() < lower.geometry().top(), view_px
        assert card.kernels.height() >= area.bottom()


def test_the_ends_of_a_pictures_colours_are_told(view):
    show(view, tensor=tensor(reach=0.668))
    assert view.card.scale.toolTip() == "blue −0.668, grey 0, orange 0.668"


def test_a_long_name_keeps_its_line_where_the_card_is_narrow(qtbot, view):
    show(view, tensor=tensor())
    card = view.card
    assert card.name.geometry().bottom() > card.change.geometry().top()
    view.resize(620, 700)
    qtbot.wait(1)
    assert card.name.geometry().bottom() < card.facts.geometry().top()
    assert card.facts.geometry().bottom() < card.change.geometry().top()


def test_a_narrow_tree_gives_names_room(qtbot, view):
    show(view)
    wide = view.tree.indentation()
    view.resize(560, 700)
    qtbot.wait(1)
    assert view.tree.indentation() < wide


def test_a_narrow_view_folds_what_does_not_fit(qtbot, view):
    show(view, tensor=tensor(), state=state())
    view.resize(520, 600)
    qtbot.wait(1)
    assert view.card.width() <= 520
    assert view.filter.geometry().right() <= view.width()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_view_looks_as_stored(qtbot, qapp, view, check_picture, theme):
    apply_theme(qapp, theme)
    view.resize(1000, 780)
    heights = np.exp(-(np.linspace(-3, 3, 64) ** 2)) * 100
    bell = tensor(heights=heights, edges=np.linspace(-0.4, 0.4, 65), zero_bin=32)
    show(view, tensor=bell, state=state())
    qtbot.wait(60)
    check_picture(view, f"weights-{theme}")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_comparison_looks_as_stored(qtbot, qapp, view, check_picture, theme):
    apply_theme(qapp, theme)
    view.resize(1000, 520)
    show(view, ViewState(weights_page="compare"), compare=comparison(), trend=trend())
    qtbot.wait(60)
    check_picture(view, f"weights-compare-{theme}")


def test_a_recorded_rate_is_drawn_beside_the_plan_and_alone_where_there_is_none(qtbot, view):
    plan = state().rates[0]
    assert legend(plan) == []
    times = np.arange(0.0, 41.0)
    both = msgspec.structs.replace(plan, recorded_times=times, recorded_rates=np.full(41, 1e-4))
    assert [text for text, _, _ in legend(both)] == ["recorded", "planned"]
    nothing = np.zeros(0)
    alone = msgspec.structs.replace(both, times=nothing, rates=nothing)
    assert [text for text, _, _ in legend(alone)] == ["recorded"]
    drawn = {}
    for name, card in {"plan": plan, "both": both, "alone": alone}.items():
        show(view, tensor=tensor(), state=msgspec.structs.replace(state(), rates=(card,)))
        chart = view.state.rate.chart
        assert not chart.isHidden()
        drawn[name] = bytes(chart.grab().toImage().constBits())
    assert len(set(drawn.values())) == 3
    assert view.state.rate.chart.place(40, 0).x() == pytest.approx(view.state.rate.chart.width() - 4, abs=1)


@pytest.mark.parametrize("now", [40, 70])
@pytest.mark.parametrize("width", [240, 320, 500, 900])
def test_no_line_and_no_other_text_runs_through_what_is_said_of_a_dot(qtbot, width: int, now: int) -> None:
    plan = state().rates[0]
    times = np.arange(float(now + 1))
    dots = (
        RateDot(text="optimizer 1.0e-4", time=now, rate=1e-4, ink="critical"),
        RateDot(text="scheduler 6.5e-5", time=now, rate=float(plan.rates[now]), ink="good"),
    )
    card = msgspec.structs.replace(
        plan, now=float(now), dots=dots, recorded_times=times, recorded_rates=np.full(now + 1, 1e-4)
    )
    chart = RateChart()
    qtbot.addWidget(chart)
    chart.resize(width, chart.height())
    chart.show_card(card)
    first, second = chart.texts_of_dots(QFontMetricsF(text_font(11)))
    assert chart.rect().toRectF().contains(first)
    assert chart.rect().toRectF().contains(second)
    assert not first.intersects(second)
    lines = [chart.place(time, 1e-4 * (1 + np.cos(np.pi * time / 100)) / 2) for time in np.linspace(0, 100, 4001)]
    lines += [chart.place(time, 1e-4) for time in np.linspace(0, now, 2001)]
    assert not any(first.contains(one) or second.contains(one) for one in lines)
