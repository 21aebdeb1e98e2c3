"""Scores that need no model: those that a run logged beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from inspector.diagnosis.courses import course_of
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import in_shares, is_foreground
from inspector.diagnosis.tags import name_of, part_of
from inspector.formats.metric_names import better_of, words
from inspector.formats.series import Series

_INFORMED = frozenset({"copy", "colour", "color", "colours", "clusters"})
"""Baselines that look at the input, which a model in training need not beat."""

_LOW = frozenset({"loss", "error", "mae", "rmse", "mse", "nae"})


class Baseline(NamedTuple):
    """A score and one that needs no model.

    Attributes:
        score, tag: of the curves.
        better: whether a score is better high or low.
        name: of what it is (`blocks`, `base rate`).
        blind: it does not look at the input.
    """

    score: str
    tag: str
    better: Literal["high", "low"]
    name: str
    blind: bool


def logged_baselines(curves: Mapping[str, Series]) -> list[Baseline]:
    """Every `baseline/<score>_<name>` with the validation score that it belongs to: that of the longest name."""
    scores = {name_of(tag): tag for tag in curves if part_of(tag) == "validation" and words(tag)[:1] != ("baseline",)}
    found = []
    for tag in curves:
        if words(tag)[:1] != ("baseline",):
            continue
        rest = name_of(tag)[1:]
        name = max((name for name in scores if name and name == rest[: len(name)]), key=len, default=None)
        better = "" if name is None else _better(scores[name])
        if name is not None and better and len(rest) > len(name):
            kind = rest[len(name) :]
            found.append(Baseline(scores[name], tag, better, " ".join(kind), not _INFORMED & set(kind)))
    return found


def blind_score(material: Material, tag: str) -> float:
    """What a score is worth that looks at nothing, 0..1: as logged, else what is known of FG-ARI, else 0."""
    found = [
        course_of(material, one.tag)
        for one in logged_baselines(material.curves)
        if one.score == tag and one.blind and one.better == "high"
    ]
    known = [float(in_shares(course.values)[-1]) for course in found if len(course)]
    if known:
        return max(known)
    return material.thresholds.blind_ari if is_foreground(tag) else 0.0


def _better(tag: str) -> Literal["high", "low", ""]:
    return "low" if _LOW & set(words(tag)) else better_of(tag)
