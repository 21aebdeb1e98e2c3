"""ARC tasks as JSON: one file a task, or Kaggle's one file of challenges beside one of solutions.

Source: the layout of the ARC-AGI repositories and of the ARC Prize competitions on Kaggle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from inspector.core.errors import DamagedError, LimitError, MissingError
from inspector.training.arc.grids import COLOURS, Pair, Puzzle, grid_of

LARGEST_FILE_BYTES = 256 * 2**20
"""Kaggle's largest file has 7 MB."""

CHALLENGES, SOLUTIONS = "challenges", "solutions"

Rows = list[list[Annotated[int, msgspec.Meta(ge=0, le=COLOURS - 1)]]]

T = TypeVar("T")


class _PairFile(msgspec.Struct, frozen=True):
    input: Rows
    output: Rows | None = None


class _TaskFile(msgspec.Struct, frozen=True):
    train: list[_PairFile]
    test: list[_PairFile] = []


def task_folder(folder: Path) -> tuple[Puzzle, ...]:
    """The tasks of a folder with one JSON file each, by file name.

    Raises:
        FileError: a file is none, or there is none.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise MissingError(folder, "ARC tasks, one JSON file each", "no JSON file", "check data.path")
    return tuple(_puzzle(path.stem, _decoded(path, _TaskFile), None, path) for path in files)


def task_file(path: Path) -> tuple[Puzzle, ...]:
    """The one task of a file, or all of a challenges file with the solutions beside it.

    Without a solutions file the test inputs have no known output and are left out.

    Raises:
        FileError: it is neither.
    """
    content = _decoded(path, dict[str, msgspec.Raw])
    if {"train", "test"} <= content.keys():
        return (_puzzle(path.stem, _decoded(path, _TaskFile), None, path),)
    tasks = _decoded(path, dict[str, _TaskFile])
    if not tasks:
        raise DamagedError(path, "ARC tasks by their ids", "none", "check data.path")
    beside = path.with_name(path.name.replace(CHALLENGES, SOLUTIONS))
    solutions = _decoded(beside, dict[str, list[Rows]]) if beside != path and beside.exists() else {}
    return tuple(_puzzle(name, task, solutions.get(name), path) for name, task in tasks.items())


def _decoded(path: Path, kind: type[T]) -> T:
    try:
        if not path.is_file():  # a pipe would be waited for
            raise MissingError(path, "a file of ARC tasks", "none", "check data.path")
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise LimitError(
                path, f"ARC tasks of at most {LARGEST_FILE_BYTES / 1e6:.0f} MB", f"{size / 1e6:.0f} MB", "split it"
            )
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        advice = "check data.path, or remove the file"
        raise DamagedError(path, "ARC tasks, grids of colours 0 to 9 in JSON", str(error), advice) from error
    except RecursionError as error:
        raise DamagedError(path, "ARC tasks", "JSON nested too deep", "remove the file") from error
    except OSError as error:
        raise MissingError(path, "a file of ARC tasks", error.strerror or "an error", "check data.path") from error


def _puzzle(name: str, task: _TaskFile, solutions: list[Rows] | None, path: Path) -> Puzzle:
    label = "" if name == path.stem else f"{name}."
    if not task.train:
        raise DamagedError(path, "demonstrations", f"none in {label}train", "remove the task")
    if solutions is not None and len(solutions) != len(task.test):
        raise DamagedError(
            path,
            f"a solution for each of {len(task.test)} tests of {name}",
            f"{len(solutions)}",
            "fetch both files again",
        )
    outputs = solutions if solutions is not None else [pair.output for pair in task.test]
    train = [_pair(pair.input, pair.output, path, f"{label}train[{place}]") for place, pair in enumerate(task.train)]
    if None in train:
        raise DamagedError(
            path, "an output in each demonstration", f"none in {label}train[{train.index(None)}]", "remove the task"
        )
    test = (
        _pair(pair.input, output, path, f"{label}test[{place}]")
        for place, (pair, output) in enumerate(zip(task.test, outputs, strict=True))
    )
    return Puzzle(name, tuple(pair for pair in train if pair), tuple(pair for pair in test if pair))


def _pair(given: Rows, output: Rows | None, path: Path, where: str) -> Pair | None:
    first = grid_of(given, path, f"{where}.input")
    return None if output is None else Pair(first, grid_of(output, path, f"{where}.output"))
