"""The training loop: steps, epochs, what is recorded when, and how it ends."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import torch
from torch import nn

from inspector.core.arrays import IntArray
from inspector.core.errors import SettingsError
from inspector.formats.checkpoint import KEYS, SCHEMA, checkpoint_name
from inspector.formats.dump import dump_name
from inspector.formats.recipes.recipe import steps_per_epoch
from inspector.formats.run_folder import CHECKPOINT_FOLDER, CONTROL_FILE
from inspector.training import checkpoint, randomness
from inspector.training.control import Control, StopFlag, live_edit
from inspector.training.folder import RunFolder
from inspector.training.norms import gradient_norms, matrices, update_ratios
from inspector.training.order import epoch_order
from inspector.training.rates import Rates
from inspector.training.task import Batch, Task

_NOT_FINITE_STEPS = 20
"""A run ends after so many steps in a row without a finite loss."""

_PAUSE_S = 0.1


class Diverged(Exception):  # noqa: N818 - an end of the run, told as its reason
    """The loss has not been finite for too long."""


@dataclass(slots=True)
class Position:
    """Where training stands: optimizer steps, whole epochs, and batches done of the epoch after them."""

    step: int = 0
    epoch: int = 0
    index: int = 0


@dataclass(slots=True)
class Best:
    """The best validation so far, and how many came after it without a better one."""

    loss: float | None = None
    step: int | None = None
    waited: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended: its status, and one sentence why."""

    status: str
    reason: str


@dataclass
class Trainer:
    """One run being trained.

    Attributes:
        last_epoch: where this run ends, at most the schedule's horizon.
        metrics: the newest value of each metric, as the checkpoint keeps them.
    """

    recipe: str
    settings: Any
    task: Task
    optimizers: dict[str, torch.optim.Optimizer]
    rates: Rates
    folder: RunFolder
    stop: StopFlag
    last_epoch: int
    position: Position = field(default_factory=Position)
    best: Best = field(default_factory=Best)
    metrics: dict[str, float] = field(default_factory=dict)
    _regular: list[str] = field(default_factory=list)
    _not_finite_since: int | None = None
    _paused: bool = False

    def __post_init__(self) -> None:
        self._steps_per_epoch = steps_per_epoch(self.task.samples, self.settings.data.batch_size)
        self._parameters = list(
            {
                weight: None
                for optimizer in self.optimizers.values()
                for group in optimizer.param_groups
                for weight in group["params"]
            }
        )
        self._control = Control(self.folder.path / CONTROL_FILE)

    @property
    def epochs_done(self) -> float:
        """Epochs done, with the fraction of the current one."""
        return self.position.epoch + self.position.index / self._steps_per_epoch

    def run(self) -> End:
        """Train until the last epoch, or until asked or forced to stop.

        Raises:
            OSError: a file could not be written.
        """
        self.task.model.train()
        while self.position.epoch < self.last_epoch:
            order = epoch_order(self.settings.train.seed, self.position.epoch, self.task.samples)
            while self.position.index < self._steps_per_epoch:
                asked = self._asked_to_stop()
                if asked:
                    self._save(regular=False)
                    self._happened("stopped", reason=asked)
                    return End("stopped", f"Stopped by {asked} after step {self.position.step}")
                try:
                    self._step(order)
                except Diverged as error:
                    self._happened("diverged")
                    return End("failed", str(error))
            patience_is_over = self._end_epoch()
            if patience_is_over:
                return End("finished", f"No better validation loss for {self.best.waited} validations")
        horizon = self.settings.schedule.epochs
        rest = f"; the schedule goes on to epoch {horizon}" if horizon > self.last_epoch else ""
        return End("finished", f"Reached epoch {self.last_epoch}{rest}")

    def _step(self, order: IntArray) -> None:
        began = time.perf_counter()
        settings, position = self.settings, self.position
        train, batch = settings.train, settings.data.batch_size
        indices = order[position.index * batch : (position.index + 1) * batch]
        losses = self.task.losses(self.task.model, Batch(indices, position.epoch, position.step), settings)
        loss = losses.total
        torch.autograd.backward(loss)
        step = position.step + 1
        record: dict[str, float] = {}
        if step % train.norm_every == 0:
            record |= gradient_norms(*self.optimizers.values())
        if settings.optim.clip_norm is not None:
            nn.utils.clip_grad_norm_(self._parameters, settings.optim.clip_norm)
        rates = self.rates.before_step(position.epoch * self._steps_per_epoch + position.index)
        before = matrices(*self.optimizers.values()) if step % train.ratio_every == 0 else {}
        for name in self.task.phase(position.step, settings).optimizers:
            self.optimizers[name].step()
        record |= update_ratios(before, matrices(*self.optimizers.values())) if before else {}
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)
        self.rates.after_step()
        position.step, position.index = step, position.index + 1
        if step % train.log_every == 0 or record or step % train.console_every == 0:
            value = loss.item()
            record = {
                "train/loss": value,
                **{f"train/loss_{name}": term.item() for name, term in losses.terms.items()},
                **{f"lr/{name}": rate for name, rate in rates.items()},
                **record,
            }
            self.metrics |= record
            seconds = time.perf_counter() - began
            self.folder.metrics(step, self.epochs_done, {**record, "time/step_s": seconds})
            self._check_finite(value)
            if step % train.console_every == 0:
                self._say(
                    f"Loss={value:.4f} | LR={max(rates.values()):.3e} | {len(indices) / seconds:.0f} {self.task.unit}/s"
                )
        if train.checkpoint_steps and step % train.checkpoint_steps == 0 and position.index < self._steps_per_epoch:
            self._save(regular=True)

    def _end_epoch(self) -> bool:
        """Validate, save and dump as they are due; whether it is time to stop early."""
        position, train = self.position, self.settings.train
        self.rates.after_epoch()
        position.epoch, position.index = position.epoch + 1, 0
        last = position.epoch >= self.last_epoch
        better = False
        if position.epoch % train.val_every == 0 or last:
            better = self._validate()
        over = train.early_stop and self.best.waited >= train.patience
        by_steps = bool(train.checkpoint_steps) and position.step % train.checkpoint_steps == 0
        regular = position.epoch % train.checkpoint_every == 0 or by_steps
        saved = regular or better or last or over
        if saved:
            self._save(regular=regular, best=better)
        if position.epoch % train.dump_every == 0 or last or over:
            self._dump(saved=saved)
        return bool(over)

    def _validate(self) -> bool:
        found = self.task.validate(self.task.model, self.settings)
        loss = found["val/loss"]
        self.rates.after_validation(loss)
        better = math.isfinite(loss) and (self.best.loss is None or loss < self.best.loss)
        if better:
            self.best.loss, self.best.step, self.best.waited = loss, self.position.step, 0
        else:
            self.best.waited += 1
        self.metrics |= found
        self.folder.metrics(self.position.step, self.epochs_done, dict(found))
        self._say(" | ".join(f"{word}={found[tag]:.4f}" for tag, word in self.task.shown.items() if tag in found))
        return better

    def _dump(self, *, saved: bool) -> None:
        name = checkpoint_name(self.position.step)
        about = {
            "run_id": self.folder.record.id,
            "step": self.position.step,
            "epoch": self.epochs_done,
            "checkpoint_path": f"{CHECKPOINT_FOLDER}/{name}" if saved else "",
            "checkpoint_sha256": checkpoint.digest(self.folder.checkpoint(name)) if saved else "",
        }
        self.task.dump(self.task.model, self.folder.dump(dump_name(self.position.step)), about)

    def content(self) -> dict[str, Any]:
        """The checkpoint of this moment; its keys are those of `formats.checkpoint`."""
        position = self.position
        values = (
            SCHEMA,
            self.recipe,
            msgspec.to_builtins(self.settings),
            self.task.model.state_dict(),
            {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
            self.rates.states(),
            None,
            None,
            randomness.captured(),
            {
                "epoch": position.epoch,
                "index": position.index,
                "seed": self.settings.train.seed,
                "samples": self.task.samples,
                "batch_size": self.settings.data.batch_size,
            },
            self.epochs_done if position.index else position.epoch,
            position.step,
            dict(self.metrics),
            {"metric": "val/loss", "value": self.best.loss, "step": self.best.step, "waited": self.best.waited},
        )
        return dict(zip(KEYS, values, strict=True))

    def _save(self, *, regular: bool, best: bool = False) -> None:
        """Write the checkpoint of this step, name it in run.json, and only then remove what it replaces."""
        name = checkpoint_name(self.position.step)
        checkpoint.save(self.folder.checkpoint(name), self.content())
        self.folder.sync()
        before = {self.folder.record.best, self.folder.record.last}
        if regular and name not in self._regular:
            self._regular.append(name)
        self.folder.update(last=name, **({"best": name} if best else {}))
        many = self.settings.train.keep_checkpoints
        kept = {*(self._regular[-many:] if many else ()), self.folder.record.best, self.folder.record.last}
        for old in {*before, *self._regular} - kept:
            if old is not None:
                self.folder.remove_checkpoint(old)
        self._regular = [old for old in self._regular if old in kept]

    def _check_finite(self, loss: float) -> None:
        if math.isfinite(loss):
            self._not_finite_since = None
            return
        first = self._not_finite_since = self._not_finite_since or self.position.step
        if self.position.step - first + 1 >= _NOT_FINITE_STEPS:
            raise Diverged(
                f"The loss has not been finite since step {first}; resume an earlier checkpoint with a lower optim.lr"
            )

    def _asked_to_stop(self) -> str:
        """Who asked to stop, or an empty string; while paused, it waits here."""
        while True:
            if self.stop.name:
                return self.stop.name
            for command in self._control.commands():
                name = command["command"]
                if name == "stop":
                    return "command"
                handler = _COMMANDS.get(name)
                if handler is None:
                    self._happened("refused", command=name, reason="unknown command")
                else:
                    handler(self, command)
            if not self._paused:
                return ""
            time.sleep(_PAUSE_S)

    def _checkpoint_now(self, _command: dict[str, Any]) -> None:
        self._save(regular=True)
        self._happened("checkpoint", file=checkpoint_name(self.position.step))

    def _pause(self, _command: dict[str, Any]) -> None:
        self._paused = True
        self._happened("paused")

    def _continue(self, _command: dict[str, Any]) -> None:
        self._paused = False
        self._happened("continued")

    def _edit(self, command: dict[str, Any]) -> None:
        """Change a setting that takes effect while training."""
        path, value = str(command.get("path", "")), command.get("value")
        try:
            self.settings = live_edit(self.settings, path, value)
        except SettingsError as error:
            self._happened("refused", command="edit", path=path, reason=str(error))
            return
        self.folder.write_settings(self.settings)
        self._happened("edited", path=path, value=value)

    def _happened(self, name: str, **values: Any) -> None:
        self.folder.event(self.position.step, self.epochs_done, name, **values)
        details = " ".join(f"{key}={value}" for key, value in values.items())
        self._say(f"{name.capitalize()} {details}".strip())

    def _say(self, text: str) -> None:
        epoch = min(self.position.epoch + (self.position.index > 0), self.settings.schedule.epochs)
        self.folder.say(f"Epoch {epoch}/{self.settings.schedule.epochs} | Step {self.position.step} | {text}")


_COMMANDS: dict[str, Callable[[Trainer, dict[str, Any]], None]] = {
    "checkpoint": Trainer._checkpoint_now,  # noqa: SLF001 - the class's own table
    "pause": Trainer._pause,  # noqa: SLF001
    "continue": Trainer._continue,  # noqa: SLF001
    "edit": Trainer._edit,  # noqa: SLF001
}
