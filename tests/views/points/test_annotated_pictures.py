"""Published annotations open with their rings on what they mark, in the picture that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.artifacts.opened_paths import lead_to
from inspector.core.pulse import QUIET
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk
from inspector.session.preferences import Theme
from inspector.views.pictures import rgba_of
from inspector.views.points.shown import Shown
from inspector.views.points.single import SinglePicture
from inspector.views.theme import apply_theme
from tests.display import annotated
from tests.pictures import picture_of

NOTHING = Shown(gt=False, prediction=False, error_line=False, marked=False, labels=False)
RINGS = Shown(prediction=False, error_line=False, marked=False, labels=False)
AROUND_PX = 11


@pytest.mark.parametrize(
    ("form", "sample", "theme"),
    [("fsc147", 0, "dark"), ("fsc147", 1, "light"), ("fsc147", 2, "dark"), ("coco", 0, "light"), ("coco", 1, "dark")],
)
def test_each_ring_is_drawn_around_its_mark(
    tmp_path: Path, qtbot: QtBot, qapp: QApplication, check_picture: Callable[[Any, str], None],
    form: str, sample: int, theme: Theme,
) -> None:  # fmt: skip
    apply_theme(qapp, theme)
    path = annotated.write_fsc147(tmp_path) if form == "fsc147" else annotated.write_coco(tmp_path)
    lead_to([tmp_path])
    scene = prepare(PointsAsk(path=str(path), place="", sample=sample), QUIET)
    single = SinglePicture()
    qtbot.addWidget(single)
    single.resize(560, 400)
    single.show_tile(scene.tile, NOTHING)
    plain = rgba_of(picture_of(single))[..., :3].astype(int)
    single.show_points(RINGS)
    drawn = rgba_of(picture_of(single))[..., :3].astype(int)
    size, points = _published(form, sample)
    scale = min(560 / size[1], 400 / size[0])
    left, top = (560 - scale * size[1]) / 2, (400 - scale * size[0]) / 2
    for x, y in points:
        on_screen = np.array([left + (x + 0.5) * scale, top + (y + 0.5) * scale])
        mark = _middle(plain.min(axis=2) > 190, on_screen, 8)
        ring = _middle(np.abs(drawn - plain).max(axis=2) > 60, on_screen, AROUND_PX)
        within = left + AROUND_PX < on_screen[0] < 560 - left - AROUND_PX  # else half of both is cut off
        assert np.abs(mark - on_screen)[not within :].max() < 1
        assert np.abs(ring - mark)[not within :].max() < 1
    if form == "coco" or sample < 1:
        check_picture(single, f"annotated-{form}-{sample}-{theme}")


def _published(form: str, sample: int) -> tuple[tuple[int, int], tuple[annotated.Point, ...]]:
    """Size and points as they were written."""
    if form == "fsc147":
        return list(annotated.FSC147.values())[sample]
    size, _stored, points = list(annotated.COCO.values())[sample]
    return size, points


def _middle(there: npt.NDArray[np.bool_], around: npt.NDArray[np.float64], reach_px: int) -> npt.NDArray[np.float64]:
    """x and y of the middle of what is there, within so many pixels of a place."""
    rows, columns = np.nonzero(there)
    near = np.hypot(columns + 0.5 - around[0], rows + 0.5 - around[1]) < reach_px
    assert near.any()
    ends = [(float(found.min()), float(found.max())) for found in (columns[near], rows[near])]
    return np.array([(low + high + 1) / 2 for low, high in ends])
