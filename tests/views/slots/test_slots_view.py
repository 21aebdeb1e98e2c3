"""The Slots tab shows its scene and tells what is pressed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET
from inspector.diagnosis.values import Finding, Severity, SlotEvidence, Sureness
from inspector.display.gallery.scene import SamplesScene
from inspector.display.slots.baselines.scene import BaselinesScene
from inspector.display.slots.history.scene import HistoryScene, HistoryTile
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import Figure, MaskChoice, MaskOption, SlotLabel, SlotsAsk, SlotsScene
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.session.intents import CursorMoved, RunChosen, ViewChanged
from inspector.session.values import ViewState
from inspector.views.pictures import rgba_of
from inspector.views.slots.history import LEAST_TILE_PX, SlotHistory
from inspector.views.slots.plan import BETWEEN_PX, GAP_PX, plan
from inspector.views.slots.view import SlotsView, make
from inspector.views.theme import apply_theme
from inspector.views.zoomed_picture import WHOLE
from tests.display import dumps
from tests.views.acting import changes_on_click, show_view
from tests.views.gallery.samples import samples_scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SlotsScene:
    path = dumps.write(tmp_path_factory.mktemp("slots") / "d.h5")
    return prepare(
        SlotsAsk(path=str(path), place="d.h5 · epoch 12", sample=2, choice=MaskChoice(source="encoder")), QUIET
    )


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication, scene: SlotsScene) -> SlotsView:
    apply_theme(qapp, "dark")
    made = make(None)
    show_view(qtbot, made, scene)
    return made


def test_every_slot_has_a_tile_with_its_label_and_share_and_beside_them_stand_image_truth_and_entropy(
    view: SlotsView, scene: SlotsScene
) -> None:
    names = [tile.accessibleName() for tile in view.stage.grid.tiles()]
    slots = [f"slot {slot.slot} {slot.kind} {slot.share_text}" for slot in scene.slots]
    assert names == [*slots, "image", "truth 3 objects", f"entropy {scene.mean_entropy:.2f}"]
    assert view.stage.composite.accessibleName() == f"d.h5 · epoch 12 {scene.score_text}"


def test_a_click_on_a_slot_asks_for_it_alone_and_a_second_for_all(qtbot, view, scene) -> None:
    assert changes_on_click(qtbot, view, view.stage.grid.tile(3)) == {"solo_slot": 3}
    view.show_scene(msgspec.structs.replace(scene, solo=3))
    assert [tile.dimmed for tile in view.stage.grid.tiles()] == [True, True, True, False, True, False, False, False]
    assert view.stage.grid.tile(3).selected
    assert changes_on_click(qtbot, view, view.stage.grid.tile(3)) == {"solo_slot": None}


def test_slots_that_show_the_chosen_finding_are_ringed_on_its_sample(view: SlotsView, scene: SlotsScene) -> None:
    def ringed(*slots: int, sample: int = scene.sample) -> list[int]:
        seen = SlotEvidence(dump=scene.path, sample=sample, slots=slots, text="")
        finding = Finding(
            id="x", rules=(), title="", summary="", severity=Severity.INFO, sureness=Sureness.LIKELY, evidence=(seen,)
        )
        view.mark(finding, 0)
        return [place for place, tile in enumerate(view.stage.grid.tiles()) if tile.selected]

    assert ringed(1, 3) == [1, 3]
    assert ringed(1, 3, sample=scene.sample + 1) == []
    assert ringed(*range(len(scene.slots))) == []
    assert ringed(0, 2) == [0, 2]
    view.mark(None, 0)
    assert not any(tile.selected for tile in view.stage.grid.tiles())


def test_the_entropy_is_not_a_slot(qtbot: QtBot, view: SlotsView) -> None:
    entropy = view.stage.grid.tile(7)
    assert entropy.accessibleName().startswith("entropy")
    with qtbot.assertNotEmitted(view.intent):
        qtbot.mouseClick(entropy, Qt.MouseButton.LeftButton)


def test_a_click_on_a_sample_chooses_it(qtbot: QtBot, view: SlotsView) -> None:
    view.gallery.show_samples(samples_scene(6))
    place = view.gallery.grid.area_of(4).center()
    assert changes_on_click(qtbot, view, view.gallery.grid.viewport(), place)["sample"] == 4


@pytest.mark.parametrize(("value", "told"), [("0", 0), ("1", 1), ("2", -1)])
def test_the_last_iteration_is_asked_for_as_the_last(qtbot, view, value: str, told: int) -> None:
    assert changes_on_click(qtbot, view, view.toolbar.iteration.buttons.segment(value)) == {"iteration": told}


def test_style_source_and_opacity_are_told(qtbot: QtBot, view: SlotsView) -> None:
    assert changes_on_click(qtbot, view, view.toolbar.style_choice.segment("argmax")) == {"mask_style": "argmax"}
    chosen = {"mask_source": "decoder", "mask_dataset": ""}
    assert changes_on_click(qtbot, view, view.toolbar.source.segment("decoder")) == chosen
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(view.toolbar.opacity.track, Qt.Key.Key_Home)
    assert caught.args[0].changes == {"opacity": 0.0}


def test_controls_follow_the_state_without_telling_it_back(qtbot: QtBot, view: SlotsView) -> None:
    with qtbot.assertNotEmitted(view.intent):
        view.set_state(None, ViewState(mask_style="contours", opacity=0.25))
    assert view.toolbar.style_choice.value() == "contours"
    assert view.toolbar.opacity.value() == pytest.approx(0.25)
    assert not view.toolbar.opacity.isEnabled()


def test_a_source_that_the_dump_lacks_cannot_be_pressed(view: SlotsView, scene: SlotsScene) -> None:
    view.show_scene(msgspec.structs.replace(scene, sources=("encoder",), iterations=1))
    assert not view.toolbar.source.segment("decoder").isEnabled()
    assert view.toolbar.source.segment("decoder").toolTip() == "This dump has no decoder masks"
    assert not view.toolbar.iteration.isVisible()


def test_the_eye_of_a_slot_hides_it_and_shows_it_again(qtbot: QtBot, view: SlotsView, scene: SlotsScene) -> None:
    tile = view.stage.grid.tile(1)
    eye = tile.eye_area().center().toPoint()
    assert changes_on_click(qtbot, view, tile, eye) == {"hidden_slots": (1,)}
    view.set_state(None, ViewState(hidden_slots=(1, 4)))
    view.show_scene(msgspec.structs.replace(scene, hidden=(1, 4)))
    assert [one.dimmed for one in view.stage.grid.tiles()][:5] == [False, True, False, False, True]
    assert changes_on_click(qtbot, view, tile, eye) == {"hidden_slots": (4,)}


def test_a_click_on_the_image_lays_the_masks_over_it(qtbot: QtBot, view: SlotsView) -> None:
    assert changes_on_click(qtbot, view, view.stage.grid.tile(5)) == {"masks_over": "image"}


def test_every_choice_of_the_display_menu_is_told(qtbot: QtBot, view: SlotsView) -> None:
    menu = view.toolbar.display
    assert [item.key for item in menu.items() if item.on] == [
        "mask_scale:auto", "mask_upsampling:smooth", "masks_over:image", "active_area:0.01", "slot_reference:drop",
    ]  # fmt: skip
    told = []
    view.intent.connect(told.append)
    for item in menu.items():
        menu.chosen.emit(item.key)
    changes = [intent.changes for intent in told]
    assert {"active_area": 0.05} in changes
    assert {"mask_upsampling": "nearest"} in changes
    assert changes[-2:] == [{"slot_reference": None}, {"slot_reference": view.scene.reference}]
    for change in changes:
        msgspec.convert(change, ViewState)


def test_a_threshold_can_be_set_where_it_is_used(qtbot: QtBot, view: SlotsView) -> None:
    assert not view.toolbar.threshold.isVisible()
    view.set_state(None, ViewState(mask_style="threshold", mask_threshold=0.25))
    assert view.toolbar.threshold.isVisible()
    assert view.toolbar.threshold.value() == pytest.approx(0.25)
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(view.toolbar.threshold.track, Qt.Key.Key_End)
    assert caught.args[0].changes == {"mask_threshold": 1.0}


def test_heads_are_offered_one_by_one_and_all_together(qtbot: QtBot, view: SlotsView, scene: SlotsScene) -> None:
    assert not view.toolbar.head.isVisible()
    view.show_scene(msgspec.structs.replace(scene, heads=4, choice=MaskChoice(source="encoder", head=2)))
    assert view.toolbar.head.buttons.value() == "2"
    assert changes_on_click(qtbot, view, view.toolbar.head.buttons.segment("-1")) == {"mask_head": -1}
    assert changes_on_click(qtbot, view, view.toolbar.head.buttons.segment("3")) == {"mask_head": 3}


def test_many_iterations_have_a_slider(qtbot: QtBot, view: SlotsView, scene: SlotsScene) -> None:
    view.show_scene(msgspec.structs.replace(scene, iterations=30, choice=MaskChoice(iteration=12)))
    slider = view.toolbar.iteration.slider
    assert slider.isVisible()
    assert slider.value() == 13
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(slider.track, Qt.Key.Key_Right)
    assert caught.args[0].changes == {"iteration": 13}
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(slider.track, Qt.Key.Key_End)
    assert caught.args[0].changes == {"iteration": -1}


def test_hovering_tells_the_recorded_weights_of_the_pixel(qtbot: QtBot, view: SlotsView, scene: SlotsScene) -> None:
    composite = view.stage.composite
    area = composite.picture_area()
    at = QPointF(area.left() + area.width() * 3.5 / 16, area.top() + area.height() * 7.5 / 16)
    composite.pointed.emit(composite.place_at(at))
    weights = scene.masks[:, 7, 3]
    best = int(weights.argmax())
    assert f"x 3, y 7 · slot {best} {weights[best]:.3g}" in composite.accessibleName()
    assert f"sum {weights.sum():.4g}" in composite.accessibleName()
    assert view.stage.grid.tile(0).marker == pytest.approx((3.5 / 16, 7.5 / 16))
    composite.pointed.emit(None)
    assert view.stage.grid.tile(0).marker is None
    assert "sum" not in composite.accessibleName()


def wheel(widget: QWidget, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_stage_and_tiles_zoom_and_pan_together_and_fit_again(qtbot: QtBot, view: SlotsView) -> None:
    composite, tile = view.stage.composite, view.stage.grid.tile(2)
    area = tile.picture_area()
    at = QPointF(area.left() + area.width() / 4, area.top() + area.height() / 2)
    before = tile.place_at(at)
    wheel(tile, at, 4)
    assert tile.look.share == pytest.approx(0.85**4)
    assert tile.place_at(at) == pytest.approx(before)
    assert composite.look == tile.look == view.stage.grid.tile(7).look
    left = composite.look.left
    middle = composite.rect().center()
    qtbot.mousePress(composite, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(composite, middle - QPoint(30, 0))
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(middle - QPoint(30, 0)), QPointF(), Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(composite, move)
    assert tile.look.left > left
    with qtbot.assertNotEmitted(view.intent):
        qtbot.mouseRelease(composite, Qt.MouseButton.LeftButton, pos=middle - QPoint(30, 0))
    seen = composite.look
    view.show_scene(msgspec.structs.replace(view.scene, sample=view.scene.sample + 1))
    assert composite.look == tile.look == seen, "the same part of the next sample"
    view.fit()
    assert composite.look == tile.look == WHOLE


def test_keys_zoom_at_a_place_that_all_pictures_mark_and_fit_again(qtbot: QtBot, view: SlotsView) -> None:
    composite, tile = view.stage.composite, view.stage.grid.tile(2)
    composite.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):  # the first shows where the place is
        qtbot.keyClick(composite, key)
    assert composite.marker == tile.marker == pytest.approx((0.55, 0.55))
    assert "x 8, y 8" in composite.accessibleName(), "its weights are told, as at a pointer"
    for _ in range(4):
        qtbot.keyClick(composite, Qt.Key.Key_Plus)
    look = composite.look
    assert (tile.look, look.share) == (look, pytest.approx(0.85**4))
    assert (0.55 - look.left) / look.share == pytest.approx(0.55)
    for _ in range(20):
        qtbot.keyClick(composite, Qt.Key.Key_Left)
    assert composite.marker is not None
    assert composite.look.left <= composite.marker[0] < look.left, "what is seen goes along"
    qtbot.keyClick(composite, Qt.Key.Key_Home)
    assert composite.look == tile.look == WHOLE
    view.toolbar.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    view.toolbar.setFocus()
    assert (composite.marker, tile.marker) == (None, None)


def test_keys_go_from_slot_to_slot_shut_its_eye_and_show_it_alone(qtbot: QtBot, view: SlotsView) -> None:
    tiles = view.stage.grid
    tiles.setFocus()
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_End, len(tiles.tiles()) - 1), (Qt.Key.Key_Right, -1),
                       (Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 0), (Qt.Key.Key_Right, 1)):  # fmt: skip
        qtbot.keyClick(tiles, key)
        keyed = [number for number, tile in enumerate(tiles.tiles()) if tile.keyed]
        assert keyed == [place % len(tiles.tiles())]
    assert tiles.accessibleDescription() == tiles.tile(1).accessibleName() != ""
    told: list[object] = []
    view.intent.connect(told.append)
    qtbot.keyClick(tiles, Qt.Key.Key_Space)
    qtbot.keyClick(tiles, Qt.Key.Key_Return)
    slot = view.scene.slots[1].slot
    assert told == [ViewChanged({"hidden_slots": (slot,)}), ViewChanged({"solo_slot": slot})]


def test_a_slot_alone_is_followed_over_samples_and_checkpoints(qtbot: QtBot, view: SlotsView) -> None:
    picture = np.zeros((4, 4, 4), np.uint8)
    tiles = tuple(
        HistoryTile(
            sample=sample, path="d.h5", step=None, here=sample == 2, name=f"sample {sample}", value="", tip="",
            picture=picture,
        )
        for sample in range(3)
    )  # fmt: skip
    dump = msgspec.structs.replace(tiles[0], path="e.h5", step=700.0)
    history = HistoryScene(slot=3, path="d.h5", colour="#000000", samples=tiles, dumps=(dump, tiles[2]))
    view.set_state(None, ViewState(solo_slot=3))
    view.show_part("history", history)
    shown = view.below.history
    assert shown.isVisible()
    assert not view.gallery.isVisible()
    assert [tile.selected for tile in shown.samples.tiles()] == [False, False, True]
    assert changes_on_click(qtbot, view, shown.samples.tile(1)) == {"sample": 1}
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.mouseClick(shown.dumps.tile(0), Qt.MouseButton.LeftButton)
    assert caught.args == [CursorMoved(700.0)]
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.mouseClick(shown.dumps.tile(1), Qt.MouseButton.LeftButton)
    assert caught.args == [RunChosen("", "d.h5")]
    assert changes_on_click(qtbot, view, shown.close_button) == {"solo_slot": None}
    view.set_state(None, ViewState())
    assert view.gallery.isVisible()


def history_of(samples: int, here: int, dumps: int = 1) -> HistoryScene:
    tile = HistoryTile(
        sample=0, path="d.h5", step=None, here=False, name="", value="1.0%", tip="",
        picture=np.zeros((4, 4, 4), np.uint8),
    )  # fmt: skip
    return HistoryScene(
        slot=1,
        path="d.h5",
        colour="#000000",
        samples=tuple(msgspec.structs.replace(tile, sample=one, here=one == here) for one in range(samples)),
        dumps=(tile,) * dumps,
    )


@pytest.mark.parametrize("here", [0, 5, 9])
def test_as_many_samples_of_a_slot_are_shown_as_are_seen_well_around_the_chosen_one(qtbot: QtBot, here: int) -> None:
    history = SlotHistory()
    qtbot.addWidget(history)
    history.resize(460, 210)
    history.show()
    history.show_scene(history_of(10, here, dumps=3))
    tiles = history.samples.tiles()
    assert 4 <= len(tiles) < 10
    assert min(tile.width() for tile in tiles) >= LEAST_TILE_PX
    assert [tile.selected for tile in tiles].count(True) == 1
    history.resize(1400, 210)
    assert len(history.samples.tiles()) == 10


def test_a_slot_of_a_single_dump_has_no_row_of_checkpoints(qtbot: QtBot) -> None:
    history = SlotHistory()
    qtbot.addWidget(history)
    history.resize(460, 210)
    history.show()
    history.show_scene(history_of(10, 4))
    assert not history.dumps.isVisible()
    assert len(history.samples.tiles()) == 10
    assert history.samples.columns() == 5


def test_means_over_the_samples_of_this_dump_stand_beside_its_figures(view: SlotsView, scene: SlotsScene) -> None:
    column = sample_column("fg_ari", np.array([0.5, np.nan, 0.25, np.nan]))
    samples = SamplesScene(path=scene.path, table=SampleTable(samples=4, scanned=3, columns=(column,)))
    view.show_part("samples", samples)
    table = view.below.figures
    assert [table.mean(figure) for figure in scene.figures][:2] == ["0.38", ""]
    assert view.below.figures_title.text() == "This sample, and the mean of 3 samples"
    assert "Mean of 3 samples: 0.38" in table.tip(scene.figures[0])
    view.show_part("samples", msgspec.structs.replace(samples, path="other.h5"))
    assert table.mean(scene.figures[0]) == ""
    assert view.below.figures_title.text() == "This sample"


def test_what_is_left_out_of_a_narrow_table_is_told_by_its_tips(view: SlotsView, scene: SlotsScene) -> None:
    table = view.below.figures
    table.resize(140, 190)
    first = table.figure_at(QPointF(5, 5))
    assert first == scene.figures[0]
    assert scene.figures[0].details[0] in table.tip(first)
    table.resize(280, 100)
    assert table.columns() == 2
    assert table.figure_at(QPointF(275, 5)) == scene.figures[len(scene.figures) - len(scene.figures) // 2]


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
    across = chosen.composite_px * aspect + BETWEEN_PX + chosen.columns * chosen.cell_px + (chosen.columns - 1) * GAP_PX
    down = rows * chosen.cell_px / aspect + (rows - 1) * GAP_PX
    assert across <= 1000 + 1e-6
    assert down <= chosen.composite_px + 1e-6 <= 450 + 1e-6


@pytest.mark.parametrize("count", [5, 12, 26])
@pytest.mark.parametrize("aspect", [2.0, 2.4, 3.3])
def test_tiles_of_wide_pictures_stand_below_where_both_become_larger(count: int, aspect: float) -> None:
    chosen = plan(count, 860, 400, aspect)
    down = chosen.height_px(count, aspect)
    assert down <= 400 + 1e-6
    assert chosen.columns * (chosen.cell_px + GAP_PX) - GAP_PX <= 860 + 1e-6
    if aspect > 2 and count < 20:
        assert chosen.below
        assert chosen.composite_px * aspect >= 0.8 * 860


@pytest.mark.parametrize("size", [(700, 300), (700, 520), (1000, 700), (1600, 560), (900, 1100)])
def test_nothing_of_the_stage_is_cut_off(view: SlotsView, size: tuple[int, int]) -> None:
    view.resize(*size)
    QApplication.processEvents()
    stage = view.stage
    assert stage.rect().contains(stage.composite.geometry())
    for tile in stage.grid.tiles():
        assert stage.rect().contains(tile.geometry().translated(stage.grid.pos()))
    assert view.rect().contains(view.panes.geometry().translated(view.body.pos()))
    assert view.panes.rect().contains(stage.geometry())
    assert view.below.isVisible() == (size[1] > 300)
    if view.below.isVisible():
        assert stage.geometry().bottom() < view.below.geometry().top()
        assert view.panes.rect().contains(view.below.geometry())


def test_notes_of_the_scene_are_shown(view: SlotsView, scene: SlotsScene) -> None:
    assert not view.notes.isVisible()
    view.show_scene(msgspec.structs.replace(scene, notes=("25.0% of the masks' pixels are not finite",)))
    assert view.notes.isVisible()
    assert "not finite" in view.notes.text()


def test_scores_are_read_against_colours_once_these_are_known_of_the_sample(view: SlotsView, scene: SlotsScene) -> None:
    better = Figure(name="FG-ARI", value="0.85", remark="colour clusters: 0.97", ink="critical")
    other = BaselinesScene(path=scene.path, sample=scene.sample + 1, choice=scene.choice, figures=(better,))
    view.show_part("baselines", other)
    assert "colour clusters: 0.97" not in {row[2] for row in view.below.figures.texts()}
    view.show_part("baselines", msgspec.structs.replace(other, sample=scene.sample))
    assert view.below.figures.texts()[0] == ("FG-ARI", "0.85", "colour clusters: 0.97")
    assert len(view.below.figures.texts()) == len(scene.figures)
    view.show_scene(scene)
    assert view.below.figures.texts()[0][2] == "colour clusters: 0.97"


def test_several_datasets_of_masks_are_offered_by_name_and_kind(
    qtbot: QtBot, view: SlotsView, scene: SlotsScene
) -> None:
    assert not view.toolbar.dataset.isVisible()
    more = MaskOption(path="dec/b", name="dec/b", kind="decoder attention", source="decoder")
    view.show_scene(msgspec.structs.replace(scene, options=(*scene.options, more)))
    assert view.toolbar.dataset.isVisible()
    assert view.toolbar.dataset.text() == "slots/attn"
    assert [(one.text, one.heading, one.on) for one in view.toolbar.dataset.items()] == [
        ("slots/attn", "Encoder attention", True),
        ("slots/masks", "Decoder masks", False),
        ("dec/b", "Decoder attention", False),
    ]
    with qtbot.waitSignal(view.intent) as caught:
        view.toolbar.dataset.chosen.emit("masks:dec/b")
    assert caught.args[0].changes == {"mask_source": "decoder", "mask_dataset": "dec/b"}


@pytest.mark.parametrize(("count", "field", "last"), [("frames", "frame", 3), ("layers", "mask_layer", -1)])
def test_frames_and_layers_are_chosen(qtbot, view, scene, count: str, field: str, last: int) -> None:
    control = getattr(view.toolbar, count.removesuffix("s"))
    assert not control.isVisible()
    view.show_scene(msgspec.structs.replace(scene, **{count: 4}, choice=MaskChoice(layer=1, frame=1)))
    assert control.isVisible()
    assert control.buttons.value() == "1"
    assert changes_on_click(qtbot, view, control.buttons.segment("2")) == {field: 2}
    assert changes_on_click(qtbot, view, control.buttons.segment("3")) == {field: last}


def test_tiles_can_show_what_slots_draw_where_the_dump_has_it(qtbot: QtBot, view: SlotsView, scene: SlotsScene) -> None:
    assert not view.toolbar.tiles.isVisible()
    view.show_scene(msgspec.structs.replace(scene, tile_kinds=("masks", "reconstructions")))
    told = changes_on_click(qtbot, view, view.toolbar.tiles.segment("reconstructions"))
    assert told == {"slot_tiles": "reconstructions"}


def test_a_token_is_chosen_on_the_large_picture_where_attention_between_tokens_is_shown(
    qtbot: QtBot, view: SlotsView, scene: SlotsScene
) -> None:
    composite = view.stage.composite
    middle = composite.rect().center()
    qtbot.mouseMove(composite, middle)
    with qtbot.assertNotEmitted(view.intent):
        qtbot.mouseClick(composite, Qt.MouseButton.LeftButton, pos=middle)
    token = msgspec.structs.replace(scene.sides[0], key="token", mark=(0.5, 0.5))
    options = (MaskOption(path="vit/attn", name="vit/attn", kind="attention between tokens", source=None),)
    view.show_scene(msgspec.structs.replace(scene, sides=(token,), token_options=options, token_dataset="vit/attn"))
    view.stage.composite.pointed.emit((0.25, 0.5))
    assert changes_on_click(qtbot, view, composite, middle) == {"token_at": (0.25, 0.5)}
    assert changes_on_click(qtbot, view, view.stage.grid.tile(len(scene.slots))) == {"token_at": None}
    heads = MaskChoice(source="tokens", token_at=(0.25, 0.5))
    view.show_scene(msgspec.structs.replace(view.scene, choice=heads))
    assert changes_on_click(qtbot, view, composite, middle) == {"token_at": None}
    assert view.toolbar.dataset.isVisible()
    assert [one.text for one in view.toolbar.dataset.items()][-2:] == ["None", "vit/attn"]
    with qtbot.waitSignal(view.intent) as caught:
        view.toolbar.dataset.chosen.emit("tokens:")
    assert caught.args[0].changes == {"token_dataset": "", "token_at": None}
