"""Points in the captions of logged images: `cat | 3/21 marked | Pred:(0.74, -0.10, done=0.15) | GT:(0.31, -0.42)`.

Source: the counting scripts, which log one such caption for each image of `val/predictions`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np

from inspector.artifacts.annotations.point_builder import PointBuilder
from inspector.core.arrays import FloatArray
from inspector.formats.annotated_images import AnnotatedImages, PointLists

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan"
_POINT = re.compile(
    rf"\b(pred(?:icted|iction)?|gt|ground[ _]truth|target)\s*[:=]?\s*"
    rf"[(\[]\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:,\s*done\s*[:=]\s*({_NUMBER}|true|false))?\s*[)\]]",
    re.IGNORECASE,
)
_MARKED = re.compile(r"(\d+)\s*/\s*(\d+)\s*marked", re.IGNORECASE)
_LONGEST = 2_000
"""Captions are short; of longer texts the beginning is looked at."""


def annotated(captions: Iterable[str]) -> AnnotatedImages | None:
    """The points of some captions, one sample each; None where none of them tells a point."""
    texts = tuple(captions)
    points = {"truth": PointBuilder(), "predicted": PointBuilder()}
    done = {side: np.full(len(texts), np.nan) for side in points}
    marked, count = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    for image, text in enumerate(texts):
        for found in _POINT.finditer(text[:_LONGEST]):
            side = "predicted" if found[1].lower().startswith("pred") else "truth"
            points[side].add(image, float(found[2]), float(found[3]))
            done[side][image] = _done(found[4])
        if steps := _MARKED.search(text[:_LONGEST]):
            marked[image], count[image] = float(steps[1]), float(steps[2])
    if not any(points.values()):
        return None
    numbers = {"marked": marked, "count": count} if np.isfinite(marked).any() else {}
    return AnnotatedImages(
        names=tuple(text.split("|")[0].strip()[:200] for text in texts),
        sizes=np.full((len(texts), 2), np.nan),
        truth=_lists(points["truth"], len(texts)),
        predicted=_lists(points["predicted"], len(texts)),
        truth_done=_known(done["truth"]),
        predicted_done=_known(done["predicted"]),
        numbers=numbers,
        texts={"caption": texts},
    )


def _lists(points: PointBuilder, images: int) -> PointLists | None:
    return points.lists(images) if len(points) else None


def _known(values: FloatArray) -> FloatArray | None:
    return values if np.isfinite(values).any() else None


_TRUTH_WORDS = {"true": 1.0, "false": 0.0}


def _done(word: str | None) -> float:
    if word is None:
        return math.nan
    known = _TRUTH_WORDS.get(word.lower())
    return float(word) if known is None else known
