"""The plan of a resume and its dry run, and what is refused before launch."""

from __future__ import annotations

import json

import pytest
import torch

from inspector.training import checkpoint
from inspector.training.parents import read_record
from inspector.training.task import Losses, Phase
from inspector.training.trial import warnings_of
from tests.training import matrix
from tests.training.matrix import SAMPLES, MatrixTask, child_run, matrix_recipe, parent_run, words_of
from tests.training.runs import call, differences, last_content, timeless, values_by_step

AT_4 = ("--from", "step_0000004", "--device", "cpu")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A run with two optimizers that share a module."""
    with matrix_recipe():
        yield parent_run(tmp_path_factory.mktemp("two") / "run", "plateau", "two optimizers")


@pytest.fixture(autouse=True)
def _recipe():
    with matrix_recipe():
        yield


def planned(parent, *words):
    code, out = call("plan", parent, *AT_4, *words)
    assert code == 0
    return json.loads(out)


def refused(capsys, *words):
    code, _ = call(*words)
    assert code == 2
    return capsys.readouterr().err


def damaged(parent, folder, change):
    """A copy of a run whose checkpoint at step 4 is changed."""
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "run.json").write_bytes((parent / "run.json").read_bytes())
    content = checkpoint.load(parent / "checkpoints" / "step_0000004.pt")
    change(content)
    checkpoint.save(folder / "checkpoints" / "step_0000004.pt", content)
    return folder


def test_the_plan_says_what_each_edit_does_and_what_loads(two):
    facts = planned(two, "--set", "optim.lr=4e-4", "--set", "data.batch_size=6")
    assert [(edit["path"], edit["tags"]) for edit in facts["edits"]] == [
        ("optim.lr", ["takes effect"]), ("data.batch_size", ["changes data order"]),
    ]  # fmt: skip
    assert facts["tensors"] == {"loaded": 4, "of": 4, "left_out": []}
    assert facts["optimizers"] == ["left", "right"]
    assert facts["repeated_samples"] == 4
    assert any("epoch 2 starts over" in note for note in facts["notes"])
    assert set(facts["first_rates"]) == {"left.first", "left.second", "right.second"}
    assert facts["first_rates"]["right.second"] == facts["rates"]["right.second"][:10]
    assert facts["devices"][-1]["device"] == "cpu"
    assert facts["warnings"] == []


def test_a_dry_run_classes_gradients_and_takes_its_losses_on_the_same_samples(two, monkeypatch):
    monkeypatch.setattr(MatrixTask, "probe", lambda _self, _model, batch, _: {"balance/one": len(batch.indices)})
    monkeypatch.setitem(matrix.GROUPS, "two optimizers", {"left": ("first", "second"), "right": ("first",)})
    monkeypatch.setattr(
        MatrixTask, "losses",
        lambda _self, model, batch, _settings: Losses(
            {"square": (model["second"](torch.ones(len(batch.indices), 2)) + torch.rand(1)).square().mean()}
        ),
    )  # fmt: skip
    before = {path: path.stat().st_mtime_ns for path in two.rglob("*")}
    code, out = call("plan", two, *AT_4, "--mode", "weights", "--set", "schedule.epochs=40", "--dry-run")
    assert code == 0
    trial = json.loads(out)["trial"]
    assert trial["gradients"] == {"first": "none", "second": "fine", "total": "fine"}
    assert 0 < trial["loss_after"] < trial["loss_before"]
    assert trial["probe"] == {"balance/one": 4}
    assert (trial["samples"], trial["step_s"] > 0, trial["peak_bytes"] > 0) == (4, True, True)
    assert any(warning.startswith("first: no gradient") for warning in json.loads(out)["warnings"])
    assert {path: path.stat().st_mtime_ns for path in two.rglob("*")} == before
    code, out = call("resume", two, *AT_4, "--dry-run")
    assert code == 0
    for said in (
        "Loaded: 4 of 4 tensors",
        "First rates, left.first",
        "Gradient of first: nan (none)",
        "balance/one: 4",
    ):
        assert said in out


def test_a_module_that_waits_for_its_turn_is_not_warned_of(two, monkeypatch):
    monkeypatch.setattr(MatrixTask, "phase", lambda *_: Phase("right", ("right",)))
    facts = planned(two, "--dry-run")
    assert facts["trial"]["waiting"] == ["first"]
    assert set(facts["trial"]["gradients"]) == {"second", "total"}
    assert facts["warnings"] == []


def test_a_dry_run_for_which_there_is_too_little_memory_says_how_much(two, monkeypatch, capsys):
    def losses(*_):
        raise MemoryError("Unable to allocate 2.00 GiB for an array")

    monkeypatch.setattr(MatrixTask, "losses", losses)
    sentence = refused(capsys, "plan", two, *AT_4, "--dry-run")
    assert sentence.startswith("The machine's memory ran out: 2.1 GB more was asked for")
    assert "data.batch_size" in sentence


def test_what_a_trial_warns_of():
    fine = {"loss_before": 2.0, "loss_after": 1.0, "gradients": {"head": "fine", "total": "fine"}}
    assert warnings_of(fine) == []
    assert "raises the loss from 1 to 2" in warnings_of({**fine, "loss_before": 1.0, "loss_after": 2.0})[0]
    assert "not finite" in warnings_of({**fine, "loss_after": float("nan")})[0]
    odd = {**fine, "gradients": {"a": "zero", "b": "exploding", "c": "zero", "d": "vanishing"}}
    assert [warning.partition(":")[0] for warning in warnings_of(odd)] == ["a, c", "d", "b"]


def test_a_plateau_goes_on_with_best_counters_and_how_far_it_is_down(two, tmp_path):
    saved = last_content(two)["schedulers"]["left"]
    assert saved["class"] == "ReduceLROnPlateau"
    groups = last_content(two)["optimizers"]["left"]["param_groups"]
    assert saved["state"]["_last_lr"] == [group["lr"] for group in groups] == [5e-4, 2.5e-4]
    first = checkpoint.load(two / "checkpoints" / "step_0000004.pt")["schedulers"]["left"]["state"]
    assert (first["best"], first["num_bad_epochs"], first["last_epoch"]) == (1.0, 0, 1)
    child = child_run(two, tmp_path / "child", {}, "rescale")
    assert values_by_step(child, "lr/left.first")[6] == pytest.approx(1e-3, rel=1e-12)
    assert values_by_step(child, "lr/left.first")[7] == pytest.approx(5e-4, rel=1e-12)
    grandchild_words = ("--set", "schedule.epochs=6", "--set", "optim.lr=4e-4", "--set", "schedule.plateau_cooldown=2")
    code, _ = call("resume", child, "-o", tmp_path / "grandchild", "--device", "cpu", *grandchild_words)
    assert code == 0
    rates = values_by_step(tmp_path / "grandchild", "lr/left.first")
    # Three validations without a better loss: an eighth of the new base, and a cooldown that starts with the next fall.
    assert rates[13] == pytest.approx(4e-4 / 8, rel=1e-12)
    assert rates[16] == pytest.approx(4e-4 / 16, rel=1e-12)


def test_parameters_in_another_order_are_joined_by_name_and_told(two, tmp_path):
    def turned(content):
        group = content["optimizers"]["left"]["param_groups"][0]
        group["params"], group["param_names"] = group["params"][::-1], group["param_names"][::-1]

    facts = planned(damaged(two, tmp_path / "turned", turned))
    assert any("another order" in note for note in facts["notes"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda names: names.__setitem__(1, names[0]),
            "first.weight twice in optimizer left; use --mode new",
        ),
        (lambda names: names.pop(), "3 names for 4 parameters of optimizer left"),
    ],
)
def test_names_by_which_state_cannot_be_joined_are_refused(two, tmp_path, capsys, change, said):
    def changed(content):
        change(content["optimizers"]["left"]["param_groups"][0]["param_names"])

    copy = damaged(two, tmp_path / "copy", changed)
    assert said in refused(capsys, "plan", copy, *AT_4)
    assert call("plan", copy, *AT_4, "--mode", "new-optimizer")[0] == 0


def test_renamed_parameters_start_afresh_and_are_told(two, tmp_path):
    def renamed(content):
        content["optimizers"]["right"]["param_groups"][0]["param_names"][0] = "second.gain"

    notes = " ".join(planned(damaged(two, tmp_path / "renamed", renamed))["notes"])
    assert "right: second.weight" in notes
    assert "second.gain" in notes


def test_a_checkpoint_of_another_recipe_is_refused(two, tmp_path, capsys):
    copy = damaged(two, tmp_path / "copy", lambda content: content.update(recipe="slots"))
    assert read_record(copy).recipe == "matrix"
    assert "expected a checkpoint of matrix" in refused(capsys, "plan", copy, *AT_4)


def test_weights_that_do_not_fit_are_named_with_their_shapes(two, tmp_path, capsys):
    def misshapen(content):
        content["model"]["first.weight"] = torch.zeros(3, 2)
        content["model"]["third.weight"] = content["model"].pop("second.bias")

    copy = damaged(two, tmp_path / "copy", misshapen)
    sentence = refused(capsys, "plan", copy, *AT_4)
    assert "3 of its tensors do not fit" in sentence
    assert "first.weight is 3 x 2 there and 2 x 2 in the model" in sentence
    facts = planned(copy, "--mode", "weights")
    assert facts["tensors"] == {
        "loaded": 2, "of": 4,
        "left_out": [
            {"name": "first.weight", "saved": [3, 2], "own": [2, 2]},
            {"name": "second.bias", "saved": None, "own": [2]},
            {"name": "third.weight", "saved": [2], "own": None},
        ],
    }  # fmt: skip


def test_a_place_that_is_not_recorded_starts_the_epoch_over(two, tmp_path):
    facts = planned(damaged(two, tmp_path / "copy", lambda content: content["sampler"].pop("index")))
    assert facts["epoch"] == 1.0
    assert any("samples may come twice" in note for note in facts["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "exact", "--set", "optim.lr=1e-4"], "--mode exact takes no edits"),
        (["--mode", "weights", "--rate", "restart"], "no schedule to restart"),
        (["--epochs", "9"], "past the schedule's horizon of 4"),
        (
            ["--set", "schedule.family=inverse_sqrt", "--set", "schedule.warmup_epochs=0"],
            "warmup_epochs above 0",
        ),
        (["--set", "schedule.warmup=compound"], "choose multiply"),
        (["--set", "schedule.decay_factor=0"], "schedule.decay_factor"),
        (["--set", "schedule.milestones_epochs=[3,2]", "--set", "schedule.family=multistep"], "ascending"),
    ],
)
def test_a_resume_that_makes_no_sense_is_refused_in_a_sentence(two, capsys, words, said):
    assert said in refused(capsys, "plan", two, *AT_4, *words)


def test_a_compounding_run_resumes_to_the_rates_of_the_whole(tmp_path):
    edits = {"schedule.warmup": "compound", "schedule.warmup_epochs": 3.0, "optim.lr": 1e-4, "schedule.epochs": 5}
    code, _ = call("train", "matrix", "-o", tmp_path / "whole", "--device", "cpu", *words_of(edits))
    assert code == 0
    whole = values_by_step(tmp_path / "whole", "lr/first")
    assert whole[1] == pytest.approx(3.33e-5, rel=2e-3)
    per_epoch = SAMPLES // 4
    assert list(whole.values())[per_epoch] == pytest.approx(whole[1] * 2 / 3 * 0.9045, rel=1e-3)
    code, _ = call("resume", tmp_path / "whole", *AT_4, "-o", tmp_path / "child")
    assert code == 0
    assert values_by_step(tmp_path / "child", "lr/first") == {step: whole[step] for step in range(5, 16)}
    assert last_content(tmp_path / "child")["schedulers"]["main"]["class"] == "CosineAnnealingLR"


@pytest.mark.parametrize(
    "edits",
    [
        {"schedule.family": "plateau", **matrix.FAMILIES["plateau"], "schedule.plateau_cooldown": 1},
        {"schedule.family": "step", **matrix.FAMILIES["step"], "schedule.warmup": "compound"},
        {"schedule.family": "one_cycle", "optim.name": "sgd"},
    ],
)
def test_schedulers_and_momentum_resume_bit_for_bit_from_within_an_epoch(edits, tmp_path):
    every = {"model.layout": "two optimizers", "schedule.warmup_epochs": 1.5, **edits}
    code, _ = call("train", "matrix", "-o", tmp_path / "whole", "--device", "cpu", *words_of(every))
    assert code == 0
    child = child_run(tmp_path / "whole", tmp_path / "child", {}, "rescale")
    assert differences(last_content(tmp_path / "whole"), last_content(child)) == []
    assert timeless(child, 4) == timeless(tmp_path / "whole", 4)
