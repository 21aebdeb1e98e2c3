"""The commands: train a new run, resume one."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from inspector.core.errors import InspectorError, RunFolderError
from inspector.core.exit_codes import BAD_INPUT, DONE, FAILED
from inspector.core.files import append_line
from inspector.core.texts import visible
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_made
from inspector.formats.run_folder import RunRecord
from inspector.training import devices
from inspector.training.build import Parts, built
from inspector.training.catalogue import trainable
from inspector.training.control import stop_on_signals
from inspector.training.engine import Engine
from inspector.training.failures import sentence_of
from inspector.training.folder import OthersFolder, RunFolder, claim, claim_beside, new_record
from inspector.training.loop import Trainer
from inspector.training.progress import Best, Counters, End, Position
from inspector.training.restoring import restore
from inspector.training.resume import Prepared, Request, last_epoch, prepared, process_notes
from inspector.training.run_state import take_over


@dataclass(frozen=True, slots=True)
class NewRun:
    """What `train` is asked for; `epochs` ends the run before the schedule's horizon."""

    recipe: str
    output: Path
    model_size: str = "mini"
    presets: tuple[str, ...] = ()
    edits: dict[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    device: str = "auto"


def train(asked: NewRun, *, as_json: bool = False) -> int:
    """Train a recipe into a new run folder.

    Raises:
        InspectorError: the request makes no sense, or the folder is taken.
    """
    what = trainable(asked.recipe)
    settings = settings_made(what.recipe, what.name, asked.model_size, asked.presets, asked.edits)
    end = last_epoch(settings.schedule.epochs, 0, asked.epochs)
    device = devices.chosen(asked.device)
    devices.prepare(device, settings.train)
    engine = Engine(device, settings.train)
    parts = built(what, settings, device)
    path = _claimed(engine, lambda: claim(asked.output))
    record = new_record(path.resolve().name, what, settings.train.seed, model_size=asked.model_size,
                        device=str(device), samples=parts.task.samples, processes=engine.processes)  # fmt: skip
    if as_json and engine.rank == 0:
        _print_json({"run": str(path), "step": 0, "epoch": 0.0, "last_epoch": end, "device": str(device), "notes": []})
    return _run(path, record, settings, parts, engine, _Start(end), as_json=as_json)


def resume(request: Request, output: Path | None, *, as_json: bool = False) -> int:
    """Go on from a checkpoint in a new run folder; the parent is not touched.

    Raises:
        InspectorError: as `resume.prepared`, or the folder is taken.
    """
    plan: Prepared = prepared(request)
    device = devices.chosen(request.device)
    devices.prepare(device, plan.settings.train)
    engine = Engine(device, plan.settings.train)
    parts = built(plan.recipe, plan.settings, device)
    restored = restore(plan, parts)
    path = _claimed(engine, lambda: claim(output) if output else claim_beside(plan.parent_folder))
    parent = plan.parent
    record = new_record(path.resolve().name, plan.recipe, plan.settings.train.seed, device=str(device), parent=parent,
                        model_size=plan.parent_record.model_size, samples=parts.task.samples,
                        processes=engine.processes)  # fmt: skip
    every_note = (*plan.notes, *restored.notes, *process_notes(plan, engine.processes))
    start = _Start(plan.last_epoch, plan.position, restored.best, restored.counters, restored.metrics, plan, every_note)
    if as_json and engine.rank == 0:
        epoch = plan.position.epoch + plan.position.index / parts.steps_per_epoch
        _print_json({"run": str(path), "parent": str(plan.parent_folder), "checkpoint": parent.checkpoint,
                     "step": plan.position.step, "epoch": epoch, "last_epoch": plan.last_epoch, "device": str(device),
                     "mode": plan.mode, "edits": plan.edits, "notes": every_note})  # fmt: skip
    return _run(path, record, plan.settings, parts, engine, start, as_json=as_json)


def _claimed(engine: Engine, claim_folder: Callable[[], Path]) -> Path:
    """The folder that the first process made."""
    path, refusal = None, None
    if engine.rank == 0:
        try:
            path = claim_folder()
        except InspectorError as error:
            refusal = error
    path = engine.from_first(path)
    if refusal is not None:
        raise refusal
    if path is None:
        sys.exit(BAD_INPUT)
    return path


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a run begins and ends."""

    last_epoch: int
    position: Position = field(default_factory=Position)
    best: Best = field(default_factory=Best)
    counters: Counters = field(default_factory=Counters)
    metrics: dict[str, float] = field(default_factory=dict)
    resumed: Prepared | None = None
    notes: tuple[str, ...] = ()


def _run(
    path: Path, run: RunRecord, settings: Any, parts: Parts, engine: Engine, start: _Start, *, as_json: bool
) -> int:
    """Train, and leave run.json saying how it ended."""
    with stop_on_signals() as flag:
        folder = _opened(path, run, engine, sys.stderr if as_json else sys.stdout)
        try:
            folder.begin(settings, start.resumed.edits if start.resumed else None)
            trainer = Trainer(
                recipe=run.recipe,
                settings=settings,
                task=parts.task,
                optimizers=parts.optimizers,
                rates=parts.rates,
                engine=engine,
                folder=folder,
                stop=flag,
                last_epoch=start.last_epoch,
                position=start.position,
                best=start.best,
                counters=start.counters,
                metrics=start.metrics,
            )
            take_over(trainer, start.resumed.content if start.resumed and start.resumed.mode != "weights" else None)
            _tell_start(folder, trainer, start)
            end = trainer.run()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever happens, run.json says how the run ended
            end = _failed(folder, error, engine)
        end = _ended(folder, end, engine)
        folder.close()
    if end.status == "failed":
        if engine.rank == 0:
            sys.stderr.write(f"{end.reason}\n")
        return FAILED
    return DONE


def _opened(path: Path, run: RunRecord, engine: Engine, console: TextIO) -> RunFolder:
    """The folder to be written, by the first process alone.

    Raises:
        RunFolderError: it may not be written.
    """
    if engine.rank:
        return OthersFolder(path, run)
    try:
        return RunFolder(path, run, console)
    except OSError as error:
        raise RunFolderError(f"{path.name} cannot be written ({error.strerror}); choose a folder with -o") from error


def _tell_start(folder: RunFolder, trainer: Trainer, start: _Start) -> None:
    settings = trainer.settings
    folder.say(
        f"Run {folder.record.name} | recipe {folder.record.recipe} | device {folder.record.device}{_shared(trainer)}"
        f" | {sum(weight.numel() for weight in trainer.task.model.parameters()):,} parameters"
    )
    if start.resumed:
        parent = start.resumed.parent
        folder.event(
            trainer.position.step,
            trainer.epochs_done,
            "resumed",
            parent=parent.id,
            checkpoint=parent.checkpoint,
            mode=start.resumed.mode,
        )
        folder.say(f"Resumed {start.resumed.parent_folder.name} from {parent.checkpoint} | mode {start.resumed.mode}")
        for edit in start.resumed.edits:
            folder.say(f"Edit {edit.path}: {edit.old} -> {edit.new}")
    for note in start.notes:
        folder.say(f"Note: {note}")
    folder.say(f"Training until epoch {start.last_epoch} of {settings.schedule.epochs}")


def _shared(trainer: Trainer) -> str:
    processes = trainer.engine.processes
    return f" in {processes} processes" if processes > 1 else ""


def _ended(folder: RunFolder, end: End, engine: Engine) -> End:
    """How the run has ended once run.json has been told; one that could not be told so has failed."""
    try:
        folder.end(end.status, end.reason)
    except OSError as error:
        if end.status != "failed":
            end = _failed(folder, error, engine)
        with contextlib.suppress(OSError):
            folder.end(end.status, end.reason)
    return end


def _failed(folder: RunFolder, error: BaseException, engine: Engine) -> End:
    sentence = sentence_of(error, folder.path, folder.record.last, str(engine.device))
    if sentence is None:
        with contextlib.suppress(OSError):
            for line in traceback.format_exc().splitlines():
                append_line(folder.log, line.encode())
        said = visible(str(error).strip().partition("\n")[0], 300)
        sentence = f"The trainer failed ({type(error).__name__}: {said}); train.log says where"
    return End("failed", sentence)


def _print_json(facts: dict[str, Any]) -> None:
    sys.stdout.write(to_json(facts).decode() + "\n")
    sys.stdout.flush()
