"""What a run leaves behind: records, console text, checkpoints, answers to commands, and why it ended."""

from __future__ import annotations

import json
import math
import re

import jsonschema
import msgspec
import numpy as np
import pytest
import torch

from inspector.formats.checkpoint import COUNTERS, KEYS
from inspector.formats.recipes.slots import SlotsSettings
from inspector.training import catalogue, checkpoint
from inspector.training.control import Control
from inspector.training.slots import task
from inspector.training.task import Losses, Phase
from tests.training.runs import (
    TINY,
    arguments,
    call,
    events,
    last_content,
    records,
    run_record,
    trained,
    values_by_step,
)


def names(run):
    return sorted(path.name for path in (run / "checkpoints").iterdir())


def test_the_run_folder_holds_what_describes_a_run(whole):
    found = {path.name for path in whole.iterdir()}
    assert found == {"run.json", "settings.json", "settings.schema.json", "metrics.jsonl", "train.log", "checkpoints",
                     "dumps"}  # fmt: skip
    record = run_record(whole)
    assert (record.status, record.reason, record.recipe, record.device) == (
        "finished",
        "Reached epoch 4",
        "slots",
        "cpu",
    )
    assert record.last == "step_0000020.pt"
    assert record.best in names(whole)
    assert record.ended >= record.started
    settings = json.loads((whole / "settings.json").read_bytes())
    jsonschema.validate(settings, json.loads((whole / "settings.schema.json").read_bytes()))
    assert msgspec.convert(settings, SlotsSettings).data.image_size == 16


def test_every_step_is_recorded_with_the_metrics_of_the_contract(whole):
    steps = [record for record in records(whole) if "train/loss" in record]
    assert [record["step"] for record in steps] == list(range(1, 21))
    np.testing.assert_allclose([record["epoch"] for record in steps], np.arange(1, 21) / 5)
    assert all(record["time"] > 1.7e9 for record in steps)
    assert list(values_by_step(whole, "grad_norm/encoder")) == list(range(2, 21, 2))
    assert list(values_by_step(whole, "update_ratio/slots")) == list(range(3, 21, 3))
    assert list(values_by_step(whole, "val/loss")) == [5, 10, 15, 20]
    assert list(values_by_step(whole, "memory/peak_bytes")) == list(range(2, 21, 2))
    assert all(0 <= record["clip_fraction"] <= 1 and record["time/samples_per_s"] > 0 for record in steps)
    validation = next(record for record in records(whole) if "val/loss" in record)
    assert {
        "val/fg_ari", "val/ari", "val/fg_ari_attention", "slots/cosine", "slots/mask_entropy", "slots/active",
        "sparsity/encoder.conv1", "dead_channels/encoder.conv2",
    } <= set(validation)  # fmt: skip
    assert 0 <= validation["slots/mask_entropy"] <= 1
    assert 0 <= validation["sparsity/encoder.conv1"] <= 1
    assert 1 <= validation["slots/active"] <= 4


def test_the_update_ratio_is_that_of_the_update_as_made(tmp_path):
    run = trained(tmp_path / "run", {"train.checkpoint_steps": 1, "train.ratio_every": 2}, "--epochs", "1")
    before, after = (checkpoint.load(run / f"checkpoints/step_000000{step}.pt")["model"] for step in (1, 2))
    matrices = [name for name, tensor in before.items() if name.startswith("decoder.") and tensor.dim() > 1]
    moved = torch.cat([(after[name] - before[name]).flatten() for name in matrices])
    weights = torch.cat([before[name].flatten() for name in matrices])
    assert values_by_step(run, "update_ratio/decoder")[2] == pytest.approx(float(moved.std() / weights.std()), rel=1e-4)


def test_console_lines_tell_epoch_step_and_loss(whole):
    lines = (whole / "train.log").read_text().splitlines()
    losses = values_by_step(whole, "train/loss")
    pattern = r"Epoch (\d+)/4 \| Step (\d+) \| Loss=([\d.]+) \| LR=\S+ \| \d+ scenes/s \| ETA=\d+:\d\d:\d\d"
    told = [re.fullmatch(pattern, line) for line in lines]
    found = {int(match[2]): (int(match[1]), float(match[3])) for match in told if match}
    assert set(found) == {4, 8, 12, 16, 20}
    assert all(abs(loss - losses[step]) < 1e-4 and epoch == -(-step // 5) for step, (epoch, loss) in found.items())
    assert any("ValLoss=" in line and "FG-ARI=" in line for line in lines)
    assert lines[-1] == "Reached epoch 4"


def test_a_checkpoint_is_tensors_and_plain_values_that_torch_reads_safely(whole):
    content = torch.load(whole / "checkpoints/step_0000007.pt", weights_only=True)
    assert tuple(content) == (*KEYS, COUNTERS)
    assert (content["step"], content["epoch"], content["recipe"]) == (7, 1.4, "slots")
    assert content["sampler"] == {"epoch": 1, "index": 2, "seed": 0, "samples": 19, "batch_size": 4}
    group = content["optimizers"]["main"]["param_groups"][0]
    assert group["name"] == "encoder"
    assert group["param_names"][0] == "encoder.convs.0.conv.weight"
    assert all(name in content["model"] for name in group["param_names"])


def test_old_checkpoints_go_and_best_and_last_stay(tmp_path):
    run = trained(tmp_path / "run", {"train.checkpoint_every": 1, "train.keep_checkpoints": 2})
    record = run_record(run)
    assert set(names(run)) == {"step_0000015.pt", "step_0000020.pt", record.best, record.last}
    losses = values_by_step(run, "val/loss")
    best = min(losses, key=lambda step: losses[step])
    assert record.best == f"step_{best:07d}.pt"


def test_a_run_that_no_longer_improves_stops_early(tmp_path, monkeypatch):
    worse = iter(range(1, 99))
    real = task.SlotsTask.validate
    monkeypatch.setattr(task.SlotsTask, "validate", lambda *given: {**real(*given), "val/loss": float(next(worse))})
    run = trained(tmp_path / "run", {"train.early_stop": True, "train.patience": 2})
    assert run_record(run).reason == "No better validation loss for 2 validations"
    assert run_record(run).best == "step_0000005.pt"
    assert last_content(run)["step"] == 15
    assert last_content(run)["best"] == {"metric": "val/loss", "value": 1.0, "step": 5, "waited": 2}


def test_a_loss_that_is_not_finite_is_recorded_and_ends_the_run(tmp_path, monkeypatch, capsys):
    real = task.SlotsTask.losses

    def losses(*given):
        return Losses({name: term * float("nan") for name, term in real(*given).terms.items()})

    monkeypatch.setattr(task.SlotsTask, "losses", losses)
    edits = {**TINY, "data.train_scenes": 100}
    code, _ = call("train", "slots", "-o", tmp_path / "run", "--device", "cpu", *arguments(edits))
    assert code == 3
    assert "not been finite since step 1" in capsys.readouterr().err
    record = run_record(tmp_path / "run")
    assert record.status == "failed"
    assert "lower optim.lr" in record.reason
    assert len(values_by_step(tmp_path / "run", "train/loss")) == 20
    assert b'"train/loss":"NaN"' in (tmp_path / "run/metrics.jsonl").read_bytes()


def commanded(tmp_path, *commands):
    """A run that finds commands in its folder from the start."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "control.jsonl").write_text("".join(f"{json.dumps(command)}\n" for command in commands))
    return trained(run, {"loss.diversity_weight": 0.5})


def test_commands_are_answered_by_events(tmp_path):
    run = commanded(
        tmp_path,
        {"command": "checkpoint"},
        {"command": "pause"},
        {"command": "continue"},
        {"command": "edit", "path": "loss.diversity_weight", "value": 0.0},
        {"command": "edit", "path": "optim.lr", "value": 1.0},
        {"command": "dance"},
        ["no command"],
    )
    answered = [(event["event"], event.get("command"), event["step"]) for event in events(run)]
    assert answered == [
        ("checkpoint", None, 0), ("paused", None, 0), ("continued", None, 0), ("edited", None, 0),
        ("refused", "edit", 0), ("refused", "dance", 0), ("refused", "", 0),
    ]  # fmt: skip
    assert "train/loss_diversity" not in records(run)[8]
    assert json.loads((run / "settings.json").read_bytes())["loss"]["diversity_weight"] == 0.0
    assert "step_0000000.pt" in names(run)


class TwoTurns(task.SlotsTask):
    """Every second step trains the decoder alone, and one of two terms is not seen then."""

    def groups(self):
        return {"all": ("encoder", "slots", "decoder"), "paint": ("decoder",)}

    def phase(self, step, settings):
        return Phase("paint", ("paint",)) if step % 2 else Phase("all", ("all",))

    def losses(self, model, batch, settings):
        terms = super().losses(model, batch, settings).terms
        if batch.step % 2:
            wanted = {id(weight) for weight in self.model.decoder.parameters()}
            for weight in self.model.parameters():
                weight.requires_grad_(id(weight) in wanted)
            return Losses(terms, measures={"samples": torch.tensor(len(batch.indices))})
        self.model.requires_grad_()
        size = sum(weight.square().sum() for weight in self.model.decoder.parameters())
        return Losses({**terms, "size": size}, {"size": 0.5})


def test_turns_of_two_optimizers_are_recorded_with_their_terms_and_missing_gradients(tmp_path, monkeypatch):
    monkeypatch.setitem(catalogue.TASKS, "slots", f"{__name__}:TwoTurns")
    run = trained(tmp_path / "run", {"train.norm_every": 1, "optim.clip_norm": 1e-6}, "--epochs", "1")
    steps = [record for record in records(run) if "train/loss" in record]
    assert [record["phase"] for record in steps] == ["all", "paint", "all", "paint", "all"]
    first, second = steps[:2]
    assert first["train/loss_size_weighted"] == 0.5 * first["train/loss_size"]
    assert first["train/loss"] == pytest.approx(first["train/loss_reconstruction"] + first["train/loss_size_weighted"])
    assert "train/loss_size" not in second
    assert second["train/samples"] == 4
    assert first["grad_norm/encoder"] > 0
    assert math.isnan(second["grad_norm/encoder"])
    assert second["grad_norm/total"] == pytest.approx(second["grad_norm/decoder"])
    assert first["clip_fraction"] == 1
    assert {"lr/all.encoder", "lr/paint.decoder"} <= set(first)
    content = last_content(run)
    assert set(content["optimizers"]) == set(content["schedulers"]) == {"all", "paint"}
    assert {float(state["step"]) for state in content["optimizers"]["paint"]["state"].values()} == {2}


def test_a_stop_command_leaves_a_last_checkpoint(tmp_path):
    run = commanded(tmp_path, {"command": "stop"})
    record = run_record(run)
    assert (record.status, record.reason) == ("stopped", "Stopped by command after step 0")
    assert record.last == "step_0000000.pt"
    assert [event["event"] for event in events(run)] == ["stopped"]


def test_control_reads_whole_lines_once(tmp_path):
    path = tmp_path / "control.jsonl"
    control = Control(path)
    assert control.commands() == []
    path.write_bytes(b'{"command": "stop"}\n{"comm')
    assert control.commands() == [{"command": "stop"}]
    assert control.commands() == []
    with path.open("ab") as stream:
        stream.write(b'and": "pause"}\nnonsense\n')
    assert control.commands() == [{"command": "pause"}, {"command": ""}]


def test_the_loss_falls(tmp_path):
    run = trained(tmp_path / "run", {"data.train_scenes": 120, "optim.lr": 5e-3})
    losses = list(values_by_step(run, "train/loss").values())
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:10])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "boxes", "-o", "x"], "boxes is not a recipe"),
        (["train", "slots"], "-o"),
        (["train", "slots", "-o", "x", "--preset", "magic"], "magic is not a preset"),
        (["train", "slots", "-o", "x", "--model-size", "huge"], "huge is not a size"),
        (["train", "slots", "-o", "x", "--set", "data.subset=3"], "data.subset"),
        (["train", "slots", "-o", "x", "--epochs", "99"], "schedule.epochs=99"),
        (["fly"], "invalid choice"),
    ],
)
def test_a_train_command_that_makes_no_sense_is_one_sentence(tmp_path, monkeypatch, capsys, words, said):
    monkeypatch.chdir(tmp_path)
    assert call(*words)[0] == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_sizes_and_presets_reach_the_run(tmp_path):
    run = trained(tmp_path / "run", {}, "--preset", "overwriting_warmup,dying_relu", "--epochs", "1")
    content = last_content(run)
    assert content["settings"]["schedule"]["warmup"] == "overwrite"
    assert content["schedulers"]["main"]["class"] == "CosineAnnealingLR"
