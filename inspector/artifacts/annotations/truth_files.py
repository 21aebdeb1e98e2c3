"""Which file of what was opened together holds the truth of a file of predictions.

It is looked for by what the files hold: of those that have truth alone, the one that knows most of the images.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.annotations.annotation_file import HEAD_BYTES, annotated_images, text_of
from inspector.artifacts.annotations.forms import holds_truth_alone
from inspector.artifacts.annotations.joining import matched
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import Identity, stamp_of
from inspector.core.arrays import IntArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.formats.annotated_images import AnnotatedImages

SUFFIXES = frozenset((".json", ".jsonl", ".ndjson", ".csv", ".tsv"))
"""How files of points are called."""

MOST_FILES = 500
"""Of so many the beginning is looked at, those in the outer folders first."""
MOST_ENTRIES = 50_000
"""Of a folder that was opened, so many names are looked at."""

LEAST_SHARE = 0.1
"""Of the images of either file, so many are in both where they belong together; a few may be called alike by chance."""

_opened: tuple[Path, ...] = ()
_files: tuple[Path, ...] | None = None
_found: tuple[Path, ...] | None = None
_heads: dict[Path, tuple[Identity, bool]] = {}
_chosen: dict[Path, Path] = {}
_sought: dict[Path, tuple[tuple[Path, Identity], ...]] = {}


class TruthFile(NamedTuple):
    """The truth of a file of predictions.

    Attributes:
        identity: of the file, before it was read.
        match: as `joining.matched` gives it.
        others: names of other files that know as many of the images.
    """

    path: Path
    identity: Identity
    images: AnnotatedImages
    match: IntArray
    others: tuple[str, ...]


def look_among(opened: Iterable[Path], files: Iterable[Path] | None = None) -> None:
    """Have truth looked for among these from here on, and among no others.

    Args:
        opened: the files and folders that were opened together.
        files: all that is in them, where that is known already.
    """
    global _opened, _files, _found  # noqa: PLW0603 - one table a process, as the paths that it was opened with
    _opened, _found = tuple(opened), None
    _files = None if files is None else tuple(file for file in files if file.suffix.lower() in SUFFIXES)


def truth_of(path: Path, predicted: AnnotatedImages, pulse: Pulse) -> TruthFile | None:
    """The file with the truth of some predictions; None where no file that was opened with them has it.

    Args:
        path: of the predictions.
        predicted: what they are.
        pulse: of this work.
    """
    _chosen.pop(path, None)
    candidates = _sought[path] = _candidates(path, pulse)
    found: list[TruthFile] = []
    for candidate, identity in candidates:
        try:
            truth, _form = annotated_images(candidate, pulse)
        except FileError:  # said where that file itself is listed
            continue
        match = matched(predicted, truth)
        if np.count_nonzero(match >= 0) >= max(1.0, LEAST_SHARE * min(len(predicted.names), len(truth.names))):
            found.append(TruthFile(candidate, identity, truth, match, ()))
    if not found:
        return None
    counts = [int(np.count_nonzero(one.match >= 0)) for one in found]
    best = found[counts.index(max(counts))]
    equal = (
        one.path.name for one, count in zip(found, counts, strict=True) if one is not best and count == max(counts)
    )
    _chosen[path] = best.path
    return best._replace(others=tuple(equal))


def chosen_for(path: Path) -> Path | None:
    """The file whose truth was last found for some predictions; None where none was."""
    return _chosen.get(path)


def is_outdated(path: Path, pulse: Pulse) -> bool:
    """Whether truth was looked for among other files than there are now, so that predictions are to be read again."""
    return path in _sought and _sought[path] != _candidates(path, pulse)


def _candidates(path: Path, pulse: Pulse) -> tuple[tuple[Path, Identity], ...]:
    """The files that hold truth, the nearest first, as they are now."""
    near = sorted((file for file in _holding(pulse) if file != path), key=lambda file: _distance(path, file))
    return tuple((file, stamp) for file in near if (stamp := stamp_of(file)) is not None)


def _holding(pulse: Pulse) -> tuple[Path, ...]:
    """The files that hold truth, looked for once."""
    global _found  # noqa: PLW0603 - as the paths that it was opened with
    if _found is None:
        files = _listed() if _files is None else _files
        found = []
        for file in sorted(files, key=lambda file: (len(file.parts), file))[:MOST_FILES]:
            pulse.beat(what="looking for files of truth")
            stamp = stamp_of(file)
            if stamp is not None and _holds_truth(file, stamp):
                found.append(file)
        _found = tuple(found)
    return _found


def _listed() -> Iterator[Path]:
    seen = 0
    for path in _opened:
        if path.suffix.lower() in SUFFIXES:
            yield path
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            seen += len(names)
            if seen > MOST_ENTRIES:
                return
            yield from (Path(folder, name) for name in sorted(names) if Path(name).suffix.lower() in SUFFIXES)


def _distance(path: Path, file: Path) -> int:
    """How many steps up and down lie between two files."""
    try:
        common = len(Path(os.path.commonpath([path, file])).parts)
    except ValueError:  # on two disks, or one of them is not told from the root
        common = 0
    return len(path.parts) + len(file.parts) - 2 * common


def _holds_truth(path: Path, identity: Identity) -> bool:
    known = _heads.get(path)
    if known is None or known[0] != identity:
        try:
            with ByteFile(path) as file:
                head = file.read(0, HEAD_BYTES)
                holds = holds_truth_alone(text_of(head), path.name, whole=len(head) == file.size)
        except FileError:
            holds = False
        known = _heads[path] = (identity, holds)
    return known[1]
