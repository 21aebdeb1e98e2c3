"""Faults of logged gradients and steps, of the range of a rate, and where a run was resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from inspector.formats.metrics import encode_record
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import EDITS_FILE, METRICS_FILE, RUN_FILE, Edit, Parent, RunRecord
from tests.diagnosis.corpus.draws import Array, Draw, Planted, falling, fault, write_log, write_settings

_MODULES = ("encoder", "slots", "decoder")


def _loss(draw: Draw) -> dict[str, Array]:
    return {"train/loss": draw.noisy(falling(draw, 0.4, 0.05, 4))}


def norms(draw: Draw) -> dict[str, Array]:
    """Norms of three modules and the whole, as they scatter in a run that goes well."""
    found = {f"grad_norm/{name}": draw.orders(0.05, 0.6) * _scatter(draw) for name in _MODULES}
    return {**found, "grad_norm/total": np.sqrt(sum(one**2 for one in found.values()))}


def _scatter(draw: Draw, spread: float = 0.4) -> Array:
    return np.exp(draw.random.normal(0, spread, draw.epochs))


def _vanishing(folder: Path, draw: Draw) -> None:
    curves = norms(draw)
    since = draw.whole(draw.epochs // 4, draw.epochs // 2)
    curves["grad_norm/encoder"][since:] *= draw.orders(1e-9, 1e-6)
    write_log(folder, draw, {**_loss(draw), **curves}, recipe="slots")


def _exploding(folder: Path, draw: Draw) -> None:
    curves = norms(draw)
    places = draw.random.permutation(np.arange(draw.epochs // 3, draw.epochs))[: draw.whole(1, 3)]
    curves["grad_norm/total"][places] *= draw.orders(1500, 1e5)
    write_log(folder, draw, {**_loss(draw), **curves}, recipe="slots", edits={"optim.clip_norm": None})


def _ratios(draw: Draw, size: float) -> dict[str, Array]:
    return {f"update_ratio/{name}": size * _scatter(draw) for name in _MODULES}


def _long(folder: Path, draw: Draw) -> None:
    write_log(folder, draw, {**_loss(draw), **_ratios(draw, draw.orders(0.2, 1.0))}, recipe="slots")


def _short(folder: Path, draw: Draw) -> None:
    write_log(folder, draw, {**_loss(draw), **_ratios(draw, draw.orders(1e-7, 1e-5))}, recipe="slots")


def _clipped(folder: Path, draw: Draw) -> None:
    """All steps are clipped, to a tenth and less of their length."""
    clip = draw.orders(0.01, 0.1)
    curves = norms(draw)
    curves["grad_norm/total"] = clip * draw.orders(8, 40) * _scatter(draw, 0.2)
    write_log(folder, draw, {**_loss(draw), **curves}, recipe="slots", edits={"optim.clip_norm": clip})


def _high(folder: Path, draw: Draw) -> None:
    write_log(folder, draw, _loss(draw), recipe="slots", edits={"optim.lr": draw.orders(0.02, 1.0)})


def _low(folder: Path, draw: Draw) -> None:
    write_log(folder, draw, _loss(draw), recipe="slots", edits={"optim.lr": draw.orders(1e-10, 5e-8)})


def _unwise(folder: Path, draw: Draw) -> None:
    """A run that hardly began: no clipping, or a warm-up as long as half of the schedule."""
    ways = {"optim.clip_norm": None}, {"schedule.warmup_epochs": 20.0}
    chosen = ways[draw.whole(0, 1)]
    write_settings(folder, draw, "slots", "", {"schedule.epochs": 40, **chosen})
    count = draw.whole(2, 30)
    _steps(folder, [(step, _falling_loss(draw, step)) for step in range(1, count)], draw.steps_per_epoch)


def _steps(folder: Path, losses: list[tuple[int, float]], per_epoch: int) -> None:
    records = [encode_record({"step": step, "epoch": step / per_epoch, "train/loss": loss}) for step, loss in losses]
    (folder / METRICS_FILE).write_bytes(b"\n".join(records) + b"\n")


def _falling_loss(draw: Draw, step: int) -> float:
    return float((0.2 + 0.8 * np.exp(-step / 300)) * (1 + draw.noise * draw.random.normal()))


def _jump(folder: Path, draw: Draw) -> None:
    """Steps go back a little, and the loss begins 1.35 to 3 times as high."""
    end, back = draw.whole(300, 500), draw.whole(20, 100)
    factor = draw.orders(1.35, 3)
    first = [(step, _falling_loss(draw, step)) for step in range(1, end)]
    again = [(step, factor * _falling_loss(draw, step)) for step in range(end - back, end + 300)]
    _steps(folder, first + again, draw.steps_per_epoch)


def write_resumed(folder: Path, draw: Draw) -> None:
    """A resume that goes on where it was."""
    end, back = draw.whole(300, 500), draw.whole(20, 100)
    steps = [*range(1, end), *range(end - back, end + 300)]
    _steps(folder, [(step, _falling_loss(draw, step)) for step in steps], draw.steps_per_epoch)


def _two(folder: Path, draw: Draw) -> None:
    lengths = draw.whole(100, 400), draw.whole(100, 400)
    losses = [(step, _falling_loss(draw, step)) for length in lengths for step in range(1, length)]
    _steps(folder, losses, draw.steps_per_epoch)


def _lost_edit(folder: Path, draw: Draw) -> None:
    """The rate was edited for the resume, and what is logged goes on as before."""
    old, factor = 1e-3, draw.orders(0.1, 0.5)
    late = replace(draw, epochs=40, steps_per_epoch=125)
    write_settings(folder, late, "slots", "", {"optim.lr": old * factor, "schedule.warmup_epochs": 0.0})
    at = draw.whole(500, 3000)
    of = Parent(id="p", path=str(folder / "gone"), checkpoint="x.pt", sha256="", step=at, epoch=at / 125)
    known = {"id": "c", "name": "c", "recipe": "slots", "seed": 0, "host": "h", "started": 1.0, "status": "finished"}
    (folder / RUN_FILE).write_bytes(to_json(RunRecord(**known, parent=of, samples=125 * 32)))
    (folder / EDITS_FILE).write_bytes(msgspec.json.encode([Edit(path="optim.lr", old=old, new=old * factor)]))
    records = [
        {"step": step, "epoch": step / 125, "lr/encoder": old * (1 + float(np.cos(np.pi * (step - 1) / 5000))) / 2}
        for step in range(at + 1, at + 101)
    ]
    (folder / METRICS_FILE).write_bytes(b"\n".join(map(encode_record, records)) + b"\n")


def write_healthy(folder: Path, draw: Draw) -> None:
    """Norms, ratios and a share of clipped steps as they are in a run that goes well."""
    curves = {**_loss(draw), **norms(draw), **_ratios(draw, draw.orders(5e-4, 5e-3))}
    write_log(folder, draw, curves, recipe="slots")


LONG_LOG = (30, 60)

GRADIENTS: tuple[Planted, ...] = (
    fault("vanishing-gradient", _vanishing, epochs=LONG_LOG, own_record=True),
    fault("exploding-gradient", _exploding, epochs=LONG_LOG, own_record=True),
    fault("updates-long", _long, own_record=True),
    fault("updates-short", _short, own_record=True),
    fault("clip-saturation", _clipped, own_record=True),
    fault("rate-high", _high, own_record=True),
    fault("rate-low", _low, own_record=True),
    fault("settings-look", _unwise, own_record=True),
    fault("resume-loss-jump", _jump, own_record=True),
    fault("resume-rate", _lost_edit, own_record=True),
    fault("two-trainings", _two, own_record=True),
)
