"""Annotated images as the datasets of a dump: each an array under the name that `ri-dump/1` has for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from inspector.core.arrays import AnyArray
from inspector.formats import dump as names
from inspector.formats.annotated_images import AnnotatedImages
from inspector.formats.dump import ROLE_OF_PATH, Role
from inspector.formats.facts import DatasetFacts

NAMES = "names"
KINDS = {names.GT_POINTS: names.GT_KINDS, names.PRED_POINTS: names.PRED_KINDS}
"""Where it is told which kind of point each is, such as a nose."""

_OFFSETS = {
    names.GT_POINTS: names.GT_POINTS_OFFSETS,
    names.PRED_POINTS: names.PRED_POINTS_OFFSETS,
    names.MARKED_POINTS: names.MARKED_POINTS_OFFSETS,
}
_OF_POINTS = frozenset((*_OFFSETS, *_OFFSETS.values(), names.CONFIDENCE, *KINDS.values()))
"""Datasets that have no sample axis."""

_OF_SAMPLES = frozenset((names.SIZES, names.IMAGE, names.IN_TRUTH, names.IN_PREDICTIONS, NAMES))

_PATHS = _OF_POINTS | _OF_SAMPLES | ROLE_OF_PATH.keys()
"""Names that mean something; a column that is called so is called otherwise."""

_USUAL: Mapping[str, tuple[str, ...]] = {
    names.COUNT: ("count", "gt_count", "true_count", "n_objects", "num_objects", "object_count"),
    names.PRED_COUNT: ("pred_count", "predicted_count", "count_pred", "count_predicted", "prediction_count"),
    names.SEQUENCE_STEP: ("sequence_step", "k", "marked", "n_marked", "num_marked", "turn"),
}
"""What a number of each image that has a role is called in files, the most telling name first."""


def arrays_of(images: AnnotatedImages) -> dict[str, AnyArray]:
    """The datasets by their paths, without the images themselves and their sizes; texts as objects.

    Shapes, units and what NaN means are those of the fields of `AnnotatedImages` and `PointLists`.
    """
    found: dict[str, AnyArray] = {NAMES: np.array(images.names, object)}
    for points, places in (
        (images.truth, names.GT_POINTS),
        (images.predicted, names.PRED_POINTS),
        (images.marked, names.MARKED_POINTS),
    ):
        if points is not None:
            found |= {places: points.places, _OFFSETS[places]: points.offsets}
            if points.kinds is not None and places in KINDS:
                found[KINDS[places]] = points.kinds
    if images.predicted is not None and images.predicted.confidence is not None:
        found[names.CONFIDENCE] = images.predicted.confidence
    told = (
        (names.GT_DONE, images.truth_done),
        (names.PRED_DONE, images.predicted_done),
        (names.IN_TRUTH, images.in_truth),
        (names.IN_PREDICTIONS, images.in_predictions),
    )
    found |= {path: values for path, values in told if values is not None}
    path_of = _usual_paths(images.numbers)
    columns: dict[str, AnyArray] = dict(images.numbers)
    columns |= {name: np.array(texts, object) for name, texts in images.texts.items()}
    for name, values in columns.items():
        path = path_of.get(name) or (name if name not in _PATHS else f"{name} (column)")
        found[path if path not in found else f"{path} (column)"] = values
    return found


def _usual_paths(numbers: Iterable[str]) -> dict[str, str]:
    """The paths of those columns of numbers whose names tell a role."""
    plain = {name.lower().strip().replace(" ", "_"): name for name in reversed(list(numbers))}
    return {
        next(plain[usual] for usual in known if usual in plain): path
        for path, known in _USUAL.items()
        if not plain.keys().isdisjoint(known)
    }


def facts_of_array(path: str, values: AnyArray, images: AnnotatedImages) -> DatasetFacts:
    """What there is to tell of a dataset of some images."""
    number = values.dtype.kind == "f" and values.ndim == 1
    other = Role.SAMPLE_SCALAR if number and path not in _OF_SAMPLES else Role.METADATA
    of_points = path in _OF_POINTS
    return DatasetFacts(
        path=path,
        shape=values.shape,
        dtype="text" if values.dtype == object else values.dtype.name,
        bytes=values.nbytes,
        role=_ROLES.get(path, other),
        layout="" if of_points else "N" + "D" * (values.ndim - 1),
        because="the form of the file says so",
        attributes=_PIXELS if path in _in_pixels(images) else {},
    )


_PIXELS = {"convention": "pixels, xy"}
"""What is told of points whose form says how they are kept."""


def _in_pixels(images: AnnotatedImages) -> tuple[str, ...]:
    kinds = ((names.GT_POINTS, images.truth_in_pixels), (names.PRED_POINTS, images.predicted_in_pixels))
    return tuple(path for path, told in kinds if told)


_ROLES: Mapping[str, Role] = {
    **ROLE_OF_PATH,
    names.SIZES: Role.METADATA,
    **dict.fromkeys(KINDS.values(), Role.METADATA),
}
