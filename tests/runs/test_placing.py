"""Where a file stands in time, and how that is known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.formats.facts import CheckpointFacts, DumpFacts, MetricsFacts
from inspector.formats.messages import encode
from inspector.formats.series import Series
from inspector.runs.placing import epoch_of_step, named_place, place, place_of_folder, step_of_epoch
from inspector.runs.scan import scan
from inspector.runs.timetable import MAX_MOMENTS, moments_of
from inspector.runs.values import Moment, Placed
from tests.artifacts import wandb_files

TABLE = (Moment(0, 0.0, 100.0), Moment(100, 1.0, 200.0), Moment(200, 2.0, 300.0))


def _checkpoint(**objects: object) -> CheckpointFacts:
    return CheckpointFacts(container="torch-zip", bytes=1, objects=dict(objects))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("step_0001500.pt", (1500, None)),
        ("checkpoint-1000.pth", (1000, None)),
        ("epoch_005.pt", (None, 5.0)),
        ("fixed_checkpoint_20251104_ep12.pt", (None, 12.0)),
        ("model.pt", (None, None)),
        ("best.ckpt", (None, None)),
        ("epoch=3-step=900.ckpt", (900, None)),
        ("step_99999999999999999999999.pt", (None, None)),
    ],
)
def test_a_name_may_tell(name: str, found: tuple[int | None, float | None]) -> None:
    assert named_place(name) == found


def test_what_the_file_states_wins_over_its_name() -> None:
    assert place(_checkpoint(step=150, epoch=1.5), "step_9.pt", 0.0, TABLE) == (150, 1.5, Placed.STATED)


def test_an_epoch_alone_finds_its_step() -> None:
    assert place(_checkpoint(epoch=1), "a.pt", 0.0, TABLE) == (100, 1.0, Placed.STATED)


def test_a_file_that_says_nothing_is_guessed_by_its_time() -> None:
    assert place(_checkpoint(), "model.pt", 250.0, TABLE) == (100, 1.0, Placed.GUESSED)
    assert place(_checkpoint(), "model.pt", 50.0, TABLE) == (None, None, Placed.NOWHERE)


def test_a_dump_is_placed_by_its_attributes_and_a_log_nowhere() -> None:
    assert place(DumpFacts(bytes=1, attributes={"step": 200}), "d.h5", 0.0, TABLE) == (200, 2.0, Placed.STATED)
    assert place(MetricsFacts(container="jsonl", bytes=1), "step_1.jsonl", 0.0, TABLE)[2] is Placed.NOWHERE


@pytest.mark.parametrize("value", [float("nan"), math.inf, 1e300, 10**400, 2**62, -1, True, "7", None])
def test_a_step_that_is_no_step_is_not_taken(value: object) -> None:
    assert place(_checkpoint(step=value), "model.pt", 0.0, ())[0] is None


def test_looking_up_between_rows() -> None:
    assert epoch_of_step(TABLE, 150) == 1.0
    assert epoch_of_step(TABLE, -1) is None
    assert step_of_epoch(TABLE, 1.7) == 100


def _series(steps: list[float], epochs: list[float] | None = None) -> Series:
    array = np.array(steps, dtype=np.float64)
    return Series(tag="a", steps=array, values=array * 0, epochs=None if epochs is None else np.array(epochs))


def test_the_table_joins_logs_and_checkpoints() -> None:
    moments = moments_of([_series([1, 2, 3], [0.5, 1.0, np.nan]), _series([2, 9])], [(5, 2.5, 7.0)])
    assert moments == (Moment(1, 0.5), Moment(2, 1.0), Moment(3), Moment(5, 2.5, 7.0), Moment(9))


def test_a_long_log_is_thinned_and_keeps_its_ends() -> None:
    moments = moments_of([_series(list(range(100_000)))], [])
    assert len(moments) <= MAX_MOMENTS
    assert (moments[0].step, moments[-1].step) == (0, 99_999)


def test_curves_without_steps_of_their_own_make_rows_where_nothing_else_does() -> None:
    points = np.arange(3.0)
    stepless = Series(tag="a", steps=points, values=points, epochs=points + 1, stepless=True)
    assert moments_of([stepless], []) == (Moment(0, 1.0), Moment(1, 2.0), Moment(2, 3.0))
    assert moments_of([stepless, _series([7])], []) == (Moment(7),)
    assert moments_of([stepless], [(9, None, None)]) == (Moment(9),)


@pytest.mark.parametrize(
    ("folder", "place_in_time"),
    [
        ("checkpoint-500", (500, None)),
        ("global_step1000", (1000, None)),
        ("step-00070", (70, None)),
        ("iter_0005000", (5000, None)),
        ("epoch_3", (None, 3.0)),
        ("epoch=3-step=120.ckpt", (120, None)),
        ("ckpt_9", (9, None)),
        ("resnet-e50", (None, None)),
        ("model-7", (None, None)),
        ("checkpoint-500-merged", (None, None)),
        ("twosteps3", (None, None)),
        ("weights", (None, None)),
    ],
)
def test_a_folder_tells_a_step_only_by_a_word_that_stands_out(
    folder: str, place_in_time: tuple[int | None, float | None]
) -> None:
    assert place_of_folder(folder) == place_in_time


def test_a_files_own_name_counts_before_that_of_its_folder() -> None:
    assert place(_checkpoint(), "step_9.pt", 0.0, TABLE, ("step_7",))[0] == 9
    assert place(_checkpoint(), "model.pt", 0.0, TABLE, ("weights", "step_7")) == (7, 0.0, Placed.NAMED)
    assert place(_checkpoint(step=5), "model.pt", 0.0, TABLE, ("step_7",))[2] is Placed.STATED


def test_a_table_logged_at_no_step_that_counts_is_sent_like_any(tmp_path: Path) -> None:
    table = tmp_path / "files" / "media" / "a.table.json"
    table.parent.mkdir(parents=True)
    columns = ["x_true", "y_true", "x_pred", "y_pred"]
    table.write_text(json.dumps({"columns": columns, "data": [[1, 2, 3, 4], [5, 6, 7, 8]]}))
    logged = '{"_type": "table-file", "path": "media/a.table.json", "size": 3}'
    for step, placed in (("1e300", None), ("7", 7)):
        record = wandb_files.history({"_step": step, "loss": "1", "points": logged})
        (tmp_path / "run-abc.wandb").write_bytes(wandb_files.framed([record]))
        run = scan((tmp_path,), QUIET)
        assert [one.step for one in run.files if isinstance(one.facts, DumpFacts)] == [placed]
        assert encode(run)
