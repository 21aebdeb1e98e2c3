"""Weights: the tree, the chosen tensor and its pictures."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.checkpoint import opened
from inspector.core.errors import DamagedError, UnsupportedError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.offer import Fit
from inspector.display.weights.judge import ask, judge
from inspector.display.weights.prepare import chosen_tensor, prepare
from inspector.display.weights.scene import WeightsAsk, WeightsScene
from inspector.display.weights.tensor import empty_outputs, kernel_pictures
from inspector.display.weights.tree import MAX_VALUES, contents_of, summary_text, tree_of, value_rows, value_text
from inspector.formats.facts import CheckpointFacts, TensorFacts
from inspector.formats.messages import decode, encode
from inspector.runs.values import FileEntry, Placed, Run
from inspector.session.values import RunState, ViewState
from tests.conftest import sample_files

_NAMES = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "BF16": None}


def save(path: Path, tensors: dict[str, np.ndarray]) -> Path:
    """A safetensors file, written from its specification."""
    header: dict[str, object] = {}
    block = b""
    for name, array in tensors.items():
        dtype = next(key for key, kind in _NAMES.items() if kind is not None and array.dtype == kind)
        data = array.tobytes()
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": [len(block), len(block) + len(data)]}
        block += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + block)
    return path


def facts(name: str, shape: tuple[int, ...], role: str = "weight") -> TensorFacts:
    return TensorFacts(name=name, shape=shape, dtype="float32", bytes=4 * math.prod(shape), role=role)


USUAL = (
    facts("model.encoder.0.weight", (8, 3, 3, 3)),
    facts("model.encoder.0.bias", (8,)),
    facts("model.decoder.weight", (10, 8)),
    facts("optimizer.state.0.exp_avg", (8, 3, 3, 3), "optimizer"),
)


def test_the_tree_sums_elements_and_shares_and_joins_lonely_groups():
    nodes = {node.path: node for node in tree_of(USUAL)}
    assert [node.path for node in tree_of(USUAL)] == [
        "model",
        "model.encoder.0",
        "model.encoder.0.weight",
        "model.encoder.0.bias",
        "model.decoder",
        "model.decoder.weight",
        "optimizer.state.0",
        "optimizer.state.0.exp_avg",
    ]
    assert nodes["model"].elements == 216 + 8 + 80
    assert nodes["model"].share == 1.0
    assert nodes["model.encoder.0"].share == pytest.approx(224 / 304)
    assert nodes["model.encoder.0"].label == "encoder.0"
    assert nodes["model.encoder.0"].detail == "2 tensors"
    assert nodes["optimizer.state.0"].share is None
    assert nodes["model.encoder.0.weight"].detail == "[8, 3, 3, 3] float32"
    assert [node.depth for node in tree_of(USUAL)] == [0, 1, 2, 2, 1, 2, 0, 1]


def test_the_filter_keeps_the_branches_of_what_it_finds_and_shares_of_the_whole():
    nodes = tree_of(USUAL, "BIAS")
    assert [node.path for node in nodes] == ["model.encoder.0", "model.encoder.0.bias"]
    assert nodes[0].share == pytest.approx(8 / 304)
    assert tree_of(USUAL, "nothing") == ()


def test_a_name_that_is_a_tensor_and_a_group_keeps_both():
    nodes = tree_of((facts("a", (2,)), facts("a.b", (3,))))
    assert [(node.path, node.elements, node.tensor) for node in nodes] == [("a", 5, False), ("a.b", 3, True)]


def test_deep_and_strange_names_are_taken_and_made_visible():
    deep = ".".join(["x"] * 3000)
    nodes = tree_of((facts(deep, (1,)), facts("", (1,)), facts("a\x1b[31m", (1,))))
    assert [node.label for node in nodes][-1] == "a\\x1b[31m"


def test_a_tensor_worth_looking_at_is_chosen_where_none_is_named():
    assert chosen_tensor(USUAL, "").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL, "gone").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL[1:3], "").name == "model.decoder.weight"
    assert chosen_tensor(USUAL, "model.encoder.0").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL, "model").name == "model.encoder.0.weight"
    assert chosen_tensor(USUAL, "", "bias").name == "model.encoder.0.bias"
    assert chosen_tensor((), "") is None


def test_kernels_are_the_strongest_of_each_output_on_a_map_centred_on_zero():
    weight = np.zeros((3, 2, 3, 3), np.float32)
    weight[0, 1] = 0.5
    weight[1, 0] = -1.0
    weight[1, 1] = 0.9
    pictures, names, reach = kernel_pictures(weight)
    table = COLOUR_MAPS["diverging"]
    assert pictures.shape == (3, 3, 3, 4)
    assert names == ("output 0, input 1", "output 1, input 0", "output 2, input 0")
    assert reach == 1.0
    assert (pictures[1] == table[0]).all()
    assert (pictures[0] == table[round(0.75 * 255)]).all()
    assert np.abs(pictures[2][..., :3].astype(int) - 128).max() <= 1


def test_many_outputs_are_thinned_and_a_matrix_is_one_picture():
    assert kernel_pictures(np.ones((512, 4, 3, 3)))[0].shape == (64, 3, 3, 4)
    assert kernel_pictures(np.eye(1000))[0].shape == (1, 256, 256, 4)


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
    ],
    ids=lambda array: f"{array.shape}-{array.dtype}",
)
def test_odd_tensors_have_no_pictures_or_pictures_of_their_shape(elements):
    pictures, names, _ = kernel_pictures(elements)
    assert pictures.ndim == 4
    assert pictures.shape[3] == 4
    assert len(names) == len(pictures)
    assert isinstance(empty_outputs(elements), list)


def test_outputs_that_are_all_zero_are_found():
    weight = np.ones((4, 2, 3, 3))
    weight[[1, 3]] = 0
    assert empty_outputs(weight) == [1, 3]


def test_statistics_of_the_scene_are_numpys(tmp_path):
    rng = np.random.default_rng(1)
    weight = rng.standard_normal((16, 4, 3, 3)).astype(np.float32)
    weight[2] = 0
    weight[0, 0, 0, 0] = np.nan
    path = save(tmp_path / "m.safetensors", {"net.conv.weight": weight, "net.conv.bias": np.ones(16, np.float32)})
    scene = prepare(WeightsAsk(path=str(path), place="m.safetensors"), QUIET)
    lines = dict(scene.tensor.lines)
    finite = weight[np.isfinite(weight)].astype(np.float64)
    assert float(lines["min"].replace("−", "-")) == pytest.approx(finite.min(), rel=1e-3)
    assert float(lines["mean"].replace("−", "-")) == pytest.approx(finite.mean(), rel=1e-3)
    assert float(lines["std"]) == pytest.approx(finite.std(), rel=1e-3)
    assert lines["zero"] == f"{36 / weight.size * 100:.1f}%"
    assert lines["not finite"] == "1"
    assert lines["outputs all zero"] == "1: 2"
    counts, edges = np.histogram(finite, 64)
    assert scene.tensor.heights.sum() == counts.sum()
    assert scene.tensor.edges == pytest.approx(edges, rel=1e-5)
    assert edges[scene.tensor.zero_bin] <= 0 <= edges[scene.tensor.zero_bin + 1]
    assert scene.tensor.kernels.shape == (16, 3, 3, 4)
    assert scene.tensor.facts == "[16, 4, 3, 3] float32 · 2.3 kB"
    assert scene.summary.startswith("592 parameters · ")


def test_a_scene_travels_and_comes_back_equal(tmp_path):
    path = save(tmp_path / "m.safetensors", {"conv.weight": np.ones((2, 2, 3, 3), np.float32)})
    scene = prepare(WeightsAsk(path=str(path), place=""), QUIET)
    body, arrays = encode(scene)
    back = decode(body, WeightsScene, arrays)
    assert back.nodes == scene.nodes
    assert np.array_equal(back.tensor.kernels, scene.tensor.kernels)


def test_a_tensor_cut_off_says_so_and_the_rest_is_shown(tmp_path):
    path = save(tmp_path / "m.safetensors", {"a.weight": np.ones((64, 64), np.float32)})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 5000])
    try:
        scene = prepare(WeightsAsk(path=str(path), place=""), QUIET)
    except DamagedError as error:
        assert "m.safetensors" in str(error)
    else:
        assert scene.nodes
        assert scene.tensor.problem or scene.notes


def test_work_stops_when_asked_to(tmp_path):
    path = save(tmp_path / "m.safetensors", {"a.weight": np.ones((4, 4), np.float32)})
    with pytest.raises(WorkCancelled):
        prepare(WeightsAsk(path=str(path), place=""), Pulse(cancelled=lambda: True))


def test_values_are_one_line_each_and_too_many_are_counted():
    objects = {f"a.{index}": index for index in range(MAX_VALUES + 5)}
    rows, left_out = value_rows(objects)
    assert (len(rows), left_out) == (MAX_VALUES, 5)
    assert value_rows({"x\n": "a\nb"})[0][0].text == "a\\x0ab"
    assert value_rows({"lr": 1e-4, "epoch": 3}, "LR")[0][0].path == "lr"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.5"), (1e-4, "0.0001"), (3.0, "3"), (True, "True"), (123456, "123,456"), (None, "None"), ([1], "[1]")],
)
def test_plain_values_as_text(value, text):
    assert value_text(value) == text


def test_non_finite_values_as_text():
    assert value_text(math.nan) == "NaN"
    assert value_text(math.inf) == "∞"


def test_contents_name_what_stands_beside_the_model():
    objects = {"epoch": 40, "ema": None, "schedulers.main.class": "torch.optim.lr_scheduler.CosineAnnealingLR"}
    objects |= {"schedulers.main.state.T_max": 100, "model.version": 1}
    assert contents_of(objects, USUAL) == (("epoch", "40"), ("schedulers · CosineAnnealingLR", "2 values"))


def test_the_summary_says_parameters_size_and_types():
    made = CheckpointFacts(container="torch-zip", bytes=18_300_000, tensors=USUAL)
    assert summary_text(made) == "304 parameters · 18.3 MB · float32 · torch-zip"
    assert summary_text(CheckpointFacts(container="pickle", bytes=10)).startswith("no parameters · 10 B")


def entry(name: str, made: CheckpointFacts, step: int) -> FileEntry:
    return FileEntry(
        path=f"/run/{name}", name=name, facts=made, bytes=1, modified_s=2.0, step=step, placed=Placed.STATED
    )


def test_the_checkpoint_at_the_cursor_is_asked_for():
    made = CheckpointFacts(container="torch-zip", bytes=1, tensors=USUAL)
    run = Run(key="r", name="r", root="/run", paths=("/run",), files=(entry("a.pt", made, 10), entry("b.pt", made, 20)))
    assert judge(run).fit is Fit.MADE_FOR
    wish = ask(run, RunState(key="r", paths=(), cursor_step=15), ViewState(tensor="x", tensor_filter="y"))
    assert (wish.path, wish.tensor, wish.filter, wish.stamp) == ("/run/a.pt", "x", "y", 2.0)
    assert ask(run, RunState(key="r", paths=()), ViewState()).path == "/run/b.pt"


def test_a_run_without_checkpoints_says_so():
    run = Run(key="r", name="r", root="/run", paths=("/run",))
    assert (judge(run).fit, judge(run).because) == (Fit.NO, "no checkpoint among 0 files")
    assert ask(run, RunState(key="r", paths=()), ViewState()) is None


REAL = [
    path for path in sample_files("checkpoints/**/*") if path.suffix in (".pt", ".pth", ".tar", ".safetensors", ".ckpt")
]


@pytest.mark.samples
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_checkpoints_are_shown(path):
    try:
        made = opened(path).facts
    except UnsupportedError:
        pytest.skip("a container that says so in a sentence")
    scene = prepare(WeightsAsk(path=str(path), place=path.name), QUIET)
    chosen = chosen_tensor(made.tensors, "")
    leaves = {node.path for node in scene.nodes if node.tensor}
    groups = {node.path for node in scene.nodes if not node.tensor}
    assert {tensor.name for tensor in made.tensors} <= leaves | groups
    if chosen is None:
        assert scene.tensor is None
    elif math.prod(chosen.shape) and not scene.tensor.problem:
        lost = int(dict(scene.tensor.lines)["not finite"].replace(",", ""))
        assert scene.tensor.heights.sum() + lost == math.prod(chosen.shape)
    encode(scene)
