"""Points that W&B logged open as dumps: those in captions of images at each step, and those in tables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inspector.artifacts.annotations.caption_words import told
from inspector.artifacts.annotations.logged_paths import logged_images
from inspector.artifacts.dumps.dump import image_of, opened
from inspector.artifacts.opened_paths import lead_to
from inspector.artifacts.sniff import sniff
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.logged_points import MOST_STEPS
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry, Placed
from tests.artifacts.sample_points import points_of
from tests.artifacts.wandb_files import framed, history

CAPTIONS = (
    "cat | 3/21 marked | Pred:(0.74, -0.10, done=0.15) | GT:(0.31, -0.42)",
    "dog | 21/21 marked | Pred:(-1.00, -1e-3, done=0.87) | GT:(0.5, .25, done=1)",
    "epoch 3",
)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        (
            CAPTIONS[0],
            {"pred_points": [[0.74, -0.1]], "gt_points": [[0.31, -0.42]], "pred_done": 0.15, "marked": 3, "count": 21},
        ),
        (
            CAPTIONS[1],
            {
                "pred_points": [[-1, -0.001]],
                "gt_points": [[0.5, 0.25]],
                "pred_done": 0.87,
                "gt_done": 1.0,
                "marked": 21,
                "count": 21,
            },
        ),
        ("prediction = [10, 20] target = [11, 22]", {"pred_points": [[10, 20]], "gt_points": [[11, 22]]}),
        ("ground truth (1, 2, done=True) pred (3, 4) Pred:(5, 6)",
         {"gt_points": [[1, 2]], "gt_done": 1.0, "pred_points": [[3, 4], [5, 6]]}),
        ("a picture of (3, 4) cats", {}),
        ("Pred: 7 of 3/21 marked", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_caption_tells_points_done_signals_and_steps(caption: str, expected: dict[str, Any]) -> None:
    assert told(caption) == expected


def logged(run: Path, steps: list[int], captions: tuple[str, ...] = CAPTIONS) -> Path:
    """A run of W&B as its client writes it, which logs a loss at every step and images at some."""
    (run / "files/media/images/val").mkdir(parents=True)
    records = []
    for step in range(max(steps) + 1):
        values = {"_step": str(step), "train/loss": str(1 / (step + 1))}
        if step in steps:
            files = [f"media/images/val/predictions_{step}_{n:020x}.png" for n in range(len(captions))]
            for level, file in enumerate(files):
                Image.new("RGB", (30, 20), (10 * level + step, 0, 0)).save(run / "files" / file)
            value = {"_type": "images/separated", "format": "png", "width": 30, "height": 20, "count": len(files),
                     "filenames": files, "captions": list(captions)}  # fmt: skip
            values["val/predictions"] = json.dumps(value)
            values["other"] = json.dumps({"_type": "image-file", "path": files[0], "caption": "of no points"})
        records.append(history(values, step))
    path = run / "run-abc.wandb"
    path.write_bytes(framed(records))
    return path


def dumps(folder: Path) -> list[FileEntry]:
    return [entry for entry in scan([folder], QUIET).files if isinstance(entry.facts, DumpFacts)]


def test_images_with_points_in_their_captions_are_a_dump_at_each_step(tmp_path: Path) -> None:
    path = logged(tmp_path, [0, 2, 5])
    found = dumps(tmp_path)
    assert [(entry.name, entry.step, entry.placed) for entry in found] == [
        (f"run-abc.wandb/val › predictions {step}", step, Placed.STATED) for step in (0, 2, 5)
    ]
    at = logged_images(Path(found[1].path))
    assert at is not None
    assert (at.log, at.tag, at.step) == (path, "val/predictions", 2)
    dump = opened(Path(found[1].path))
    assert dump.facts.samples == 3
    assert [part.tolist() for part in points_of(dump, 1)] == [[[0.5, 0.25]], [[-1, -0.001]]]
    assert points_of(dump, 2)[0].size == 0
    assert image_of(dump, 2)[0, 0].tolist() == [22, 0, 0]
    read = {role: dump.read(one.path) for role in (Role.PRED_DONE, Role.GT_DONE, Role.SEQUENCE_STEP, Role.COUNT)
            if (one := dump.one(role))}  # fmt: skip
    np.testing.assert_array_equal(read[Role.PRED_DONE], [0.15, 0.87, np.nan])
    np.testing.assert_array_equal(read[Role.GT_DONE], [np.nan, 1, np.nan])
    np.testing.assert_array_equal(read[Role.SEQUENCE_STEP], [3, 21, np.nan])
    np.testing.assert_array_equal(read[Role.COUNT], [21, 21, np.nan])
    assert dump.read("class").tolist() == ["cat", "dog", ""]
    assert dump.read("caption").tolist() == list(CAPTIONS)
    np.testing.assert_array_equal(dump.read("samples/size"), [[20, 30]] * 3)


def test_a_dump_of_a_step_stays_the_same_while_its_log_grows(tmp_path: Path) -> None:
    path = logged(tmp_path, [1])
    entry = dumps(tmp_path)[0]
    dump = opened(Path(entry.path))
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(framed([history({"_step": "9", "train/loss": "1"}, 9)], size))
    assert [one.path for one in dumps(tmp_path)] == [entry.path]
    assert opened(Path(entry.path)) is dump


def test_of_very_many_steps_some_are_listed_and_it_is_said(tmp_path: Path) -> None:
    logged(tmp_path, list(range(MOST_STEPS + 36)), CAPTIONS[:1])
    run = scan([tmp_path], QUIET)
    steps = [entry.step for entry in run.files if isinstance(entry.facts, DumpFacts)]
    assert len(steps) == MOST_STEPS
    assert (steps[0], steps[-1]) == (0, MOST_STEPS + 35)
    assert any(f"{MOST_STEPS} of {MOST_STEPS + 36} steps" in note for note in run.notes)


def test_images_that_were_not_kept_are_said_once_for_all_steps(tmp_path: Path) -> None:
    logged(tmp_path, [0, 1, 2])
    shutil.rmtree(tmp_path / "files")
    run = scan([tmp_path], QUIET)
    (note,) = (note for note in run.notes if "images" in note)
    assert note.startswith("run-abc.wandb/val › predictions 2: None of its images was found beside it")


def test_a_log_that_no_longer_holds_the_images_is_said(tmp_path: Path) -> None:
    path = logged(tmp_path, [1])
    wanted = dumps(tmp_path)[0].path
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 4])
    with pytest.raises(DamagedError, match=r"run-abc\.wandb: expected images of val/predictions at byte"):
        opened(Path(wanted))


ROW: dict[str, Any] = {"gt_x": 3, "gt_y": 4, "pred_x": 5.5, "pred_y": 4, "done": 0.25, "gt_done": 0}
IMAGE = {"_type": "image-file", "path": "media/images/0a1b.png", "sha256": "0", "format": "png", "width": 30,
         "height": 20}  # fmt: skip


def table(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"columns": list(rows[0]), "data": [list(row.values()) for row in rows], "ncols": len(rows[0])}
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"id": 7, "image": IMAGE, **ROW}, "artifact/val/table.table.json"),
        ({"id": 7, "image": IMAGE, **ROW}, "run/files/media/table/val/table_9_0123456789abcdef0123.table.json"),
        ({"picture": {**IMAGE, "caption": "cat | Pred:(5.5, 4, done=0.25) | GT:(3, 4, done=0)"}}, "artifact/a.json"),
        ({"image": IMAGE, "words": "Pred:(5.5, 4, done=0.25) | GT:(3, 4, done=False)"}, "artifact/a.json"),
    ],
)
def test_a_table_with_images_and_points_opens_in_a_run_and_in_an_artifact(
    tmp_path: Path, row: dict[str, Any], place: str
) -> None:
    path = table(tmp_path / place, [row])
    home = tmp_path / ("run/files" if place.startswith("run") else "artifact") / "media/images"
    home.mkdir(parents=True)
    Image.new("RGB", (30, 20)).save(home / "0a1b.png")
    lead_to([tmp_path])
    assert sniff(path).kind == "dump"
    dump = opened(path)
    assert [part.tolist() for part in points_of(dump, 0)] == [[[3, 4]], [[5.5, 4]]]
    assert image_of(dump, 0).shape == (20, 30, 3)
    done = [dump.read(one.path).tolist() for role in (Role.PRED_DONE, Role.GT_DONE) if (one := dump.one(role))]
    assert done == [[0.25], [0]]


def test_rows_whose_images_lie_elsewhere_stay_samples_of_their_own(tmp_path: Path) -> None:
    path = table(tmp_path / "table.table.json", [{"id": n, "image": "Image", **ROW, "gt_x": n} for n in range(3)])
    dump = opened(path)
    assert [points_of(dump, sample)[0].tolist() for sample in range(3)] == [[[n, 4]] for n in range(3)]
    assert not dump.facts.notes


def test_a_table_stands_at_the_step_that_its_log_tells(tmp_path: Path) -> None:
    name = "media/table/val/table_1_0123456789abcdef0123.table.json"
    path = table(tmp_path / "files" / name, [{"id": 1, **ROW}, {"id": 2, **ROW}])
    assert [(entry.step, entry.placed) for entry in dumps(tmp_path)] == [(1, Placed.NAMED)]
    value = {"_type": "table-file", "path": name, "ncols": 7, "nrows": 2, "size": path.stat().st_size}
    records = [history({"_step": str(step), "train/loss": "1"}, step) for step in range(2)]
    records.append(history({"_step": "2", "val/table": json.dumps(value)}, 2))
    (tmp_path / "run-abc.wandb").write_bytes(framed(records))
    assert [(entry.step, entry.placed) for entry in dumps(tmp_path)] == [(2, Placed.STATED)]
    assert opened(path).facts.samples == 2


def test_a_table_of_a_curve_is_no_table_of_points(samples: Path) -> None:
    path = next(samples.glob("wandb/wandb__wandb/wandb/run-*/files/media/table/*.table.json"), None)
    if path is None:
        pytest.skip("the samples are not here")
    assert sniff(path).kind != "dump"
