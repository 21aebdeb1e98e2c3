"""The media view with real keys and buttons."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.artifacts.logs.media import Histogram
from inspector.display.media.scene import EncodedPicture, HistogramBars, MediaRow, MediaScene
from inspector.display.media.spread import over_steps
from inspector.display.ticks import linear_ticks
from inspector.session.intents import CursorMoved, ViewChanged
from inspector.views.media.unpacking import unpacked
from inspector.views.media.view import MediaView, make
from inspector.views.theme import apply_theme

ROWS = (MediaRow(key="image a", tag="a", detail="3 images"), MediaRow(key="text b", tag="b", detail="1 text"))


def encoded(form: str, *, width: int = 4, height: int = 3) -> EncodedPicture:
    image = QImage(4, 3, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff8000"))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, form.upper())
    return EncodedPicture(data=np.frombuffer(bytes(data.data()), np.uint8), format=form, width=width, height=height)


def scene(**content: object) -> MediaScene:
    return MediaScene(rows=ROWS, chosen="image a", title="a", where="step 10 · 2 of 3", before=0.0, **content)


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> MediaView:
    apply_theme(qapp, "dark")
    made = make(None)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    return made


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_a_picture_is_unpacked(qapp: QApplication, form: str) -> None:
    image, why = unpacked(encoded(form))
    assert why == ""
    assert (image.width(), image.height()) == (4, 3)
    red, green, blue, _alpha = image.pixelColor(1, 1).getRgb()
    assert abs(red - 255) + abs(green - 128) + abs(blue) < 24


def test_a_picture_under_another_formats_name_is_not(qapp: QApplication) -> None:
    picture = encoded("png")
    image, why = unpacked(EncodedPicture(data=picture.data, format="gif", width=4, height=3))
    assert image.isNull()
    assert "GIF" in why


def test_a_picture_of_two_sizes_is_not_unpacked(view: MediaView) -> None:
    view.show_scene(scene(picture=encoded("png", width=5)))
    assert view.stack.currentWidget() is view.note
    assert view.note.text() == "the picture says two different sizes of itself"


def test_each_kind_has_its_pane(view: MediaView) -> None:
    bars = HistogramBars(edges=np.arange(4.0), counts=np.ones(3), heights=np.ones(3))
    view.show_scene(scene(picture=encoded("png")))
    assert view.stack.currentWidget() is view.picture
    assert view.picture.image().width() == 4
    view.show_scene(scene(histogram=bars))
    assert view.stack.currentWidget() is view.histogram
    view.show_scene(scene(text="one\ntwo"))
    assert view.text.toPlainText() == "one\ntwo"
    view.show_scene(scene(table=(("lr", "0.1"),)))
    assert view.table.lines == (("lr", "0.1"),)
    view.show_scene(scene(note="nothing here"))
    assert view.note.text() == "nothing here"


def test_keys_choose_a_tag_and_arrows_move_the_cursor(qtbot: QtBot, view: MediaView) -> None:
    view.show_scene(scene(text="x"))
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.keyClick(view.list, Qt.Key.Key_Down)
    assert caught.args == [ViewChanged({"media_tag": "text b"})]
    assert not view.after.isEnabled()
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.mouseClick(view.before, Qt.MouseButton.LeftButton)
    assert caught.args == [CursorMoved(0.0)]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_view_looks_as_stored(
    qapp: QApplication, view: MediaView, check_picture: Callable[[object, str], None], theme: str
) -> None:
    apply_theme(qapp, theme)
    edges = np.linspace(-3, 3, 31)
    counts = np.round(1000 * np.exp(-((edges[1:] - 0.1) ** 2)))
    steps = [Histogram(edges, np.round(1000 * np.exp(-((edges[1:] - 0.1) ** 2) * width))) for width in (9, 5, 3, 2, 1)]
    spread = over_steps(steps)
    assert spread is not None
    bars = HistogramBars(
        edges=edges,
        counts=counts,
        heights=counts * 5,
        ticks=linear_ticks(-3, 3),
        over_steps=spread[0],
        legend="step 0 to 40 from left to right, values −3 to 3 upwards",
    )
    view.show_scene(scene(histogram=bars))
    check_picture(view, f"media-{theme}")
