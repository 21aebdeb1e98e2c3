"""Points whose x and y lie in datasets of their own (`gt_x`, `gt_y`), as one dataset of pairs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from inspector.artifacts.dumps.role_names import WORD_END, WORD_START, is_predicted, is_true
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts
from inspector.formats.role_needs import is_number

_X = re.compile(rf"{WORD_START}x{WORD_END}", re.IGNORECASE)


def with_split_points(datasets: Sequence[DatasetFacts]) -> list[DatasetFacts]:
    """The datasets, those of x with their y where no other holds points of that kind."""
    by_path = {dataset.path: dataset for dataset in datasets}
    known = {dataset.role for dataset in datasets}
    changed: dict[str, DatasetFacts] = {}
    for x in datasets:
        role = Role.PRED_POINTS if is_predicted(x.path) else Role.GT_POINTS if is_true(x.path) else None
        y = by_path.get(_path_of_y(x.path))
        if role is None or role in known or y is None or not _is_half(x) or not _is_half(y) or x.shape != y.shape:
            continue
        known.add(role)
        changed[x.path] = msgspec.structs.replace(
            x, shape=(*x.shape, 2), chunks=None, bytes=x.bytes + y.bytes, role=role, layout="", y_path=y.path,
            because=f"its name; y is {y.path}",
        )  # fmt: skip
        changed[y.path] = msgspec.structs.replace(y, role=Role.METADATA, layout="", because=f"its name; x is {x.path}")
    return [changed.get(dataset.path, dataset) for dataset in datasets]


def _path_of_y(path: str) -> str:
    """What the dataset of y is called beside one of x; empty where a name speaks of no x."""
    found = [match.start() for match in _X.finditer(path)]
    if not found:
        return ""
    at = found[-1]
    return f"{path[:at]}{'Y' if path[at] == 'X' else 'y'}{path[at + 1 :]}"


def _is_half(dataset: DatasetFacts) -> bool:
    return 1 <= len(dataset.shape) <= 2 and is_number(dataset.dtype)
