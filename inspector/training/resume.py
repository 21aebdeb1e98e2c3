"""Resuming: what to start from, what changes, and the state put back so that every edit takes effect.

The order is the one that was exact for every scheduler: build from the edited settings, load the weights, join the
optimizer's moments by name, step a new scheduler to the position, restore random state, position and counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import torch
from torch import Tensor, nn

from inspector.analysis.schedules.resumed import RateMeaning, resumed_schedule
from inspector.core.errors import FileError, MissingError, RunFolderError, SettingsError, UsageError
from inspector.formats.checkpoint import SUFFIX
from inspector.formats.recipes.catalogue import recipe_of
from inspector.formats.run_folder import CHECKPOINT_FOLDER, RUN_FILE, Edit, Parent, RunRecord
from inspector.formats.settings import fields_of, values_of, with_edits
from inspector.training import checkpoint, optimizer, randomness
from inspector.training.build import Parts
from inspector.training.progress import Best, Counters, Position, counted

Mode = Literal["exact", "edits", "new-optimizer", "weights"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        run: a run folder, or a checkpoint in one.
        checkpoint: `best`, `last`, the name of a checkpoint, or a path.
        edits: new values by dotted path, as texts or as values.
        reasons: why, by dotted path: a sentence and the id of the finding that proposed it.
        mode: None takes `exact` without edits and `edits` with them.
        epochs: how many more, None to go on to the horizon.
    """

    run: str
    checkpoint: str = "last"
    edits: dict[str, Any] = {}
    reasons: dict[str, tuple[str, str]] = {}
    rate: RateMeaning = "rescale"
    mode: Mode | None = None
    epochs: int | None = None
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A resume that is allowed, before anything is built.

    Attributes:
        settings: the edited settings.
        edits: what differs from the parent, the rate's meaning included.
        position: where training goes on.
        last_epoch: where it ends.
        notes: what the user should know, one sentence each.
    """

    recipe: str
    settings: Any
    edits: tuple[Edit, ...]
    mode: Mode
    parent_folder: Path
    parent_record: RunRecord
    parent: Parent
    content: dict[str, Any]
    position: Position
    last_epoch: int
    notes: tuple[str, ...]


def prepared(request: Request) -> Prepared:
    """Read the parent and check that the request can be met; the parent is only read.

    Raises:
        FileError: the checkpoint is missing, damaged or another program's.
        RunFolderError: the folder is not a run of this program.
        SettingsError: an edit is not allowed.
        UsageError: mode, epochs and edits do not go together.
    """
    folder, path = _found(request)
    record = read_record(folder)
    content = checkpoint.load(path)
    recipe = recipe_of(str(content["recipe"]))
    old = _settings_of(recipe.settings, content["settings"], path)
    mode = request.mode or ("edits" if request.edits or request.rate != "rescale" else "exact")
    if mode == "exact" and (request.edits or request.rate != "rescale"):
        raise UsageError("--mode exact takes no edits and no new rate; use --mode edits")
    settings = with_edits(old, request.edits)
    notes: list[str] = []
    if mode == "weights":
        position, epoch = Position(), 0.0
    else:
        _refuse_new_shapes(old, settings)
        position = _at_epoch_start_if_reordered(old, settings, _position_of(content), notes)
        epoch = float(content["epoch"]) if position.index else float(position.epoch)
    if mode == "new-optimizer":
        notes.append("the optimizer's moments start afresh, so the first updates are larger; a warm-up helps")
    settings = _with_rate(settings, request.rate, epoch)
    recipe.check(settings)
    edits = _edits(old, settings, request)
    return Prepared(
        recipe=str(content["recipe"]),
        settings=settings,
        edits=edits,
        mode=mode,
        parent_folder=folder,
        parent_record=record,
        parent=Parent(
            id=record.id,
            path=str(folder),
            checkpoint=path.name,
            sha256=checkpoint.digest(path),
            step=int(content["step"]),
            epoch=float(content["epoch"]),
        ),
        content=content,
        position=position,
        last_epoch=last_epoch(settings.schedule.epochs, position.epoch, request.epochs),
        notes=(*notes, *_function_notes(edits)),
    )


def last_epoch(horizon: int, epochs_done: int, more: int | None) -> int:
    """The epoch at which a run ends: the horizon, or so many epochs more.

    Raises:
        UsageError: it would go past the horizon of the schedule, or nowhere.
    """
    if more is not None and more < 1:
        raise UsageError(f"--epochs takes a whole number from 1, found {more}")
    end = horizon if more is None else epochs_done + more
    if end > horizon:
        raise UsageError(
            f"{more} more epochs end at epoch {end}, past the schedule's horizon of {horizon}; add"
            f" --set schedule.epochs={end}"
        )
    if end <= epochs_done:
        raise UsageError(
            f"the run has reached its horizon of {horizon} epochs; add --set schedule.epochs={horizon + 10}, or more"
        )
    return end


@dataclass(frozen=True, slots=True)
class Restored:
    """What a run goes on with beside its parts: the best so far, counters, the newest metrics; and what to know."""

    best: Best
    counters: Counters
    metrics: dict[str, float]
    notes: tuple[str, ...]


def restore(prepared_resume: Prepared, parts: Parts) -> Restored:
    """Put the parent's state into freshly built parts.

    Raises:
        RunFolderError: the weights do not fit, and the mode asks for all of them.
    """
    content, mode, position = prepared_resume.content, prepared_resume.mode, prepared_resume.position
    if mode == "weights":
        left_out = _load_what_fits(parts.task.model, content["model"])
        return Restored(Best(), Counters(), {}, tuple(left_out))
    try:
        parts.task.model.load_state_dict(content["model"])
    except RuntimeError as error:
        raise RunFolderError(
            f"{prepared_resume.parent.checkpoint}: its weights do not fit the settings; use --mode weights"
        ) from error
    notes: list[str] = []
    if mode != "new-optimizer":
        fresh = optimizer.join_states(parts.optimizers, content["optimizers"])
        if fresh:
            notes.append(f"{len(fresh)} parameters had no optimizer state and start afresh: {', '.join(fresh[:5])}")
    parts.rates.advance(position.epoch, position.index)
    randomness.restore(content["rng"])
    best, counters = counted(content, parts.task.score.name)
    return Restored(best, counters, dict(content["metrics"]), tuple(notes))


def read_record(folder: Path) -> RunRecord:
    """run.json of a folder.

    Raises:
        RunFolderError: there is none, or it cannot be read.
    """
    try:
        return msgspec.json.decode((folder / RUN_FILE).read_bytes(), type=RunRecord)
    except OSError as error:
        raise RunFolderError(
            f"{folder.name or folder}: expected a run folder with {RUN_FILE}, found none; only runs that this program"
            " trained can be resumed"
        ) from error
    except msgspec.DecodeError as error:
        raise RunFolderError(f"{folder.name}: {RUN_FILE} cannot be read ({error})") from error


def _found(request: Request) -> tuple[Path, Path]:
    """The run folder and the checkpoint that a request names."""
    run = Path(request.run).expanduser().resolve()
    if run.is_file():
        folder = run.parent.parent if run.parent.name == CHECKPOINT_FOLDER else run.parent
        return folder, run
    if not run.is_dir():
        raise MissingError(run, "a run folder", "no such folder")
    return run, checkpoint_path(run, request.checkpoint)


def checkpoint_path(run: Path, name: str, option: str = "--from") -> Path:
    """The checkpoint of a run by `best`, `last`, its name, or a path.

    Args:
        run: its folder.
        name: as it was asked for.
        option: what chooses another one.

    Raises:
        RunFolderError: the run has no such checkpoint.
    """
    if name in ("best", "last"):
        record = read_record(run)
        named = record.best if name == "best" else record.last
        if named is None:
            raise RunFolderError(f"{run.name}: it has no {name} checkpoint yet; choose another with {option}")
        return run / CHECKPOINT_FOLDER / named
    for path in (run / CHECKPOINT_FOLDER / name, run / CHECKPOINT_FOLDER / f"{name}{SUFFIX}", Path(name).expanduser()):
        if path.is_file():
            return path.resolve()
    have = sorted(path.name for path in (run / CHECKPOINT_FOLDER).glob(f"*{SUFFIX}"))
    raise RunFolderError(f"{run.name}: there is no checkpoint {name}; it has {', '.join(have) or 'none'}")


def _settings_of(settings_type: type[msgspec.Struct], tree: Mapping[str, Any], path: Path) -> Any:
    try:
        return msgspec.convert(tree, settings_type)
    except msgspec.ValidationError as error:
        raise FileError(path, "the settings of this version", str(error)) from error


def _position_of(content: Mapping[str, Any]) -> Position:
    sampler = content["sampler"]
    return Position(int(content["step"]), int(sampler["epoch"]), int(sampler["index"]))


def _with_rate(settings: Any, rate: RateMeaning, epoch: float) -> Any:
    schedule = resumed_schedule(settings.schedule, epoch, rate)
    return msgspec.structs.replace(settings, schedule=schedule)


def _refuse_new_shapes(old: Any, new: Any) -> None:
    before, after = values_of(old), values_of(new)
    for item in fields_of(type(new)):
        if item.applies == "restart" and before[item.path] != after[item.path]:
            raise SettingsError(
                f"{item.path} takes effect only in a new run; train anew with it, or resume with --mode weights"
            )


_ORDER = ("data.batch_size", "data.subset", "data.train_scenes", "train.seed")
"""Settings that decide which samples a batch of an epoch holds."""


def _at_epoch_start_if_reordered(old: Any, new: Any, position: Position, notes: list[str]) -> Position:
    before, after = values_of(old), values_of(new)
    changed = [path for path in _ORDER if before.get(path) != after.get(path)]
    if not changed or not position.index:
        return position
    notes.append(f"{changed[0]} changes the order of samples, so epoch {position.epoch + 1} starts over")
    return Position(position.step, position.epoch, 0)


def _edits(old: Any, new: Any, request: Request) -> tuple[Edit, ...]:
    before, after = values_of(old), values_of(new)
    found = []
    for path, value in after.items():
        if before[path] != value:
            reason, finding = request.reasons.get(path, ("", ""))
            if path not in request.edits:
                reason = f"--rate {request.rate}"
            found.append(Edit(path=path, old=before[path], new=value, reason=reason, finding=finding))
    return tuple(found)


_NOTED = {
    "encoder.activation": "encoder.activation changes what the weights compute; a new run is cleaner",
    "model.slots": "model.slots changes what the weights compute",
    "data.seed": "data.seed changes the scenes, so losses before and after cannot be compared",
    "data.subset": "data.subset changes the training set, so train/loss before and after cannot be compared",
    "loss.diversity_weight": "loss.diversity_weight changes train/loss, so before and after cannot be compared",
    "loss.diversity_clamp": "loss.diversity_clamp changes train/loss, so before and after cannot be compared",
}


def _function_notes(edits: tuple[Edit, ...]) -> tuple[str, ...]:
    return tuple(_NOTED[edit.path] for edit in edits if edit.path in _NOTED)


def _load_what_fits(model: nn.Module, saved: Mapping[str, Tensor]) -> list[str]:
    own = model.state_dict()
    fitting = {name: tensor for name, tensor in saved.items() if name in own and own[name].shape == tensor.shape}
    left_out = [name for name in own if name not in fitting]
    with torch.no_grad():
        model.load_state_dict({**own, **fitting})
    if not left_out:
        return []
    shown = ", ".join(left_out[:5]) + (" and more" if len(left_out) > 5 else "")
    return [f"{len(left_out)} of {len(own)} tensors start afresh, as the checkpoint has none of their shape: {shown}"]
