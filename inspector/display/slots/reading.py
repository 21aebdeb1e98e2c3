"""What a dump holds of one sample's slots, brought to one form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump import Dump, gt_labels_of, image_of, masks_of
from inspector.core.arrays import AnyArray, LabelMap, ShapeError
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.units import percent_text
from inspector.display.dumps import datasets
from inspector.display.rasters import Planes
from inspector.display.slots.scene import MaskSource
from inspector.formats.dump import VALID_HW, Role

ROLE_OF_SOURCE: dict[MaskSource, Role] = {"encoder": Role.ATTENTION, "decoder": Role.DECODER_MASKS}


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One sample.

    Attributes:
        image: (height, width, 3) float32 in 0..1; grey of the masks' size where the dump has none.
        masks: (slots, rows, columns) float32 as recorded.
        truth: the true label of each pixel, 0 the background, -1 undefined; None where the dump has none.
        valid: (rows, columns) bool, False in the padding; None where nothing is padded.
    """

    image: Planes
    masks: Planes
    truth: LabelMap | None
    valid: AnyArray | None


def sources_of(dump: Dump) -> tuple[MaskSource, ...]:
    """Where the dump's masks come from.

    Raises:
        UnsupportedError: it has none.
    """
    found = tuple(source for source, role in ROLE_OF_SOURCE.items() if datasets(dump.facts, role))
    if not found:
        raise UnsupportedError(dump.path, "attention or masks in this dump", "none", "choose another dump")
    return found


def read_sample(dump: Dump, sample: int, source: MaskSource, iteration: int, notes: Notes) -> Sample:
    """One sample; what is missing or damaged beside its masks is noted.

    Raises:
        FileError: the masks cannot be read.
    """
    try:
        masks = masks_of(dump, sample, ROLE_OF_SOURCE[source], iteration if iteration >= 0 else None)
    except ShapeError as error:
        raise UnsupportedError(dump.path, "slot masks", f"{error}") from error
    if not masks.size:
        raise UnsupportedError(dump.path, "slot masks", f"an array of {masks.shape}")
    undefined = 1 - np.count_nonzero(np.all(np.isfinite(masks), axis=0)) / masks[0].size
    if undefined:
        notes.add(f"{percent_text(undefined)} of the masks' pixels are not finite")
    return Sample(
        image=_image(dump, sample, masks, notes),
        masks=masks,
        truth=_truth(dump, sample, notes),
        valid=_valid(dump, sample, masks.shape[1:], notes),
    )


def slots_of(dump: Dump, sample: int, iteration: int, notes: Notes) -> AnyArray | None:
    """The slot vectors, (slots, features), after an iteration where the dump keeps them, else the last ones."""
    found = datasets(dump.facts, Role.SLOTS)
    by_iteration = next((dataset for dataset in found if dataset.layout == "NIKD"), None)
    last = next((dataset for dataset in found if dataset.layout == "NKD"), None)
    wanted = by_iteration if by_iteration and (last is None or iteration >= 0) else last
    if wanted is None:
        return None
    try:
        vectors = dump.read(wanted.path, sample)
    except FileError as error:
        notes.add(str(error))
        return None
    return vectors[min(iteration, len(vectors) - 1)] if wanted is by_iteration else vectors


def _image(dump: Dump, sample: int, masks: Planes, notes: Notes) -> Planes:
    if not datasets(dump.facts, Role.IMAGE):
        notes.add("This dump has no images; the masks lie on grey")
        return np.full((*masks.shape[1:], 3), 0.5, np.float32)
    try:
        return np.divide(image_of(dump, sample), 255, dtype=np.float32)
    except (FileError, ShapeError) as error:
        notes.add(str(error))
        return np.full((*masks.shape[1:], 3), 0.5, np.float32)


def _truth(dump: Dump, sample: int, notes: Notes) -> LabelMap | None:
    try:
        truth = gt_labels_of(dump, sample)
    except (FileError, ShapeError) as error:
        notes.add(str(error))
        return None
    return truth if truth is not None and truth.size else None


def _valid(dump: Dump, sample: int, shape: tuple[int, ...], notes: Notes) -> AnyArray | None:
    """Which cells of the masks lie within the content; it stands at the upper left."""
    images = datasets(dump.facts, Role.IMAGE)
    if dump.dataset(VALID_HW) is None or not images or "H" not in images[0].layout or "W" not in images[0].layout:
        return None
    try:
        content = dump.read(VALID_HW, sample)
    except FileError as error:
        notes.add(str(error))
        return None
    layout, whole = images[0].layout, images[0].shape
    height, width = whole[layout.index("H")], whole[layout.index("W")]
    if content.shape != (2,) or not (0 < content[0] <= height and 0 < content[1] <= width):
        notes.add(f"{VALID_HW} does not fit images of {height} x {width}; all of each is taken as valid")
        return None
    rows = (np.arange(shape[0]) + 0.5) * (height / shape[0]) < content[0]
    columns = (np.arange(shape[1]) + 0.5) * (width / shape[1]) < content[1]
    valid = rows[:, None] & columns[None, :]
    return None if valid.all() else valid
