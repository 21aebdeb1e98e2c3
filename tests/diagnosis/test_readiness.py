"""What a resume would find in a checkpoint, and who owns the learning rate then."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.diagnosis.checkpoint_values import Readiness
from inspector.diagnosis.checkpoints.readiness import readiness

torch = pytest.importorskip("torch")
nn = torch.nn
L = torch.optim.lr_scheduler


def _made(steps: int = 3, *, overwrite: bool = False, scheduled: bool = True) -> tuple[Any, Any, Any]:
    model = nn.Linear(4, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = L.CosineAnnealingLR(optimizer, 10) if scheduled else None
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.ones(1, 4)).sum().backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    if overwrite:
        optimizer.param_groups[0]["lr"] = 1e-3
    return model, optimizer, scheduler


def _ready(path: Path, **content: Any) -> Readiness:
    torch.save(content, path)
    return readiness(opened(path).facts)


def _present(found: Readiness) -> dict[str, bool | None]:
    return {one.name: one.present for one in found.parts}


def test_a_whole_training_state_is_ready_and_its_loader_owns_the_rate(tmp_path: Path) -> None:
    model, optimizer, scheduler = _made()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scaler = torch.amp.GradScaler("cpu", enabled=True).state_dict()
    generators = {"torch": torch.get_rng_state(), "cuda": [torch.zeros(16, dtype=torch.uint8)]}
    generators.update(numpy=np.random.get_state(), python=random.getstate())  # noqa: NPY002 - as most programs save it
    found = _ready(
        tmp_path / "a.pt",
        model=model.state_dict(),
        optimizer=optimizer.state_dict(),
        lr_scheduler=scheduler.state_dict(),
        scaler=scaler,
        rng=generators,
        sampler={"epoch": 3, "index": 17},
        epoch=3,
        global_step=120,
        best_loss=0.25,
    )
    assert found.exact
    assert "the usual resume restores both" in found.because
    assert "an edited option is ignored" in found.edit_by
    assert found.text == (
        "weights yes · optimizer yes · scheduler yes (CosineAnnealingLR) · scaler yes"
        " · RNG torch, CUDA, numpy and Python · sampler position yes · epoch 3 and step 120 · best so far yes"
    )
    assert _present(found)["EMA"] is None


def test_what_is_missing_is_said_in_words(tmp_path: Path) -> None:
    model, optimizer, _ = _made()
    found = _ready(tmp_path / "a.pt", model=model.state_dict(), optimizer=optimizer.state_dict(), epoch=3)
    assert not found.exact
    assert found.text == (
        "weights yes · optimizer yes · scheduler missing, although there was one: its schedule starts over"
        " · RNG missing: shuffling, noise and dropout take another course"
        " · sampler position missing: the epoch starts over · epoch 3"
    )
    assert "a scheduler that is not saved" in found.because


def test_without_a_scheduler_the_loop_owns_the_rate(tmp_path: Path) -> None:
    model, optimizer, _ = _made(scheduled=False)
    found = _ready(tmp_path / "a.pt", model=model.state_dict(), optimizer=optimizer.state_dict())
    assert "none was ever attached" in found.because
    assert _present(found)["scheduler"] is None


def test_a_rate_that_the_scheduler_did_not_set_is_the_loops(tmp_path: Path) -> None:
    model, optimizer, scheduler = _made(overwrite=True)
    found = _ready(
        tmp_path / "a.pt", model=model.state_dict(), optimizer=optimizer.state_dict(), scheduler=scheduler.state_dict()
    )
    assert "group 0 holds 0.001, which its scheduler did not set" in found.because


def test_weights_alone_are_a_new_start(tmp_path: Path) -> None:
    found = _ready(tmp_path / "a.pt", **nn.Linear(4, 2).state_dict())
    assert "a new start from these weights" in found.because
    assert _present(found)["weights"] is True
    assert _present(found)["optimizer"] is False
    assert "optimizer missing: its moments start at zero" in found.text


def test_lightning_restores_what_it_saved(tmp_path: Path) -> None:
    model, optimizer, scheduler = _made()
    found = _ready(
        tmp_path / "a.ckpt",
        state_dict=model.state_dict(),
        optimizer_states=[optimizer.state_dict()],
        lr_schedulers=[scheduler.state_dict()],
        epoch=3,
        global_step=9,
        **{"pytorch-lightning_version": "2.1.1"},
    )
    assert "Lightning restores both" in found.because
    assert _present(found)["epoch and step"] is True


def test_an_average_without_the_weights_is_said(tmp_path: Path) -> None:
    found = _ready(tmp_path / "a.pt", ema={"w": torch.ones(2)}, epoch=1)
    assert "weights missing: only their average is here" in found.text
    assert _present(found)["EMA"] is True


def test_our_own_run_follows_its_settings() -> None:
    sample = max((Path(__file__).parents[2] / "resources" / "sample_run" / "checkpoints").glob("step_*.pt"))
    found = readiness(opened(sample).facts)
    assert "builds the schedule anew from the settings" in found.because
    assert found.exact
    assert "RNG torch, numpy and Python" in found.text


def test_settings_that_speak_of_seeds_and_samplers_are_no_state(tmp_path: Path) -> None:
    model, optimizer, _ = _made()
    arguments = {"rng_seed": 3, "sampler": "random", "best_metric": "acc", "scaler": "minmax"}
    found = _ready(tmp_path / "a.pt", model=model.state_dict(), optimizer=optimizer.state_dict(), args=arguments)
    present = _present(found)
    assert (present["RNG"], present["sampler position"], present["scaler"], present["best"]) == (
        False,
        False,
        None,
        None,
    )


def _opened_ready(path: Path) -> Readiness:
    checkpoint = opened(path)
    return readiness(checkpoint.facts, checkpoint.without_elements())


def test_a_file_that_is_cut_off_says_which_parts_have_lost_their_numbers(tmp_path: Path) -> None:
    model = nn.Sequential(*(nn.Linear(64, 64) for _ in range(5)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.ones(1, 64)).sum().backward()
    optimizer.step()
    whole, cut = tmp_path / "whole.pt", tmp_path / "cut.pt"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, whole)
    ready = _opened_ready(whole)
    assert _present(ready)["weights"] is True
    assert _present(ready)["optimizer"] is True
    # Three and a half of the model's five layers, as torch writes its storages in the order of the pickle.
    data = whole.read_bytes()
    first, last = (data.index(model[number].weight.detach().numpy().tobytes()) for number in (0, 3))
    assert first < last
    cut.write_bytes(data[: last + 100])
    ready = _opened_ready(cut)
    assert _present(ready)["weights"] is False
    assert _present(ready)["optimizer"] is False
    assert not ready.exact
    assert "weights incomplete: 4 of 10 tensors have no bytes" in ready.text
    assert "optimizer incomplete: 30 of 30 tensors have no bytes" in ready.text


def test_tensors_that_were_saved_without_numbers_are_no_weights_to_go_on_from(tmp_path: Path) -> None:
    torch.save(nn.Linear(4, 2, device="meta").state_dict(), tmp_path / "a.pt")
    assert "weights incomplete: 2 of 2 tensors have no bytes" in _opened_ready(tmp_path / "a.pt").text


def test_tensors_of_a_shard_that_is_missing_are_counted(tmp_path: Path) -> None:
    torch.save({"a.weight": torch.ones(2)}, tmp_path / "pytorch_model-00001-of-00002.bin")
    shards = {"a.weight": 1, "b.weight": 2, "b.bias": 2}
    names = {name: f"pytorch_model-{number:05}-of-00002.bin" for name, number in shards.items()}
    index = tmp_path / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": names}))
    assert "weights incomplete: 2 of 3 tensors have no bytes" in _opened_ready(index).text
