"""What a resume refuses, what it notes, and that every edit takes effect."""

from __future__ import annotations

import json

import pytest
import torch

from inspector.formats.recipes.catalogue import settings_of
from inspector.training import checkpoint
from inspector.training.build import built
from inspector.training.catalogue import trainable
from inspector.training.optimizer import join_state
from tests.training.runs import TINY, call, last_content, records, resumed, run_record, timeless, trained


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "optim.lrr=1"], "did you mean optim.lr"),
        (["--set", "optim.lr=quick"], "optim.lr takes a number"),
        (["--set", "optim.lr"], "PATH=VALUE"),
        (["--set", "model.slot_size=4", "--epochs", "1"], "--mode weights"),
        (["--epochs", "1"], "--set schedule.epochs=5"),
        (["--epochs", "0"], "whole number from 1"),
        ([], "reached its horizon of 4 epochs; add --set schedule.epochs="),
        (["--mode", "exact", "--set", "optim.lr=1e-4"], "--mode edits"),
        (["--mode", "exact", "--rate", "pin"], "--mode edits"),
        (["--from", "step_0000003"], "step_0000007.pt"),
        (["--rate", "sideways"], "invalid choice"),
        (["--set", "schedule.epochs=9", "--device", "cuda:7"], "--device cpu"),
        (["--set", "schedule.epochs=9", "--device", "abacus"], "not a device"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_sentence_and_exit_2(whole, tmp_path, capsys, words, said):
    code, out = call("resume", whole, "-o", tmp_path / "child", *words)
    error = capsys.readouterr().err
    assert code == 2
    assert out == ""
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "child").exists()


def test_a_folder_that_is_no_run_and_a_checkpoint_of_another_program_are_refused(tmp_path, whole, capsys):
    (tmp_path / "empty").mkdir()
    assert call("resume", tmp_path / "empty")[0] == 2
    assert "run.json" in capsys.readouterr().err
    assert call("resume", tmp_path / "nowhere")[0] == 2
    assert "no such folder" in capsys.readouterr().err
    foreign = tmp_path / "foreign.pt"
    torch.save({"model": {}, "epoch": 3}, foreign)
    assert call("resume", whole, "--from", foreign)[0] == 2
    assert "another program's" in capsys.readouterr().err
    torn = tmp_path / "torn.pt"
    torn.write_bytes((whole / "checkpoints/step_0000010.pt").read_bytes()[:5000])
    assert call("resume", whole, "--from", torn)[0] == 2
    assert "torn.pt" in capsys.readouterr().err


def test_a_taken_folder_is_refused_and_a_default_one_stands_beside_the_parent(tmp_path, capsys):
    parent = trained(tmp_path / "run", {}, "--epochs", "1")
    assert call("resume", parent, "-o", parent)[0] == 2
    assert "another folder with -o" in capsys.readouterr().err
    for name in ("run-resumed", "run-resumed-2"):
        code, out = call("resume", parent, "--epochs", "1", "--json")
        assert code == 0
        assert json.loads(out)["run"] == str(tmp_path / name)
        assert run_record(tmp_path / name).status == "finished"


def test_the_edits_are_written_with_their_reasons(whole, tmp_path):
    reasons = json.dumps({"optim.lr": ["the rate is too high", "rate-too-high"]})
    child = resumed(whole, tmp_path / "child", "--from", "step_0000010", "--set", "optim.lr=1e-4",
                    "--set", "loss.diversity_weight=0.01", "--rate", "pin", "--reasons", reasons)  # fmt: skip
    edits = {edit["path"]: edit for edit in json.loads((child / "edits.json").read_bytes())}
    assert edits["optim.lr"] == {
        "path": "optim.lr", "old": 1e-3, "new": 1e-4, "reason": "the rate is too high", "finding": "rate-too-high",
    }  # fmt: skip
    assert edits["schedule.family"]["new"] == "constant"
    assert edits["schedule.family"]["reason"] == "--rate pin"
    assert set(edits) == {"optim.lr", "loss.diversity_weight", "schedule.family", "schedule.warmup_epochs"}
    assert json.loads((child / "settings.json").read_bytes())["optim"]["lr"] == 1e-4
    assert any("loss_diversity" in key for record in records(child) for key in record)
    event = records(child)[0]
    assert (event["event"], event["step"], event["checkpoint"]) == ("resumed", 10, "step_0000010.pt")


def test_edited_hyper_parameters_reach_the_optimizer(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--from", "step_0000010", "--set", "optim.weight_decay=0.03",
                    "--set", "optim.beta1=0.8", "--set", "optim.eps=1e-6", "--set", "optim.name=adamw")  # fmt: skip
    group = last_content(child)["optimizers"]["main"]["param_groups"][0]
    assert (group["weight_decay"], group["betas"], group["eps"]) == (0.03, (0.8, 0.999), 1e-6)
    assert group["decoupled_weight_decay"] is True
    step = last_content(child)["optimizers"]["main"]["state"][0]["step"]
    assert step == 20


def test_state_is_joined_by_name_whatever_the_order(whole):
    saved = last_content(whole)["optimizers"]["main"]
    parts = built(trainable("slots"), settings_of("slots", edits=TINY), torch.device("cpu"))
    turned = {
        "state": {200 - number: state for number, state in saved["state"].items()},
        "param_groups": [
            {**group, "params": [200 - number for number in group["params"]][::-1],
             "param_names": group["param_names"][::-1]}
            for group in saved["param_groups"][::-1]
        ],
    }  # fmt: skip
    assert join_state(parts.optimizers["main"], turned) == []
    names = [name for group in saved["param_groups"] for name in group["param_names"]]
    joined = parts.optimizers["main"].state_dict()["state"]
    for number, name in enumerate(names):
        assert torch.equal(joined[number]["exp_avg"], saved["state"][number]["exp_avg"]), name


def test_state_of_another_shape_or_another_name_is_left_out_and_told(whole):
    saved = last_content(whole)["optimizers"]["main"]
    parts = built(trainable("slots"), settings_of("slots", edits={**TINY, "decoder.channels": 12}), torch.device("cpu"))
    saved["param_groups"][0]["param_names"][0] = "encoder.renamed"
    fresh = join_state(parts.optimizers["main"], saved)
    assert "encoder.convs.0.conv.weight" in fresh
    assert "decoder.mlp.0.weight" in fresh
    assert "slots.mu" not in fresh


def test_a_new_optimizer_keeps_weights_and_position_only(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--from", "step_0000010", "--mode", "new-optimizer")
    assert last_content(child)["optimizers"]["main"]["state"][0]["step"] == 10
    assert [record["step"] for record in timeless(child, 0) if "train/loss" in record] == list(range(11, 21))
    assert "warm-up" in (child / "train.log").read_text()


def test_weights_only_starts_at_step_one_and_tells_what_did_not_fit(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--mode", "weights", "--set", "decoder.channels=12", "--epochs", "1")
    assert [record["step"] for record in timeless(child, 0) if "train/loss" in record] == [1, 2, 3, 4, 5]
    assert "decoder.mlp.0.weight" in (child / "train.log").read_text()
    start = checkpoint.load(whole / "checkpoints/step_0000020.pt")["model"]["slots.mu"]
    other = last_content(child)["model"]["slots.mu"]
    assert torch.allclose(start, other, atol=0.05)


def test_a_new_batch_size_starts_the_epoch_over_and_says_so(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--from", "step_0000007", "--set", "data.batch_size=8")
    steps = [record["step"] for record in timeless(child, 7) if "train/loss" in record]
    assert steps == list(range(8, 8 + 3 * 3))
    assert "epoch 2 starts over" in (child / "train.log").read_text()
    at_boundary = resumed(whole, tmp_path / "other", "--from", "step_0000010", "--set", "data.batch_size=8")
    assert "starts over" not in (at_boundary / "train.log").read_text()


def test_more_epochs_end_there_and_leave_the_horizon(whole, tmp_path):
    child = resumed(whole, tmp_path / "child", "--set", "schedule.epochs=9", "--epochs", "2")
    record = run_record(child)
    assert record.status == "finished"
    assert record.reason == "Reached epoch 6; the schedule goes on to epoch 9"
    assert last_content(child)["epoch"] == 6


def test_a_checkpoint_file_can_be_named_itself(whole, tmp_path):
    child = resumed(whole / "checkpoints/step_0000014.pt", tmp_path / "child")
    assert run_record(child).parent.step == 14


def test_a_dry_run_tells_the_plan_and_writes_nothing(whole, tmp_path):
    before = sorted(path for path in whole.parent.rglob("*"))
    words = ["resume", whole, "--set", "schedule.epochs=6", "--set", "optim.lr=1e-4", "--dry-run", "--device", "cpu"]
    code, out = call(*words, "--json")
    plan = json.loads(out)
    assert code == 0
    assert plan["trial"]["loss_before"] > 0
    assert plan["trial"]["step_s"] > 0
    assert plan["edits"][0] == {
        "path": "optim.lr", "old": 1e-3, "new": 1e-4, "applies": "resume", "tags": ["takes effect"], "note": "",
    }  # fmt: skip
    assert (plan["step"], plan["last_epoch"], plan["steps"]) == (20, 6, list(range(21, 31)))
    assert sorted(path for path in whole.parent.rglob("*")) == before
    code, out = call(*words)
    assert "First rates" in out


def test_a_plan_is_asked_for_on_standard_input(whole, monkeypatch):
    import io
    import sys

    request = {"run": str(whole), "checkpoint": "step_0000010", "edits": {"optim.lr": 2e-4}, "rate": "pin", "epochs": 1}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(request).encode())))
    code, out = call("plan")
    plan = json.loads(out)
    assert code == 0
    assert plan["rates"]["encoder"] == [2e-4] * 5
    assert plan["devices"][-1]["device"] == "cpu"
    assert plan["parameters"] > 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"run": 3}')))
    assert call("plan")[0] == 2
