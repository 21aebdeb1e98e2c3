"""The training loop: steps, epochs, what is recorded when, and how it ends."""

from __future__ import annotations

import contextlib
import math
import time
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import torch
from torch import nn

from inspector.core.arrays import IntArray
from inspector.core.digests import sha256_of
from inspector.formats.checkpoint import checkpoint_name
from inspector.formats.dump import dump_name
from inspector.formats.recipes.recipe import steps_per_epoch
from inspector.formats.run_folder import CHECKPOINT_FOLDER, CONTROL_FILE
from inspector.training.averaging import Average
from inspector.training.control import Control, StopFlag, live_edit
from inspector.training.engine import Engine
from inspector.training.folder import RunFolder
from inspector.training.looking import looking
from inspector.training.order import epoch_order
from inspector.training.progress import Best, Counters, End, Position
from inspector.training.rates import Rates
from inspector.training.run_state import content_of
from inspector.training.saving import Saver, Wanted
from inspector.training.steering import Steering
from inspector.training.stepping import Step, Stepper
from inspector.training.task import Batch, Task
from inspector.training.verdict import Verdict, judged

_NOT_FINITE_STEPS = 20
"""A run ends after so many steps in a row without a finite loss."""


_KNOWN_WARNINGS = (
    # A step may be another optimizer's turn, or skipped as it overflowed.
    "Detected call of `lr_scheduler.step",
    # A recipe may leave a module out of a step, and this one does not.
    "find_unused_parameters=True was specified",
)


class Diverged(Exception):  # noqa: N818 - an end of the run, told as its reason
    """The loss has not been finite for too long."""


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
    engine: Engine
    folder: RunFolder
    stop: StopFlag
    last_epoch: int
    position: Position = field(default_factory=Position)
    best: Best = field(default_factory=Best)
    counters: Counters = field(default_factory=Counters)
    metrics: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._steps_per_epoch = steps_per_epoch(self.task.samples, self.settings.data.batch_size)
        decay = self.settings.optim.ema_decay
        self.average = None if decay is None else Average(self.task.model, decay)
        self._stepper = Stepper(self.task, self.optimizers, self.rates, self.engine, self.average)
        self._saver = Saver(self.folder)
        self._is_first = self.engine.rank == 0
        control = Control(self.folder.path / CONTROL_FILE) if self._is_first else None
        self._steering = Steering(control, self.stop, self.engine)
        self._began = time.monotonic(), self.epochs_done

    @property
    def epochs_done(self) -> float:
        """Epochs done, with the fraction of the current one."""
        return self.position.epoch + self.position.index / self._steps_per_epoch

    @property
    def looked_at(self) -> nn.Module:
        """The model that is validated and dumped: with averaged weights where they are averaged."""
        return self.task.model if self.average is None else self.average.model

    def run(self) -> End:
        """Train until the last epoch, or until asked or forced to stop.

        Raises:
            OSError: a file could not be written.
        """
        self.task.model.train()
        try:
            with warnings.catch_warnings():
                for known in _KNOWN_WARNINGS:
                    warnings.filterwarnings("ignore", message=known, category=UserWarning)
                end = self._train()
        except BaseException:
            with contextlib.suppress(Exception):  # what came first is what is told
                self._saver.wait()
            raise
        self._saver.wait()
        return end

    def _train(self) -> End:
        self._began = time.monotonic(), self.epochs_done
        while self.position.epoch < self.last_epoch:
            order = epoch_order(self.settings.train.seed, self.position.epoch, self.task.samples)
            while self.position.index < self._steps_per_epoch:
                asked = self._steering.asked_to_stop(self)
                if asked:
                    self._save(regular=False)
                    self._saver.wait()
                    self.happened("stopped", reason=asked)
                    return End("stopped", f"Stopped by {asked} after step {self.position.step}")
                try:
                    self._step(order)
                except Diverged as error:
                    self.happened("diverged")
                    return End("failed", str(error))
            verdict = self._end_epoch()
            if verdict.diverged:
                self.happened("diverged")
                return End("failed", verdict.diverged)
            if verdict.over:
                return End("finished", verdict.over)
        horizon = self.settings.schedule.epochs
        rest = f"; the schedule goes on to epoch {horizon}" if horizon > self.last_epoch else ""
        return End("finished", f"Reached epoch {self.last_epoch}{rest}")

    def _step(self, order: IntArray) -> None:
        began = time.perf_counter()
        self._saver.check()
        settings, position = self.settings, self.position
        train, size = settings.train, settings.data.batch_size
        indices = order[position.index * size : (position.index + 1) * size]
        batch = Batch(indices, position.epoch, position.step)
        scheduled = position.epoch * self._steps_per_epoch + position.index
        taken = self._stepper.take(batch, settings, self.counters, scheduled)
        position.step, position.index = position.step + 1, position.index + 1
        step = position.step
        if step % train.log_every == 0 or taken.measured or step % train.console_every == 0:
            self._record(taken, len(indices), time.perf_counter() - began)
        if train.checkpoint_steps and step % train.checkpoint_steps == 0 and position.index < self._steps_per_epoch:
            self._save(regular=True)

    def _record(self, step: Step, samples: int, seconds: float) -> None:
        """Write down a step, and see whether its loss is still a number."""
        settings, counters = self.settings, self.counters
        rates = {f"lr/{name}": rate for name, rate in step.rates.items()}
        record = {**step.losses.values(self.engine), **rates, **step.measured}
        if settings.optim.clip_norm is not None:
            record["clip_fraction"] = counters.clipped / counters.steps
        counters.clipped = counters.steps = 0
        self.metrics |= record
        speed = samples / seconds
        about: dict[str, Any] = {"time/step_s": seconds, "time/samples_per_s": speed}
        if step.phase.name:
            about["phase"] = step.phase.name
        if step.peak_bytes is not None:
            about["memory/peak_bytes"] = step.peak_bytes
        self.folder.metrics(self.position.step, self.epochs_done, {**record, **about})
        loss = record["train/loss"]
        self._check_finite(loss)
        if self.position.step % settings.train.console_every == 0:
            measures = [f"{word}={record[tag]:.4f}" for tag, word in self.task.shown.items() if tag in record]
            texts = (f"Loss={loss:.4f}", *measures, f"LR={max(rates.values()):.3e}", f"{speed:.0f} {self.task.unit}/s")
            self._say(" | ".join((*texts, f"ETA={self._time_left()}")))

    def _time_left(self) -> timedelta:
        """How long the rest takes at the pace since the start, validations included."""
        began_s, began_epoch = self._began
        pace_s = (time.monotonic() - began_s) / (self.epochs_done - began_epoch)
        return timedelta(seconds=round(pace_s * (self.last_epoch - self.epochs_done)))

    def _end_epoch(self) -> Verdict:
        """Validate, save and dump as they are due; what the validation says of the run."""
        position, train = self.position, self.settings.train
        self.rates.after_epoch()
        position.epoch, position.index = position.epoch + 1, 0
        last = position.epoch >= self.last_epoch
        verdict = self._validate() if position.epoch % train.val_every == 0 or last else Verdict()
        last = last or bool(verdict.over or verdict.diverged)
        by_steps = bool(train.checkpoint_steps) and position.step % train.checkpoint_steps == 0
        regular = position.epoch % train.checkpoint_every == 0 or by_steps
        saved = regular or verdict.better or last
        if saved:
            self._save(regular=regular, best=verdict.better)
        if position.epoch % train.dump_every == 0 or last:
            self._dump(saved=saved)
        return verdict

    def _validate(self) -> Verdict:
        task = self.task
        found: dict[str, float] = {}
        if self._is_first:
            with looking(self.looked_at):
                found = task.validate(self.looked_at, self.settings)
        found = self.engine.from_first(found)
        if not found:
            return Verdict()
        self.rates.after_validation(found.get("val/loss", math.nan))
        verdict = judged(found, task, self.settings.train, self.position, self.best, self.counters)
        self.metrics |= found
        self.folder.metrics(self.position.step, self.epochs_done, dict(found))
        self._say(" | ".join(f"{word}={found[tag]:.4f}" for tag, word in task.shown.items() if tag in found))
        if verdict.dropped:
            self.happened("dropped", reason=verdict.dropped)
        return verdict

    def _dump(self, *, saved: bool) -> None:
        if not self._is_first:
            return
        name = checkpoint_name(self.position.step)
        if saved:
            self._saver.wait()
        about = {
            "run_id": self.folder.record.id,
            "step": self.position.step,
            "epoch": self.epochs_done,
            "checkpoint_path": f"{CHECKPOINT_FOLDER}/{name}" if saved else "",
            "checkpoint_sha256": sha256_of(self.folder.checkpoint(name)) if saved else "",
        }
        with looking(self.looked_at):
            self.task.dump(self.looked_at, self.folder.dump(dump_name(self.position.step)), about)

    def _save(self, *, regular: bool, best: bool = False) -> None:
        content = content_of(self)
        if not self._is_first:
            return
        keep = self.settings.train.keep_checkpoints
        self._saver.save(content, Wanted(checkpoint_name(self.position.step), keep, regular=regular, best=best))

    def _check_finite(self, loss: float) -> None:
        if math.isfinite(loss):
            self.counters.not_finite_since = None
            return
        first = self.counters.not_finite_since = self.counters.not_finite_since or self.position.step
        if self.position.step - first + 1 >= _NOT_FINITE_STEPS:
            raise Diverged(
                f"The loss has not been finite since step {first}; resume an earlier checkpoint with a lower optim.lr"
            )

    def checkpoint_now(self) -> None:
        """Write a checkpoint, and tell of it once it is whole."""
        self._save(regular=True)
        self._saver.wait()
        self.happened("checkpoint", file=checkpoint_name(self.position.step))

    def edit(self, path: str, value: Any) -> None:
        """Change a setting that takes effect while training.

        Raises:
            SettingsError: it takes no such edit.
        """
        self.settings = live_edit(self.settings, path, value)
        self.folder.write_settings(self.settings)

    def happened(self, name: str, **values: Any) -> None:
        """Tell of an event, in the record and on the console."""
        self.folder.event(self.position.step, self.epochs_done, name, **values)
        details = " ".join(f"{key}={value}" for key, value in values.items())
        self._say(f"{name.capitalize()} {details}".strip())

    def _say(self, text: str) -> None:
        epoch = min(self.position.epoch + (self.position.index > 0), self.settings.schedule.epochs)
        self.folder.say(f"Epoch {epoch}/{self.settings.schedule.epochs} | Step {self.position.step} | {text}")
