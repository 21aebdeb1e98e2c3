"""A value of any other kind at any place in a file of points costs no more than that value."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from inspector.artifacts.dumps.dump import close_all, opened
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core.errors import FileError
from inspector.core.pulse import QUIET

ODD: tuple[Any, ...] = (None, -1e308, [], {"_type": "image-file"}, 10**400)

CAPTION = "cat | 1/2 marked | Pred:(1, 2, done=.5) | GT:(1, 2)"
IMAGE = {"_type": "image-file", "path": "media/images/a.png", "caption": CAPTION, "width": 9}
DOCUMENTS: dict[str, Any] = {
    "fsc147": {"2.jpg": {"H": 7, "W": 8, "ratio_h": 1, "ratio_w": 1, "box_examples_path": [], "points": [[1, 2]]}},
    "coco": {"images": [{"id": 7, "file_name": "2.jpg", "height": 9, "width": 9}],
             "annotations": [{"image_id": 7, "keypoints": [1, 2, 2]}], "categories": [{"keypoints": ["a"]}]},
    "results": [{"image_id": 7, "keypoints": [1, 2, 2], "score": 0.5}],
    "records": [{"image": "2.jpg", "pred_points": [[1, 2], [5, 5]], "gt": {"x": 1, "y": 2}, "k": 0, "width": 3,
                 "marked_xy": [[1, 1]], "done": 0.5, "count": 2, "class": "x"}, {"image": "3.jpg"}],
    "table": {"columns": ["id", "image", "gt_x", "gt_y"], "data": [[1, IMAGE, 1, 2]]},
}  # fmt: skip


def with_odd_values(document: Any) -> Iterator[Any]:
    """The document with each odd value in each place."""
    for place in places(document):
        for odd in ODD:
            changed = copy.deepcopy(document)
            target = changed
            for key in place[:-1]:
                target = target[key]
            target[place[-1]] = odd
            yield changed


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*before, key)
        yield from places(inner, (*before, key))


@pytest.mark.parametrize("form", DOCUMENTS)
def test_an_odd_value_anywhere_gives_points_or_a_sentence(tmp_path: Path, form: str) -> None:
    read = 0
    for number, document in enumerate(with_odd_values(DOCUMENTS[form])):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document))
        with suppress(FileError):
            assert all_points(opened(path), QUIET).samples >= 1
            read += 1
    close_all()
    assert read > number / 4
