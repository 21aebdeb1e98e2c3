"""Where the images lie that a file of annotations names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from inspector.artifacts.picture_folders import is_picture
from inspector.core.pulse import Pulse

DEEPEST = 2
"""So far down folders are looked into."""
_OF_ANNOTATIONS = frozenset(
    (
        "annotations",
        "annotation",
        "annots",
        "anno",
        "ann",
        "labels",
        "label",
        "gt",
        "json",
        "predictions",
        "preds",
        "results",
    )
)
"""Names of folders whose images lie beside them; beside any other folder lie other people's."""
_MEDIA = "media"
"""Where W&B keeps tables and images, whose paths begin with it, in the files of a run and in an artifact."""
_ABOVE = 4
"""A table of an artifact lies so far below it at most."""
_BEAT_EVERY = 1_000
MOST_ENTRIES = 400_000
"""COCO's training images are 118,000."""


def image_places(names: Iterable[str], beside: Path, pulse: Pulse) -> dict[str, Path]:
    """The file of each image that was found.

    A name is looked for as it is, relative to the file, and to the run or artifact of W&B where the file lies in one;
    then by its last part, with and without ending, in the folders below; and where the file's own folder holds
    annotations alone by its name, in those beside it (`../val2017/`). Of several files of a name the nearest is taken.

    Args:
        names: as the annotations call them.
        beside: the file of annotations.
        pulse: of this work.
    """
    found: dict[str, Path] = {}
    missing: dict[str, str] = {}
    around = (*beside.parents[1:_ABOVE], *(folder.parent for folder in beside.parents if folder.name == _MEDIA))
    near, all_homes = (str(beside.parent),), tuple(map(str, (beside.parent, *around)))
    folders = _Folders()
    for done, name in enumerate(names):
        if done % _BEAT_EVERY == 0:
            pulse.beat(what="looking for images")
        homes = all_homes if name.startswith(f"{_MEDIA}/") else near
        home = next((one for one in homes if folders.has(one, name)), None)
        if home is not None and is_picture(name):
            found[name] = Path(home, name)
        else:
            missing[name] = name.rstrip("/").rpartition("/")[2]
    if not missing:
        return found
    by_name: dict[str, Path] = {}
    for path in _pictures_around(beside, pulse):
        by_name.setdefault(path.name, path)
        by_name.setdefault(path.stem, path)
    for name, last in missing.items():
        # COCO's results name an image by its number, its files by the number in twelve digits.
        nearest = by_name.get(last) or by_name.get(last.zfill(12))
        if nearest is not None:
            found[name] = nearest
    return found


class _Folders:
    """What lies in folders, each looked into once: to ask for a hundred thousand files takes seconds."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], frozenset[str] | None] = {}

    def has(self, home: str, name: str) -> bool:
        """Whether there is a file of a name, which may lead through folders."""
        inner, slash, last = name.rpartition("/")
        inner = inner or slash
        if (home, inner) not in self._entries:
            self._entries[home, inner] = _entries(Path(home, inner))
        entries = self._entries[home, inner]
        return _is_there(Path(home, name)) if entries is None else last in entries


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that the system refuses
        return False


def _entries(folder: Path) -> frozenset[str] | None:
    """The names in a folder; None where it cannot be looked into, though its files may be there."""
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 - names are wanted
    except (OSError, ValueError):
        return None


def _pictures_around(beside: Path, pulse: Pulse) -> Iterator[Path]:
    """Pictures in the folders that belong to the file, nearer ones first."""
    seen = 0
    home = beside.parent
    waiting = [(home, 0)]
    if home.name.lower() in _OF_ANNOTATIONS:
        waiting.append((home.parent, 0))
    looked_into: set[Path] = set()
    while waiting and seen < MOST_ENTRIES:
        folder, depth = waiting.pop(0)
        if folder in looked_into:
            continue
        looked_into.add(folder)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:  # shut, or gone: what lies there is not found
            continue
        for entry in entries:
            seen += 1
            if seen % _BEAT_EVERY == 0:
                pulse.beat(what="looking for images")
            if is_picture(entry.name):
                yield Path(entry.path)
            elif depth < DEEPEST and not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), depth + 1))
