"""Weights: one tensor, its pictures, its outputs, and how it changed."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.effective_rank import effective_rank
from inspector.core.errors import DamagedError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.diagnosis.thresholds import Thresholds
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.weights.tensor.outputs import Outputs, bars_of, outputs_of
from inspector.display.weights.tensor.picture import pictures_of, shown_rows
from inspector.display.weights.tensor.prepare import chosen_tensor, prepare
from inspector.display.weights.tensor.scene import TensorAsk, TensorScene
from inspector.formats.messages import decode, encode
from tests.display.weights.files import USUAL, save


def lines_of(scene: TensorScene) -> dict[str, str]:
    return {line.name: line.value for line in scene.lines}


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_a_tensor_worth_looking_at_is_chosen_where_none_is_named():
    assert chosen_tensor(USUAL, "").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL, "gone").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL[1:4], "").name == "model.decoder.weight"
    assert chosen_tensor(USUAL, "model.encoder.0").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL, "model.encoder").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL, "", "bias").name == "model.encoder.0.bias"
    assert chosen_tensor((), "") is None


def test_kernels_are_the_strongest_of_each_output_on_a_map_centred_on_zero():
    weight = np.zeros((3, 2, 3, 3), np.float32)
    weight[0, 1] = 0.5
    weight[1, 0] = -1.0
    weight[1, 1] = 0.9
    pictures = pictures_of(weight)
    table = COLOUR_MAPS["diverging"]
    assert pictures.rgba.shape == (3, 3, 3, 4)
    assert pictures.names == ("output 0, input 1", "output 1, input 0", "output 2, input 0")
    assert (pictures.reach, pictures.inputs) == (1.0, 2)
    assert (pictures.rgba[1] == table[0]).all()
    assert (pictures.rgba[0] == table[round(0.75 * 255)]).all()
    chosen = pictures_of(weight, 1)
    assert chosen.names == ("output 0, input 1", "output 1, input 1", "output 2, input 1")
    assert chosen.reach == pytest.approx(0.9)


def test_many_outputs_are_thinned_and_told_and_a_matrix_is_one_picture():
    assert pictures_of(np.ones((512, 4, 3, 3))).rgba.shape == (128, 3, 3, 4)
    assert pictures_of(np.ones((512, 4, 3, 3))).said == "128 of 512 outputs"
    assert pictures_of(np.eye(1000)).rgba.shape == (1, 256, 256, 4)
    assert pictures_of(np.ones((6, 4, 5))).rgba.shape == (1, 6, 20, 4), "a convolution along a line is a matrix"
    assert pictures_of(np.ones((2, 3, 2, 3, 3))).inputs == 6, "each layer of a volume counts as an input"
    assert shown_rows((10_000, 50)) == slice(0, None, 39)
    assert pictures_of(np.ones((300, 256)), every=39).said == "every 46th output"
    assert pictures_of(np.ones((3, 4000))).said == "every 16th input"
    assert pictures_of(np.ones((512, 800))).said == "every 2nd output, 3rd input"
    assert pictures_of(np.ones((128, 2, 3, 3)), every=4).names[1] == "output 4, input 0"


@pytest.mark.parametrize(
    "elements",
    [
        np.zeros((0, 3, 3, 3)),
        np.zeros((4, 0, 3, 3)),
        np.zeros((4, 4, 1, 1)),
        np.zeros(5),
        np.zeros(()),
        np.full((2, 2, 3, 3), np.nan),
        np.full((2, 2, 3, 3), np.inf),
        np.ones((4, 6, 5, 5), np.float16)[::2, ::-1],
        np.ones((3, 3), bool),
        np.zeros((2, 0)),
        np.ones((3, 2, 2, 2, 2, 2)),
    ],
    ids=lambda array: f"{array.shape}-{array.dtype}",
)
def test_odd_tensors_have_no_pictures_or_pictures_of_their_shape(elements):
    pictures = pictures_of(elements)
    assert pictures.rgba.ndim == 4
    assert pictures.rgba.shape[3] == 4
    assert len(pictures.names) == len(pictures.rgba)
    outputs = outputs_of(elements)
    assert outputs is None or outputs.norms.shape == (elements.shape[0],)


def test_dead_outputs_and_copies_are_named():
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((6, 2, 3, 3)).astype(np.float32)
    weight[1] = 0
    weight[4] = weight[0]
    weight[5] = 1e-7 * weight[5]
    outputs = outputs_of(weight)
    assert outputs.norms == pytest.approx(np.linalg.norm(weight.astype(float).reshape(6, -1), axis=1))
    assert outputs.dead == (1, 5)
    assert outputs.copies == ((4, 0),)
    assert bars_of(outputs)[2] == {1: "dead", 5: "dead", 4: "copy"}
    weight[1, 0, 0, 0] = np.nan
    assert outputs_of(weight).dead == (5,), "what is not finite may be anything"
    assert outputs_of(np.zeros((4, 3))).copies == (), "outputs of an empty weight are no copies"


def test_how_alike_copies_are_is_by_the_runs_own_thresholds(tmp_path):
    weight = np.random.default_rng(0).standard_normal((6, 2, 3, 3))
    weight[4] = weight[0] * (1 + 1e-3)
    path = save(tmp_path / "m.safetensors", {"net.conv.weight": weight})
    marked = [
        prepare(TensorAsk(path=str(path), thresholds=Thresholds(**own)), QUIET).marked
        for own in ({}, {"duplicate_distance": 0.01}, {"duplicate_distance": 0.01, "least_filter_elements": 19})
    ]
    assert marked == [{}, {4: "copy"}, {}]


def test_more_outputs_than_bars_are_shown_by_the_largest_of_several():
    weight = np.ones((1500, 2))
    weight[7] = 0
    bars, each, marked = bars_of(outputs_of(weight))
    assert (bars.size, each) == (500, 3)
    assert marked[2] == "dead"


def test_the_effective_rank_is_that_of_the_singular_values():
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((20, 50))
    singular = np.linalg.svd(matrix, compute_uv=False)
    shares = singular / singular.sum()
    assert effective_rank(matrix) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-6)
    assert effective_rank(matrix.T) == pytest.approx(effective_rank(matrix), rel=1e-9)
    assert effective_rank(np.eye(7) * 1e300) == pytest.approx(7)
    assert effective_rank(np.ones((4, 9))) == pytest.approx(1)
    for odd in (np.zeros((3, 3)), np.full((2, 2), np.nan), np.zeros((0, 3)), np.ones((600, 600))):
        assert np.isnan(effective_rank(odd))


def test_statistics_of_the_scene_are_numpys(tmp_path):
    rng = np.random.default_rng(1)
    weight = rng.standard_normal((16, 4, 3, 3)).astype(np.float32)
    weight[2] = 0
    weight[0, 0, 0, 0] = np.nan
    weight[1, 0, 2, 1] = np.inf
    path = save(tmp_path / "m.safetensors", {"net.conv.weight": weight, "net.conv.bias": np.ones(16, np.float32)})
    scene = prepare(TensorAsk(path=str(path)), QUIET)
    lines = lines_of(scene)
    finite = weight[np.isfinite(weight)].astype(np.float64)
    for name, expected in (
        ("min", finite.min()), ("max", finite.max()), ("mean", finite.mean()), ("std", finite.std()),
        ("norm", np.linalg.norm(finite)), ("1%", np.percentile(finite, 1)), ("median", np.median(finite)),
        ("95%", np.percentile(finite, 95)),
    ):  # fmt: skip
        assert number(lines[name]) == pytest.approx(expected, rel=2e-3, abs=2e-3), name
    assert lines["zero"] == f"{36 / weight.size * 100:.1f}%"
    assert lines["not finite"] == "1 NaN, 1 infinite"
    assert lines["first at"] == "[0, 0, 0, 0], [1, 0, 2, 1]"
    assert lines["dead outputs"] == "1: 2"
    counts, edges = np.histogram(finite, 64)
    assert scene.heights.sum() == counts.sum()
    assert scene.edges == pytest.approx(edges, rel=1e-5)
    assert edges[scene.zero_bin] <= 0 <= edges[scene.zero_bin + 1]
    assert scene.kernels.shape == (16, 3, 3, 4)
    assert scene.norms.shape == (16,)
    assert scene.facts == "[16, 4, 3, 3] float32 · 2.3 kB"
    body, arrays = encode(scene)
    assert np.array_equal(decode(body, TensorScene, arrays).kernels, scene.kernels)


def test_outputs_of_a_tensor_too_large_to_hold_are_streamed(tmp_path, monkeypatch):
    weight = np.random.default_rng(0).normal(size=(30, 5, 7)).astype(np.float32)
    weight[4] = 0
    weight[9, 2, 2] = np.nan
    path = save(tmp_path / "m.safetensors", {"a.weight": weight})
    monkeypatch.setattr("inspector.display.weights.tensor.prepare.WHOLE_ELEMENTS", 100)
    scene = prepare(TensorAsk(path=str(path)), QUIET)
    expected = np.linalg.norm(weight.reshape(30, -1).astype(np.float64), axis=1)
    np.testing.assert_allclose(scene.norms, expected, rtol=1e-12)
    assert np.isnan(scene.norms[9])
    assert scene.marked == {4: "dead"}
    assert lines_of(scene)["dead outputs"] == "1: 4"
    assert "effective rank" not in lines_of(scene)


@pytest.mark.parametrize("shape", [(5,), (1, 5), (1, 5, 1)])
def test_one_row_of_numbers_is_shown_in_its_order(tmp_path, shape):
    path = save(tmp_path / "m.safetensors", {"a": np.arange(5, dtype=np.float32).reshape(shape)})
    scene = prepare(TensorAsk(path=str(path)), QUIET)
    assert scene.values.tolist() == [0, 1, 2, 3, 4]
    assert not scene.norms.size


def test_a_bar_of_several_outputs_leaves_out_those_that_are_not_finite():
    norms = np.ones(1024)
    norms[[0, 2, 3]] = np.nan
    bars, each, _ = bars_of(Outputs(norms=norms))
    assert each == 2
    assert bars[0] == 1
    assert np.isnan(bars[1])


def test_the_change_since_the_checkpoint_before_is_told(tmp_path):
    before = np.ones((4, 4), np.float32)
    after = before.copy()
    after[0, 0] = 1.4
    first = save(tmp_path / "1.safetensors", {"a.weight": before, "b.weight": before, "c.weight": before})
    second = save(
        tmp_path / "2.safetensors", {"a.weight": after, "b.weight": before, "c.weight": np.ones((2, 2), np.float32)}
    )

    def change(name: str, **more: str) -> str:
        return prepare(
            TensorAsk(path=str(second), tensor=name, before=str(first), before_place="epoch 39"), QUIET
        ).change

    assert change("a.weight") == "changed 10.0% since epoch 39"
    assert change("b.weight") == "unchanged since epoch 39"
    assert change("c.weight") == ""
    gone = TensorAsk(path=str(second), tensor="a.weight", before=str(tmp_path / "gone"), before_place="epoch 39")
    assert prepare(gone, QUIET).change == ""


@pytest.mark.parametrize(
    "elements",
    [np.zeros((0, 4), np.float32), np.float32(3).reshape(()), np.full((3, 3), np.nan, np.float32), np.ones(4, np.int64),
     np.array([True, False]), np.zeros(0, np.float32), np.linspace(-1, 1, 5000).astype(np.float32)],
    ids=["no elements", "0-d", "NaN only", "integers", "booleans", "empty vector", "long vector"],
)  # fmt: skip
def test_odd_tensors_give_a_scene_that_travels(tmp_path, elements):
    path = save(tmp_path / "m.safetensors", {"odd": elements})
    scene = prepare(TensorAsk(path=str(path)), QUIET)
    assert scene.name == "odd"
    assert not scene.problem
    assert scene.empty is (elements.size == 0)
    assert scene.values.size <= 2048
    body, arrays = encode(scene)
    assert decode(body, TensorScene, arrays).facts == scene.facts


def test_a_tensor_cut_off_says_so(tmp_path):
    path = save(tmp_path / "m.safetensors", {"a.weight": np.ones((64, 64), np.float32)})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 5000])
    try:
        scene = prepare(TensorAsk(path=str(path)), QUIET)
    except DamagedError as error:
        assert "m.safetensors" in str(error)
    else:
        assert scene.problem


def test_work_stops_when_asked_to(tmp_path):
    path = save(tmp_path / "m.safetensors", {"a.weight": np.ones((4, 4), np.float32)})
    with pytest.raises(WorkCancelled):
        prepare(TensorAsk(path=str(path)), Pulse(cancelled=lambda: True))
