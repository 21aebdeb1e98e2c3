"""The bundled sample run goes wrong in the ways that it is there to show, and tells nothing of who made it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from inspector.analysis.schedules.recursions import overwritten_rate
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.core.resources import resource
from tests.display.dumps import oracle
from tests.training.runs import last_content, resumed, run_record, values_by_step

WARMUP_STEPS = 60


@pytest.fixture(scope="module")
def sample():
    return resource("sample_run")


def after_warmup(sample, tag):
    return np.array([value for step, value in values_by_step(sample, tag).items() if step > WARMUP_STEPS + 1000])


def test_it_is_small_and_whole(sample):
    assert sum(path.stat().st_size for path in sample.rglob("*") if path.is_file()) <= 5_000_000
    record = run_record(sample)
    assert record.status == "finished"
    assert {record.best, record.last} <= {path.name for path in (sample / "checkpoints").iterdir()}
    assert len(list((sample / "dumps").iterdir())) >= 2


def test_slots_do_not_separate_long_after_the_warm_up(sample):
    assert len(after_warmup(sample, "slots/mask_entropy")) >= 10
    assert after_warmup(sample, "slots/mask_entropy").min() > 0.98
    assert after_warmup(sample, "slots/cosine").min() > 0.9
    assert after_warmup(sample, "val/fg_ari").max() < 0.5


def test_channels_die(sample):
    newest = max((sample / "dumps").iterdir())
    with oracle(newest) as file:
        dead = {name: int((~file["stats"][name]["active_any"][()].astype(bool)).sum()) for name in file["stats"]}
    assert max(dead.values()) >= 5
    assert min(dead.values()) == 0


def test_the_recorded_rate_is_flat_while_the_scheduler_says_it_falls(sample):
    content = last_content(sample)
    scheduler, group = content["schedulers"]["main"], content["optimizers"]["main"]["param_groups"][0]
    base = content["settings"]["optim"]["lr"]
    assert scheduler["class"] == "CosineAnnealingLR"
    assert set(after_warmup(sample, "lr/encoder")) == {base}
    planned = closed_form(scheduler["class"], scheduler["state"], base, scheduler["state"]["last_epoch"])
    assert float(planned) < 0.5 * base
    trace = overwritten_rate(scheduler["class"], scheduler["state"], base, scheduler["state"]["last_epoch"])
    assert group["lr"] == pytest.approx(trace, rel=1e-12)


def test_training_goes_on_improving_while_validation_does_not(sample):
    train = np.array(list(values_by_step(sample, "train/loss").values()))
    validation = np.array(list(values_by_step(sample, "val/loss").values()))
    assert train[-100:].mean() < 0.9 * train[len(train) // 2 :][:100].mean()
    assert validation[-5:].mean() > 1.02 * validation.min()


def test_nothing_in_it_tells_of_the_machine(sample):
    record = run_record(sample)
    assert record.host == "sample"
    assert not any("/" in word for word in record.command)
    for name in ("run.json", "settings.json", "metrics.jsonl", "train.log"):
        text = (sample / name).read_text()
        assert "/tmp" not in text
        assert "/home" not in text
        assert "/work" not in text


def test_it_can_be_resumed_with_a_cure(sample, tmp_path):
    copy = tmp_path / "sample_run"
    shutil.copytree(sample, copy)
    child = resumed(copy, tmp_path / "child", "--set", "schedule.warmup=multiply", "--epochs", "1")
    assert values_by_step(child, "lr/encoder")[1401] < 3e-3
