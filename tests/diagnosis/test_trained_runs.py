"""Runs that the trainer itself wrote: a sound one is not accused, a spoilt one shows each fault that was put in."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.diagnosis.values import CurveEvidence, LayerEvidence, TensorEvidence
from tests.diagnosis.folders import diagnosed
from tests.with_torch import run_with_torch

TINY = {
    "data.train_scenes": 64,
    "data.val_scenes": 16,
    "encoder.channels": 8,
    "decoder.channels": 8,
    "schedule.epochs": 8,
    "train.checkpoint_every": 2,
    "train.dump_every": 4,
    "train.dump_samples": 4,
    "train.stats_samples": 16,
}
"""Two steps an epoch: enough for every file that a run writes."""


def _trained(folder: Path, *arguments: str) -> Path:
    pytest.importorskip("torch")
    run = folder / "run"
    edits = [part for path, value in TINY.items() for part in ("--set", f"{path}={value}")]
    run_with_torch("inspector.training", "train", "slots", "-o", run, *edits, *arguments)
    return run


@pytest.mark.slow
def test_a_sound_run_is_not_accused(tmp_path: Path) -> None:
    # With so few channels and samples, single ReLU channels really never fire.
    found = diagnosed(_trained(tmp_path, "--set", "encoder.activation=leaky_relu"))
    assert found.findings == ()
    # Sixteen steps are too few to tell whether slots part and what comes of a loss and its scores.
    too_early = {one.id for one in found.not_assessable}
    assert "slots-not-separating" in too_early
    assert too_early <= {
        "slots-not-separating", "loss-stalled", "loss-noisy", "below-baseline", "score-stagnant", "score-oscillating",
        "still-improving", "behind-course", "sparse-features", "dormant-channels", "flat-features",
        "vanishing-gradient", "exploding-gradient", "clip-saturation",
    }  # fmt: skip


@pytest.mark.slow
def test_a_spoilt_run_shows_what_was_put_in(tmp_path: Path) -> None:
    run = _trained(tmp_path, "--preset", "overwriting_warmup,dying_relu", "--set", "encoder.bias_init=-2")
    found = {one.id: one for one in diagnosed(run).findings}
    assert set(found) == {"overwritten-rate", "dead-channels"}
    # Behind channels that never fire no convolution gets a gradient either.
    (consequence,) = found["dead-channels"].consequences
    assert "encoder.convs had gradients of zero in every step" in consequence
    rate = found["overwritten-rate"]
    assert rate.rules == ("X.LR1", "X.LR3", "S3.02")
    assert {type(one) for one in rate.evidence[:2]} == {CurveEvidence, TensorEvidence}
    assert rate.cures[0].edits[0].path == "schedule.warmup"
    dead = found["dead-channels"]
    layers = [one for one in dead.evidence if isinstance(one, LayerEvidence)]
    assert layers
    assert all(one.dump.endswith("step_0000016.h5") and one.channels for one in layers)
    assert dead.cures[0].edits[0].path == "encoder.activation"
