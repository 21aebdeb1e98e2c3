"""ARC tasks are read from every layout that others publish, and what is wrong is said in a sentence."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from inspector.core.errors import DamagedError, FileError, MissingError, UnsupportedError
from inspector.training.arc.grids import Puzzle
from inspector.training.arc.reading import fitting, puzzles_at
from tests.training.arc.files import TASKS, array_folder, kaggle_folder, task_folder


def as_json(puzzles: tuple[Puzzle, ...]) -> dict:
    return {
        puzzle.name: {
            part: [{"input": pair.input.tolist(), "output": pair.output.tolist()} for pair in pairs]
            for part, pairs in (("train", puzzle.train), ("test", puzzle.test))
        }
        for puzzle in puzzles
    }


@pytest.mark.parametrize("make", [task_folder, kaggle_folder, array_folder])
def test_the_same_tasks_come_out_of_every_layout(tmp_path, make):
    puzzles = puzzles_at(make(tmp_path / "data"))
    assert as_json(puzzles) == TASKS
    assert all(grid.dtype == np.uint8 for puzzle in puzzles for grid in puzzle.grids)


def test_a_folder_of_files_and_one_file_are_read_too(tmp_path):
    data = task_folder(tmp_path)
    assert as_json(puzzles_at(data / "training")) == TASKS
    assert as_json(puzzles_at(data / "training/bbbb0002.json")) == {"bbbb0002": TASKS["bbbb0002"]}


def test_challenges_without_solutions_have_no_tests(tmp_path):
    puzzles = puzzles_at(kaggle_folder(tmp_path) / "arc-agi_test_challenges.json")
    assert [len(puzzle.test) for puzzle in puzzles] == [0, 0]
    assert [len(puzzle.train) for puzzle in puzzles] == [2, 3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "truncated"),
        ('{"train": [{"input": [[1]], "output": [[10]]}], "test": []}', "$.train[0].output[0][0]"),
        ('{"train": [{"input": [[1]], "output": [[-1]]}], "test": []}', "$.train[0].output[0][0]"),
        ('{"train": [{"input": [[1, 2], [3]], "output": [[1]]}], "test": []}', "1 to 2 cells in train[0].input"),
        ('{"train": [{"input": [], "output": [[1]]}], "test": []}', "0 in train[0].input"),
        ('{"train": [{"input": [[]], "output": [[1]]}], "test": []}', "1 × 0 in train[0].input"),
        (json.dumps({"train": [{"input": [[0]] * 31, "output": [[1]]}], "test": []}), "31 × 1 in train[0].input"),
        ('{"train": [{"input": [[1]]}], "test": []}', "none in train[0]"),
        ('{"train": [], "test": []}', "none in train"),
        ('{"train": [{"input": [[1.5]], "output": [[1]]}], "test": []}', "$.train[0].input[0][0]"),
        ('{"train": 3, "test": []}', "$.train"),
        ('{"loss": 3}', "$[...]"),
        ("{}", "found none"),
        ("[1, 2]", "Expected `object`"),
        ('{"x": ' + "[" * 100_000, "nested too deep"),
    ],
)
def test_a_damaged_task_is_said_with_file_and_place(tmp_path, content, said):
    (tmp_path / "task.json").write_text(content)
    with pytest.raises(DamagedError) as raised:
        puzzles_at(tmp_path / "task.json")
    assert str(raised.value).startswith("task.json: expected ")
    assert said in str(raised.value)
    assert raised.value.advice


def test_solutions_that_do_not_fit_are_said(tmp_path):
    data = kaggle_folder(tmp_path)
    (data / "arc-agi_training_solutions.json").write_text('{"bbbb0002": [[[2]]]}')
    with pytest.raises(DamagedError, match="a solution for each of 2 tests of bbbb0002, found 1"):
        puzzles_at(data)


def test_a_pipe_among_the_tasks_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "task.json")
    with pytest.raises(MissingError, match="task.json: expected a file of ARC tasks"):
        puzzles_at(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_path_without_tasks_is_said(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingError, match=f"{name}: expected ARC tasks"):
        puzzles_at(tmp_path / name)


def _changed(path, change):
    array = np.load(path)
    change(array)
    np.save(path, array)


def _cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def _pickled(path):
    np.save(path, np.array([{}], object), allow_pickle=True)


def _zipped(path):
    with path.open("wb") as file:
        np.savez(file, np.zeros(3))


DAMAGES = {
    "a token that is none": ("train/all__inputs.npy", lambda path: _changed(path, lambda a: a.__setitem__((0, 0), 12))),
    "no colour": ("train/all__labels.npy", lambda path: _changed(path, lambda a: a.__setitem__(0, 0))),
    "a hole": ("train/all__labels.npy", lambda path: _changed(path, lambda a: a.__setitem__((0, 3 * 30 + 28), 0))),
    "a file cut off": ("train/all__inputs.npy", _cut),
    "an array of objects": ("train/all__inputs.npy", _pickled),
    "an archive of arrays": ("train/all__labels.npy", _zipped),
    "an empty file": ("train/all__labels.npy", lambda path: path.write_bytes(b"")),
    "a size beyond the file": (
        "train/all__inputs.npy",
        lambda path: path.write_bytes(path.read_bytes().replace(b"(10, 900), }" + b" " * 8, b"(1000000000, 900), }")),
    ),
    "floats": ("train/all__inputs.npy", lambda path: np.save(path, np.load(path).astype(float))),
    "another length": ("train/all__inputs.npy", lambda path: np.save(path, np.load(path)[:, :100])),
    "fewer labels": ("train/all__labels.npy", lambda path: np.save(path, np.load(path)[:-1])),
    "places beyond the end": ("train/all__puzzle_indices.npy", lambda path: np.save(path, np.load(path) * 9)),
    "groups that fall": ("train/all__group_indices.npy", lambda path: np.save(path, np.load(path)[::-1])),
    "fewer identifiers": ("train/all__puzzle_identifiers.npy", lambda path: np.save(path, np.load(path)[:1])),
    "a missing array": ("train/all__puzzle_identifiers.npy", lambda path: path.unlink()),
    "names that are no list": ("identifiers.json", lambda path: path.write_text("{}")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_arrays_are_said_with_their_file(tmp_path, damage):
    data = array_folder(tmp_path / "data")
    name, do = DAMAGES[damage]
    do(data / name)
    with pytest.raises(FileError) as raised:
        puzzles_at(data)
    assert "all__" in str(raised.value) or "identifiers.json" in str(raised.value)
    assert raised.value.advice


def test_grids_beyond_the_canvas_are_refused_with_the_size_that_takes_them(tmp_path):
    puzzles = puzzles_at(task_folder(tmp_path))
    assert fitting(puzzles, tmp_path, 3) == puzzles
    with pytest.raises(UnsupportedError, match=r"found 1 of 2 tasks with larger ones; set data.grid_size to 3"):
        fitting(puzzles, tmp_path, 2)


@pytest.mark.samples
def test_the_public_training_tasks_are_all_read(samples):
    folder = samples / "datasets/fchollet__ARC-AGI/data"
    contents = {path.stem: json.loads(path.read_bytes()) for path in (folder / "training").glob("*.json")}
    assert as_json(puzzles_at(folder)) == {
        name: {
            part: [{key: pair[key] for key in ("input", "output")} for pair in task[part]] for part in ("train", "test")
        }
        for name, task in contents.items()
    }
    assert len(contents) >= 399
