"""The Slots tab shows its scene and tells what is pressed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import SlotLabel, SlotsAsk, SlotsScene
from inspector.session.values import ViewState
from inspector.views.pictures import rgba_of
from inspector.views.slots.stage import GAP_PX, plan
from inspector.views.slots.view import SlotsView, make
from inspector.views.theme import apply_theme
from tests.display import dumps
from tests.views.acting import changes_on_click, show_view


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SlotsScene:
    path = dumps.write(tmp_path_factory.mktemp("slots") / "d.h5")
    return prepare(SlotsAsk(path=str(path), place="d.h5 · epoch 12", sample=2, source="encoder"), QUIET)


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication, scene: SlotsScene) -> SlotsView:
    apply_theme(qapp, "dark")
    made = make(None)
    show_view(qtbot, made, scene)
    return made


def test_every_slot_has_a_tile_with_its_share_and_the_last_is_the_entropy(view: SlotsView, scene: SlotsScene) -> None:
    names = [tile.accessibleName() for tile in view.stage.grid.tiles()]
    assert names == [f"slot {slot.slot} {slot.share_text}" for slot in scene.slots] + [f"entropy {scene.entropy_text}"]
    assert view.stage.composite.accessibleName() == f"d.h5 · epoch 12 {scene.score_text}"


def test_a_click_on_a_slot_asks_for_it_alone_and_a_second_for_all(qtbot, view, scene) -> None:
    assert changes_on_click(qtbot, view, view.stage.grid.tile(3)) == {"solo_slot": 3}
    view.show_scene(msgspec.structs.replace(scene, solo=3))
    assert [tile.dimmed for tile in view.stage.grid.tiles()] == [True, True, True, False, True, False]
    assert view.stage.grid.tile(3).selected
    assert changes_on_click(qtbot, view, view.stage.grid.tile(3)) == {"solo_slot": None}


def test_the_entropy_is_not_a_slot(qtbot: QtBot, view: SlotsView) -> None:
    with qtbot.assertNotEmitted(view.intent):
        qtbot.mouseClick(view.stage.grid.tile(5), Qt.MouseButton.LeftButton)


def test_a_click_on_a_sample_chooses_it(qtbot: QtBot, view: SlotsView) -> None:
    assert changes_on_click(qtbot, view, view.below.strip.tile(4)) == {"sample": 4}
    assert [tile.selected for tile in view.below.strip.tiles()] == [False, False, True, False, False, False]


@pytest.mark.parametrize(("value", "told"), [("0", 0), ("1", 1), ("2", -1)])
def test_the_last_iteration_is_asked_for_as_the_last(qtbot, view, value: str, told: int) -> None:
    assert changes_on_click(qtbot, view, view.iteration.segment(value)) == {"iteration": told}


def test_style_source_and_opacity_are_told(qtbot: QtBot, view: SlotsView) -> None:
    assert changes_on_click(qtbot, view, view.style_choice.segment("argmax")) == {"mask_style": "argmax"}
    assert changes_on_click(qtbot, view, view.source.segment("decoder")) == {"mask_source": "decoder"}
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(view.opacity.track, Qt.Key.Key_Home)
    assert caught.args[0].changes == {"opacity": 0.0}


def test_controls_follow_the_state_without_telling_it_back(qtbot: QtBot, view: SlotsView) -> None:
    with qtbot.assertNotEmitted(view.intent):
        view.set_state(None, ViewState(mask_style="contours", opacity=0.25))
    assert view.style_choice.value() == "contours"
    assert view.opacity.value() == pytest.approx(0.25)
    assert not view.opacity.isEnabled()


def test_a_source_that_the_dump_lacks_cannot_be_pressed(view: SlotsView, scene: SlotsScene) -> None:
    view.show_scene(msgspec.structs.replace(scene, sources=("encoder",), iterations=1, iteration=0))
    assert not view.source.segment("decoder").isEnabled()
    assert view.source.segment("decoder").toolTip() == "This dump has no decoder masks"
    assert not view.iteration.isEnabled()


def test_figures_stand_with_what_they_are_read_against(view: SlotsView, scene: SlotsScene) -> None:
    assert view.below.figures.texts() == tuple((f.name, f.value, f.remark) for f in scene.figures)


def test_the_cosine_under_the_pointer_is_told_in_numbers(view: SlotsView, scene: SlotsScene) -> None:
    area = view.below.matrix.picture_area()
    middle = QPointF(area.left() + area.width() * 0.9, area.top() + area.height() * 0.1)
    cell = view.below.matrix.pixel_at(middle)
    assert cell == (0, 4)
    assert view.below.matrix.text_at(0, 4) == f"slot 0 and slot 4: {scene.cosine_values[0][4]:.4g}".replace("-", "−")
    assert view.below.matrix.text_at(2, 2) == "slot 2"


def test_without_slot_vectors_no_matrix_is_shown(view: SlotsView, scene: SlotsScene) -> None:
    view.show_scene(msgspec.structs.replace(scene, cosine=None, cosine_values=()))
    assert not view.below.matrix.isVisible()


def test_a_number_is_painted_where_its_slot_is(view: SlotsView, scene: SlotsScene) -> None:
    flat = np.full_like(scene.composite, 255)
    flat[..., :3] = 120
    label = SlotLabel(text="7", x=0.25, y=0.25)

    def painted(labels: tuple[SlotLabel, ...]) -> np.ndarray:
        view.show_scene(msgspec.structs.replace(scene, composite=flat, labels=labels))
        return rgba_of(view.stage.composite.grab().toImage()).astype(int)

    rows, columns = np.nonzero(np.abs(painted((label,)) - painted(())).sum(-1))
    area = view.stage.composite.picture_area()
    assert rows.mean() / area.height() == pytest.approx(0.25, abs=0.02)
    assert columns.mean() / area.width() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("count", [2, 5, 8, 12, 25])
@pytest.mark.parametrize("aspect", [1.0, 1.5, 0.6])
def test_composite_and_tiles_fit_the_stage_without_overlap(count: int, aspect: float) -> None:
    chosen = plan(count, 1000, 450, aspect)
    rows = -(-count // chosen.columns)
    across = chosen.composite_px * aspect + 12 + chosen.columns * chosen.cell_px + (chosen.columns - 1) * GAP_PX
    down = rows * chosen.cell_px / aspect + (rows - 1) * GAP_PX
    assert across <= 1000 + 1e-6
    assert down <= chosen.composite_px + 1e-6 <= 450 + 1e-6


@pytest.mark.parametrize("size", [(700, 520), (1000, 700), (1600, 560), (900, 1100)])
def test_nothing_of_the_stage_is_cut_off(view: SlotsView, size: tuple[int, int]) -> None:
    view.resize(*size)
    QApplication.processEvents()
    stage = view.stage
    assert stage.rect().contains(stage.composite.geometry())
    for tile in stage.grid.tiles():
        assert stage.rect().contains(tile.geometry().translated(stage.grid.pos()))
    assert stage.geometry().bottom() < view.below.geometry().top()
    assert view.panes.rect().contains(view.below.geometry())


def test_notes_of_the_scene_are_shown(view: SlotsView, scene: SlotsScene) -> None:
    assert not view.notes.isVisible()
    view.show_scene(msgspec.structs.replace(scene, notes=("25.0% of the masks' pixels are not finite",)))
    assert view.notes.isVisible()
    assert "not finite" in view.notes.text()
