"""Grids: generated ones are the same each time, real ones are held out by puzzle, objects are those of scipy."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import ndimage

from inspector.core.errors import FileError
from inspector.formats.recipes.arc_slots import Data
from inspector.training.arc_slots.data import augmented, canvases, colour_shares, grids_of, objects
from inspector.training.arc_slots.scenes import scene


def lists(grids):
    return [grid.tolist() for grid in grids]


def test_generated_grids_are_the_same_each_time_and_their_parts_differ():
    data = Data(train_grids=12, val_grids=12)
    first, again = grids_of(data), grids_of(data)
    assert lists(first.train) == lists(again.train)
    assert lists(first.train) != lists(first.val)
    assert lists(first.train) != lists(grids_of(Data(train_grids=12, val_grids=12, seed=1)).train)
    assert len(grids_of(Data(train_grids=12, subset=0.5)).train) == 6


def test_generated_grids_have_one_to_four_objects_that_do_not_touch():
    grids = [scene(0, 0, index, 8) for index in range(60)]
    labels = objects(canvases(grids, 8))
    counts = labels.reshape(60, -1).max(axis=1)
    # Whatever their colour, as many pieces: none touches another.
    pieces = [ndimage.label(grid > 0, np.ones((3, 3)))[1] for grid in grids]
    assert counts.tolist() == pieces
    assert {1, 2, 3} <= set(counts.tolist()) <= {1, 2, 3, 4}
    assert {side for grid in grids for side in grid.shape} == set(range(3, 9))


def test_objects_are_touching_cells_of_one_colour():
    random = np.random.default_rng(0)
    grids = [random.integers(0, 3, random.integers(1, 8, 2)).astype(np.uint8) for _ in range(20)]
    grids.append(np.full((8, 8), 2, np.uint8))
    for grid, found in zip(grids, objects(canvases(grids, 8)), strict=True):
        rows, columns = grid.shape
        inside = found[:rows, :columns]
        assert (found[rows:] == -1).all() and (found[:, columns:] == -1).all()  # noqa: PT018 - both sides
        assert ((inside == 0) == (grid == 0)).all()
        wanted = 0
        for colour in (1, 2):
            labels, many = ndimage.label(grid == colour, np.ones((3, 3)))
            wanted += many
            for label in range(1, many + 1):
                assert np.unique(inside[labels == label]).size == 1
        assert sorted(set(np.unique(inside)) - {0}) == list(range(1, wanted + 1))


def test_augmentation_is_drawn_from_seed_epoch_and_index_alone():
    grids = tuple(scene(0, 0, index, 8) for index in range(6))
    indices = np.arange(6)
    first = augmented(grids, indices, 1, 2)
    assert lists(first) == lists(augmented(grids, indices[::-1], 1, 2)[::-1])
    assert lists(first) != lists(augmented(grids, indices, 1, 3))
    assert lists(first) != lists(grids)
    for grid, made in zip(grids, first, strict=True):
        assert (made == 0).sum() == (grid == 0).sum()
        assert sorted(np.bincount(made.ravel(), minlength=10)) == sorted(np.bincount(grid.ravel(), minlength=10))


def test_shares_of_colours_are_counted_by_hand():
    grids = [np.array([[0, 0, 0, 1]], np.uint8), np.array([[1, 1], [2, 0]], np.uint8)]
    assert colour_shares(grids, permuted=False)[:4].tolist() == [0.5, 0.375, 0.125, 0.0]
    np.testing.assert_allclose(colour_shares(grids, permuted=True), [0.5] + [0.5 / 9] * 9)


def tasks(folder, count):
    for index in range(count):
        cell = [[index]]
        content = {"train": [{"input": cell, "output": cell}], "test": [{"input": cell, "output": cell}]}
        (folder / f"t{index}.json").write_text(json.dumps(content))


def test_real_puzzles_are_in_one_part_only(tmp_path):
    tasks(tmp_path, 9)
    grids = grids_of(Data(path=str(tmp_path), val_grids=9))
    colours = [{int(grid[0, 0]) for grid in part} for part in (grids.train, grids.val)]
    assert not colours[0] & colours[1]
    assert (len(grids.train), len(grids.val)) == (24, 12)
    # However many are asked for, half is left to learn from.
    assert len(grids_of(Data(path=str(tmp_path), val_grids=1000)).val) == 16


def test_one_task_alone_and_grids_too_large_are_refused(tmp_path):
    tasks(tmp_path, 1)
    with pytest.raises(FileError, match="two tasks or more"):
        grids_of(Data(path=str(tmp_path)))
    large = [[0] * 12]
    (tmp_path / "large.json").write_text(json.dumps({"train": [{"input": large, "output": large}]}))
    with pytest.raises(FileError, match=r"set data\.grid_size to 12"):
        grids_of(Data(path=str(tmp_path)))
