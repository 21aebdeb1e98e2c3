"""Resuming: what to start from, what is edited, and whether that can be; the parent is only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from inspector.analysis.schedules.resumed import RateMeaning, resumed_schedule
from inspector.core.digests import sha256_of
from inspector.core.errors import DamagedError, FileError, SettingsError, UnsupportedError, UsageError
from inspector.formats.edit_effects import EditEffect, Mode, edit_effects
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.own import is_recipe_file
from inspector.formats.run_folder import RUN_FILE, Edit, Parent, RunRecord
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of, with_edits
from inspector.training import checkpoint, optimizer
from inspector.training.catalogue import Trainable, trainable_of_run
from inspector.training.parents import parent_of, read_record
from inspector.training.progress import Position


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        run: a run folder, or a checkpoint in one.
        checkpoint: `best`, `last`, the name of a checkpoint, or a path.
        edits: new values by dotted path, as texts or as values.
        reasons: why, by dotted path: a sentence and the id of the finding that proposed it.
        mode: None takes `exact` without edits and `edits` with them.
        epochs: how many more, None to go on to the horizon.
        recipe: the recipe file of a run that was trained by one; naming it lets it run.
    """

    run: str
    checkpoint: str = "last"
    edits: dict[str, Any] = {}
    reasons: dict[str, tuple[str, str]] = {}
    rate: RateMeaning = "rescale"
    mode: Mode | None = None
    epochs: int | None = None
    device: str = "auto"
    recipe: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A resume that is allowed, before anything is built.

    Attributes:
        settings: the edited settings.
        parent_settings: those of the checkpoint.
        edits: what differs from the parent, the rate's meaning included.
        effects: what each edit does, by path.
        position: where training goes on.
        last_epoch: where it ends.
        restarts_rate: the schedule starts anew, so that a plateau forgets.
        repeated_samples: samples of the epoch under way that will be seen again, because it starts over.
        notes: what the user should know, one sentence each.
    """

    recipe: Trainable
    settings: Any
    parent_settings: Any
    edits: tuple[Edit, ...]
    effects: dict[str, EditEffect]
    mode: Mode
    parent_folder: Path
    parent_record: RunRecord
    parent: Parent
    content: dict[str, Any]
    position: Position
    last_epoch: int
    restarts_rate: bool
    repeated_samples: int
    notes: tuple[str, ...]


def prepared(request: Request) -> Prepared:
    """Read the parent and check that the request can be met.

    Raises:
        FileError: the checkpoint is missing, damaged, of another recipe or another program's.
        RunFolderError: the folder is not a run of this program.
        SettingsError: an edit is not allowed.
        UsageError: mode, rate, epochs and edits do not go together.
    """
    folder, path = parent_of(request.run, request.checkpoint)
    record = read_record(folder)
    content = checkpoint.load(path)
    name = _recipe_name(content, record, path)
    what, notes = trainable_of_run(name, record.recipe_file, request.recipe)
    old = _settings_of(what.recipe.settings, content["settings"], path)
    mode = request.mode or ("edits" if request.edits or request.rate != "rescale" else "exact")
    _refuse_senseless(mode, request)
    settings = with_edits(old, request.edits)
    effects = _allowed_effects(old, settings, mode)
    if mode in ("exact", "edits"):
        optimizer.check_names(content["optimizers"], path)
    position, repeated = Position(), 0
    if mode != "weights":
        position, repeated = _start(content, effects.values(), path, notes)
    epoch = float(content["epoch"]) if position.index else float(position.epoch)
    if mode == "new-optimizer":
        notes.append("the optimizer's moments start afresh, so the first updates are larger; a warm-up helps")
    schedule = resumed_schedule(settings.schedule, epoch, request.rate)
    settings = msgspec.structs.replace(settings, schedule=schedule)
    what.recipe.check(settings)
    return Prepared(
        recipe=what,
        settings=settings,
        parent_settings=old,
        edits=_edits(old, settings, request),
        effects=effects,
        mode=mode,
        parent_folder=folder,
        parent_record=record,
        parent=Parent(
            id=record.id,
            path=str(folder),
            checkpoint=path.name,
            sha256=sha256_of(path),
            step=int(content["step"]),
            epoch=float(content["epoch"]),
        ),
        content=content,
        position=position,
        last_epoch=last_epoch(settings.schedule.epochs, position.epoch, request.epochs),
        restarts_rate=request.rate == "restart",
        repeated_samples=repeated,
        notes=(*notes, *(effect.note for effect in effects.values() if effect.note)),
    )


def process_notes(resume: Prepared, processes: int) -> tuple[str, ...]:
    """What it changes that so many processes train, if the checkpoint is of another number."""
    saved = resume.parent_record.processes or 1 + len(resume.content["rng"].get("others", ()))
    if saved == processes:
        return ()
    anew = ", so dropout and noise are drawn anew" if resume.mode != "weights" else ""
    return (f"processes were {saved} and are {processes}{anew}",)


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


def _recipe_name(content: Mapping[str, Any], record: RunRecord, path: Path) -> str:
    name = str(content["recipe"])
    if name not in RECIPES and not is_recipe_file(name):
        raise UnsupportedError(
            path, f"a checkpoint of a recipe that is known here ({', '.join(RECIPES)})", f"of {name}"
        )
    if record.recipe != name:
        raise FileError(
            path, f"a checkpoint of {record.recipe}, which {RUN_FILE} names", f"one of {name}", "choose one of this run"
        )
    return name


def _settings_of(settings_type: type[msgspec.Struct], tree: Mapping[str, Any], path: Path) -> Any:
    try:
        return msgspec.convert(tree, settings_type)
    except msgspec.ValidationError as error:
        raise FileError(path, "the settings of this version", str(error)) from error


def _refuse_senseless(mode: Mode, request: Request) -> None:
    if mode == "exact" and (request.edits or request.rate != "rescale"):
        raise UsageError("--mode exact takes no edits and no new rate; use --mode edits")
    if mode == "weights" and request.rate == "restart":
        raise UsageError("--mode weights begins at step 0, where there is no schedule to restart; leave out --rate")


def _allowed_effects(old: Any, new: Any, mode: Mode) -> dict[str, EditEffect]:
    """What the edits do.

    Raises:
        SettingsError: one of them cannot be had in this mode.
    """
    before, after = values_of(old), values_of(new)
    effects = edit_effects(fields_of(type(new)), [path for path in after if before[path] != after[path]], mode)
    for effect in effects.values():
        if effect.refused:
            raise SettingsError(effect.refused)
    return effects


def _start(
    content: Mapping[str, Any], effects: Iterable[EditEffect], path: Path, notes: list[str]
) -> tuple[Position, int]:
    """Where training goes on, and samples of the epoch under way that will be seen again.

    An epoch that is under way starts over where its samples come in another order, or where their place is not known.
    """
    sampler = content["sampler"]
    if not isinstance(sampler, Mapping) or not isinstance(sampler.get("epoch"), int):
        raise DamagedError(path, "the epoch in which training stood (sampler.epoch)", "none", "use --mode weights")
    step, epoch, index = int(content["step"]), int(sampler["epoch"]), sampler.get("index")
    if not isinstance(index, int):
        notes.append(
            f"the place within epoch {epoch + 1} is not recorded, so it starts over, and samples may come twice"
        )
        return Position(step, epoch, 0), 0
    reordered = next((effect.path for effect in effects if "changes data order" in effect.tags), None)
    if not index or reordered is None:
        return Position(step, epoch, index), 0
    size = sampler.get("batch_size")
    repeated = index * size if isinstance(size, int) else 0
    notes.append(
        f"epoch {epoch + 1} starts over, as {reordered} changes the order of samples: {repeated} samples may come twice"
    )
    return Position(step, epoch, 0), repeated


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
