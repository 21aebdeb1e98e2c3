"""Which files belong to what was opened, bounded in number and depth."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.checkpoints.folders import folder_container, index_files, set_files, set_folder
from inspector.artifacts.companions import DCP_METADATA, set_container
from inspector.artifacts.dumps.picture_names import pictures_of
from inspector.artifacts.picture_folders import MANY, is_picture
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.run_folder import RUN_FILE

MAX_FILES = 5_000
"""A run folder holds tens of files; beyond this the folder is a data set, and a note says what was left out."""

MAX_PICTURES = 150_000
"""So many pictures do not count among them: those of a folder are told of together, and none is opened."""

MAX_DEPTH = 8

_ROOT_ABOVE = 2
"""Folders above the first that may still be the run's."""

SKIPPED_FOLDERS = frozenset({".git", "__pycache__", "node_modules", ".venv", "venv", ".ipynb_checkpoints", "code"})


RUN_SUFFIXES = frozenset(
    (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".h5", ".hdf5", ".npz", ".csv", ".jsonl", ".log", ".wandb")
)
"""Names of checkpoints, dumps and logs; TensorBoard's end in the host's name."""


class Listed(NamedTuple):
    """What is read as one: a file, or a folder or index with all the files that make up its checkpoint."""

    path: Path
    files: tuple[Path, ...]


def grouped(files: Iterable[Path], opened: Iterable[Path]) -> list[Listed]:
    """The files with those that are one checkpoint or one dump put together, in the order of the first of each.

    Folders are looked at from the outside in, so that what a trainer's folder holds is not listed again. The settings
    and logs beside weights stay files of their own: they are the run's. A file that was opened alone stays alone.

    Args:
        files: as `list_files` gives them.
        opened: the files and folders that were opened.
    """
    files = list(files)
    alone = set(opened)
    there = {file for file in files if file not in alone}
    group_of: dict[Path, Listed] = {}
    for folder in sorted({file.parent for file in there}):
        home = set_folder(folder)
        if home is not None:
            _group(home, set_files(folder) & there, group_of)
    for folder in sorted({file.parent for file in there if file.suffix.lower() == ".png"}):
        pictures = pictures_of(folder)
        if pictures is not None:
            _group(pictures.home, pictures.files() & there, group_of)
    for file in files:
        if file in there and file not in group_of and set_container(file.name):
            _group(file, index_files(file) & there, group_of)
    for folder, plain in _plain_pictures(there - group_of.keys()).items():
        group_of.update(dict.fromkeys(plain, Listed(folder, (folder,))))
    return list(dict.fromkeys(group_of.get(file) or Listed(file, (file,)) for file in files))


def _plain_pictures(files: Iterable[Path]) -> dict[Path, list[Path]]:
    """The pictures of each folder that holds many, which are no masks."""
    by_folder: dict[Path, list[Path]] = {}
    for file in files:
        if is_picture(file.name):
            by_folder.setdefault(file.parent, []).append(file)
    return {folder: pictures for folder, pictures in by_folder.items() if len(pictures) >= MANY}


def is_one_checkpoint(folder: Path) -> bool:
    """Whether a folder is one checkpoint and nothing more: no other checkpoint, dump or log is in it or below it."""
    if not folder_container(folder):
        return False
    listed = grouped(list_files((folder,), Notes(), QUIET), (folder,))
    sets = [one for one in listed if one.path.is_dir() or set_container(one.path.name)]
    others = (one.path.name.lower() for one in listed if one not in sets)
    return len(sets) == 1 and not any("tfevents" in name or Path(name).suffix in RUN_SUFFIXES for name in others)


def _group(path: Path, files: set[Path], group_of: dict[Path, Listed]) -> None:
    if files and group_of.keys().isdisjoint(files):
        group = Listed(path, tuple(sorted(files)))
        group_of.update(dict.fromkeys(files, group))


def list_files(paths: tuple[Path, ...], notes: Notes, pulse: Pulse) -> list[Path]:
    """Every file that was named, and every file below the folders that were named, each once, sorted by folder."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            _walk(path, found, notes, pulse)
        else:
            found[path] = None
    return list(found)


def _walk(root: Path, found: dict[Path, None], notes: Notes, pulse: Pulse) -> None:
    pictures = sum(is_picture(file.name) for file in found)
    for folder, folders, names in os.walk(root, onerror=lambda error: notes.add(f"{error.filename}: {error.strerror}")):
        pulse.beat(len(found), 0, tr("looking through {what}").format(what=Path(folder).name))
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if _entered(name) and depth < MAX_DEPTH)
        for name in sorted(names):
            if name.startswith(".") and name != DCP_METADATA:
                continue
            pictures += is_picture(name)
            if len(found) - min(pictures, MAX_PICTURES) >= MAX_FILES:
                notes.add(f"{root.name} holds more than {MAX_FILES:,} files; open a smaller folder to see the rest")
                return
            found[Path(folder) / name] = None


def _entered(name: str) -> bool:
    return name not in SKIPPED_FOLDERS and not name.startswith(".")


def common_root(paths: tuple[Path, ...]) -> Path:
    """The folder of the run: the one with its `run.json`, else what holds all that was opened.

    Where that is far above what was opened first, as it is when a file from elsewhere was joined, it is the first's.
    """
    if not paths:
        return Path()
    folders = [path if path.is_dir() else path.parent for path in paths]
    own = next((folder for folder in folders if (folder / RUN_FILE).is_file()), None)
    if own is not None and own in paths:
        return own
    common = Path(os.path.commonpath([str(folder) for folder in folders]))
    near = (folders[0], *folders[0].parents[:_ROOT_ABOVE])
    return common if common in near else folders[0]


def name_below(path: Path, root: str) -> str:
    """How a file of a run is called: by its place in the run's folder, by its own name where it lies elsewhere."""
    around = root.rstrip(os.sep) + os.sep  # thousands of files are named whenever a run is looked at
    return str(path).removeprefix(around) if str(path).startswith(around) else path.name
