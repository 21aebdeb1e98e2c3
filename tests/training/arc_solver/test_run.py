"""A run of the solver records scores beside those of trivial answers, dumps what it does, and takes real data."""

from __future__ import annotations

import re

import h5py
import numpy as np
import pytest
import torch

from inspector.training.arc_solver.prompts import queries_of
from tests.training.arc.files import array_folder, kaggle_folder, task_folder
from tests.training.runs import TINY_OF, arguments, call, records, trained, values_by_step


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("arc") / "run", recipe="arc_solver")


def test_every_score_stands_beside_what_trivial_answers_reach(run):
    found = {name: value for record in records(run) for name, value in record.items() if record["step"] == 20}
    for score in ("accuracy_content", "accuracy_content_macro", "accuracy_padded", "exact_match"):
        assert 0 <= found[f"val/{score}"] <= 1
        for trivial in ("all_zeros", "copy_input", "most_frequent"):
            assert 0 <= found[f"baseline/{score}_{trivial}"] <= 1
    assert 0 <= found["val/shape_match"] <= 1
    assert found["val/loss_excess"] == found["val/loss"]
    assert found["train/loss_excess"] == pytest.approx(found["train/loss"])
    assert {"lr/embed", "lr/layers", "lr/head", "grad_norm/embed", "train/loss_cells", "train/accuracy"} <= found.keys()
    assert values_by_step(run, "train/loss")[1] == pytest.approx(np.log(10), abs=0.2)


def test_a_dump_holds_the_answers_with_their_layers(run):
    with h5py.File(run / "dumps/step_0000020.h5") as file:
        truth, answers, accuracy = (file[name][()] for name in ("gt/grids", "pred/logits_argmax", "samples/accuracy"))
        assert truth.shape == answers.shape == (3, 6, 6)
        settings_queries = _queries(run)
        for place, query in enumerate(settings_queries[:3]):
            rows, columns = query.pair.output.shape
            np.testing.assert_array_equal(truth[place, :rows, :columns], query.pair.output)
            assert accuracy[place] == pytest.approx((answers[place, :rows, :columns] == query.pair.output).mean())
            assert file["samples/key"][place].decode() == query.puzzle
            # The first cell of the picture has the colour of the first cell of the grid.
            assert (file["samples/image"][place, 3, 3] == 0).all() == (query.pair.output[0, 0] == 0)
            assert (file["pred/recon"][place, 3, 3] == 0).all() == (answers[place, 0, 0] == 0)
            rows, columns = query.pair.input.shape
            np.testing.assert_array_equal(file["samples/question"][place, :rows, :columns], query.pair.input)
        assert file["samples/image"].shape == (3, 48, 48, 3)
        assert file["activations/layers.0"].shape == (3, 16, 6, 6)
        assert file["slots/attn"].shape == (3, 2, 36, 36)
        np.testing.assert_allclose(file["slots/attn"][()].astype(float).sum(-1), 1, atol=0.01)
        # Statistics are of five samples, though three are kept.
        assert file["stats/layers.1"].attrs["samples"] == 5


def _queries(run):
    import json

    import msgspec

    from inspector.formats.recipes.arc_solver import Data

    data = msgspec.convert(json.loads((run / "settings.json").read_bytes())["data"], Data)
    return queries_of(data).val


def test_console_lines_tell_accuracy_speed_and_the_time_left(run):
    text = (run / "train.log").read_text()
    assert re.search(
        r"^Epoch 1/4 \| Step 4 \| Loss=2\.\d+ \| Acc=0\.\d+ \| LR=\S+ \| \d+ pairs/s \| ETA=\d+:\d\d:\d\d$",
        text,
        re.MULTILINE,
    )
    assert re.search(r"ValAcc=[\d.]+ \| CopyInput=[\d.]+ \| PaddedAcc=[\d.]+ \| Exact=[\d.]+$", text, re.MULTILINE)
    assert text.rstrip().endswith("Reached epoch 4")


@pytest.mark.parametrize("make", [task_folder, kaggle_folder, array_folder])
def test_real_layouts_train_an_epoch(tmp_path, make):
    data = make(tmp_path / "data")
    run = trained(tmp_path / "run", {"data.path": str(data), "schedule.epochs": 2}, recipe="arc_solver")
    # Five demonstrations, four a batch; three test pairs, one of them 2 × 3, whose answers have 6 + 4 + 4 cells.
    assert max(record["step"] for record in records(run)) == 4
    assert values_by_step(run, "baseline/accuracy_content_all_zeros")[4] == pytest.approx(3 / 14)


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"data.path": "nowhere"}, "nowhere: expected ARC tasks, found nothing there; check data.path"),
        (
            {"data.path": "DATA"},
            "expected test pairs with their outputs, to validate with, found none; put the",
        ),
        ({"data.grid_size": 3, "data.path": "DATA"}, "found 1 of 1 tasks with larger ones; set data.grid_size to 5"),
        ({"data.largest": 7}, "data.largest is 7, above data.grid_size, 6; lower it"),
        ({"model.heads": 3}, "model.width takes a multiple of model.heads, 3, found 16"),
    ],
)
def test_what_cannot_be_trained_is_said_before_anything_is_written(tmp_path, capsys, edits, said):
    (tmp_path / "task.json").write_text('{"train": [{"input": [[1, 2, 3, 4, 5]], "output": [[0]]}], "test": []}')
    edits = {path: str(tmp_path) if value == "DATA" else value for path, value in edits.items()}
    words = arguments({**TINY_OF["arc_solver"], **edits})
    code, _ = call("train", "arc_solver", "-o", tmp_path / "run", "--device", "cpu", *words)
    assert code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.samples
def test_the_public_tasks_are_all_asked_for(samples, tmp_path):
    from inspector.formats.recipes.arc_solver import Data
    from inspector.training.arc_solver.prompts import prompts_of

    folder = samples / "datasets/fchollet__ARC-AGI/data"
    queries = queries_of(Data(path=str(folder), grid_size=30))
    assert len(queries.train) >= 1300
    assert len(queries.val) >= 415
    largest = max(queries.train, key=lambda query: query.pair.output.size)
    prompts = prompts_of([largest], 3)
    assert torch.from_numpy(prompts.valid).sum() == largest.pair.output.size
