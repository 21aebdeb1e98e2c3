"""ARC tasks as the arrays that the TRM and HRM projects train from.

A folder `train` and a folder `test` hold `all__inputs.npy` and `all__labels.npy`, (examples, 900) of 30 × 30 tokens:
0 is padding, 1 ends a grid's rows and columns, 2 to 11 are the colours 0 to 9. `all__puzzle_indices.npy` says where
each puzzle's examples begin and the last end, `all__group_indices.npy` the same of the puzzles of a group: a task and
its augmentations. `all__puzzle_identifiers.npy` numbers the names in `identifiers.json`.
Source: the data set builders of both projects.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, IntArray
from inspector.core.errors import DamagedError, MissingError
from inspector.training.arc.grids import LARGEST, Grid, Pair, Puzzle

TRAIN, TEST = "train", "test"
INPUTS = "all__inputs.npy"
FIRST_COLOUR = 2
VOCABULARY = 12

_TOKENS = LARGEST * LARGEST
_BUILD = "build the data set again"


def array_folder(folder: Path) -> tuple[Puzzle, ...]:
    """The tasks of a data set, one of each group: augmentations are left out, as they are drawn anew.

    Raises:
        FileError: arrays are missing, or do not fit each other.
    """
    names = _names(folder / "identifiers.json")
    train = _split(folder / TRAIN, names)
    test = _split(folder / TEST, names) if (folder / TEST / INPUTS).exists() else {}
    # A puzzle without demonstrations in `train` is answered from nothing.
    return tuple(Puzzle(name, pairs, test.get(name, ())) for name, pairs in train.items())


def _split(folder: Path, names: list[str]) -> dict[str, tuple[Pair, ...]]:
    inputs, labels = (_tokens(folder / name) for name in (INPUTS, "all__labels.npy"))
    if len(inputs) != len(labels):
        raise DamagedError(
            folder / INPUTS, f"{len(labels):,} examples, as there are labels", f"{len(inputs):,}", _BUILD
        )
    starts = _offsets(folder / "all__puzzle_indices.npy", len(inputs))
    groups = _offsets(folder / "all__group_indices.npy", len(starts) - 1)
    path = folder / "all__puzzle_identifiers.npy"
    identifiers = _integers(path)
    if len(identifiers) != len(starts) - 1:
        raise DamagedError(path, f"{len(starts) - 1:,} numbers, one a puzzle", f"{len(identifiers):,}", _BUILD)
    found: dict[str, tuple[Pair, ...]] = {}
    for first in groups[:-1]:
        number = int(identifiers[first])
        # What follows the first separator tells of the augmentation.
        name = names[number].split("|||")[0] if 0 <= number < len(names) else f"{number}"
        pairs = tuple(
            Pair(
                _grid(inputs[example], folder / INPUTS, example),
                _grid(labels[example], folder / "all__labels.npy", example),
            )
            for example in range(int(starts[first]), int(starts[first + 1]))
        )
        found[name] = found.get(name, ()) + pairs
    return found


def _array(path: Path) -> AnyArray:
    try:
        # Mapped, so that nothing is read or allocated beyond what is used; a size beyond the file's end is refused.
        array: AnyArray = np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError as error:
        raise MissingError(path, "an array of TRM or HRM", "nothing there", "check data.path") from error
    except OSError as error:
        raise MissingError(
            path, "an array that may be read", error.strerror or "an error", "check data.path"
        ) from error
    except (ValueError, EOFError, OverflowError, SyntaxError) as error:
        raise DamagedError(path, "a whole array of numbers", str(error).split("\n")[0], _BUILD) from error
    if array.dtype.kind not in "iu":
        raise DamagedError(path, "whole numbers", f"{array.dtype}", _BUILD)
    return array


def _integers(path: Path) -> IntArray:
    array = _array(path)
    if array.ndim != 1:
        raise DamagedError(path, "one axis", f"{array.shape}", _BUILD)
    return np.asarray(array, np.int64)


def _tokens(path: Path) -> AnyArray:
    array = _array(path)
    if array.ndim != 2 or array.shape[1] != _TOKENS:
        raise DamagedError(path, f"rows of {_TOKENS} tokens", f"{array.shape}", _BUILD)
    return array


def _offsets(path: Path, count: int) -> IntArray:
    offsets = _integers(path)
    rising = len(offsets) > 1 and offsets[0] == 0 and offsets[-1] == count and bool(np.all(np.diff(offsets) > 0))
    if not rising:
        raise DamagedError(path, f"places rising from 0 to {count:,}", f"{offsets[:8].tolist()}", _BUILD)
    return offsets


def _grid(tokens: AnyArray, path: Path, example: int) -> Grid:
    """The grid among the tokens; translation may have moved it from the corner."""
    cells = np.asarray(tokens).reshape(LARGEST, LARGEST)
    inside = cells >= FIRST_COLOUR
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows) or cells.max() >= VOCABULARY or cells.min() < 0:
        found = f"{cells.min()} to {cells.max()} in example {example}"
        raise DamagedError(path, f"tokens 0 to {VOCABULARY - 1}, some of them colours", found, _BUILD)
    box = cells[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if (box < FIRST_COLOUR).any():
        raise DamagedError(path, "one rectangle of colours in each example", f"holes in example {example}", _BUILD)
    return (box - FIRST_COLOUR).astype(np.uint8)


def _names(path: Path) -> list[str]:
    if not path.exists():
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[str])
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(path, "a list of names", str(error), _BUILD) from error
