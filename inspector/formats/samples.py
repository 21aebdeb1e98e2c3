"""How many samples a dump holds, by the layouts of its datasets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

_OFFSETS = {Role.GT_POINTS: Role.GT_POINTS_OFFSETS, Role.PRED_POINTS: Role.PRED_POINTS_OFFSETS}


def samples_of(datasets: Iterable[DatasetFacts], attributes: Mapping[str, Any]) -> tuple[int | None, str]:
    """How many samples a dump holds, and a note where its datasets disagree; None where none tells.

    Points, whose arrays have no layout, are counted where nothing else is.
    """
    every = tuple(datasets)
    lengths = Counter(
        dataset.shape[dataset.layout.index("N")] for dataset in every if "N" in dataset.layout and dataset.shape
    ) or Counter(_lengths_of_points(every))
    stated = attributes.get("n_samples")
    # Where as many hold one count as another, the smaller is there in all of them.
    most = max(lengths, key=lambda length: (lengths[length], -length)) if lengths else None
    if isinstance(stated, int) and not isinstance(stated, bool) and stated >= 0:
        if most is None or most == stated:
            return stated, ""
        shown = min(stated, most)
        return shown, f"it states {stated} samples, its datasets hold {most}; the first {shown} are shown"
    spread = ", ".join(str(length) for length in sorted(lengths))
    return most, f"its datasets hold {spread} samples; the first {most} are shown" if len(lengths) > 1 else ""


def _lengths_of_points(datasets: tuple[DatasetFacts, ...]) -> Iterator[int]:
    """Of how many samples points are: by their offsets, else a row or a point a sample."""
    for role, offsets_role in _OFFSETS.items():
        points = next((dataset for dataset in datasets if dataset.role == role and dataset.shape), None)
        if points is None:
            continue
        offsets = next((dataset for dataset in datasets if dataset.role == offsets_role and dataset.shape), None)
        yield max(offsets.shape[0] - 1, 0) if offsets is not None and len(points.shape) < 3 else points.shape[0]
