"""All that is drawn of points, and the panel's card of a sample, look as they were looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.app.sample_card import SampleCard
from inspector.display.gallery.scene import SamplesScene
from inspector.display.points.overlay import MarkedPoint, PointKind, PointPair, Row
from inspector.display.points.scene import PointTile
from inspector.formats.marks import Mark
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.session.preferences import Theme
from inspector.views.gallery.gallery import Gallery
from inspector.views.points.captions import points_caption
from inspector.views.points.overlay import paint_rows
from inspector.views.points.shown import Shown
from inspector.views.points.single import SinglePicture
from inspector.views.theme import apply_theme
from inspector.views.told import SampleTold
from tests.views.gallery.samples import PATH, Keeping, thumbs_scene

Check = Callable[[QWidget, str], None]

PAIRS = (
    PointPair(gt=(0.2, 0.3), prediction=(0.45, 0.5), label="err=98px", confidence=0.91),
    PointPair(gt=(0.8, 0.25), prediction=(1.3, 0.1), label="err=201px", prediction_outside_px=120.0),
    PointPair(gt=(0.6, 0.62), prediction=(0.605, 0.625), label="err=2px", confidence=0.4),
    PointPair(gt=(0.35, 0.75), prediction=None, kind=PointKind.MISSED),
    PointPair(gt=None, prediction=(0.12, 0.6), confidence=0.12, kind=PointKind.SPURIOUS),
)
MARKED = (MarkedPoint((0.7, 0.8), 1), MarkedPoint((0.5, 0.15), 27), MarkedPoint((0.9, 0.55), 104))


def ground() -> np.ndarray:
    """Dark at the left, bright at the right, in all colours from top to bottom."""
    rows, columns = np.mgrid[:240, :400]
    picture = np.full((240, 400, 4), 255, np.uint8)
    for channel in range(3):
        picture[..., channel] = columns / 400 * 255 * (0.6 + 0.4 * np.cos(rows / 240 * 6.3 + 2.1 * channel))
    return picture


def test_all_that_is_drawn_over_a_sample(qtbot: QtBot, qapp: QApplication, check_picture: Check) -> None:
    apply_theme(qapp, "dark")
    single = SinglePicture()
    qtbot.addWidget(single)
    single.resize(700, 420)
    tile = PointTile(sample=0, error_px=201.0, picture=ground(), pairs=PAIRS, marked=MARKED)
    single.show_tile(tile, Shown(threshold=True, threshold_value=0.3))
    single.set_caption("done 0.06", "5 objects")
    check_picture(single, "points-single")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_tiles_with_a_done_signal(qtbot: QtBot, qapp: QApplication, check_picture: Check, theme: Theme) -> None:
    apply_theme(qapp, theme)
    gallery = Gallery("points", tile_px=184)
    qtbot.addWidget(gallery)
    gallery.resize(620, 250)
    gallery.set_paint_points(partial(paint_rows, Shown()))
    gallery.set_caption(points_caption)
    Keeping(gallery, answers=False)
    numbers = {"err_px": [98, 201, 2], "done": [0.06, 0.97, 0.4], "gt_done": [0, 1, 0], "count": [10, 1, 16]}
    table = SampleTable(
        samples=3,
        scanned=3,
        columns=tuple(sample_column(name, np.array(values)) for name, values in numbers.items()),
    )
    gallery.show_samples(SamplesScene(path=PATH, table=table, aspect=4 / 3))
    rows = [
        Row(*(pair.gt or (np.nan, np.nan)), *(pair.prediction or (np.nan, np.nan)), error, np.nan, 0, 0, 0, np.nan)
        for pair, error in zip(PAIRS, (98, 201, 2), strict=False)
    ]
    thumbs = thumbs_scene((0, 1, 2))
    problems = {2: "3.jpg: expected an image, found nothing at /data/images/3.jpg"}
    gallery.show()
    gallery.show_thumbs(
        msgspec.structs.replace(
            thumbs, points=np.array(rows, np.float32), first_point=np.array([0, 1, 2, 3]), problems=problems
        )
    )
    qtbot.waitUntil(lambda: not gallery.grid.pending(), timeout=10_000)
    check_picture(gallery, f"points-tiles-{theme}")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_card_of_a_sample(qtbot: QtBot, qapp: QApplication, check_picture: Check, theme: Theme) -> None:
    apply_theme(qapp, theme)
    card = SampleCard()
    qtbot.addWidget(card)
    card.setFixedWidth(312)
    rows = (
        ("", "gt", "pred", "err px", "conf"), ("2", "345, 39", "349, 44", "7.1", "0.90"),
        ("1", "196, 56", "–", "–", ""), ("3", "–", "12, 160", "–", "0.12"),
    )  # fmt: skip
    lines = (("all", "2 objects, 1 missed, 1 spurious"), ("done", "0.15 (gt 0)  k = 7 of 21"))
    mark = Mark(flagged=True, note="two of them touch", tags=("hard",))
    card.show_sample(SampleTold("Sample 211", lines, rows, mark, pictured=True))
    card.adjustSize()
    check_picture(card, f"sample-card-{theme}")
