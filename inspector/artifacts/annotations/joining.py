"""Truth and predictions of the same images, kept in two files, as if one file held both."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from inspector.artifacts.picture_folders import is_picture
from inspector.core.arrays import FloatArray, IntArray, starts_of
from inspector.core.notes import Notes
from inspector.core.units import counted
from inspector.formats.annotated_images import AnnotatedImages, PointLists

_Called = Callable[[AnnotatedImages], Sequence[str]]
"""A way to call images."""

LISTED_IN = "listed in"
"""The text that tells which of the two files knows an image; there is none where both know all."""

_BOTH, _TRUTH, _PREDICTIONS = "truth and predictions", "truth only", "predictions only"


def matched(predicted: AnnotatedImages, truth: AnnotatedImages) -> IntArray:
    """(images of `predicted`,) the place of each in `truth`, -1 where it is not there.

    Names are compared as they are, then their last parts, then these without endings, and ids; then the names of their
    files. What several images of `truth` are called tells none of them. Numbers in the order of a file are compared
    with such numbers alone.
    """
    found: IntArray = np.full(len(predicted.names), -1, np.int64)
    if predicted.numbered != truth.numbered:
        return found
    ways = (_names,) if truth.numbered else (_names, _last_parts, _stems, *([_plain_ids] if truth.ids else []))
    by_file = [dataclasses.replace(predicted, names=predicted.files)] if predicted.files else []
    for one in (predicted, *by_file):
        for called in ways:
            _fill(found, one, truth, called)
    return found


def _fill(found: IntArray, predicted: AnnotatedImages, truth: AnnotatedImages, called: _Called) -> None:
    """Match what is not matched yet, by one way to call images."""
    missing = np.flatnonzero(found < 0).tolist()
    if not missing:
        return
    wanted, known = called(predicted), called(truth)
    places: dict[str, int] = {}
    for place, name in enumerate(known):
        places[name] = -1 if name in places else place
    for sample in missing:
        found[sample] = places.get(wanted[sample], -1)


def _names(images: AnnotatedImages) -> Sequence[str]:
    return images.names


def _last_parts(images: AnnotatedImages) -> Sequence[str]:
    return [name.replace("\\", "/").rpartition("/")[2] for name in images.names]


def _stems(images: AnnotatedImages) -> Sequence[str]:
    return [name.rpartition(".")[0] if is_picture(name) else name for name in _last_parts(images)]


def _plain_ids(images: AnnotatedImages) -> Sequence[str]:
    """Ids, or numbers for names, without the zeros before them: COCO names a file by the id in twelve digits."""
    names = images.ids or _stems(images)
    return [name.lstrip("0") or "0" if name.isascii() and name.isdigit() else name for name in names]


def joined(predicted: AnnotatedImages, truth: AnnotatedImages, truth_file: str, match: IntArray) -> AnnotatedImages:
    """All images of two files: those of the predictions in their order, then those that only the truth knows.

    Args:
        predicted: whose truth, if it has any, is left out.
        truth: whose predictions, if it has any, are left out.
        truth_file: its name, for notes.
        match: as `matched` gives it.
    """
    alone = np.setdiff1d(np.arange(len(truth.names)), match)
    here = np.concatenate([np.arange(len(predicted.names)), np.full(len(alone), -1)])
    there = np.concatenate([match, alone])
    names = tuple(map(_better_name, _texts(predicted.names, here), _texts(truth.names, there)))
    if len(set(names)) < len(names):  # several predictions of one image, as in a sequence
        names = tuple(map(_first_text, _texts(predicted.names, here), names))
    files: list[str] = []
    if predicted.files or truth.files:
        told = (_texts(one.files or one.names, rows) for one, rows in ((predicted, here), (truth, there)))
        files = list(map(_first_text, *told))
    notes = Notes()
    notes.add(_told(here, there, names, truth_file))
    sizes, own_sizes = _rows(truth.sizes, there), _rows(predicted.sizes, here)
    _note_differing(sizes, own_sizes, "size", names, notes)
    numbers = {name: _rows(values, here) for name, values in predicted.numbers.items()}
    for name, values in truth.numbers.items():
        stated, own = _rows(values, there), numbers.get(name)
        if own is not None and _note_differing(stated, own, name, names, notes):
            numbers[f"{name} (predictions)"] = own
        elif own is not None:
            stated = np.where(np.isfinite(stated), stated, own)
        numbers[name] = stated
    texts = {name: _texts(values, here) for name, values in predicted.texts.items()}
    for name, known in truth.texts.items():
        of_truth = _texts(known, there)
        texts[name] = list(map(_first_text, of_truth, texts.get(name, of_truth)))
    if (np.minimum(here, there) < 0).any():
        texts[LISTED_IN] = list(map(_listed_in, here.tolist(), there.tolist()))
    return AnnotatedImages(
        names=names,
        files=tuple(files),
        numbered=truth.numbered,
        sizes=np.where(np.isfinite(sizes), sizes, own_sizes),
        truth=_taken(truth.truth, there),
        predicted=_taken(predicted.predicted, here),
        marked=_taken(predicted.marked, here) or _taken(truth.marked, there),
        truth_done=_either(predicted.truth_done, here, truth.truth_done, there),
        predicted_done=None if predicted.predicted_done is None else _rows(predicted.predicted_done, here),
        kind_names=truth.kind_names or predicted.kind_names,
        in_truth=there >= 0,
        in_predictions=here >= 0,
        truth_in_pixels=truth.truth_in_pixels,
        predicted_in_pixels=predicted.predicted_in_pixels,
        numbers=numbers,
        texts={name: tuple(values) for name, values in texts.items()},
        notes=(*notes.texts(), *predicted.notes, *(f"{truth_file}: {note}" for note in truth.notes)),
    )


def only_of(truth: AnnotatedImages, match: IntArray) -> AnnotatedImages:
    """What a file of truth tells of some images.

    Args:
        truth: whose predictions, if it has any, are left out.
        match: (images,) the place of each, -1 for one that it does not know.
    """
    return AnnotatedImages(
        names=tuple(_texts(truth.names, match)),
        sizes=_rows(truth.sizes, match),
        truth=_taken(truth.truth, match),
        truth_done=None if truth.truth_done is None else _rows(truth.truth_done, match),
        kind_names=truth.kind_names,
        in_truth=match >= 0,
        truth_in_pixels=truth.truth_in_pixels,
        numbers={name: _rows(values, match) for name, values in truth.numbers.items()},
        texts={name: tuple(_texts(values, match)) for name, values in truth.texts.items()},
    )


def _told(here: IntArray, there: IntArray, names: Sequence[str], truth_file: str) -> str:
    """What the two files have in common, in one sentence."""
    predicted, both = int((here >= 0).sum()), int((np.minimum(here, there) >= 0).sum())
    parts = [f"The truth is that of {truth_file}, which has {both:,} of {counted(predicted, 'predicted image')}"]
    for rows, what in ((there, "truth"), (here, "predictions")):
        if (rows < 0).any():
            first = names[int(np.argmax(rows < 0))][:200]
            parts.append(f"{counted(int((rows < 0).sum()), 'image')} without {what}, the first is {first}")
    return "; ".join(parts)


def _note_differing(stated: FloatArray, own: FloatArray, what: str, names: Sequence[str], notes: Notes) -> bool:
    """Say of which images the two files tell different numbers; whether there are any."""
    differs = np.isfinite(stated) & np.isfinite(own) & (stated != own)
    differs = differs.any(axis=1) if differs.ndim > 1 else differs
    if differs.any():
        first = int(np.argmax(differs))
        known, other = (" × ".join(f"{value:g}" for value in np.atleast_1d(one[first])) for one in (stated, own))
        found = f"the first is {names[first][:200]} with {known} and {other}"
        notes.add(f"Truth and predictions tell another {what} of {counted(int(differs.sum()), 'image')}; {found}")
    return bool(differs.any())


def _better_name(own: str, other: str) -> str:
    """What an image is called: as the truth does where that is the name of a file."""
    return other if not own or (own != other and is_picture(other)) else own


def _first_text(one: str, other: str) -> str:
    return one or other


def _listed_in(here: int, there: int) -> str:
    return _BOTH if min(here, there) >= 0 else _TRUTH if there >= 0 else _PREDICTIONS


def _rows(values: FloatArray, rows: IntArray) -> FloatArray:
    """Rows of an array, NaN for -1."""
    found = np.full((len(rows), *values.shape[1:]), np.nan)
    found[rows >= 0] = values[rows[rows >= 0]]
    return found


def _texts(values: Sequence[str], rows: IntArray) -> list[str]:
    return [values[row] if row >= 0 else "" for row in rows.tolist()]


def _either(
    one: FloatArray | None, of_one: IntArray, other: FloatArray | None, of_other: IntArray
) -> FloatArray | None:
    """What one array tells, else the other; None where there is neither."""
    found = [_rows(values, rows) for values, rows in ((one, of_one), (other, of_other)) if values is not None]
    return np.where(np.isfinite(found[0]), found[0], found[-1]) if found else None


def _taken(points: PointLists | None, rows: IntArray) -> PointLists | None:
    """The points of some images, in their order; none of an image for -1."""
    if points is None:
        return None
    counts = np.zeros(len(rows), np.int64)
    counts[rows >= 0] = np.diff(points.offsets)[rows[rows >= 0]]
    offsets = starts_of(counts)
    first = points.offsets[np.maximum(rows, 0)]
    chosen = np.repeat(first - offsets[:-1], counts) + np.arange(offsets[-1])
    return PointLists(
        offsets=offsets,
        places=points.places[chosen],
        confidence=None if points.confidence is None else points.confidence[chosen],
        kinds=None if points.kinds is None else points.kinds[chosen],
    )
