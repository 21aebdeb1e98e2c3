"""Twenty steps equal ten and ten more, bit for bit, and the comparison sees what it should see."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest
import torch

from inspector.core.digests import sha256_of
from inspector.training import randomness
from inspector.training import resume as resuming
from inspector.training.loop import Position
from tests.training.runs import TINY_OF, differences, last_content, resumed, run_record, timeless, trained
from tests.untouched import Sources

IN_FRESH_PROCESSES = """
import os, random, sys
import numpy, torch
import inspector.training.loop
from inspector.training.__main__ import main
parent, folder, *steps = sys.argv[1:]
for step in steps:
    child = os.fork()
    if child == 0:
        random.seed(7); numpy.random.seed(7); torch.manual_seed(7)
        os._exit(main(["resume", parent, "--from", f"step_{step:0>7}", "-o", f"{folder}/{step}", "--device", "cpu"]))
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        sys.exit(1)
"""
"""Each resumes in a process that has imported what trains, was seeded otherwise, and has trained nothing."""


def test_a_resumed_run_is_the_uninterrupted_one_bit_for_bit_in_a_fresh_process(whole, tmp_path):
    steps = (7, 10)
    words = [str(whole), str(tmp_path), *map(str, steps)]
    done = subprocess.run(
        [sys.executable, "-I", "-c", IN_FRESH_PROCESSES, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for step in steps:
        child = tmp_path / str(step)
        assert differences(last_content(whole), last_content(child)) == []
        assert timeless(child, step) == timeless(whole, step)
        assert len(timeless(child, step)) > 20 - step


def test_the_dump_of_a_resumed_run_is_the_same_too(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--from", "step_0000007")
    with h5py.File(whole / "dumps/step_0000020.h5") as first, h5py.File(child / "dumps/step_0000020.h5") as second:
        names: list[str] = []
        first.visit(names.append)
        arrays = [name for name in names if isinstance(first[name], h5py.Dataset)]
        assert len(arrays) > 20
        for name in arrays:
            np.testing.assert_array_equal(first[name][()], second[name][()])


def test_what_the_comparison_covers(whole):
    content = last_content(whole)
    assert set(content["rng"]) == {"python", "numpy", "torch", "cuda"}
    assert len(content["optimizers"]["main"]["state"]) == len(content["model"])
    assert content["schedulers"]["main"]["class"] == "LambdaLR"
    logged = {key for record in timeless(whole, 0) for key in record}
    assert {"train/loss", "val/loss", "lr/encoder", "grad_norm/slots", "update_ratio/decoder", "val/fg_ari"} <= logged


def sabotaged(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--from", "step_0000007")
    return differences(last_content(whole)["model"], last_content(child)["model"]), timeless(child, 7) == timeless(
        whole, 7
    )


def test_dropping_the_random_state_is_seen(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(randomness, "restore", lambda _state: None)
    weights, same_log = sabotaged(whole, tmp_path)
    assert weights
    assert not same_log


def test_dropping_the_sampler_position_is_seen(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(resuming, "_start", lambda content, *_: (Position(int(content["step"]), 1, 0), 0))
    weights, same_log = sabotaged(whole, tmp_path)
    assert weights
    assert not same_log


def test_dropping_the_optimizer_state_is_seen(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(resuming.optimizer, "join_states", lambda _optimizer, _saved: [])
    weights, same_log = sabotaged(whole, tmp_path)
    assert weights
    assert not same_log


def test_dropping_the_scheduler_position_is_seen(whole, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.training.rates.Rates.advance", lambda _self, _epochs, _steps: None)
    weights, same_log = sabotaged(whole, tmp_path)
    assert weights
    assert not same_log


def test_the_parent_is_not_touched_and_the_child_names_it(whole, tmp_path):
    before = {path: (path.stat().st_mtime_ns, sha256_of(path)) for path in whole.rglob("*") if path.is_file()}
    child = resumed(whole, tmp_path / "child", "--from", "step_0000010")
    assert {path: (path.stat().st_mtime_ns, sha256_of(path)) for path in before} == before
    parent = run_record(child).parent
    assert parent is not None
    assert (parent.id, parent.checkpoint, parent.step) == (run_record(whole).id, "step_0000010.pt", 10)
    assert parent.sha256 == sha256_of(whole / "checkpoints/step_0000010.pt")


def test_a_source_that_is_changed_is_seen_by_what_compares_it_in_every_test(whole, tmp_path):
    parent, kept = tmp_path / "parent", tmp_path / "kept"
    shutil.copytree(whole, parent)
    sources = Sources(kept)
    sources.hear(["python", "resume", str(parent), "-o", str(whole)])
    count = sum(path.is_file() for path in parent.rglob("*"))
    assert sources.compared() == (1, count, [])
    changed = [parent / "metrics.jsonl", parent / "new", parent / "run.json"]
    os.utime(changed[0])
    changed[1].touch()
    changed[2].unlink()
    assert sources.compared() == (1, count, [str(path) for path in changed])


@pytest.mark.parametrize("edits", [{"schedule.warmup": "overwrite"}, {"encoder.norm": "batch"}])
def test_batch_statistics_and_an_overwritten_rate_resume_exactly_too(tmp_path, edits):
    parent = trained(tmp_path / "parent", {"train.checkpoint_steps": 7, **edits})
    for step in (7, 10):
        child = resumed(parent, tmp_path / f"child{step}", "--from", f"step_{step:07d}")
        assert differences(last_content(parent), last_content(child)) == []
        assert timeless(child, step) == timeless(parent, step)


DEMANDING = {"optim.accumulate": 2, "optim.ema_decay": 0.9, "train.checkpoint_steps": 7, "train.log_every": 3}
"""A batch in two parts, averaged weights, a checkpoint in the middle of an epoch and between two records."""


@pytest.mark.parametrize(
    ("recipe", "precision"), [*((recipe, "32") for recipe in TINY_OF), ("slots", "bf16-mixed"), ("slots", "16-mixed")]
)
def test_every_recipe_resumes_exactly_in_parts_and_with_averaged_weights(tmp_path, recipe, precision):
    parent = trained(tmp_path / "parent", {**DEMANDING, "train.precision": precision}, recipe=recipe)
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(7)
    child = resumed(parent, tmp_path / "child", "--from", "step_0000007")
    content = last_content(parent)
    assert content["ema"]["updates"] == content["step"] == 20
    assert (content["scaler"] is not None) == (precision == "16-mixed")
    assert differences(content, last_content(child)) == []
    assert timeless(child, 7) == timeless(parent, 7)
