"""Which runs there are in what was opened: the files of one folder are one run, several folders several."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import natural_key
from inspector.formats import run_folder
from inspector.runs.listing import MAX_DEPTH, RUN_SUFFIXES, SKIPPED_FOLDERS

MAX_ENTRIES = 50_000
"""Names looked at; what a larger tree holds beyond counts to the folders above it."""

_PARTS = re.compile(
    r"(?:checkpoints?|ckpts?|weights|models?|snapshots?|saved_models?|dumps?|activations|logs?|tensorboard|tb(?:_?logs?)?"
    r"|events?|summar(?:y|ies)|csv(?:_?logs?)?|train(?:ing)?|val(?:id(?:ation)?)?|eval(?:uation)?|test|files|media|images"
    r"|plots|figures|samples|artifacts|configs?|best\w*|last|latest|final|metrics|params|tags"
    r"|(?:checkpoint|ckpt|step|iter|epoch|global_step|rank)[-_]?\d+)",
    re.IGNORECASE,
)
"""Folders in which one run keeps some of its files."""

_NO_RUNS = frozenset({"data", "dataset", "datasets", "src", "scripts", "docs", "tests"})

_STARTS = re.compile(r"version_\d+|(?:offline-)?run-\d{8}_\d{6}-\w+|dryrun-\d{8}_\d{6}-\w+", re.IGNORECASE)
"""Folders that Lightning's loggers and Weights & Biases make for each start."""

_LOG_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".log", ".wandb"})
_STRONG_SUFFIXES = RUN_SUFFIXES - _LOG_SUFFIXES | {".wandb"}


def runs_in(paths: Iterable[str | Path], pulse: Pulse) -> tuple[tuple[str, ...], ...]:
    """What was opened, as runs: the paths of each.

    Files of one folder are one run, and so are the folders in which a run keeps its files (`checkpoints`, `dumps`,
    `logs`, `tensorboard`, `train`, `val`) with what stands beside them. A folder is several runs where at least two
    of its subfolders hold logs of their own: a TensorBoard logdir, `lightning_logs/version_*`, `wandb/run-*`,
    `outputs/date/time`, a sweep. It stays one where it holds a checkpoint or an event file itself.

    Args:
        paths: files and folders.
        pulse: is beaten for every folder.

    Raises:
        WorkCancelled: the pulse was cancelled.
    """
    groups: dict[Path, list[Path]] = {}
    for path in dict.fromkeys(Path(path).absolute() for path in paths):
        if not path.is_dir():
            groups.setdefault(_run_root(path.parent), []).append(path)
            continue
        runs = _Tree(path, _on_disk, pulse).runs()
        if len(runs) > 1:
            for run in runs:
                groups.setdefault(run.root, []).extend(run.paths)
        else:
            groups.setdefault(_run_root(path), []).append(path)
    return tuple(tuple(map(str, group)) for group in _without_inner(groups).values())


def runs_within(archive: Path, files: Iterable[str], pulse: Pulse) -> dict[str, tuple[str, ...]]:
    """The runs in an archive, told apart as those in a folder are: by name, their paths as if it were a folder.

    Args:
        archive: its path.
        files: their names, with the folders that they stand in.
        pulse: is beaten for every folder.

    Raises:
        WorkCancelled: the pulse was cancelled.
    """
    within: dict[Path, dict[str, bool]] = {archive: {}}
    for name in files:
        path = archive / name
        within.setdefault(path.parent, {})[path.name] = False
        for folder in path.parents[: len(path.parts) - len(archive.parts) - 1]:
            within.setdefault(folder.parent, {})[folder.name] = True
    runs = _Tree(archive, lambda folder: within.get(folder, {}).items(), pulse).runs()
    names = _names([run.root for run in runs])
    return {name: tuple(map(str, run.paths)) for name, run in zip(names, runs, strict=True)}


def run_names(runs: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """A name for each run of several: of its folder, with as much before it as tells it from the others."""
    roots = [
        Path(paths[0]) if len(paths) == 1 and Path(paths[0]).is_dir() else _run_root(Path(paths[0]).parent)
        for paths in runs
    ]
    return _names(roots)


def _names(roots: Sequence[Path]) -> tuple[str, ...]:
    names = [root.name for root in roots]
    if max(Counter(names).values(), default=1) == 1 and not all(map(str.isdigit, names)):
        return tuple(names)
    common = os.path.commonpath([root.parent for root in roots]) if roots else ""
    return tuple(os.path.relpath(root, common) for root in roots)


def _run_root(folder: Path) -> Path:
    """The folder of the run that keeps some of its files in a folder."""
    while _PARTS.fullmatch(folder.name) and folder.parent != folder and not _is_own(_Entries.of(_on_disk(folder))):
        folder = folder.parent
    return folder


def _is_own(entries: _Entries) -> bool:
    """Whether a folder is a run by what stands in it, however it is called: one of this program's, Hydra's or W&B's."""
    of_wandb = "files" in entries.folders and any(name.endswith(".wandb") for name in entries.files)
    return run_folder.RUN_FILE in entries.files or ".hydra" in entries.hidden or of_wandb


def _on_disk(folder: Path) -> Iterator[tuple[str, bool]]:
    """What stands in a folder, each with whether it is a folder; nothing where it may not be listed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry.name, entry.is_dir(follow_symlinks=False)
    except OSError:
        pass  # what may not be listed holds nothing that can be opened


def _without_inner(groups: dict[Path, list[Path]]) -> dict[Path, list[Path]]:
    """The groups, files that lie in a folder that was opened too left out."""
    folders = {path for group in groups.values() for path in group if path.is_dir()}
    kept = {root: [path for path in group if folders.isdisjoint(path.parents)] for root, group in groups.items()}
    return {root: group for root, group in kept.items() if group}


class _Run(NamedTuple):
    root: Path
    paths: tuple[Path, ...]


class _Found(NamedTuple):
    """What a folder holds.

    Attributes:
        runs: those in it; empty where there is nothing of a run.
        logs: any of them has logs.
        own: the folder is a run by what stands in it, and no part of one above it.
    """

    runs: tuple[_Run, ...] = ()
    logs: bool = False
    own: bool = False


class _Entries(NamedTuple):
    """Names in a folder, sorted: of files, of folders that may hold runs, and of hidden folders."""

    files: list[str]
    folders: list[str]
    hidden: list[str]

    @staticmethod
    def of(listing: Iterable[tuple[str, bool]]) -> _Entries:
        """What is listed: names, and whether each is a folder."""
        found = _Entries([], [], [])
        for name, is_folder in listing:
            if not is_folder:
                found.files.append(name)
            elif name.startswith("."):
                found.hidden.append(name)
            elif name not in SKIPPED_FOLDERS and name.lower() not in _NO_RUNS:
                found.folders.append(name)
        return _Entries(*map(sorted, found))


class _Tree:
    """A folder with all below it; `listing` gives what stands in each."""

    def __init__(self, root: Path, listing: Callable[[Path], Iterable[tuple[str, bool]]], pulse: Pulse) -> None:
        self._root = root
        self._listing = listing
        self._pulse = pulse
        self._left = MAX_ENTRIES

    def runs(self) -> tuple[_Run, ...]:
        """Its runs, by their names, numbers in their order."""
        return tuple(sorted(self._look(self._root, 0).runs, key=lambda run: natural_key(str(run.paths[0]))))

    def _look(self, folder: Path, depth: int) -> _Found:
        self._pulse.beat(what=tr("looking through {what}").format(what=folder.name))
        entries = self._entries(folder)
        files, folders, _hidden = entries
        one = (_Run(folder, (folder,)),)
        below = {name: self._look(folder / name, depth + 1) for name in folders} if depth < MAX_DEPTH else {}
        if (own := _is_own(entries)) or _STARTS.fullmatch(folder.name):
            return _Found(one, logs=True, own=own)
        if "meta.yaml" in files and "metrics" in below:  # a run of MLflow's file store, whose metrics have no suffix
            return _Found(one, logs=True)
        parts = [
            found for name, found in below.items() if _PARTS.fullmatch(name) and len(found.runs) == 1 and not found.own
        ]
        children = [found for found in below.values() if found.runs and found not in parts]
        logs = any(map(_is_log, files)) or any(found.logs for found in parts)
        strong = any(map(_is_strong, files)) or bool(parts)
        logging = [found for found in children if found.logs]
        if sum(len(found.runs) for found in logging) > 1 and not strong:
            stray = _stray(folder, tuple(folder / name for name in files if _is_log(name)))
            return _Found((*(run for found in children for run in found.runs), *stray), logs=True)
        if len(children) == 1 and not files and not parts:  # a folder that only holds a folder
            return children[0]._replace(own=False)
        something = logs or strong or bool(children)
        return _Found(one, logs=logs or bool(logging)) if something else _Found()

    def _entries(self, folder: Path) -> _Entries:
        """What stands in a folder, as far as names are still looked at."""
        listed = tuple(islice(self._listing(folder), self._left))
        self._left -= len(listed)
        return _Entries.of(listed)


def _stray(folder: Path, logs: tuple[Path, ...]) -> tuple[_Run, ...]:
    """Logs that lie beside the folders of several runs are a run of their own."""
    return (_Run(folder, logs),) if logs else ()


def _is_log(name: str) -> bool:
    return "tfevents" in name or Path(name).suffix.lower() in _LOG_SUFFIXES


def _is_strong(name: str) -> bool:
    """Whether a file belongs to a run and to nothing else: a checkpoint, a dump, an event file, a W&B log."""
    return "tfevents" in name or Path(name).suffix.lower() in _STRONG_SUFFIXES
