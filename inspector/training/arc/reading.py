"""ARC puzzles at a path, whichever of the known layouts lies there."""

from __future__ import annotations

from pathlib import Path

from inspector.core.errors import MissingError, UnsupportedError
from inspector.training.arc.grids import Puzzle, largest_side
from inspector.training.arc.json_files import CHALLENGES, task_file, task_folder
from inspector.training.arc.trm_arrays import INPUTS, TRAIN, array_folder

TRAINING = "training"


def puzzles_at(path: str | Path) -> tuple[Puzzle, ...]:
    """The puzzles of a folder of task files, of Kaggle's challenges and solutions, or of TRM and HRM arrays.

    A folder with several parts (`training`, `evaluation`) gives its training part.

    Raises:
        FileError: nothing of the kind is there, or it is damaged.
    """
    place = Path(path).expanduser()
    if place.is_file():
        return task_file(place)
    if not place.is_dir():
        raise MissingError(place, "ARC tasks", "nothing there", "check data.path")
    if (place / TRAIN / INPUTS).exists():
        return array_folder(place)
    challenges = sorted(place.glob(f"*{CHALLENGES}*.json"))
    if challenges:
        return task_file(next((file for file in challenges if TRAINING in file.name), challenges[0]))
    return task_folder(place / TRAINING if (place / TRAINING).is_dir() else place)


def fitting(puzzles: tuple[Puzzle, ...], path: str | Path, grid_size: int) -> tuple[Puzzle, ...]:
    """The same puzzles.

    Raises:
        UnsupportedError: some have grids larger than `grid_size` cells a side.
    """
    sides = [largest_side(puzzle.grids) for puzzle in puzzles]
    larger = sum(side > grid_size for side in sides)
    if larger:
        raise UnsupportedError(
            path,
            f"grids of at most {grid_size} × {grid_size} cells",
            f"{larger:,} of {len(puzzles):,} tasks with larger ones",
            f"set data.grid_size to {max(sides)}",
        )
    return puzzles
