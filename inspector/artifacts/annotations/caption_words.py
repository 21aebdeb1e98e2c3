"""What a caption of a logged image tells: `cat | 3/21 marked | Pred:(0.74, -0.10, done=0.15) | GT:(0.31, -0.42)`.

Source: the counting scripts, which log one such caption for each image of `val/predictions`.
"""

from __future__ import annotations

import re
from typing import Any

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan"
_POINT = re.compile(
    rf"\b(pred(?:icted|iction)?|gt|ground[ _]truth|target)\s*[:=]?\s*"
    rf"[(\[]\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:,\s*done\s*[:=]\s*({_NUMBER}|true|false))?\s*[)\]]",
    re.IGNORECASE,
)
_MARKED = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})\s*marked", re.IGNORECASE)
_LONGEST = 2_000
"""Captions are short; of longer texts the beginning is looked at."""

PREDICTED, TRUTH = "pred_points", "gt_points"
PREDICTED_DONE, TRUTH_DONE = "pred_done", "gt_done"
MARKED, COUNT = "marked", "count"


def told(caption: str) -> dict[str, Any]:
    """The points of a caption, and what else it tells, as the fields of a record; empty where it tells no point."""
    text = caption[:_LONGEST]
    found: dict[str, Any] = {}
    for point in _POINT.finditer(text):
        predicted = point[1].lower().startswith("pred")
        found.setdefault(PREDICTED if predicted else TRUTH, []).append([float(point[2]), float(point[3])])
        if point[4] is not None:
            found[PREDICTED_DONE if predicted else TRUTH_DONE] = _number(point[4].lower())
    if found and (steps := _MARKED.search(text)):
        found |= {MARKED: int(steps[1]), COUNT: int(steps[2])}
    return found


def _number(word: str) -> float:
    return {"true": 1.0, "false": 0.0}[word] if word in ("true", "false") else float(word)
