"""ARC data sets in the exact form of those that others publish, made small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

TASKS: dict[str, dict[str, Any]] = {
    "aaaa0001": {
        "train": [
            {"input": [[0, 1], [2, 3]], "output": [[3, 2], [1, 0]]},
            {"input": [[4, 0, 5]], "output": [[5, 0, 4]]},
        ],
        "test": [{"input": [[7, 7, 0], [0, 0, 8]], "output": [[8, 0, 0], [0, 7, 7]]}],
    },
    "bbbb0002": {
        "train": [
            {"input": [[9]], "output": [[9, 9], [9, 9]]},
            {"input": [[1]], "output": [[1, 1], [1, 1]]},
            {"input": [[0]], "output": [[0, 0], [0, 0]]},
        ],
        "test": [
            {"input": [[2]], "output": [[2, 2], [2, 2]]},
            {"input": [[3]], "output": [[3, 3], [3, 3]]},
        ],
    },
}
"""Two tasks: the first turns a grid by half a turn, the second doubles its sides."""


def task_folder(folder: Path, part: str = "training") -> Path:
    """As the ARC-AGI repositories: `data/training/ID.json`."""
    place = folder / part
    place.mkdir(parents=True)
    for name, task in TASKS.items():
        (place / f"{name}.json").write_text(json.dumps(task))
    return folder


def kaggle_folder(folder: Path) -> Path:
    """As the ARC Prize on Kaggle: challenges without test outputs, solutions beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    challenges = {
        name: {"train": task["train"], "test": [{"input": pair["input"]} for pair in task["test"]]}
        for name, task in TASKS.items()
    }
    solutions = {name: [pair["output"] for pair in task["test"]] for name, task in TASKS.items()}
    (folder / "arc-agi_training_challenges.json").write_text(json.dumps(challenges))
    (folder / "arc-agi_training_solutions.json").write_text(json.dumps(solutions))
    (folder / "arc-agi_test_challenges.json").write_text(json.dumps(challenges))
    (folder / "sample_submission.json").write_text("{}")
    return folder


def tokens(grid: list[list[int]], down: int, right: int) -> np.ndarray:
    """A grid as the builders of TRM and HRM write it: moved, colours from 2, ends marked with 1, the rest 0."""
    rows, columns = len(grid), len(grid[0])
    canvas = np.zeros((30, 30), np.uint8)
    canvas[down : down + rows, right : right + columns] = np.array(grid) + 2
    if down + rows < 30:
        canvas[down + rows, right : right + columns] = 1
    if right + columns < 30:
        canvas[down : down + rows, right + columns] = 1
    return canvas.ravel()


def array_folder(folder: Path) -> Path:
    """As TRM's builder: in `train` each task with an augmentation of it as a group, in `test` the tasks alone."""
    names = ["<blank>"]
    for split in ("train", "test"):
        arrays: dict[str, list[Any]] = {"inputs": [], "labels": [], "puzzle_identifiers": []}
        arrays |= {"puzzle_indices": [0], "group_indices": [0]}
        for number, (name, task) in enumerate(TASKS.items()):
            for copy in range(2 if split == "train" else 1):
                label = f"{name}|||t4|||0132456789" if copy else name
                names += [label] if label not in names else []
                for pair in task[split]:
                    side = max(len(pair["output"]), len(pair["input"][0]), len(pair["output"][0]))
                    moved = (3, 30 - side) if copy == 0 and split == "train" and number == 0 else (0, 0)
                    grids = [np.fliplr(pair[part]).tolist() if copy else pair[part] for part in ("input", "output")]
                    arrays["inputs"].append(tokens(grids[0], *moved))
                    arrays["labels"].append(tokens(grids[1], *moved))
                arrays["puzzle_identifiers"].append(names.index(label))
                arrays["puzzle_indices"].append(len(arrays["inputs"]))
            arrays["group_indices"].append(len(arrays["puzzle_identifiers"]))
        (folder / split).mkdir(parents=True)
        for key, values in arrays.items():
            array = np.stack(values) if key in ("inputs", "labels") else np.array(values, np.int32)
            np.save(folder / split / f"all__{key}.npy", array)
        about = {"seq_len": 900, "vocab_size": 12, "pad_id": 0, "ignore_label_id": 0, "sets": ["all"]}
        (folder / split / "dataset.json").write_text(json.dumps(about))
    (folder / "identifiers.json").write_text(json.dumps(names))
    (folder / "test_puzzles.json").write_text(json.dumps(TASKS))
    return folder
