"""Theme, fonts, icons, controls, pictures and the base view."""

from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontInfo, QHelpEvent, QIcon, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QToolTip, QVBoxLayout, QWidget

import inspector
from inspector.core.resources import resource
from inspector.display.tokens import TOKENS
from inspector.session.intents import TabChosen
from inspector.session.values import ViewState
from inspector.views.controls import Badge, Button, Card, Label, LabelledSlider, SearchField, Segmented
from inspector.views.fonts import mono_font, plain_figures, text_font, write
from inspector.views.icons import icon
from inspector.views.pictures import PictureTile, qimage, rgba_of
from inspector.views.surfaces import bare_corner, quiet
from inspector.views.theme import apply_theme, tokens
from inspector.views.tile_grid import TileGrid
from inspector.views.view import View, guarded


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def pixels(widget: QWidget) -> np.ndarray:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    widget.render(image)
    return rgba_of(image)


def test_both_fonts_are_the_bundled_ones_and_their_figures_have_one_width(qapp):
    from PySide6.QtGui import QFontMetricsF

    assert QFontInfo(text_font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
    metrics = QFontMetricsF(text_font())
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_switching_the_theme_recolours_palette_tokens_and_labels(qapp, qtbot):
    label = Label("x", ink="dim")
    qtbot.addWidget(label)
    assert label.palette().color(label.foregroundRole()).name() == TOKENS["dark"].dim
    apply_theme(qapp, "light")
    qapp.processEvents()
    assert tokens() is TOKENS["light"]
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == "#f4f5f7"
    assert label.palette().color(label.foregroundRole()).name() == TOKENS["light"].dim


def test_icons_follow_the_theme_and_show_when_disabled(qapp):
    def ink(mode: QIcon.Mode) -> set[str]:
        image = icon("x").pixmap(32, 32, mode).toImage()
        found = (image.pixelColor(x, y) for x in range(32) for y in range(32))
        return {colour.name() for colour in found if colour.alpha() == 255}

    assert TOKENS["dark"].dim in ink(QIcon.Mode.Normal)
    assert TOKENS["dark"].faint in ink(QIcon.Mode.Disabled)
    apply_theme(qapp, "light")
    assert TOKENS["light"].dim in ink(QIcon.Mode.Normal)


def test_every_bundled_icon_is_named_in_the_code():
    """What nobody shows is not shipped."""
    package = Path(inspector.__file__).parent
    code = "".join(path.read_text() for room in ("app", "views") for path in (package / room).rglob("*.py"))
    for path in resource("icons").glob("*.svg"):
        assert f'"{path.stem}"' in code


def test_an_unknown_icon_is_refused():
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        icon("no-such-icon")


def test_a_choice_of_one_moves_on_a_click_and_tells_once(qtbot):
    choice = Segmented([("step", "step"), ("epoch", "epoch")])
    qtbot.addWidget(choice)
    choice.show()
    told: list[str] = []
    choice.chosen.connect(told.append)
    choice.set_value("step")
    assert told == []
    qtbot.mouseClick(choice.segment("epoch"), Qt.MouseButton.LeftButton)
    assert told == ["epoch"]
    assert choice.values() == ("epoch",)
    qtbot.mouseClick(choice.segment("epoch"), Qt.MouseButton.LeftButton)
    assert choice.values() == ("epoch",)


def test_switches_are_independent_and_keep_their_state_when_the_row_changes(qtbot):
    switches = Segmented([("a", "a"), ("b", "b")], several=True)
    qtbot.addWidget(switches)
    switches.show()
    qtbot.mouseClick(switches.segment("a"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(switches.segment("b"), Qt.MouseButton.LeftButton)
    switches.set_choices([("b", "b"), ("c", "c")])
    assert switches.values() == ("b",)
    qtbot.mouseClick(switches.segment("b"), Qt.MouseButton.LeftButton)
    assert switches.values() == ()


def test_a_slider_goes_where_it_is_pressed_and_tells_its_value(qtbot):
    slider = LabelledSlider("Smoothing", low=0.0, high=2.0)
    qtbot.addWidget(slider)
    slider.show()
    told: list[float] = []
    slider.moved.connect(told.append)
    slider.set_value(1.0)
    assert told == []
    assert slider.value() == pytest.approx(1.0)
    right = QPoint(slider.track.width() - 1, slider.track.height() // 2)
    qtbot.mouseClick(slider.track, Qt.MouseButton.LeftButton, pos=right)
    assert told == [2.0]
    qtbot.keyClick(slider.track, Qt.Key.Key_Left)
    assert slider.value() < 2.0


def test_a_value_from_outside_does_not_move_a_knob_that_is_held(qtbot):
    slider = LabelledSlider("Smoothing")
    qtbot.addWidget(slider)
    slider.track.setSliderDown(True)
    slider.set_value(0.5)
    assert slider.value() == 0.0


def test_escape_empties_a_filter_first(qtbot):
    field = SearchField("filter")
    qtbot.addWidget(field)
    field.setText("loss")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_a_button_is_pressed_by_mouse_and_space(qtbot):
    button = Button("Open…", icon_name="undo-2")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_a_card_is_filled_with_its_surface_in_both_themes(qapp, qtbot):
    card = Card("Loss")
    qtbot.addWidget(card)
    card.resize(80, 60)
    for theme in ("dark", "light"):
        apply_theme(qapp, theme)
        assert "#{:02x}{:02x}{:02x}".format(*pixels(card)[50, 40, :3]) == TOKENS[theme].panel


def test_a_title_that_is_too_long_is_cut_and_told_under_the_pointer(qtbot):
    card = Card("Learning rate, from the <i>scheduler's</i> state")
    qtbot.addWidget(card)
    card.head.addWidget(Label("since epoch 156"))
    card.resize(900, 60)
    card.show()
    assert card.title.shown_text() == card.title.text()
    qtbot.waitUntil(lambda: _tip(card.title) == "")
    card.resize(220, 60)
    qtbot.waitUntil(lambda: card.title.shown_text().endswith("…"))
    assert card.minimumSizeHint().width() < 220
    assert "&lt;i&gt;scheduler" in _tip(card.title)
    card.set_title("Loss")
    assert card.title.shown_text() == "Loss"


def _tip(widget: QWidget) -> str:
    """What is told where the pointer rests on a widget."""
    QToolTip.hideText()
    place = widget.rect().center()
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place)))
    return QToolTip.text() if QToolTip.isVisible() else ""


def test_an_empty_badge_is_hidden(qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    badge = Badge("", holder)
    assert badge.isHidden()
    badge.set_text("4")
    assert not badge.isHidden()


def test_text_of_files_is_never_read_as_markup(qtbot):
    label = Label("<b>bold</b>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("alpha", [255, 128])
def test_a_picture_keeps_every_pixel_whatever_its_strides(alpha):
    rng = np.random.default_rng(0)
    whole = rng.integers(0, 256, (8, 10, 4), np.uint8)
    whole[..., 3] = alpha
    for rgba in (whole, whole[::-1, ::2], whole[:, ::-1]):
        back = rgba_of(qimage(rgba)).astype(int)
        assert np.abs(back - rgba).max() <= (0 if alpha == 255 else 1)


def test_a_picture_does_not_change_with_the_array_it_came_from():
    rgba = np.full((4, 4, 4), 255, np.uint8)
    image = qimage(rgba)
    rgba[:] = 0
    assert rgba_of(image)[0, 0].tolist() == [255, 255, 255, 255]


def test_an_empty_picture_is_a_null_image():
    assert qimage(np.zeros((0, 3, 4), np.uint8)).isNull()


def test_a_tile_finds_the_pixel_under_the_pointer_and_tells_its_key(qtbot):
    tile = PictureTile("seven")
    qtbot.addWidget(tile)
    tile.resize(100, 200)
    tile.set_picture(np.full((10, 10, 4), 255, np.uint8))
    assert tile.pixel_at(QPointF(5, 55)) == (0, 0)
    assert tile.pixel_at(QPointF(99, 149)) == (9, 9)
    assert tile.pixel_at(QPointF(50, 20)) is None
    with qtbot.waitSignal(tile.clicked) as told:
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert told.args == ["seven"]


def test_enlarged_data_keeps_hard_edges(qtbot):
    tile = PictureTile()
    qtbot.addWidget(tile)
    tile.resize(100, 100)
    picture = np.zeros((2, 2, 4), np.uint8)
    picture[..., 3] = 255
    picture[0, 0, 0] = 255
    tile.set_picture(picture)
    assert set(pixels(tile)[20:80, 20:80, 0].ravel().tolist()) == {0, 255}


def test_what_has_no_value_is_hatched(qtbot):
    tile = PictureTile()
    qtbot.addWidget(tile)
    tile.resize(60, 60)
    tile.set_picture(np.zeros((2, 2, 4), np.uint8))
    inside = pixels(tile)[10:50, 10:50, :3].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) > 1


def test_an_overlay_is_told_where_the_picture_lies(qtbot):
    seen: list[tuple[float, float, float]] = []

    def overlay(_painter: QPainter, area: object, scale: float) -> None:
        seen.append((area.left(), area.width(), scale))  # type: ignore[attr-defined]

    tile = PictureTile()
    qtbot.addWidget(tile)
    tile.resize(200, 100)
    tile.set_picture(np.full((10, 10, 4), 255, np.uint8))
    tile.set_overlay(overlay)
    pixels(tile)
    assert seen[-1] == (50.0, 100.0, 10.0)


def test_a_grid_keeps_its_tiles_and_fits_them_into_its_height(qtbot):
    grid = TileGrid(columns=4, gap_px=8, fit=True)
    qtbot.addWidget(grid)
    grid.resize(424, 208)
    grid.set_count(8)
    assert grid.tile(7).geometry().right() < 424
    assert grid.tile(7).geometry().bottom() < 208
    first = grid.tile(0)
    grid.set_count(2)
    assert [tile.isHidden() for tile in grid._tiles] == [False] * 2 + [True] * 6
    assert grid.tile(0) is first
    with qtbot.waitSignal(grid.clicked) as told:
        qtbot.mouseClick(grid.tile(1), Qt.MouseButton.LeftButton)
    assert told.args == [1]


def test_a_grid_asks_for_the_height_of_its_rows(qtbot):
    grid = TileGrid(columns=2, gap_px=10)
    qtbot.addWidget(grid)
    grid.resize(110, 50)
    grid.set_count(5)
    assert grid.minimumHeight() == 3 * 50 + 2 * 10


class SmallView(View):
    def draw(self, scene):
        self.drawn = scene

    def reflect(self, run_state, view_state):
        self.reflected = view_state


def test_a_view_shows_a_scene_then_a_sentence_then_a_scene(qtbot):
    view = SmallView()
    qtbot.addWidget(view)
    view.show_scene("scene")
    assert (view.drawn, view.message()) == ("scene", "")
    view.show_message("a\x1b[31m.pt: expected a zip archive\nsecond")
    assert view.message() == "a\\x1b[31m.pt: expected a zip archive\nsecond"
    view.show_scene("other")
    assert (view.drawn, view.message()) == ("other", "")
    view.set_state(None, ViewState(y_scale="log"))
    assert view.reflected.y_scale == "log"


def test_waiting_is_shown_only_when_it_lasts_and_ends_with_the_scene(qtbot):
    view = SmallView()
    qtbot.addWidget(view)
    view.resize(200, 100)
    view.show()
    view.show_pending()
    assert view.pending()
    assert view._view_strip.isHidden()
    qtbot.waitUntil(lambda: not view._view_strip.isHidden())
    view.show_scene("scene")
    assert not view.pending()


def test_no_content_makes_a_view_ask_for_more_room(qtbot):
    view = SmallView()
    qtbot.addWidget(view)
    tall = QWidget(view.body)
    tall.setFixedHeight(5000)
    QVBoxLayout(view.body).addWidget(tall)
    view.show_scene("scene")
    view.resize(400, 300)
    view.show()
    qtbot.wait(1)
    assert view.height() == 300


def test_a_view_tells_intents(qtbot):
    view = SmallView()
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.intent) as told:
        view.tell(TabChosen("curves"))
    assert told.args == [TabChosen("curves")]


def test_an_exception_while_painting_is_reported_and_goes_no_further(qtbot, monkeypatch):
    reported: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, _value, _trace: reported.append(kind))

    class Broken(QWidget):
        @guarded
        def paintEvent(self, _event):
            raise ZeroDivisionError

    widget = Broken()
    qtbot.addWidget(widget)
    pixels(widget)
    assert reported == [ZeroDivisionError]


def test_a_closed_view_is_freed(qtbot):
    view = SmallView()
    view.show_scene("scene")
    gone = weakref.ref(view)
    view.deleteLater()
    del view
    qtbot.wait(1)
    gc.collect()
    assert gone() is None


def test_the_foundation_loads_no_large_library():
    """The first window needs none."""
    import subprocess

    code = (
        "import sys; import inspector.views.controls, inspector.views.pictures, inspector.views.view, "
        "inspector.views.icons, inspector.views.charts; "
        "sys.exit('h5py' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_where_two_scroll_bars_meet_nothing_is_drawn(qapp, qtbot):
    apply_theme(qapp, "dark")
    area = QPlainTextEdit("x" * 400 + "\n" * 200)
    area.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    qtbot.addWidget(area)
    quiet(area)
    bare_corner(area)
    area.resize(300, 200)
    area.show()
    wide, high = area.verticalScrollBar().width(), area.horizontalScrollBar().height()
    corner = area.grab(QRect(area.width() - wide, area.height() - high, wide, high)).toImage()
    assert min(wide, high) > 4
    assert len({corner.pixel(x, y) for x in range(corner.width()) for y in range(corner.height())}) == 1


@pytest.mark.parametrize("scale", [1, 1.5, 2])
@pytest.mark.parametrize(("size_px", "weight"), [(11, "regular"), (12, "semibold"), (13, "regular")])
def test_a_line_is_written_as_qt_writes_it(qapp, scale, size_px, weight):
    area = QRectF(13.7, 2.75, 160, 18)

    def written(*, ours: bool, ends: bool) -> QImage:
        image = QImage(round(190 * scale), round(24 * scale), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(0)
        painter = QPainter(image)
        painter.setPen(QColor("#f2f4f7"))
        if ours:
            at = area.right() if ends else area.left(), area.center().y()
            write(painter, at, "IoU 0.67 · fi −3 → 4", size_px, weight, ends=ends)
        else:
            painter.setFont(text_font(size_px, weight))
            side = Qt.AlignmentFlag.AlignRight if ends else Qt.AlignmentFlag.AlignLeft
            painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, "IoU 0.67 · fi −3 → 4")
        painter.end()
        return image

    assert written(ours=True, ends=False) == written(ours=False, ends=False)
    assert written(ours=True, ends=True) == written(ours=False, ends=True)
    with plain_figures():
        assert written(ours=True, ends=False) == written(ours=False, ends=False)
