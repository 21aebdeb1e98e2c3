"""Parts of a batch and several processes make the gradient of the whole batch, and two processes resume exactly."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from inspector.formats.recipes.training import Train
from inspector.training.__main__ import main
from inspector.training.engine import Engine
from tests.training.runs import (
    TINY,
    arguments,
    call,
    differences,
    forked,
    last_content,
    resumed,
    run_record,
    timeless,
    values_by_step,
)

CPU = torch.device("cpu")
EDITS = {**TINY, "optim.accumulate": 2, "optim.ema_decay": 0.9, "train.checkpoint_steps": 7}


def work_of_one(parent, child):
    """What each of two processes does; 0 when all of it went well."""
    torch.set_num_threads(1)
    resume = ["resume", str(parent), "--from", "step_0000007", "-o", str(child), "--device", "cpu"]
    stages = (
        lambda: gradients_meet(2),
        lambda: gradients_meet(1, samples=1),
        lambda: main(["train", "slots", "-o", str(parent), "--device", "cpu", *arguments(EDITS)]),
        lambda: main(resume),
    )
    for number, stage in enumerate(stages):
        assert stage() == 0, number
    return 0


@pytest.fixture(scope="module")
def trained_by_two(tmp_path_factory):
    """A run of two processes and its resumed half; they meet as those that torchrun starts do."""
    folder = tmp_path_factory.mktemp("two")
    store = torch.distributed.TCPStore("127.0.0.1", 0, is_master=True, timeout=timedelta(seconds=120))
    shared = {
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port), "TORCHELASTIC_USE_AGENT_STORE": "True",
        "TORCHELASTIC_RUN_ID": "test", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0",
    }  # fmt: skip
    parent, child = folder / "parent", folder / "child"

    def of_rank(rank):
        os.environ.update(shared, RANK=str(rank), LOCAL_RANK=str(rank))
        return work_of_one(parent, child)

    says = [folder / "0.txt", folder / "1.txt"]
    started = [forked(partial(of_rank, rank), told, limit_s=120) for rank, told in enumerate(says)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in started]
    assert codes == [0, 0], [told.read_text()[-2000:] for told in says]
    return parent, child


def gradients_meet(count, samples=5):
    """Whether the gradients of a batch in parts are those of the whole batch by torch alone; 0 for yes."""
    torch.manual_seed(3)
    inputs, targets = torch.randn(samples, 4), torch.randn(samples, 2)
    model, plain = nn.Linear(4, 2), nn.Linear(4, 2)
    plain.load_state_dict(model.state_dict())
    (plain(inputs) - targets).square().mean().backward()
    engine = Engine(CPU, Train())
    wrapped = engine.wrapped(model)
    shares = []
    for part in engine.parts(np.arange(samples), count):
        with engine.alone(part):
            loss = (wrapped(inputs[part.indices]) - targets[part.indices]).square().mean()
            engine.backward(loss * part.factor)
        shares.append(part.share)
    assert engine.summed([sum(shares)]) == [pytest.approx(1.0)]
    torch.testing.assert_close(model.weight.grad, plain.weight.grad)
    torch.testing.assert_close(model.bias.grad, plain.bias.grad)
    return 0


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_parts_of_a_batch_add_up_to_it(count):
    gradients_meet(count)


def test_two_processes_train_one_run_and_resume_it_exactly(trained_by_two):
    """Before that, each of them has seen the gradients of batches that do not divide by two meet."""
    parent, child = trained_by_two
    assert run_record(parent).status == "finished"
    assert (run_record(parent).processes, run_record(child).processes) == (2, 2)
    assert "Note: processes" not in (child / "train.log").read_text()
    assert list(values_by_step(parent, "train/loss")) == list(range(1, 21))
    content = last_content(parent)
    (other,) = content["rng"]["others"]
    assert not torch.equal(other["torch"], content["rng"]["torch"])
    assert differences(content, last_content(child)) == []
    assert timeless(child, 7) == timeless(parent, 7)


def test_what_two_processes_trained_goes_on_in_one(trained_by_two, tmp_path):
    parent, _ = trained_by_two
    alone = resumed(parent, tmp_path / "alone", "--from", "step_0000007", "--epochs", "1")
    assert "Note: processes were 2 and are 1, so dropout and noise are drawn anew" in (alone / "train.log").read_text()
    assert run_record(alone).processes == 1
    _, said = call("plan", parent, "--device", "cpu", "--mode", "weights")
    assert "processes were 2 and are 1" in json.loads(said)["notes"]
    assert list(values_by_step(alone, "train/loss")) == list(range(8, 11))
