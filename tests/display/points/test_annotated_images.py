"""Points of annotated images of different sizes lie on what they mark, alone and in a gallery."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inspector.artifacts.annotations.truth_files import look_among
from inspector.artifacts.opened_paths import lead_to
from inspector.core.pulse import QUIET
from inspector.display.gallery.samples import prepare as prepare_samples
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.points import thumbs
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk, PointThumbsAsk

MARKS = {"2.jpg": (200, 300, 250, 40), "3.jpg": (200, 400, 30, 160), "4.jpg": (300, 150, 75, 280)}
"""Height, width, and the column and row of a white square's middle."""


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    document = {}
    for name, (height, width, x, y) in MARKS.items():
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[y - 8 : y + 9, x - 8 : x + 9] = 255
        (tmp_path / "images").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "images" / name, quality=95)
        document[name] = {"points": [[x, y]], "box_examples_path": [], "ratio_h": 1.0, "ratio_w": 1.0}
    path = tmp_path / "annotation_FSC147_384.json"
    path.write_text(json.dumps(document))
    lead_to([tmp_path])
    return path


def is_white(picture: np.ndarray, x_share: float, y_share: float) -> bool:
    height, width = picture.shape[:2]
    return bool(picture[int(y_share * height), int(x_share * width), :3].min() > 200)


@pytest.mark.parametrize("sample", range(3))
def test_a_point_lies_on_its_mark(annotated: Path, sample: int) -> None:
    scene = prepare(PointsAsk(path=str(annotated), place="", sample=sample), QUIET)
    (pair,) = scene.tile.pairs
    assert pair.gt is not None
    assert is_white(scene.tile.picture, *pair.gt)
    assert scene.tile.picture.shape[:2] == list(MARKS.values())[sample][:2]


def test_points_lie_on_their_marks_in_the_equal_cells_of_a_gallery(annotated: Path) -> None:
    scene = thumbs.prepare(PointThumbsAsk(path=str(annotated), samples=(0, 1, 2)), QUIET)
    assert scene.first_point.tolist() == [0, 1, 2, 3]
    for picture, inside, (x, y, *_others) in zip(scene.pictures, scene.inside, scene.points, strict=True):
        left, top, width, height = inside
        assert is_white(picture, left + x * width, top + y * height)
        assert np.count_nonzero(picture[..., 0] > 200) < 0.05 * picture[..., 0].size


def test_the_gallery_has_the_proportions_of_most_images(annotated: Path) -> None:
    assert prepare_samples(SamplesAsk(path=str(annotated)), QUIET).aspect == 1.5


def test_it_is_said_whose_truth_is_shown_beside_predictions(annotated: Path) -> None:
    path = annotated.parent / "predictions.json"
    path.write_text(json.dumps([{"image": name, "x": x, "y": y} for name, (_height, _width, x, y) in MARKS.items()]))
    look_among([annotated.parent])
    try:
        scene = prepare(PointsAsk(path=str(path), place="predictions.json", sample=1), QUIET)
    finally:
        look_among([])
    assert scene.about.startswith("predictions.json · truth of annotation_FSC147_384.json · ")
    (pair,) = scene.tile.pairs
    assert pair.gt == pair.prediction
