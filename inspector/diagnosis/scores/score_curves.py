"""Which of a run's curves are scores: better high, and of a scale that is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.diagnosis.courses import Course
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import by_plainness, part_of, with_words
from inspector.formats.metric_names import better_of, words
from inspector.formats.series import Series

_BOUNDED = frozenset(("acc", "accuracy", "ari", "fgari", "iou", "miou", "mbo", "map", "auc", "auroc", "dice", "corloc",
                      "pck", "jaccard"))  # fmt: skip
_ACCURACY = frozenset(("acc", "accuracy", "top1"))
_ARI = frozenset({"ari", "fgari"})
_OF_A_PART = frozenset({"attention", "attn", "encoder", "same", "best", "max", "loss", "baseline"})
"""A score of a part of the samples, of other masks, or the best so far is no score of the run."""
_PARTS = ("validation", "test", "")
"""Parts of the data that scores are looked for in, in this order; the last says none."""


def has_scores(material: Material) -> bool:
    """Whether a run logged a score."""
    return bool(scores(material.curves) or unnamed_score(material.curves))


def has_ari(material: Material) -> bool:
    """Whether a run logged FG-ARI or ARI."""
    return ari_tag(material.curves) is not None


def scores(curves: Mapping[str, Series]) -> list[str]:
    """Scores of held-out data, 0..1 or 0..100, the plainest first; else those that name no part of the data."""
    found = [tag for tag in by_plainness(curves) if _is_score(tag) and len(curves[tag].values)]
    for part in _PARTS:
        own = [tag for tag in found if part_of(tag) == part]
        if own:
            return own
    return []


def unnamed_score(curves: Mapping[str, Series]) -> list[str]:
    """A number between 0 and 1 that a console printed without a name, where no score has one: it may be a score."""
    one = curves.get(_UNNAMED)
    if one is None or not len(one.values):
        return []
    known = one.values[np.isfinite(one.values)]
    return [_UNNAMED] if len(known) and known.min() >= 0 and known.max() <= 1 else []


_UNNAMED = "value"


def accuracies(curves: Mapping[str, Series], part: str) -> list[str]:
    """Accuracies of one part of the data, the plainest first."""
    return [
        tag
        for tag in by_plainness(curves)
        if _is_score(tag) and part_of(tag) == part and _ACCURACY & set(words(tag)) and len(curves[tag].values)
    ]


def ari_tag(curves: Iterable[str]) -> str | None:
    """The FG-ARI of the masks that a run paints, else its ARI, those of training last; None without any."""
    tags = tuple(curves)
    held_out = tuple(tag for tag in tags if part_of(tag) != "train")
    found = (foreground_ari_tag(some) or _held_out_first(some, _ARI, without=_OF_A_PART) for some in (held_out, tags))
    return next(filter(None, found), None)


def foreground_ari_tag(curves: Iterable[str]) -> str | None:
    """The FG-ARI of the masks that a run paints, None where none was logged."""
    tags = tuple(curves)
    return _held_out_first(tags, frozenset({"fgari"}), without=_OF_A_PART) or _held_out_first(
        tags, frozenset({"fg"}), frozenset({"ari"}), without=_OF_A_PART
    )


def plain_ari_tag(curves: Iterable[str]) -> str | None:
    """The ARI that counts the background, None where none was logged."""
    without = _OF_A_PART | {"fg", "fgari", "foreground"}
    return _held_out_first(tuple(curves), frozenset({"ari"}), without=without)


def _held_out_first(tags: tuple[str, ...], *wanted: frozenset[str], without: frozenset[str]) -> str | None:
    """As `with_words`, of held-out data where it was logged; that of training last."""
    for part in (*_PARTS, "train"):
        tag = with_words((tag for tag in tags if part_of(tag) == part), *wanted, without=without)
        if tag is not None:
            return tag
    return None


def is_ari(tag: str) -> bool:
    """Whether a score is an FG-ARI or an ARI."""
    return not _ARI.isdisjoint(words(tag))


def is_foreground(tag: str) -> bool:
    """Whether an ARI leaves the background out."""
    return not {"fg", "fgari", "foreground"}.isdisjoint(words(tag))


def in_shares(values: FloatArray) -> FloatArray:
    """Scores, (points,) finite, as 0..1: those that exceed 1.5 were logged in percent."""
    return values / 100.0 if len(values) and values.max() > 1.5 else values


def shares_of(course: Course) -> FloatArray:
    """The values of a course as `in_shares` gives them, (points,) float64."""
    return in_shares(course.values)


def _is_score(tag: str) -> bool:
    found = set(words(tag))
    return bool(found & _BOUNDED) and not found & _OF_A_PART and (better_of(tag) == "high" or "fgari" in found)
