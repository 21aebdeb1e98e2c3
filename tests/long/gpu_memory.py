"""Memory that really runs out: what is said, what is left, and that the run goes on in smaller parts or batches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import torch

from inspector.formats.settings import with_edits
from inspector.training import checkpoint, devices
from inspector.training.loop import Trainer
from inspector.training.slots.task import SlotsTask
from tests.long.gpu_place import Place, freed, on_cuda, resume, train
from tests.long.harness import Figures
from tests.training.runs import arguments, run_record, values_by_step

WIDE = {"data.image_size": 128, "decoder.channels": 512, "decoder.layers": 8, "model.slots": 11}
"""Few samples take much memory and little work."""

CELLS_PX = 4
"""A cell of the decoder is so many pixels wide."""

PLAIN_SAMPLES = 4
"""More at once are refused where the memory is not that of a GPU."""


def memory(place: Place) -> Figures:
    """A batch that fits in parts is taken at once from the second step on."""
    samples, parts = (_too_many(place), 16) if on_cuda(place) else (8, 4)
    batch = {
        **(WIDE if on_cuda(place) else {}),
        "optim.accumulate": parts,
        "data.batch_size": samples,
        "data.train_scenes": 2 * samples,
        "data.val_scenes": 2,
        "train.checkpoint_steps": 1,
        "train.dump_samples": 1,
        "train.stats_samples": 1,
    }
    with TemporaryDirectory() as folder, _limited(place):
        failed = Path(folder) / "failed"
        with _at_once(after=1):
            sentence = train(place, failed, "slots", batch, "--epochs", "1")
        freed(place)
        last = run_record(failed).last
        amounts = _checked(sentence, place, last)
        step = checkpoint.load(failed / "checkpoints" / str(last))["step"]
        assert step == 1, step
        assert run_record(failed).status == "failed"
        cures = _cures(samples, parts)
        for name, edits in cures.items():
            reason = resume(place, failed, Path(folder) / name, "--epochs", "1", *arguments(edits))
            assert not reason, (name, reason)
            assert values_by_step(Path(folder) / name, "train/loss"), name
            freed(place)
        return {"samples": samples, "sentence": sentence, **amounts, "parts": parts, "resumed": list(cures)}


def _too_many(place: Place) -> int:
    """Samples whose inner values of the decoder alone take more than twice the memory of the device."""
    (facts,) = (one for one in devices.facts() if one["device"] == place.device)
    cells = (WIDE["data.image_size"] // CELLS_PX) ** 2 * WIDE["model.slots"]
    kept_bytes = 4 * cells * WIDE["decoder.channels"] * WIDE["decoder.layers"]
    return int(2 * facts["total_bytes"] // kept_bytes) + 1


def _cures(samples: int, parts: int) -> dict[str, dict[str, Any]]:
    """The same batch in as many parts as before, in more, and a smaller batch at once."""
    return {
        "the same parts": {},
        "more parts": {"optim.accumulate": 2 * parts},
        "a smaller batch": {"data.batch_size": samples // parts, "optim.accumulate": 1, "train.checkpoint_steps": 16},
    }


def _checked(sentence: str, place: Place, last: str | None) -> dict[str, str]:
    """What was asked for and what was free, as the sentence says."""
    whose = f"The memory of {place.device}" if on_cuda(place) else "The machine's memory"
    found = re.match(rf"{whose} ran out: (.+) more was asked for, (.+) is free; raise optim.accumulate", sentence)
    assert found, sentence
    assert sentence.endswith(f"; the last whole checkpoint is {last}"), sentence
    return {"asked": found[1], "free": found[2]}


@contextmanager
def _at_once(after: int) -> Iterator[None]:
    """After so many steps the batch is no longer taken in parts."""
    step = Trainer._step

    def stepped(self: Trainer, order: Any) -> None:
        if self.position.step == after:
            self.settings = with_edits(self.settings, {"optim.accumulate": 1})
        step(self, order)

    with patch.object(Trainer, "_step", stepped):
        yield


@contextmanager
def _limited(place: Place) -> Iterator[None]:
    """Of a GPU its own memory; elsewhere more than a few samples at once ask for what no machine has."""
    plain = SlotsTask.losses

    def losses(self: SlotsTask, model: Any, batch: Any, settings: Any) -> Any:
        if len(batch.indices) > PLAIN_SAMPLES:
            torch.empty(10**15)
        return plain(self, model, batch, settings)

    with ExitStack() as stack:
        if not on_cuda(place):
            stack.enter_context(patch.object(SlotsTask, "losses", losses))
        yield
