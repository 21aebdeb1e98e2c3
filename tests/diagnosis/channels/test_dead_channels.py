"""Channels that never fire are told from those that fire rarely, with how much the samples can say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import streaming
from inspector.artifacts.dumps.dump import close_all
from inspector.diagnosis.channels.dead_channels import ABOUT
from inspector.diagnosis.values import CurveEvidence, LayerEvidence, SettingEvidence, Severity, Sureness
from tests.diagnosis.folders import finding, open_question, write_curves, write_dump, write_own

RELU = {"activation": "relu", "tap": "post", "layout": "NCHW"}


def _fired(samples: int, channels: int, dead: tuple[int, ...] = (), nearly_dead: tuple[int, ...] = ()) -> np.ndarray:
    """(samples, channels, 8, 8) after a ReLU; one that is nearly dead fires once on the first sample."""
    values = np.maximum(np.random.default_rng(0).normal(0, 1, (samples, channels, 8, 8)), 0)
    values[:, [*dead, *nearly_dead]] = 0.0
    values[0, list(nearly_dead), 2, 3] = 1.5
    return values.astype(np.float16)


def _write(folder: Path, layers: dict[str, np.ndarray], step: int = 625, **attributes: Any) -> Path:
    path = folder / "dumps" / f"step_{step:07d}.h5"
    named = {f"activations/{name}": values for name, values in layers.items()}
    told = {path.replace("/", "__"): {**RELU, **attributes} for path in named}
    write_dump(path, step, named, **told)
    return path


def test_dead_channels_are_named_with_the_bound_that_the_samples_give(tmp_path: Path) -> None:
    """3 of 24 is 12.5%, above a tenth; 60 samples bound the chance of firing by 3/60 = 5%."""
    write_own(tmp_path)
    path = _write(
        tmp_path, {"encoder.conv1": _fired(60, 24, dead=(2, 5, 7), nearly_dead=(11,)), "encoder.conv2": _fired(60, 24)}
    )
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.CERTAIN)
    assert found.title == "Dead channels in 1 of 2 layers"
    assert found.summary == (
        "Never fired on 60 samples (< 5.0% at 95%): 3 of 24 channels of encoder.conv1. 1 more is nearly dead"
    )
    assert found.evidence == (
        LayerEvidence(
            dump=str(path),
            layer="encoder.conv1",
            channels=(2, 5, 7),
            text="3 dead channels of encoder.conv1 in step_0000625.h5",
        ),
    )
    assert found.since_step == 625
    assert found.since_epoch == 5
    assert "ReLU alone leaves 50.0% of values near 0" in found.baseline


def test_more_than_half_of_a_layer_is_an_error_and_the_worst_layer_comes_first(tmp_path: Path) -> None:
    _write(tmp_path, {"a": _fired(20, 10, dead=(0, 1)), "b": _fired(20, 10, dead=tuple(range(6)))})
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.ERROR
    assert found.sureness is Sureness.LIKELY
    assert [one.layer for one in found.evidence if isinstance(one, LayerEvidence)] == ["b", "a"]


@pytest.mark.parametrize(("dead", "told"), [((0,), False), ((0, 1), True)])
def test_a_tenth_of_a_layer_is_not_yet_told(tmp_path: Path, dead: tuple[int, ...], told: bool) -> None:
    _write(tmp_path, {"a": _fired(20, 10, dead=dead)})
    assert (finding(tmp_path, ABOUT.id) is not None) == told


def test_nearly_dead_channels_alone_are_no_finding(tmp_path: Path) -> None:
    _write(tmp_path, {"a": _fired(20, 10, nearly_dead=tuple(range(8)))})
    assert finding(tmp_path, ABOUT.id) is None


def test_a_leaky_relu_has_no_exact_zero(tmp_path: Path) -> None:
    """A channel at -0.01 everywhere is not dead, one at 1e-8 is."""
    values = _fired(20, 10).astype(np.float32)
    values[:, :4] = -0.01
    _write(tmp_path, {"a": values}, activation="leaky_relu", negative_slope=0.01)
    assert finding(tmp_path, ABOUT.id) is None
    values[:, :4] = 1e-8
    _write(tmp_path, {"a": values}, step=700, activation="leaky_relu", negative_slope=0.01)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert "LeakyReLU" in found.baseline


def test_what_was_recorded_before_the_activation_is_left_alone(tmp_path: Path) -> None:
    _write(tmp_path, {"a": np.zeros((20, 10, 8, 8), np.float32)}, tap="pre")
    assert (
        open_question(tmp_path, ABOUT.id).because == "no dump with activations and no share of dead channels was logged"
    )


def test_recorded_statistics_over_more_samples_count_before_the_dumped_ones(tmp_path: Path) -> None:
    """Silent on the 4 dumped samples, but it fired among the 256 of the statistics."""
    path = _write(tmp_path, {"conv": _fired(4, 2, dead=(0,))})
    with h5py.File(path, "a") as file:
        columns = {
            "count": [256 * 64.0] * 2,
            "mean": [0.01, 0.4],
            "m2": [1.0, 1.0],
            "min": [0.0, 0.0],
            "max": [2.0, 3.0],
        }
        for name, values in {**columns, "absmax": [2.0, 3.0]}.items():
            file.create_dataset(f"stats/conv/{name}", data=np.array(values))
        near = file.create_dataset("stats/conv/n_lt_eps", data=np.array([[16000, 8000]] * 2, np.int64))
        near.attrs["eps"] = np.array([0.0, 1e-6])
    assert finding(tmp_path, ABOUT.id) is None


def test_the_newest_dump_counts(tmp_path: Path) -> None:
    _write(tmp_path, {"a": _fired(20, 10, dead=(0, 1, 2))}, step=100)
    _write(tmp_path, {"a": _fired(20, 10)}, step=200)
    assert finding(tmp_path, ABOUT.id) is None


def test_logged_shares_say_since_when(tmp_path: Path) -> None:
    write_own(tmp_path)
    _write(tmp_path, {"encoder.conv1": _fired(20, 10, dead=(0, 1, 2))}, step=1000)
    write_curves(
        tmp_path,
        range(125, 1001, 125),
        **{"dead_channels__encoder.conv1": lambda step: 0.0 if step <= 500 else 0.3},  # type: ignore[arg-type]
    )
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.since_step == 625


def test_logged_shares_tell_where_there_is_no_dump(tmp_path: Path) -> None:
    write_own(tmp_path)
    curves = {"dead_channels__encoder.conv1": lambda step: 0.0, "dead_channels__encoder.conv2": lambda step: 0.6}
    write_curves(tmp_path, range(125, 1001, 125), **curves)  # type: ignore[arg-type]
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.ERROR
    assert "encoder.conv2: 60.0% of channels" in found.summary
    assert [one.series for one in found.evidence if isinstance(one, CurveEvidence)] == ["dead_channels/encoder.conv2"]
    write_curves(tmp_path, [125], **{"dead_channels__encoder.conv1": lambda step: 0.1})  # type: ignore[arg-type]
    assert finding(tmp_path, ABOUT.id) is None


def test_cures_leak_lift_and_slow_down(tmp_path: Path) -> None:
    write_own(tmp_path, "dying_relu")
    _write(tmp_path, {"encoder.conv1": _fired(20, 10, dead=(0, 1, 2))})
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    edits = [{edit.path: edit.new for edit in cure.edits} for cure in found.cures]
    assert edits == [{"encoder.activation": "leaky_relu"}, {"encoder.bias_init": 0.0}, {"optim.lr": 5e-4}]
    assert found.evidence[-1] == SettingEvidence(
        path="encoder.bias_init", value=-0.35, text="Biases began at -0.35, below 0"
    )


def test_a_layer_that_is_not_finite_is_not_called_dead(tmp_path: Path) -> None:
    values = _fired(20, 10, dead=(0, 1, 2)).astype(np.float32)
    values[0] = np.nan
    _write(tmp_path, {"a": values})
    assert finding(tmp_path, ABOUT.id) is None


def test_of_too_large_a_dump_the_first_samples_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 samples of 10 channels of 8 × 8 halves are 25,600 bytes; 12,800 are 10 of them, and bound by 3/10 = 30%."""
    monkeypatch.setattr(streaming, "BATCH_BYTES", 1)
    values = _fired(20, 10, dead=(0, 1))
    values[15, :2] = 1.0
    _write(tmp_path, {"a": values})
    assert finding(tmp_path, ABOUT.id) is None
    (tmp_path / "thresholds.toml").write_text("largest_streamed_bytes = 12800\n")
    close_all()
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.summary == "Never fired on 10 samples (< 30.0% at 95%): 2 of 10 channels of a"


def test_without_activations_it_says_so(tmp_path: Path) -> None:
    write_curves(tmp_path, range(3), loss=lambda step: 1.0)
    assert (
        open_question(tmp_path, ABOUT.id).because == "no dump with activations and no share of dead channels was logged"
    )
