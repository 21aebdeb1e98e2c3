"""The command `record`: what a checkpoint of a recipe makes of the recipe's fixed probe samples, as a dump."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from inspector.core.digests import sha256_of
from inspector.core.errors import FileError, InspectorError, MissingError, RunFolderError, UnsupportedError, UsageError
from inspector.core.exit_codes import BAD_INPUT, DONE
from inspector.core.pulse import Progress, Pulse
from inspector.formats.checkpoint import SUFFIX
from inspector.formats.dump import dump_name
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.own import is_recipe_file
from inspector.formats.run_folder import CHECKPOINT_FOLDER, DUMP_FOLDER, RUN_FILE
from inspector.formats.settings import with_edits
from inspector.training import checkpoint, devices
from inspector.training.build import Parts, built
from inspector.training.catalogue import trainable_of_run
from inspector.training.control import stop_on_signals
from inspector.training.looking import looking
from inspector.training.parents import checkpoint_path, read_record

FOREIGN = "record a model of your own from its script, with inspector.training.ActivationRecorder"
"""What to do with a checkpoint whose model this program does not know."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What `record` is asked for.

    Attributes:
        run: a run folder, a checkpoint, or a folder of checkpoints.
        checkpoint: of a run folder: `best`, `last`, a name or a path; None for the last.
        every: a dump for each checkpoint.
        output: a file, or a folder for several; None for the dumps of the run, or beside a checkpoint without one.
        recipe: the recipe file of a run that was trained by one; naming it lets it run.
    """

    run: Path
    checkpoint: str | None = None
    every: bool = False
    output: Path | None = None
    edits: dict[str, Any] = field(default_factory=dict)
    device: str = "auto"
    recipe: str = ""


def record(asked: Recording, *, as_json: bool = False, progress: bool = False) -> int:
    """Write the dumps; of several, one that cannot be written is told of and the others follow.

    Of several, what other programs wrote is left out; where nothing else is there, that is a failure.

    Raises:
        InspectorError: the checkpoint cannot be read, its model is not known, or the dump cannot be written.
        WorkCancelled: a signal asked to stop.
    """
    paths = checkpoints_of(asked)
    device = devices.chosen(asked.device)
    models: dict[tuple[str, bytes], Parts] = {}
    written: list[dict[str, Any]] = []
    left_out: list[dict[str, str]] = []
    failures = 0
    several = len(paths) > 1 or asked.every
    with stop_on_signals() as flag:
        for place, path in enumerate(paths):
            pulse = Pulse(_Report(place, len(paths), path.name) if progress else _quiet, lambda: bool(flag.name))
            try:
                output = _output(asked, path, several=several)
                target = _recorded(asked, path, output, models, device, pulse)
            except InspectorError as error:
                if len(paths) == 1:
                    raise
                if isinstance(error, UnsupportedError):
                    left_out.append({"checkpoint": path.name, "because": str(error)})
                    sys.stderr.write(f"left out: {error}\n")
                else:
                    failures += 1
                    sys.stderr.write(f"{error}\n")
                continue
            written.append({"dump": str(target), "checkpoint": path.name, "bytes": target.stat().st_size})
            if not as_json:
                sys.stdout.write(f"{target}\n")
                sys.stdout.flush()
    if as_json:
        facts = {"dumps": written, "left_out": left_out} if several else written[0]
        sys.stdout.write(to_json(facts).decode() + "\n")
    return BAD_INPUT if failures or not written else DONE


def checkpoints_of(asked: Recording) -> tuple[Path, ...]:
    """The checkpoints that a request names, in the order of their names.

    Raises:
        FileError, RunFolderError: there are none.
        UsageError: it names one and asks for all.
    """
    run = asked.run
    if asked.every and asked.checkpoint:
        raise UsageError("--all records every checkpoint; leave out --checkpoint")
    if run.is_file():
        return (run.resolve(),)
    if not run.is_dir():
        raise MissingError(run, "a run folder or a checkpoint", "nothing of that name")
    if asked.checkpoint or ((run / RUN_FILE).is_file() and not asked.every):
        return (checkpoint_path(run.resolve(), asked.checkpoint or "last", "--checkpoint"),)
    inside = run / CHECKPOINT_FOLDER
    found = sorted((inside if inside.is_dir() else run).resolve().glob(f"*{SUFFIX}"))
    if not found:
        raise RunFolderError(f"{run.name or run}: expected a run folder or checkpoints (*{SUFFIX}), found neither")
    return tuple(found)


def _home(path: Path) -> Path | None:
    """The run folder of a checkpoint; None where it has none."""
    folders = (path.parent.parent, path.parent) if path.parent.name == CHECKPOINT_FOLDER else (path.parent,)
    return next((folder for folder in folders if (folder / RUN_FILE).is_file()), None)


def _output(asked: Recording, path: Path, *, several: bool) -> Path | None:
    """Where the dump of a checkpoint goes; None where that is the run's own folder.

    Raises:
        RunFolderError: the folder cannot be made.
    """
    if asked.output is None:
        return None if _home(path) is not None else path.with_suffix(".h5")
    if not several and not asked.output.is_dir():
        return asked.output
    _make_folder(asked.output)
    return asked.output / f"{path.stem}.h5"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(f"{folder.name} cannot be made ({error.strerror}); choose a folder with -o") from error


def _recorded(
    asked: Recording, path: Path, output: Path | None, models: dict[tuple[str, bytes], Parts], device: Any, pulse: Pulse
) -> Path:
    pulse.beat(what="loading")
    content = checkpoint.load(path, FOREIGN)
    home = _home(path)
    parts = _parts(path, content, asked, models, device)
    try:
        # Where weights were averaged, the average is what validation looked with.
        parts.task.model.load_state_dict((content["ema"] or content)["model"])
    except RuntimeError as error:
        found = " ".join(str(error).split())[:300]
        raise FileError(path, "weights that fit its settings", found, "record it without --set") from error
    if output is None and home is not None:
        output = home / DUMP_FOLDER / dump_name(int(content["step"]))
    target = output or path.with_suffix(".h5")
    about = {
        "run_id": read_record(home).id if home is not None else "",
        "step": int(content["step"]),
        "epoch": float(content["epoch"]),
        "checkpoint_path": f"{CHECKPOINT_FOLDER}/{path.name}" if home is not None else path.name,
        "checkpoint_sha256": sha256_of(path),
    }
    try:
        target.parent.mkdir(exist_ok=True)
        with looking(parts.task.model):
            parts.task.dump(parts.task.model, target, about, pulse)
    except OSError as error:
        raise RunFolderError(f"{target.name} cannot be written ({error.strerror}); choose a file with -o") from error
    return target


def _parts(
    path: Path, content: dict[str, Any], asked: Recording, models: dict[tuple[str, bytes], Parts], device: Any
) -> Parts:
    """The recipe's model under the settings of a checkpoint; one of the same settings serves again."""
    name = str(content["recipe"])
    if name not in RECIPES and not is_recipe_file(name):
        known = ", ".join(RECIPES)
        raise UnsupportedError(
            path, f"a checkpoint of a recipe that is known here ({known})", f"recipe {name}", FOREIGN
        )
    what, _ = trainable_of_run(name, None, asked.recipe)
    try:
        saved: Any = msgspec.convert(content["settings"], what.recipe.settings)
    except msgspec.ValidationError as error:
        raise RunFolderError(f"{path.name}: its settings are not those of this version ({error})") from error
    settings = with_edits(saved, asked.edits)
    key = (name, msgspec.json.encode(settings))
    if key not in models:
        devices.prepare(device, settings.train)
        models.clear()
        models[key] = built(what, settings, device)
    return models[key]


def _quiet(_progress: Progress) -> None:
    pass


class _Report:
    """Writes progress as a line of JSON: one of several checkpoints counts as its share of them."""

    def __init__(self, place: int, checkpoints: int, name: str) -> None:
        self._place, self._checkpoints, self._name = place, checkpoints, name

    def __call__(self, progress: Progress) -> None:
        total = progress.total or 1
        whole = {"done": self._place * total + progress.done, "total": self._checkpoints * total}
        sys.stderr.write(to_json({**whole, "what": f"recording {self._name}"}).decode() + "\n")
        sys.stderr.flush()
