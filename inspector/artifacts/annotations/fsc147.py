"""The annotations of FSC-147: one entry an image, its dots in pixels of the image as it is stored.

Source: github.com/cvlab-stonybrook/LearningToCountEverything. `H` and `W` are of the image before it was made 384
pixels high, `ratio_h` and `ratio_w` how far it was shrunk; dots and boxes are in the stored image. A split file and a
class file stand beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.artifacts.annotations.point_builder import PointBuilder
from inspector.artifacts.annotations.values import number, pair
from inspector.artifacts.byte_file import ByteFile
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.annotated_images import AnnotatedImages

SPLIT_FILE, CLASS_FILE = "Train_Test_Val_FSC_147.json", "ImageClasses_FSC147.txt"
_MAX_BESIDE_BYTES = 16 << 20
_CLASS_LINE = re.compile(r"(\S+)[\t ]+(.+?)\s*$")


def annotated(document: Mapping[str, Any], path: Path, pulse: Pulse) -> AnnotatedImages:
    """The dots of all images.

    Raises:
        DamagedError: no entry has any that could be read.
        WorkCancelled: the pulse says so.
    """
    notes, dots = Notes(), PointBuilder()
    names: list[str] = []
    sizes: list[tuple[float, float]] = []
    for name, entry in document.items():
        pulse.beat(len(names), len(document), "reading annotations")
        if not isinstance(entry, dict) or not isinstance(entry.get("points"), list):
            notes.add(f"{name[:200]} has no list of points and is left out")
            continue
        image = len(names)
        names.append(name)
        sizes.append(_stored_size(entry))
        for value in entry["points"]:
            place = pair(value)
            if place is None:
                notes.add(f"Some points of {name[:200]} are no pairs of numbers and are left out")
            else:
                dots.add(image, *place)
    if not names:
        raise DamagedError(path, "entries with points", "none")
    return AnnotatedImages(
        names=tuple(names),
        sizes=np.array(sizes, np.float64),
        truth=dots.lists(len(names)),
        truth_in_pixels=True,
        texts=_told_beside(path.parent, names),
        notes=notes.texts(),
    )


def _stored_size(entry: Mapping[str, Any]) -> tuple[float, float]:
    """Height and width of the stored image, NaN where the entry does not tell; the file itself knows better."""
    height, width = (number(entry.get(side)) * number(entry.get(f"ratio_{side.lower()}")) for side in "HW")
    return float(np.rint(height)), float(np.rint(width))


def splits(document: Any) -> dict[str, str]:
    """The splits of each image, from a parsed split file (`{"train": ["2.jpg", ...], ...}`); empty where it is none.

    An image may be in several, as those of `val_coco` are in `val`: then they are joined by commas.
    """
    found: dict[str, str] = {}
    for split, names in document.items() if isinstance(document, dict) else ():
        for name in names if isinstance(names, list) else ():
            if isinstance(name, str):
                found[name] = f"{found[name]}, {split}" if name in found else split
    return found


def classes(text: str) -> dict[str, str]:
    """The class of each image, from the lines of a class file (`2.jpg<tab>sea shells`)."""
    found = (_CLASS_LINE.match(line) for line in text.splitlines())
    return {line[1]: line[2] for line in found if line}


def _told_beside(folder: Path, images: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Split and class of each image, from the two files that are published beside the annotations."""
    found = {"split": _splits_beside(folder / SPLIT_FILE), "class": _classes_beside(folder / CLASS_FILE)}
    return {what: tuple(known.get(name, "") for name in images) for what, known in found.items() if known}


def _splits_beside(path: Path) -> dict[str, str]:
    try:
        return splits(msgspec.json.decode(_content(path)))
    except (FileError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _classes_beside(path: Path) -> dict[str, str]:
    try:
        return classes(_content(path).decode("utf-8", "replace"))
    except FileError:
        return {}


def _content(path: Path) -> bytes:
    with ByteFile(path) as file:
        return file.read(0, min(file.size, _MAX_BESIDE_BYTES))
