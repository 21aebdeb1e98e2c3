"""Tensors put together from pieces, against numpy."""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.flat_vectors import FlatVector, Stretch, shaped
from inspector.artifacts.tensors.elements import load, statistics
from inspector.artifacts.tensors.pieces import Box, Piece, Stitched, boxes_of, shared, stitched_storage, uncovered
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable, contiguous_strides
from tests.artifacts.safetensors_files import write_safetensors

SHAPES = st.lists(st.integers(1, 5), max_size=4).map(tuple)


@st.composite
def cut_shapes(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Box]]:
    """A shape, and the boxes that cuts along its axes make of it."""
    shape = draw(SHAPES)
    boxes: list[Box] = [()]
    for length in shape:
        cuts = sorted({0, length, *draw(st.lists(st.integers(0, length), max_size=2))})
        spans = list(pairwise(cuts))
        boxes = [(*box, span) for box in boxes for span in spans]
    return shape, boxes


@given(SHAPES, st.data())
def test_a_stretch_of_rows_is_the_boxes_that_hold_it_in_order(shape: tuple[int, ...], data: st.DataObject) -> None:
    size = math.prod(shape)
    first = data.draw(st.integers(0, size))
    last = data.draw(st.integers(first, size))
    numbers = np.arange(size).reshape(shape)
    boxes = list(boxes_of(shape, first, last))
    found = [numbers[tuple(slice(*span) for span in box)].reshape(-1) for box in boxes]
    assert (np.concatenate(found) if found else np.arange(0)).tolist() == list(range(first, last))
    assert len(boxes) <= 2 * max(1, len(shape))


@given(cut_shapes())
def test_pieces_cut_along_the_axes_cover_a_tensor(cut: tuple[tuple[int, ...], list[Box]]) -> None:
    shape, boxes = cut
    assert uncovered(shape, boxes) is None
    lacking = uncovered(shape, boxes[1:])
    assert lacking is not None
    assert "of" in lacking.reason
    assert lacking.kind == "lost"
    if len(boxes) > 1:
        assert uncovered(shape, [*boxes[1:], boxes[-1]]) is not None


def test_pieces_that_overlap_or_reach_out_are_told_though_their_sizes_fit() -> None:
    assert uncovered((4,), [((0, 2),), ((1, 3),)]) == Unreadable("has pieces that overlap", "unread")
    assert uncovered((2, 2), [((0, 2), (0, 1)), ((0, 1), (0, 2))]) == Unreadable("has pieces that overlap", "unread")
    assert uncovered((4,), [((0, 2),), ((3, 5),)]) == Unreadable("has pieces that reach out of it", "unread")
    assert uncovered((4,), [((1, 5),)]) == Unreadable("has pieces that reach out of it", "unread")
    assert uncovered((2, 2), [((0, 4),)]) == Unreadable("has pieces that reach out of it", "unread")
    assert shared(((0, 2),), ((2, 4),)) is None


def pieces_of(path: Path, values: Any, boxes: list[Box]) -> list[Piece]:
    arrays = {str(i): values[tuple(slice(*span) for span in box)] for i, box in enumerate(boxes)}
    checkpoint = opened(write_safetensors(path, arrays))
    return [Piece(box, partial(checkpoint.window, str(i))) for i, box in enumerate(boxes)]


def stitched_window(path: Path, values: Any, boxes: list[Box]) -> TensorWindow:
    pieces = pieces_of(path, values, boxes)
    first = pieces[0].window()
    return TensorWindow(
        path=path, identity=first.identity, name="whole", dtype="float32", shape=values.shape,
        strides=contiguous_strides(values.shape), offset=0, item_bytes=4,
        storage=stitched_storage(values.shape, 4, pieces),
    )  # fmt: skip


@settings(max_examples=60)
@given(cut_shapes(), st.data())
def test_any_bytes_of_the_whole_are_those_of_numpy(
    tmp_path_factory: pytest.TempPathFactory, cut: tuple[tuple[int, ...], list[Box]], data: st.DataObject
) -> None:
    shape, boxes = cut
    values = np.random.default_rng(len(boxes)).normal(size=shape).astype("<f4")
    raw = values.tobytes()
    source = Stitched(shape, 4, pieces_of(tmp_path_factory.mktemp("p") / "a.safetensors", values, boxes))
    start = data.draw(st.integers(0, len(raw)))
    count = data.draw(st.integers(0, len(raw) + 9))
    assert source.size == len(raw)
    assert source.read(start, count) == raw[start : start + count]
    assert source.read(-1, 4) == b""
    assert source.place(0) is None


def test_parts_and_statistics_of_a_whole_are_those_of_numpy(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(9, 8, 5)).astype("<f4")
    boxes = [((0, 4), (0, 3), (0, 5)), ((0, 4), (3, 8), (0, 5)), ((4, 9), (0, 8), (0, 2)), ((4, 9), (0, 8), (2, 5))]
    window = stitched_window(tmp_path / "a.safetensors", values, boxes)
    np.testing.assert_array_equal(load(window), values)
    np.testing.assert_array_equal(load(window, (slice(2, 7, 2), 3)), values[2:7:2, 3])
    found = statistics(window)
    assert found.count == values.size
    assert found.minimum == values.min()
    assert found.mean == pytest.approx(values.mean(dtype=np.float64), rel=1e-12)


def test_a_vector_cut_among_files_gives_back_each_tensor(tmp_path: Path) -> None:
    numbers = np.arange(20, dtype="<f4")
    checkpoint = opened(write_safetensors(tmp_path / "a.safetensors", {"x": numbers[:7], "y": numbers[7:]}))
    vector = FlatVector([Stretch(checkpoint.window("x"), 0, 7), Stretch(checkpoint.window("y"), 0, 13)])
    within, across = shaped("t", (2, 3), vector.cut(1, 6)), shaped("t", (3, 2), vector.cut(5, 6))
    assert isinstance(within, TensorWindow)
    assert isinstance(across, TensorWindow)
    assert within.storage.source is None
    np.testing.assert_array_equal(load(within), numbers[1:7].reshape(2, 3))
    np.testing.assert_array_equal(load(across), numbers[5:11].reshape(3, 2))
    beyond = "reaches beyond the flat vector, which has 3 of its 6 elements"
    assert shaped("t", (6,), vector.cut(17, 6)) == Unreadable(beyond, "lost")
    gone = Unreadable("is gone", "unread")
    assert shaped("t", (2,), [Stretch(gone, 0, 2)]) == gone
