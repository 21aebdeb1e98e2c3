"""The weights view, with real mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPointF, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from inspector.display.weights.scene import TensorScene, ValueRow, WeightsScene
from inspector.display.weights.tree import tree_of
from inspector.formats.facts import TensorFacts
from inspector.session.intents import ViewChanged
from inspector.session.values import ViewState
from inspector.views.theme import apply_theme
from inspector.views.weights.tree import TensorModel
from inspector.views.weights.view import WeightsView, make

NAMES = ("model.encoder.0.weight", "model.encoder.0.bias", "model.head.weight", "optimizer.state.0.exp_avg")


def facts(name: str) -> TensorFacts:
    return TensorFacts(
        name=name, shape=(8, 3, 3, 3), dtype="float32", bytes=864, role="optimizer" if "opt" in name else "weight"
    )


def tensor(name: str = NAMES[0], **changes) -> TensorScene:
    rng = np.random.default_rng(0)
    kernels = rng.integers(0, 256, (8, 3, 3, 4), np.uint8)
    kernels[..., 3] = 255
    usual = {
        "facts": "[8, 3, 3, 3] float32 · 864 B",
        "lines": (("min", "−1"), ("not finite", "0")),
        "heights": np.array([1, 5, 2]),
        "edges": np.array([-1.0, 0.0, 1.0, 2.0]),
        "zero_bin": 1,
        "kernels": kernels,
        "kernel_names": tuple(f"output {i}, input 0" for i in range(8)),
        "reach": 1.0,
    }
    return TensorScene(name=name, **{**usual, **changes})


def scene(**changes) -> WeightsScene:
    usual = {
        "path": "/run/a.pt",
        "place": "a.pt · epoch 3",
        "summary": "648 parameters",
        "nodes": tree_of(tuple(facts(name) for name in NAMES)),
        "contents": (("epoch", "3"), ("rng", "4 values")),
        "values": tuple(ValueRow(f"a.{i}", "int", str(i)) for i in range(1000)),
        "values_left_out": 0,
        "would_import": ("argparse.Namespace",),
        "notes": (),
        "tensor": tensor(),
    }
    return WeightsScene(**{**usual, **changes})


@pytest.fixture
def view(qtbot, qapp: QApplication) -> WeightsView:
    apply_theme(qapp, "dark")
    made = make()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def intents(view: WeightsView) -> list:
    told: list = []
    view.intent.connect(told.append)
    return told


def click_row(qtbot, view: WeightsView, path: str) -> None:
    index = view.tree.model_nodes().index_of(path)
    qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=view.tree.visualRect(index).center())


def test_the_model_is_a_sound_tree(qapp):
    model = TensorModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_nodes(scene().nodes)
    roots = [model.data(model.index(row, 0)) for row in range(model.rowCount())]
    assert roots == ["model", "optimizer.state.0"]
    model.set_nodes(())
    assert model.rowCount(QModelIndex()) == 0
    del tester


def test_a_click_on_a_tensor_or_a_group_asks_for_it(qtbot, view):
    view.show_scene(scene())
    told = intents(view)
    click_row(qtbot, view, "model.head.weight")
    click_row(qtbot, view, "model.encoder.0")
    assert told == [ViewChanged({"tensor": "model.head.weight"}), ViewChanged({"tensor": "model.encoder.0"})]


def test_keys_walk_the_tree(qtbot, view):
    view.show_scene(scene())
    told = intents(view)
    qtbot.keyClick(view.tree, Qt.Key.Key_Down)
    assert told == [ViewChanged({"tensor": "model.encoder.0.bias"})]


def test_the_shown_tensor_is_marked_without_being_told_back(qtbot, view):
    told = intents(view)
    view.show_scene(scene())
    assert view.tree.model_nodes().node(view.tree.currentIndex()).path == NAMES[0]
    assert view.card.name.text() == NAMES[0]
    assert view.card.statistics() == {"min": "−1", "not finite": "0"}
    assert told == []


def test_a_chosen_group_stays_chosen_while_its_weight_is_shown(qtbot, view):
    view.show_scene(scene())
    click_row(qtbot, view, "model.encoder.0")
    view.show_scene(scene())
    assert view.tree.model_nodes().node(view.tree.currentIndex()).path == "model.encoder.0"


def test_the_three_pages_are_reached_by_their_segments(qtbot, view):
    view.show_scene(scene())
    assert view.pages.segment("imports").text() == "Would import · 1"
    for page in ("objects", "imports", "tensors"):
        qtbot.mouseClick(view.pages.segment(page), Qt.MouseButton.LeftButton)
        assert view.page() == page
    assert view.imports.toPlainText() == "argparse.Namespace"
    assert "nothing was imported" in view.imports_said.text()


def test_the_filter_asks_once_typing_rests_and_follows_the_session(qtbot, view):
    told = intents(view)
    qtbot.keyClicks(view.filter, "bias")
    qtbot.waitUntil(lambda: bool(told))
    assert told == [ViewChanged({"tensor_filter": "bias"})]
    view.set_state(None, ViewState(tensor_filter="head"))
    assert view.filter.text() == "head"
    qtbot.wait(250)
    assert len(told) == 1


def test_values_are_in_a_table_and_those_left_out_are_counted(qtbot, view):
    view.show_scene(scene(values_left_out=12_345))
    model = view.values.model()
    assert model.rowCount() == 1000
    assert model.data(model.index(999, 2)) == "999"
    assert view.values_said.text().startswith("12,345 more values")


def test_a_tensor_that_cannot_be_read_says_why(qtbot, view):
    none = np.zeros((0, 0, 0, 4), np.uint8)
    broken = tensor(
        problem="a.pt: expected 864 bytes, found 12", heights=np.zeros(0, int), edges=np.zeros(0), kernels=none,
        kernel_names=(), lines=(), reach=float("nan"),
    )  # fmt: skip
    view.show_scene(scene(tensor=broken))
    assert not view.card.problem.isHidden()
    assert view.card.chart.isHidden()
    assert view.card.kernels.isHidden()
    view.show_scene(scene())
    assert view.card.problem.isHidden()
    assert not view.card.chart.isHidden()


def test_each_kernel_tells_its_name_under_the_pointer(qtbot, view):
    view.show_scene(scene())
    strip = view.card.kernels
    areas = strip.areas()
    assert strip.name_at(areas[3].center()) == "output 3, input 0"
    assert strip.name_at(QPointF(-5, -5)) == ""


def test_a_bar_says_what_it_counts(qtbot, view):
    view.show_scene(scene())
    assert view.card.chart.text_of(1) == "0 to 1: 5"
    middle = QPointF(view.card.chart.width() / 2, 20)
    assert view.card.chart.bar_at(middle) == 1


def test_a_checkpoint_without_tensors_shows_its_values_and_notes(qtbot, view):
    view.show_scene(scene(nodes=(), tensor=None, would_import=(), notes=("a", "b")))
    assert view.card.isHidden()
    assert "(and 1 more)" in view._notes.text()
    assert view.pages.segment("imports").text() == "Would import"


def test_showing_a_scene_again_keeps_what_was_opened_and_leaks_no_labels(qtbot, view):
    view.show_scene(scene())
    tree = view.tree
    tree.collapse(tree.model_nodes().index_of("model"))
    qtbot.wait(1)
    count = len(view.findChildren(object))
    for _ in range(3):
        view.show_scene(scene())
        qtbot.wait(1)
    assert not tree.isExpanded(tree.model_nodes().index_of("model"))
    assert len(view.findChildren(object)) == count


def test_twenty_thousand_tensors_are_walked_without_making_rows(qtbot, view):
    many = tuple(facts(f"model.block{i // 10}.p{i}.weight") for i in range(20_000))
    view.show_scene(scene(nodes=tree_of(many), tensor=tensor("model.block1999.p19999.weight")))
    assert view.tree.model_nodes().node(view.tree.currentIndex()).path == "model.block1999.p19999.weight"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_view_looks_as_stored(qtbot, qapp, view, check_picture, theme):
    apply_theme(qapp, theme)
    view.resize(760, 460)
    heights = np.exp(-(np.linspace(-3, 3, 64) ** 2)) * 100
    view.show_scene(scene(tensor=tensor(heights=heights, edges=np.linspace(-0.4, 0.4, 65), zero_bin=32)))
    qtbot.wait(1)
    assert view.height() == 460
    check_picture(view, f"weights-{theme}")
