"""A short run on files of real tasks: what it records, and its dump as h5py reads it."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from inspector.analysis.attention_axis import attention_axis
from inspector.formats.dump import LAYOUT_LETTERS
from inspector.training.arc.pictures import PALETTE
from tests.training.runs import call, records, trained

SHORT = {"schedule.epochs": 2, "model.attention_axis": "positions", "encoder.activation": "leaky_relu"}


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    """Four tasks of rows and columns, four grids each."""
    folder = tmp_path_factory.mktemp("tasks")
    for index in range(4):
        grids = [[[colour, 0, colour]] * rows for colour, rows in ((index + 1, 1), (index + 1, 4))]
        pair = dict(zip(("input", "output"), grids, strict=True))
        (folder / f"{index}.json").write_text(json.dumps({"train": [pair], "test": [pair]}))
    return folder


@pytest.fixture(scope="module")
def run(tasks, tmp_path_factory):
    path = tmp_path_factory.mktemp("arc_slots") / "run"
    return trained(path, {**SHORT, "data.path": tasks, "data.val_grids": 4}, recipe="arc_slots")


def test_every_score_stands_beside_its_baseline(run):
    logged = {name for record in records(run) for name in record}
    layers = {"encoder.conv1", "encoder.conv2"}
    wanted = {
        *(f"val/{name}" for name in ("loss", "accuracy_content", "accuracy_coloured", "accuracy_padded", "fg_ari")),
        *(f"baseline/accuracy_content_{name}" for name in ("all_zeros", "most_frequent")),
        *(f"baseline/{name}" for name in ("accuracy_padded_all_zeros", "fg_ari_blocks", "fg_ari_colour")),
        *(f"{name}/{layer}" for name in ("sparsity", "sparsity_padded", "channel_entropy") for layer in layers),
        *(f"{name}_channels/{layer}" for name in ("dead", "dormant") for layer in layers),
        *(f"baseline/sparsity_{layer}" for layer in layers),
        *(f"slots/{name}" for name in ("active", "mask_entropy", "cosine", "update_norm")),
        "baseline/slots_active_colours",
        "val/exact_match",
    }
    assert wanted <= logged
    (first, *_) = (record for record in records(run) if "val/loss" in record)
    assert first["baseline/sparsity_encoder.conv1"] == pytest.approx(0.346, abs=1e-3)


def test_the_dump_shows_the_grids_their_slots_and_every_conv_layer(run):
    (path,) = sorted((run / "dumps").glob("*.h5"))[-1:]
    with h5py.File(path) as dump:
        grids, sizes = dump["gt/grids"][()], dump["samples/valid_hw"][()] // 8
        assert dump["samples/image"].shape == (3, 40, 40, 3)
        for grid, (rows, columns), picture, labels in zip(
            grids, sizes, dump["samples/image"][()], dump["gt/masks"][()], strict=True
        ):
            inside = grid[:rows, :columns]
            assert columns == 3
            assert (inside[:, 1] == 0).all()
            np.testing.assert_array_equal(picture[4::8, 4::8][:rows, :columns], PALETTE[inside])
            assert (labels[4::8, 4::8][:rows, :columns] > 0).sum() == 2 * rows
            assert (labels[: 8 * rows, 8 * columns :] == 255).all()
        shapes = {"slots/masks": (3, 3, 5, 5), "slots/attn": (3, 3, 3, 25), "slots/slots_iter": (3, 3, 3, 8),
                  "activations/encoder.conv1": (3, 6, 5, 5), "activations/encoder.conv2": (3, 6, 5, 5)}  # fmt: skip
        for name, shape in shapes.items():
            assert dump[name].shape == shape
            assert set(dump[name].attrs["layout"]) <= LAYOUT_LETTERS
        assert dump["activations/encoder.conv1"].attrs["activation"] == "leaky_relu"
        assert dump["activations/encoder.conv1"].attrs["negative_slope"] == pytest.approx(0.01)
        attention = dump["slots/attn"]
        assert attention.attrs["normalised_over"] == "P"
        assert attention_axis(attention[0, -1]).positions < 1e-2
        # Statistics are of the grids' own cells alone, of four grids with 3, 12, 3 and 12 of them.
        assert dump["stats/encoder.conv1/count"][0] == sum(3 * rows for rows in (1, 4, 1, 4))
        shown = np.argmin(np.abs(dump["pred/recon"][()][:, 4::8, 4::8, None] * 255 - PALETTE).sum(-1), -1)
        for place, (rows, columns) in enumerate(sizes):
            answer = dump["pred/logits_argmax"][place][:rows, :columns]
            np.testing.assert_array_equal(shown[place][:rows, :columns], answer)


def test_a_path_without_tasks_is_said_before_anything_is_written(tmp_path):
    code, _ = call("train", "arc_slots", "-o", tmp_path / "run", "--set", f"data.path={tmp_path}/none")
    assert code == 2
    assert not (tmp_path / "run").exists()
