"""Weights: the cards of the training state, plain values as a tree, and two checkpoints compared."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.errors import InspectorError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.core.resources import resource
from inspector.diagnosis.checkpoint_values import (
    GradientFlow,
    ModuleGradient,
    PlannedCurve,
    PredictedSparsity,
    Readiness,
    ReadyPart,
)
from inspector.diagnosis.thresholds import DEFAULTS
from inspector.display.curves import judge as curves_judge
from inspector.display.weights import prepare as weights
from inspector.display.weights.compare import judge as compare_judge
from inspector.display.weights.compare import prepare as compare
from inspector.display.weights.compare.rows import change_text, log_ends, log_share
from inspector.display.weights.compare.scene import CompareAsk, CompareScene
from inspector.display.weights.objects import prepare as objects
from inspector.display.weights.objects.prepare import MAX_VALUES, tree_of
from inspector.display.weights.objects.scene import ObjectsAsk
from inspector.display.weights.scene import WeightsAsk
from inspector.display.weights.state import judge as state_judge
from inspector.display.weights.state import prepare as state
from inspector.display.weights.state.cards import flow_card, rate_cards, rate_text, ready_card, short_number
from inspector.display.weights.state.cards import sparsity_bars as bars_of_sparsity
from inspector.display.weights.state.scene import StateAsk, StateScene
from inspector.display.weights.tensor import judge as tensor_judge
from inspector.display.weights.tensor import prepare as tensor
from inspector.display.weights.tensor.scene import TensorAsk
from inspector.display.weights.trend import judge as trend_judge
from inspector.display.weights.trend import prepare as trend
from inspector.display.weights.trend.scene import TrendScene
from inspector.formats.facts import SettingsFacts
from inspector.formats.messages import decode, encode
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry
from inspector.session.values import RunState, ViewState
from tests.conftest import sample_files
from tests.display.weights.files import save

NEWEST = "checkpoints/step_0001400.pt"


def module(name: str, rms: float, flow: str = "flowing", **more) -> ModuleGradient:
    usual = {"elements": 10, "parameters": 2, "update_ratio": math.nan}
    return ModuleGradient(module=name, rms=rms, flow=flow, **{**usual, **more})


def test_the_flow_is_on_a_log_scale_and_what_gets_none_says_so():
    rows = (
        module("encoder", 0.1), module("head", 0.001), module("mu", math.nan, "never"),
        module("frozen", math.nan, "frozen"), module("weak", 1e-7),
        module("half", 0.1, "partly", without=("half.bias",)),
    )  # fmt: skip
    card = flow_card(GradientFlow(optimizer="AdamW", source="AdamW's second moments", rows=rows, estimate=True))
    bars = {bar.label: bar for bar in card.bars}
    assert card.title == "Gradient flow, from AdamW's second moments"
    assert [bars[name].value for name in ("encoder", "head", "mu", "frozen", "half")] == [
        "0.1", "0.001", "never", "frozen", "0.1 · partly",
    ]  # fmt: skip
    low = -7.5
    assert bars["encoder"].share == pytest.approx(1.0)
    assert bars["head"].share == pytest.approx((-3 - low) / (-1 - low))
    assert bars["mu"].share == 0
    assert [name for name, bar in bars.items() if bar.worrying] == ["mu", "frozen", "weak"]
    assert "half.bias" in bars["half"].tip
    assert "an estimate" in card.says
    assert flow_card(GradientFlow(because="no optimizer")).because == "No optimizer"


def curve(**changes) -> PlannedCurve:
    usual = {
        "optimizer": "main", "group": "encoder", "scheduler": "CosineAnnealingLR", "unit": "epoch", "now": 40,
        "times": np.arange(101.0), "rates": np.linspace(3e-4, 0, 101), "held": 1e-4, "last": 1e-4, "planned": 1.8e-4,
        "agrees": False, "verdict": "held is not planned",
    }  # fmt: skip
    return PlannedCurve(**{**usual, **changes})


def test_a_long_name_is_whole_so_that_its_end_is_seen_and_its_module_found():
    name = "model." + ".".join(f"block_{number:03}" for number in range(30)) + ".attention.output"
    assert len(name) > 200
    assert flow_card(GradientFlow(source="moments", rows=(module(name, 1.0),))).bars[0].label == name


def test_groups_that_are_planned_alike_share_a_card_with_both_rates():
    cards = rate_cards((curve(), curve(group="decoder")))
    assert len(cards) == 1
    assert [(dot.text, dot.time, dot.ink) for dot in cards[0].dots] == [
        ("optimizer 1.0e-4", 40.0, "critical"),
        ("scheduler 1.8e-4", 40.0, "good"),
    ]
    assert cards[0].title == "Learning rate, from the scheduler's state"
    agreeing = rate_cards((curve(agrees=True, held=1.8e-4),))[0]
    assert [dot.ink for dot in agreeing.dots] == ["accent"]
    assert [card.name for card in rate_cards((curve(), curve(group="decoder", held=2e-4)))] == ["encoder", "decoder"]


def test_a_rate_without_a_plan_says_what_is_missing():
    none = np.zeros(0)
    card = rate_cards((curve(scheduler="", times=none, rates=none, now=None, agrees=None, missing="the function"),))[0]
    assert (card.title, card.missing, card.times.size) == (
        "Learning rate, from the optimizer's groups",
        "The function",
        0,
    )
    assert math.isnan(card.now)


@pytest.mark.parametrize(("rate", "text"), [(1e-4, "1.0e-4"), (0.012, "0.012"), (0.0, "0"), (6.8e-5, "6.8e-5")])
def test_rates_as_text(rate, text):
    assert rate_text(rate) == text


@pytest.mark.parametrize(("value", "text"), [(0.21, "0.21"), (0.018, "0.018"), (2e-6, "2e-6"), (2.34e-4, "2.3e-4")])
def test_values_of_bars_as_text(value, text):
    assert short_number(value) == text


def test_readiness_tells_what_is_missing_apart():
    parts = (ReadyPart(name="weights", present=True, text="weights yes"),
             ReadyPart(name="scaler", present=None, text="no scaler"),
             ReadyPart(name="RNG", present=False, text="RNG missing"))  # fmt: skip
    card = ready_card(Readiness(parts=parts, text="", exact=False, because="a", edit_by="b"))
    assert card.parts == (("weights yes", False), ("no scaler", False), ("RNG missing", True))
    assert card.says == "A. B"


def test_sparsity_names_dead_and_constant_channels():
    layer = PredictedSparsity(
        path="model.bn1", layer="bn1", silent=np.array([0.5, 1.0]), mean=0.75, dead=(1,), constant=(0, 1)
    )
    bars, condition = bars_of_sparsity((layer,))
    assert (bars[0].said, condition) == ("75.0% · 1 dead: 1 · 2 constant: 0, 1", layer.condition)
    assert bars_of_sparsity(()) == ((), "")


def test_values_are_a_tree_of_classes_arguments_and_state():
    held = {
        "epoch": 3,
        "args.__class__": "argparse.Namespace",
        "args.lr": 0.1,
        "args.names": ["a"],
        "code.a/b.py": "x\n\ty",
    }
    scene = tree_of(held)
    assert scene.paths == ("epoch", "args", "args.lr", "args.names", "code", "code.a/b.py")
    assert scene.kinds == ("int", "argparse.Namespace", "float", "list", "", "str")
    assert scene.texts == ("3", "", "0.1", "[a]", "", "x … (2 lines)")
    assert scene.parents.tolist() == [-1, -1, 1, 1, -1, 4]
    assert scene.codes == {5: "x\n\ty"}
    assert scene.labels[4:] == ("code", "a/b.py")
    assert tree_of(held, "LR").paths == ("args", "args.lr")
    assert tree_of(held, "namespace").paths == ("args",), "classes are found by name"
    assert tree_of({}).paths == ()


def test_a_group_that_the_file_comes_back_to_is_one_group():
    scene = tree_of({"a.x": 1, "b": 2, "a.y": 3})
    assert scene.paths == ("a", "a.x", "a.y", "b")


def test_too_many_values_are_counted():
    scene = tree_of({f"v.{index}": index for index in range(MAX_VALUES + 5)})
    assert (len(scene.paths), scene.left_out) == (MAX_VALUES + 1, 5)


def test_two_checkpoints_are_compared_from_the_earlier_to_the_later(tmp_path):
    first = {
        "a.weight": np.ones((4, 4), np.float32),
        "b.weight": np.ones(3, np.float32),
        "gone": np.ones(2, np.float32),
    }
    second = {
        "a.weight": np.full((4, 4), 1.5, np.float32),
        "b.weight": np.ones(3, np.float32),
        "new": np.ones(2, np.float32),
    }
    one, two = save(tmp_path / "1.safetensors", first), save(tmp_path / "2.safetensors", second)
    scene = compare.prepare(CompareAsk(path=str(two), other=str(one)), QUIET)
    assert [(row.label, row.value) for row in scene.tensors] == [("a.weight", "50.0%")]
    assert {(row.name, row.said) for row in scene.keys} == {("gone", "removed [2]"), ("new", "added [2]")}
    assert scene.title == "1.safetensors → 2.safetensors"
    body, arrays = encode(scene)
    assert decode(body, CompareScene, arrays) == scene
    assert compare.prepare(CompareAsk(path=str(two)), QUIET).problem
    same = compare.prepare(CompareAsk(path=str(two), other=str(two)), QUIET)
    assert same.summary == "the same file"


def test_changes_are_drawn_on_a_log_scale_of_their_own():
    ends = log_ends((1e-3, 1.0, math.nan, 0.0))
    assert ends == pytest.approx((-3.2, 0.0))
    assert log_share(1.0, ends) == 1.0
    assert log_share(1e-3, ends) == pytest.approx(0.2 / 3.2)
    assert [log_share(value, ends) for value in (0.0, math.nan, math.inf)] == [0.0, 0.0, 1.0]
    assert [change_text(value) for value in (0.123, 1e-5, 0.0, math.inf)] == ["12.3%", "1e-5", "0.0%", "from zero"]


@pytest.fixture(scope="module")
def sample_run():
    return scan([Path(resource("sample_run"))], QUIET)


def on_page(page: str, **more) -> ViewState:
    return ViewState(weights_page=page, **more)


def test_a_checkpoint_is_compared_with_the_one_before_and_any_other(sample_run):
    run_state = RunState(key=sample_run.key, paths=sample_run.paths)
    asked = compare_judge.ask(sample_run, run_state, on_page("compare"))
    assert asked.path.endswith(NEWEST)
    assert asked.other.endswith("step_0000780.pt")
    assert [name for _, name in asked.choices] == ["step_0000700.pt · epoch 140", "step_0000780.pt · epoch 156"]
    first = msgspec.structs.replace(run_state, cursor_step=0.0)
    assert compare_judge.ask(sample_run, first, on_page("compare")).other.endswith("step_0000780.pt")
    elsewhere = compare_judge.ask(sample_run, run_state, on_page("compare", compared_checkpoint="/other.pt"))
    assert (elsewhere.other, elsewhere.outside) == ("/other.pt", ("/other.pt",))
    assert compare_judge.ask(sample_run, run_state, on_page("tensors")) is None


def test_the_weights_of_the_sample_run_are_followed(sample_run):
    run_state = RunState(key=sample_run.key, paths=sample_run.paths)
    asked = trend_judge.ask(sample_run, run_state, on_page("compare"))
    scene = trend.prepare(asked, QUIET)
    assert scene.places == ("epoch 140", "epoch 156", "epoch 280")
    assert scene.cells.shape == (len(scene.layers), 3, 4)
    assert (scene.cells[:, 0, 3] == 0).all(), "the first checkpoint has none before it"
    assert np.nanmax(scene.changes) == pytest.approx(scene.high)
    body, arrays = encode(scene)
    assert decode(body, TrendScene, arrays).layers == scene.layers
    assert trend_judge.ask(sample_run, run_state, on_page("tensors")) is None


def test_the_sample_checkpoint_tells_its_state(sample_run):
    path = str(resource("sample_run") / NEWEST)
    scene = state.prepare(StateAsk(path=path, settings=dict(sample_run.settings.values)), QUIET)
    assert scene.flow.title == "Gradient flow, from Adam's second moments"
    assert len(scene.rates) == 1
    assert scene.rates[0].worrying, "the sample run writes over its scheduler"
    assert scene.ready.parts[0][0].startswith("weights yes")
    body, arrays = encode(scene)
    assert decode(body, StateScene, arrays).flow == scene.flow
    asked = state_judge.ask(sample_run, RunState(key=sample_run.key, paths=sample_run.paths), ViewState())
    beside = state.prepare(asked, QUIET).rates[0]
    assert asked.logs
    assert beside.recorded_times.size > 1
    assert beside.recorded_rates.max() > 0
    assert beside.unit == scene.rates[0].unit
    with pytest.raises(WorkCancelled):
        state.prepare(StateAsk(path=path), Pulse(cancelled=lambda: True))


def test_what_findings_decide_by_travels_with_what_is_asked(sample_run):
    """Where any rate is near enough to its plan, none is told to leave it."""
    entry = FileEntry(
        path="/r/thresholds.toml", name="thresholds.toml", bytes=1, modified_s=0.0,
        facts=SettingsFacts(container="toml", bytes=1, values={"rate_deviation": 1e9, "written_tolerance": 1e9}),
    )  # fmt: skip
    run = msgspec.structs.replace(sample_run, files=(*sample_run.files, entry))
    here = RunState(key=run.key, paths=run.paths), ViewState()
    asks = [judge.ask(run, *here) for judge in (state_judge, tensor_judge, curves_judge)]
    assert [one.thresholds.rate_deviation for one in asks] == [1e9] * 3
    assert asks[0].thresholds.unit_slack == DEFAULTS.unit_slack
    assert not state.prepare(asks[0], QUIET).rates[0].worrying


REAL = [
    path for path in sample_files("checkpoints/**/*") if path.suffix in (".pt", ".pth", ".tar", ".safetensors", ".ckpt")
]


@pytest.mark.samples
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_checkpoints_are_shown_on_every_page(path):
    try:
        made = opened(path).facts
    except InspectorError as error:
        assert path.name in str(error)
        return
    scene = weights.prepare(WeightsAsk(path=str(path), place=path.name), QUIET)
    assert {one.name for one in made.tensors} <= set(scene.tree.paths)
    encode(scene)
    card = tensor.prepare(TensorAsk(path=str(path)), QUIET)
    assert bool(card.facts) == bool(made.tensors)
    encode(card)
    encode(state.prepare(StateAsk(path=str(path)), QUIET))
    values = objects.prepare(ObjectsAsk(path=str(path)), QUIET)
    assert len(values.paths) >= min(len(made.objects), 1)
    encode(values)
