"""What the fields of a record of points are, told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inspector.artifacts.annotations.values import number, pair


class Side(StrEnum):
    """Whose points a field holds."""

    TRUTH = "truth"
    PREDICTED = "predicted"


_SIDE_WORDS: dict[str, Side] = {
    **dict.fromkeys(("gt", "true", "truth", "target", "label", "groundtruth", "ref", "annotation"), Side.TRUTH),
    **dict.fromkeys(("pred", "preds", "predicted", "prediction", "predictions", "output", "hat"), Side.PREDICTED),
}
_POINT_WORDS = frozenset(("xy", "yx", "point", "points", "coord", "coords", "coordinate", "coordinates", "position",
                          "keypoint", "keypoints", "location", "locations", "center", "centers"))  # fmt: skip
_FILLING_WORDS = frozenset(("norm", "normalized", "px", "pixel", "pixels", "is", "prob", "probability"))
_IMAGE_NAMES = ("image_path", "img_path", "file_name", "filename", "image", "img", "image_id", "path", "file",
                "image_name", "name", "sample", "sample_id", "id", "index")  # fmt: skip
"""Names of the field that tells the image, the most telling first."""
FILE = "image file"
"""The field that tells where the image lies, where it is called otherwise."""
_CONFIDENCES = frozenset(("score", "scores", "confidence", "confidences", "conf", "prob", "probs", "probability"))
_HEIGHTS = frozenset(("height", "h", "image_height", "img_height", "original_height", "orig_h"))
_WIDTHS = frozenset(("width", "w", "image_width", "img_width", "original_width", "orig_w"))
_MARKED_WORDS = frozenset(("marked", "counted", "previous"))
"""Objects of a sequence that were counted before."""
ORDINALS = ("k", "step", "frame", "marked", "turn")
"""Numbers that tell several samples of one image apart."""
_WORD = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class PointField:
    """Fields that hold points of one side: one with pairs, or one for x and one for y; `y` is empty for pairs."""

    x: str
    y: str = ""
    is_yx: bool = False


@dataclass(frozen=True, slots=True)
class RecordFields:
    """The fields of the records of a file; empty where there is none."""

    truth: PointField | None
    predicted: PointField | None
    truth_done: str
    predicted_done: str
    image: str
    confidence: str
    height: str
    width: str
    ordinal: str
    marked: PointField | None = None
    file: str = ""

    @property
    def named(self) -> frozenset[str]:
        """Every field that has a meaning."""
        sides = [name for side in (self.truth, self.predicted, self.marked) if side for name in (side.x, side.y)]
        others = (self.truth_done, self.predicted_done, self.image, self.confidence, self.height, self.width, self.file)
        return frozenset((*sides, *others)) - {""}


def fields_of(records: Iterable[Mapping[str, Any]], file_name: str) -> RecordFields | None:
    """What the fields of some records are; None where they hold no points.

    Args:
        records: the first ones.
        file_name: of the file; it tells whose the points are where their names do not.
    """
    values: dict[str, Any] = {}
    for record in records:
        for name, value in record.items():
            if values.get(name) is None:
                values[name] = value
    plain = {name: "_".join(_WORD.findall(name.lower())) for name in values}
    bare = Side.TRUTH if re.search(r"annot|gt|truth|label", file_name.lower()) else Side.PREDICTED
    image = _first(plain, _IMAGE_NAMES)
    file = FILE if FILE in values else ""
    points: dict[Side, PointField] = {}
    done: dict[Side, str] = {}
    halves: dict[tuple[Side | None, str], str] = {}
    marked: PointField | None = None
    said = False
    for name, words in ((name, tuple(plain[name].split("_"))) for name in values):
        side, rest = _side_of(words)
        if rest in (("x",), ("y",)):
            halves[side, rest[0]] = name
        elif rest == ("done",):
            done.setdefault(side or Side.PREDICTED, name)
        elif not _MARKED_WORDS.isdisjoint(rest) and _holds_points(values[name]):
            marked = marked or PointField(name, is_yx="yx" in rest)
        elif _holds_points(values[name]) and (side or rest) and set(rest) <= _POINT_WORDS:
            points.setdefault(side or bare, PointField(name, is_yx="yx" in rest))
            said |= bool(rest) or _holds_places(values[name])
    for side in (Side.TRUTH, Side.PREDICTED, None):
        x, y = halves.get((side, "x")), halves.get((side, "y"))
        # `x` and `y` alone may be anything; with an image they are a point in it.
        if x and y and (side or image or file or points):
            points.setdefault(side or bare, PointField(x, y))
            said = True
    # A pair of numbers called `label` or `output` may be anything, where nothing else speaks of points in images.
    if not points or (len(points) == 1 and not (said and (image or file))):
        return None
    return RecordFields(
        truth=points.get(Side.TRUTH),
        predicted=points.get(Side.PREDICTED),
        truth_done=done.get(Side.TRUTH, ""),
        predicted_done=done.get(Side.PREDICTED, ""),
        image=image,
        confidence=_first(plain, _CONFIDENCES),
        height=_first(plain, _HEIGHTS),
        width=_first(plain, _WIDTHS),
        ordinal=_first(plain, ORDINALS),
        marked=marked,
        file=file,
    )


def points_in(value: Any) -> list[tuple[float, float, float]] | None:
    """The points of a value as x, y, confidence (NaN without one); None where it holds none.

    A value is a pair, a mapping with `x` and `y`, or a list of such.
    """
    one = _point(value)
    if one is not None:
        return [one]
    if not isinstance(value, list):
        return None
    found = [_point(item) for item in value]
    return [point for point in found if point] if all(found) else None


def _point(value: Any) -> tuple[float, float, float] | None:
    if isinstance(value, dict):
        if "x" not in value or "y" not in value:
            return None
        confidence = next((value[name] for name in _CONFIDENCES if name in value), None)
        return number(value["x"]), number(value["y"]), number(confidence)
    place = pair(value)
    return None if place is None else (*place, float("nan"))


def _holds_points(value: Any) -> bool:
    return points_in(value) is not None


def _holds_places(value: Any) -> bool:
    """Whether a value is a list of pairs that are no classes with their probabilities."""
    found = (points_in(value) or []) if isinstance(value, list) and not _point(value) else []
    return bool(found) and not all(x.is_integer() and 0 <= y <= 1 for x, y, _confidence in found)


def _side_of(words: tuple[str, ...]) -> tuple[Side | None, tuple[str, ...]]:
    """Whose points the words of a name say, and the other words that count."""
    joined = tuple(word for word in _joined_truth(words) if word not in _FILLING_WORDS)
    side = next((_SIDE_WORDS[word] for word in joined if word in _SIDE_WORDS), None)
    return side, tuple(word for word in joined if word not in _SIDE_WORDS)


def _joined_truth(words: tuple[str, ...]) -> tuple[str, ...]:
    if words[:2] == ("ground", "truth"):
        return ("groundtruth", *words[2:])
    return words


def _first(plain: dict[str, str], wanted: Iterable[str]) -> str:
    """The name in the file of the first of some fields that there is; empty without one."""
    by_plain = {words: name for name, words in reversed(plain.items())}
    return next((by_plain[words] for words in wanted if words in by_plain), "")
