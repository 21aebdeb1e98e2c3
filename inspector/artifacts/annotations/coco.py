"""Keypoints as COCO keeps them: annotations with their images, and lists of results.

Source: cocodataset.org, data format and results format: `keypoints` is x1, y1, v1, x2, ... in pixels from the upper
left corner; v is 0 for a keypoint that is not labelled, 1 for a hidden and 2 for a visible one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inspector.artifacts.annotations.point_builder import PointBuilder
from inspector.artifacts.annotations.values import number
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.annotated_images import AnnotatedImages

_KEYPOINTS = "keypoints"
_BEAT_EVERY = 1_000


def annotated(document: Mapping[str, Any], path: Path, pulse: Pulse) -> AnnotatedImages:
    """The keypoints of all images, one person or thing after the other.

    Raises:
        DamagedError: no image is listed.
        UnsupportedError: nothing has keypoints.
        WorkCancelled: the pulse says so.
    """
    notes = Notes()
    places: dict[Any, int] = {}
    names: list[str] = []
    ids: list[str] = []
    sizes: list[tuple[float, float]] = []
    for image in document.get("images") or ():
        if not isinstance(image, dict) or not isinstance(image.get("id"), int | str):
            notes.add("Some images have no id and are left out")
            continue
        places[image["id"]] = len(names)
        ids.append(str(image["id"]))
        names.append(str(image.get("file_name") or image["id"]))
        sizes.append((number(image.get("height")), number(image.get("width"))))
    if not names:
        raise DamagedError(path, "images in COCO annotations", "none")
    points = _gathered(document.get("annotations") or (), places, "annotations", notes, pulse)
    if not len(points):
        raise UnsupportedError(path, "keypoints in COCO annotations", "none; boxes and outlines are not shown")
    return AnnotatedImages(
        names=tuple(names),
        ids=tuple(ids),
        sizes=np.array(sizes, np.float64),
        truth=points.lists(len(names)),
        kind_names=_kind_names(document.get("categories")),
        truth_in_pixels=True,
        notes=notes.texts(),
    )


def predicted(document: Sequence[Any], pulse: Pulse) -> AnnotatedImages:
    """The keypoints of a list of results; the images are called by their ids, and their sizes are not known.

    Raises:
        WorkCancelled: the pulse says so.
    """
    notes = Notes()
    places: dict[Any, int] = {}
    for result in document:
        if isinstance(result, dict) and isinstance(result.get("image_id"), int | str):
            places.setdefault(result["image_id"], len(places))
    points = _gathered(document, places, "results", notes, pulse)
    return AnnotatedImages(
        names=tuple(map(str, places)),
        sizes=np.full((len(places), 2), np.nan),
        predicted=points.lists(len(places)),
        predicted_in_pixels=True,
        notes=notes.texts(),
    )


def _gathered(entries: Iterable[Any], places: Mapping[Any, int], what: str, notes: Notes, pulse: Pulse) -> PointBuilder:
    points = PointBuilder()
    for index, entry in enumerate(entries):
        if index % _BEAT_EVERY == 0:
            pulse.beat(what=f"reading {what}")
        if not isinstance(entry, dict) or not isinstance(entry.get(_KEYPOINTS), list):
            notes.add(f"Some {what} have no keypoints and are left out")
            continue
        identity = entry.get("image_id")
        image = places.get(identity) if isinstance(identity, int | str) else None
        if image is None:
            notes.add(f"Some {what} are of images that are not listed and are left out")
            continue
        if len(entry[_KEYPOINTS]) % 3:
            notes.add(f"Some {what} have keypoints that are no triples of x, y and visibility; their rest is left out")
        _add_keypoints(points, image, entry[_KEYPOINTS], number(entry.get("score")))
    return points


def _add_keypoints(points: PointBuilder, image: int, values: Sequence[Any], score: float) -> None:
    """Each labelled keypoint; results say nothing of visibility, and their third number is a score or 1."""
    is_result = not math.isnan(score)
    for kind in range(len(values) // 3):
        x, y, third = map(number, values[3 * kind : 3 * kind + 3])
        if is_result or third > 0:
            points.add(image, x, y, score, kind)


def _kind_names(categories: Any) -> tuple[str, ...]:
    """What the keypoints of the first category are called that names them."""
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, dict) and isinstance(category.get(_KEYPOINTS), list):
            return tuple(map(str, category[_KEYPOINTS]))
    return ()
