"""Which PNG files of a folder are the masks and pictures of one dump, told by their names and first bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.companions import entries_of
from inspector.artifacts.opened_paths import is_opened, without_links
from inspector.core.errors import FileError
from inspector.core.texts import natural_key

MASKS, IMAGES = "masks", "images"
"""What masks are called that stand alone or have no name of their own, and the pictures beside them."""

MIN_SAMPLES = 2

_MASK_NAME = re.compile(
    r"mask|segm|segment|label|annot|instance|(^|[_-])(gt|seg|flat|ground_?truth)($|[_-])", re.IGNORECASE
)
_SUFFIX = re.compile(
    r"(?P<stem>.+)[_.-](?P<what>masks?|seg|segm|segmentation|labels?|labelIds|flat|gt|instances?|image|img|rgb)$",
    re.IGNORECASE,
)
_NOT_LOOKED_INTO = frozenset({"media", "wandb", "tensorboard", "plots", "figures"})
"""Folders in which loggers keep the pictures that they were given."""

_KIND_AT = 25
_LABEL_KINDS = (0, 3)
"""Greyscale and palette: numbers that may be labels."""


class Pictures(NamedTuple):
    """The pictures of one dump.

    Attributes:
        home: the folder that stands for it.
        columns: of each dataset, the file of each sample that has one.
        samples: the names of the samples, numbers in them in their order.
    """

    home: Path
    columns: Mapping[str, Mapping[str, Path]]
    samples: tuple[str, ...]

    def files(self) -> set[Path]:
        """Every file of it."""
        return {path for column in self.columns.values() for path in column.values()}


def is_mask_name(name: str) -> bool:
    """Whether a dataset of pictures is called as masks are."""
    return bool(_MASK_NAME.search(name))


def pictures_of(folder: Path) -> Pictures | None:
    """The dump that a folder is, or that it is one dataset of; None where its pictures are no masks."""
    if not _NOT_LOOKED_INTO.isdisjoint(part.lower() for part in folder.parts[-4:]):
        return None
    own = _pngs(folder)
    if not own:
        return _made(folder, _columns_below(folder))
    around = without_links(folder.parent)
    is_part = around is not None and is_opened(around) and not _pngs(folder.parent)
    beside = _columns_below(folder.parent) if is_part else {}
    if len(beside) > 1 and folder.name in beside and (found := _made(folder.parent, beside)):
        return found
    return _made(folder, _columns_in(folder, own))


def _pngs(folder: Path) -> tuple[str, ...]:
    return tuple(name for name in entries_of(folder).files if name.lower().endswith(".png"))


def _columns_below(folder: Path) -> dict[str, dict[str, Path]]:
    """A dataset for each folder of pictures in a folder."""
    found = {}
    for name in entries_of(folder).folders:
        pngs = _pngs(folder / name) if name.lower() not in _NOT_LOOKED_INTO else ()
        if pngs:
            found[name] = {Path(png).stem: folder / name / png for png in pngs}
    return found


def _columns_in(folder: Path, names: Iterable[str]) -> dict[str, dict[str, Path]]:
    """A dataset for each ending of the names in one folder; where none has any, one that is called as the folder."""
    plain: dict[str, Path] = {}
    ended: dict[str, dict[str, Path]] = {}
    for name in names:
        found = _SUFFIX.fullmatch(Path(name).stem)
        if found:
            ended.setdefault(found["what"], {})[found["stem"]] = folder / name
        else:
            plain[Path(name).stem] = folder / name
    if ended:
        return {**({IMAGES: plain} if plain else {}), **ended}
    return {folder.name if is_mask_name(folder.name) else MASKS: plain}


def _made(home: Path, columns: Mapping[str, Mapping[str, Path]]) -> Pictures | None:
    """The dump of these columns, None where none of them holds masks."""
    masks = [name for name, column in columns.items() if len(column) >= MIN_SAMPLES and _are_masks(name, column)]
    if not masks:
        return None
    samples = {sample for name in masks for sample in columns[name]}
    kept = {name: column for name, column in columns.items() if not samples.isdisjoint(column)}
    return Pictures(home, kept, tuple(sorted(samples, key=natural_key)))


def _are_masks(name: str, column: Mapping[str, Path]) -> bool:
    """Whether pictures are labels: by name, or all in a palette where the name says nothing."""
    kinds = {_kind(path) for _, path in zip(range(4), column.values(), strict=False)}
    if name == MASKS and not is_mask_name(next(iter(column.values())).parent.name):
        return kinds == {_LABEL_KINDS[1]}
    return is_mask_name(name) and None not in kinds


def _kind(path: Path) -> int | None:
    """The colour type in a PNG file's first bytes; None where they are no PNG's."""
    try:
        with ByteFile(path) as file:
            start = file.read(0, _KIND_AT + 1)
    except FileError:
        return None
    return start[_KIND_AT] if start.startswith(b"\x89PNG\r\n\x1a\n") and len(start) > _KIND_AT else None
