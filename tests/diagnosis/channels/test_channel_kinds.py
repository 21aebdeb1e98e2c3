"""Sparse, dormant, saturated, flat and badly scaled layers are told apart, beside what their activation does alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.diagnosis.channels import (
    activation_scale,
    dead_channels,
    dormant_channels,
    flat_features,
    saturated_channels,
    sparse_features,
)
from inspector.diagnosis.values import CurveEvidence, Finding, LayerEvidence, Severity
from tests.diagnosis.folders import diagnosed, finding, found_by, open_question, write_curves, write_dump, write_own

SHAPE = (32, 10, 8, 8)


def normal(mean: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return np.random.default_rng(0).normal(mean, scale, SHAPE).astype(np.float32)


def relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


def leaky(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.float32(0.01) * values)


def write(folder: Path, values: np.ndarray, activation: str = "relu", *, step: int = 2500, **more: Any) -> None:
    attributes = {"activation": activation, "tap": "post", "layout": "NCHW"[: values.ndim], **more}
    write_dump(folder / f"dumps/step_{step:07d}.h5", step, {"activations/conv": values}, activations__conv=attributes)


def of_channels(folder: Path) -> dict[str, Finding]:
    kinds = (sparse_features, dormant_channels, saturated_channels, flat_features, activation_scale, dead_channels)
    known = {kind.ABOUT.id for kind in kinds}
    return {one.id: one for one in diagnosed(folder).findings if one.id in known}


@pytest.mark.parametrize(("activation", "function"), [("relu", relu), ("leaky_relu", leaky)])
def test_a_layer_with_what_its_activation_leaves_gets_nothing(tmp_path: Path, activation: str, function: Any) -> None:
    write(tmp_path, function(normal()), activation)
    assert of_channels(tmp_path) == {}


def test_a_leaky_relu_of_small_numbers_is_not_called_sparse(tmp_path: Path) -> None:
    """At a scale of 0.1 two thirds of its values lie below 0.01 by themselves: the negative half and 8% of all."""
    values = leaky(normal(scale=0.1))
    assert np.mean(np.abs(values) < 0.01) == pytest.approx(0.54, abs=0.01)
    write(tmp_path, values, "leaky_relu", negative_slope=0.01)
    assert of_channels(tmp_path) == {}


def test_a_shift_makes_features_sparse_and_not_dead(tmp_path: Path) -> None:
    """P(x < 0) of a normal x around -0.6 is 0.7257."""
    write_own(tmp_path)
    write(tmp_path, relu(normal(-0.6)))
    found = of_channels(tmp_path)
    assert list(found) == [sparse_features.ABOUT.id]
    sparse = found[sparse_features.ABOUT.id]
    assert sparse.severity is Severity.INFO
    assert sparse.rules == ("S4.01",)
    assert "conv: 72." in sparse.summary
    assert "ReLU alone leaves 50.0% of values silent" in sparse.baseline
    assert "LeakyReLU" in sparse.baseline
    assert "GELU" in sparse.baseline
    assert sparse.cures == ()
    cures = found_by(sparse_features.check, tmp_path).cures
    edits = [{edit.path: edit.new for edit in cure.edits} for cure in cures]
    assert edits == [{"encoder.activation": "leaky_relu"}, {"optim.lr": 5e-4}]
    assert "by the formula alone" in cures[0].edits[0].reason


def test_dead_channels_do_not_count_as_sparse(tmp_path: Path) -> None:
    """With 9 of 10 channels dead 95% of all values are zero; of the living channel's half are."""
    values = relu(normal())
    values[:, 1:] = 0
    write(tmp_path, values)
    found = of_channels(tmp_path)
    assert set(found) - {activation_scale.ABOUT.id, flat_features.ABOUT.id} == {dead_channels.ABOUT.id}
    assert not found[dead_channels.ABOUT.id].consequences


def test_channels_that_hardly_fire_are_named(tmp_path: Path) -> None:
    """Around -2 a channel is silent in 97.7%; 6 of 10 are more than half."""
    values = normal()
    values[:, :6] -= 2
    write(tmp_path, relu(values))
    sparse = of_channels(tmp_path)[sparse_features.ABOUT.id]
    assert sparse.rules == ("S4.01", "X.D4")
    assert "(6 of 10 living channels are silent in 95.0% of theirs)" in sparse.summary
    (evidence,) = sparse.evidence
    assert isinstance(evidence, LayerEvidence)
    assert evidence.channels == (0, 1, 2, 3, 4, 5)


def test_of_an_unknown_activation_sparsity_is_not_judged(tmp_path: Path) -> None:
    write(tmp_path, relu(normal(-0.6)), "mystery")
    because = open_question(tmp_path, sparse_features.ABOUT.id).because
    assert because == "the dump does not say after which activation its layers were recorded"


def test_logged_sparsity_is_judged_without_its_dead_channels(tmp_path: Path) -> None:
    """0.8 with half of the channels dead is (0.8 - 0.5) / 0.5 = 0.6 of the others; 0.7 would be 0.4."""
    write_own(tmp_path)
    curves: Mapping[str, float] = {"sparsity__conv1": 0.8, "sparsity__conv2": 0.7}
    beside = {f"dead_channels__conv{one}": lambda step: 0.5 for one in (1, 2)}
    write_curves(tmp_path, [125, 2500], **beside, **{tag: lambda step, v=v: v for tag, v in curves.items()})
    (sparse,) = [one for one in diagnosed(tmp_path).findings if one.id == dead_channels.ABOUT.id]
    assert len(sparse.consequences) == 1, "the finding of dead channels tells of it"
    assert "Features of 1 of 2 layers" in sparse.consequences[0]
    assert "conv1: 60.0% of values" in sparse.consequences[0]


@pytest.mark.parametrize(("dormant", "severity"), [(2, None), (3, Severity.INFO), (6, Severity.WARNING)])
def test_faint_channels_are_dormant(tmp_path: Path, dormant: int, severity: Severity | None) -> None:
    """Six of ten at a hundredth of a half: 0.005 over a mean of 0.403 is 0.0124, below 0.025."""
    values = normal()
    values[:, :dormant] *= 0.005
    write(tmp_path, values, "gelu")
    found = of_channels(tmp_path).get(dormant_channels.ABOUT.id)
    assert (None if found is None else found.severity) == severity
    if found is not None:
        (evidence,) = found.evidence
        assert isinstance(evidence, LayerEvidence)
        assert evidence.channels == tuple(range(dormant))
        assert f"{dormant} of 10 channels of conv" in found.summary


def test_logged_shares_of_dormant_channels_say_since_when(tmp_path: Path) -> None:
    write_curves(
        tmp_path,
        range(125, 1251, 125),
        dormant_channels__conv1=lambda step: 0.1 if step <= 500 else 0.3,
        dormant_channels__conv2=lambda step: 0.1,
    )
    found = finding(tmp_path, dormant_channels.ABOUT.id)
    assert found is not None
    assert found.since_step == 625
    assert found.title == "Dormant channels in 1 of 2 layers"
    assert [one.series for one in found.evidence if isinstance(one, CurveEvidence)] == ["dormant_channels/conv1"]


@pytest.mark.parametrize(("scale", "told"), [(1.0, False), (10.0, True)])
def test_a_tanh_of_large_inputs_saturates(tmp_path: Path, scale: float, told: bool) -> None:
    """|tanh x| > 0.95 from |x| = 1.83 on: 7% of inputs of scale 1, and 85% of those of scale 10."""
    write(tmp_path, np.tanh(normal(scale=scale)), "tanh")
    found = of_channels(tmp_path)
    assert (saturated_channels.ABOUT.id in found) == told
    if told:
        assert "10 of 10 channels of conv" in found[saturated_channels.ABOUT.id].summary


def test_a_sigmoid_saturates_at_both_ends_and_a_relu_has_none(tmp_path: Path) -> None:
    write(tmp_path / "sigmoid", 1 / (1 + np.exp(-normal(scale=20))), "sigmoid")
    assert saturated_channels.ABOUT.id in of_channels(tmp_path / "sigmoid")
    write(tmp_path / "relu", relu(np.sign(normal())))
    assert saturated_channels.ABOUT.id not in of_channels(tmp_path / "relu")


def test_one_vector_everywhere_is_flat(tmp_path: Path) -> None:
    """A common vector and a hundredth of noise: all cosines are near 1."""
    common = np.abs(np.random.default_rng(1).normal(1, 1, (1, SHAPE[1], 1, 1)))
    values = (common + 0.01 * normal()).astype(np.float32)
    write(tmp_path, values, "gelu")
    found = of_channels(tmp_path)[flat_features.ABOUT.id]
    assert found.severity is Severity.INFO
    assert found.summary.startswith("Spatial diversity is near 0: conv has 0.000")
    assert "of ln of the places" in found.summary


def test_a_layer_without_places_is_not_flat(tmp_path: Path) -> None:
    write(tmp_path, normal()[:, :, 0, 0] + 5, "gelu")
    assert open_question(tmp_path, flat_features.ABOUT.id).because == "the layers of the dump have no places"


@pytest.mark.parametrize(("factor", "text"), [(1.0, ""), (0.01, "a mean |a| of 0.00"), (100.0, "a spread of 58")])
def test_a_scale_far_from_that_of_a_batch_norm_is_information(tmp_path: Path, factor: float, text: str) -> None:
    """Behind a ReLU the mean of normal values is 0.399 and their standard deviation 0.584."""
    write(tmp_path, relu(normal()) * np.float32(factor))
    found = of_channels(tmp_path).get(activation_scale.ABOUT.id)
    assert (found is not None) == bool(text)
    if found is not None:
        assert found.severity is Severity.INFO
        assert text in found.summary


@pytest.mark.parametrize("kind", [sparse_features, dormant_channels, flat_features])
def test_before_features_must_have_settled_nothing_is_said(tmp_path: Path, kind: Any) -> None:
    values = normal(-0.6)
    values[:, :5] *= 0.005
    flat = np.ones(SHAPE, np.float32) if kind is flat_features else relu(values)
    write(tmp_path, flat, step=500)
    because = open_question(tmp_path, kind.ABOUT.id).because
    assert because == "it is step 500, and features need not have settled until step 1,000"


def test_a_run_without_layers_is_asked_nothing_of_them(tmp_path: Path) -> None:
    write_curves(tmp_path, range(3), loss=lambda step: 1.0)
    asked = {one.id for one in diagnosed(tmp_path).not_assessable}
    kinds = (sparse_features, dormant_channels, saturated_channels, flat_features, activation_scale)
    assert not asked & {kind.ABOUT.id for kind in kinds}


def test_layers_that_are_not_finite_break_nothing(tmp_path: Path) -> None:
    write(tmp_path, np.full(SHAPE, np.nan, np.float32))
    assert of_channels(tmp_path) == {}
