"""Where the images lie that a file of annotations names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.opened_paths import is_opened, opened_apart_from, opened_in, without_links
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


class _Folder(NamedTuple):
    """The names in a folder: of all that may be read, of the links and the folders among it."""

    names: frozenset[str]
    links: frozenset[str]
    folders: tuple[str, ...]


_SHUT = _Folder(frozenset(), frozenset(), ())


def image_places(names: Iterable[str], beside: Path, pulse: Pulse) -> dict[str, Path]:
    """The file of each image that was found, among what was opened together with the annotations.

    A name is looked for as it is, relative to the file, and to the run or artifact of W&B where the file lies in one;
    then by its last part, with and without ending, in the folders below; where the file's own folder holds annotations
    alone by its name, in those beside it (`../val2017/`); and in what was opened apart from it. Of several files of a
    name the nearest is taken.

    Args:
        names: as the annotations call them.
        beside: the file of annotations.
        pulse: of this work.
    """
    found: dict[str, Path] = {}
    missing: dict[str, str] = {}
    around = (*beside.parents[1:_ABOVE], *(folder.parent for folder in beside.parents if folder.name == _MEDIA))
    near, all_homes = (str(beside.parent),), tuple(map(str, (beside.parent, *around)))
    folders = _Folders(pulse)
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
    for path in _pictures_around(beside, folders):
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

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._known: dict[str, _Folder] = {}

    def has(self, home: str, name: str) -> bool:
        """Whether a name leads to a file that was opened; it may lead through folders."""
        inner, slash, last = name.rpartition("/")
        return self.holds(os.path.join(home, inner or slash), last)  # noqa: PTH118 - asked a hundred thousand times

    def holds(self, folder: str, name: str) -> bool:
        """Whether there is a file of this name in a folder, and it was opened."""
        known = self.at(folder)
        if name not in known.names:
            return False
        return name not in known.links or ((real := without_links(Path(folder, name))) is not None and is_opened(real))

    def at(self, folder: str) -> _Folder:
        """What may be read in a folder."""
        if folder not in self._known:
            self._known[folder] = self._look(without_links(Path(folder)))
        return self._known[folder]

    def _look(self, folder: Path | None) -> _Folder:
        if folder is None:
            return _SHUT
        if not is_opened(folder):
            alone = opened_in(folder)
            return _Folder(frozenset(alone), frozenset(), alone)
        names, links, folders = [], [], []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    names.append(entry.name)
                    if len(names) % _BEAT_EVERY == 0:
                        self._pulse.beat(what="looking for images")
                    if entry.is_symlink():
                        links.append(entry.name)
                    elif entry.is_dir():
                        folders.append(entry.name)
        except OSError:  # shut, or gone: what lies there is not found
            return _SHUT
        return _Folder(frozenset(names), frozenset(links), tuple(sorted(folders)))


def _pictures_around(beside: Path, folders: _Folders) -> Iterator[Path]:
    """Pictures that belong to the file, nearer ones first; then those of what was opened apart from it."""
    home = beside.parent
    yield from _pictures_below((home, home.parent) if home.name.lower() in _OF_ANNOTATIONS else (home,), folders)
    apart = opened_apart_from(beside)
    yield from (path for path in apart if is_picture(path.name))
    yield from _pictures_below(apart, folders)


def _pictures_below(roots: Iterable[Path], folders: _Folders) -> Iterator[Path]:
    seen = 0
    waiting = [(root, 0) for root in roots]
    looked_into: set[Path] = set()
    while waiting and seen < MOST_ENTRIES:
        folder, depth = waiting.pop(0)
        if folder in looked_into:
            continue
        looked_into.add(folder)
        there = folders.at(str(folder))
        seen += len(there.names)
        for name in sorted(filter(is_picture, there.names)):
            if folders.holds(str(folder), name):
                yield folder / name
        if depth < DEEPEST:
            waiting += ((folder / name, depth + 1) for name in there.folders if not name.startswith("."))
