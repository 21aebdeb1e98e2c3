"""Samples of two dumps are matched by name, else by index, else by order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.sample_pairs import SamplePairs, sample_pairs
from tests.diagnosis.folders import write_dump


def pairs(tmp_path: Path, here: dict[str, Any], there: dict[str, Any]) -> SamplePairs:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    for name, kept in (("a.h5", here), ("b.h5", there)):
        write_dump(folder / name, 1, kept)
    return sample_pairs(opened(folder / "a.h5"), opened(folder / "b.h5"))


def points(count: int) -> dict[str, Any]:
    return {"pred/points": np.zeros((count, 2))}


def told(found: SamplePairs) -> tuple[list[int], list[int], str, int]:
    return found.here.tolist(), found.there.tolist(), found.by, found.unmatched


def test_names_tell_before_indices(tmp_path: Path) -> None:
    here = points(3) | {"samples/key": np.array([b"a", b"b", b"c"]), "samples/index": np.arange(3)}
    there = points(4) | {"samples/key": np.array([b"c", b"x", b"a", b"y"]), "samples/index": np.arange(4)}
    assert told(pairs(tmp_path, here, there)) == ([0, 2], [2, 0], "name", 3)


def test_names_of_images_that_others_keep_tell_too(tmp_path: Path) -> None:
    here = points(2) | {"file_names": np.array([b"a.jpg", b"b.jpg"])}
    there = points(2) | {"image_names": np.array([b"b.jpg", b"a.jpg"])}
    assert told(pairs(tmp_path, here, there)) == ([0, 1], [1, 0], "name", 0)


def test_indices_tell_where_there_are_no_names(tmp_path: Path) -> None:
    here = points(3) | {"samples/index": np.array([10, 11, 12])}
    there = points(3) | {"samples/index": np.array([12, 10, 9])}
    assert told(pairs(tmp_path, here, there)) == ([0, 2], [1, 0], "index", 2)


def test_the_steps_of_a_sequence_have_one_name_and_an_order(tmp_path: Path) -> None:
    here = points(4) | {"samples/key": np.array([b"a", b"b", b"a", b"c"])}
    there = points(4) | {"samples/key": np.array([b"b", b"a", b"a", b"d"])}
    assert told(pairs(tmp_path, here, there)) == ([0, 1, 2], [1, 0, 2], "name", 2)


def test_what_occurs_more_often_in_one_is_not_told_apart(tmp_path: Path) -> None:
    here = points(3) | {"samples/index": np.array([5, 5, 6])}
    there = points(3) | {"samples/index": np.array([5, 6, 7])}
    assert told(pairs(tmp_path, here, there)) == ([2], [1], "index", 4)


def test_else_the_order_counts(tmp_path: Path) -> None:
    index = {"samples/index": np.zeros(2)}
    assert told(pairs(tmp_path, points(2) | index, points(3))) == ([0, 1], [0, 1], "order", 1)
    assert told(pairs(tmp_path, points(2) | index, points(2) | {"samples/index": np.ones(2)}))[2:] == ("order", 0)
