"""What a dump holds of one sample's slots, brought to one form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.slot_mean import SlotMean
from inspector.artifacts.dumps.dump import Dump, gt_labels_of, image_of, masks_of, picture_of
from inspector.core.arrays import AnyArray, FloatArray, LabelMap, ShapeError
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.units import percent_text
from inspector.display.dumps import datasets
from inspector.display.rasters import Planes
from inspector.display.slots.scene import MaskSource
from inspector.formats.dump import VALID_HW, Role
from inspector.formats.facts import DatasetFacts

MEAN_BYTES = 4 * 10**6
"""The most that is read of slot vectors to find what they share."""

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


def read_sample(dump: Dump, sample: int, source: MaskSource, iteration: int, notes: Notes, head: int = -1) -> Sample:
    """One sample; what is missing or damaged beside its masks is noted.

    Args:
        dump: where from.
        sample: its index.
        source: of the masks.
        iteration: from 0, the last below 0.
        notes: takes what is missing.
        head: from 0, all together below 0.

    Raises:
        FileError: the masks cannot be read.
    """
    try:
        masks = masks_of(dump, sample, ROLE_OF_SOURCE[source], _chosen(iteration), _chosen(head))
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


def _chosen(index: int) -> int | None:
    return index if index >= 0 else None


def reconstruction_of(dump: Dump, sample: int, notes: Notes) -> Planes | None:
    """What the model made of the image, (height, width, 3) float32 in 0..1; None where the dump has none."""
    found = datasets(dump.facts, Role.RECONSTRUCTION)
    if not found:
        return None
    try:
        return np.divide(picture_of(dump, found[0], sample), 255, dtype=np.float32)
    except (FileError, ShapeError) as error:
        notes.add(str(error))
        return None


def slots_dataset(dump: Dump, iteration: int) -> DatasetFacts | None:
    """The slot vectors after an iteration where the dump keeps them, else the last ones; None without any."""
    found = datasets(dump.facts, Role.SLOTS)
    by_iteration = next((dataset for dataset in found if dataset.layout == "NIKD"), None)
    last = next((dataset for dataset in found if dataset.layout == "NKD"), None)
    return by_iteration if by_iteration and (last is None or iteration >= 0) else last


def slots_of(dump: Dump, sample: int, iteration: int, notes: Notes) -> AnyArray | None:
    """The slot vectors of a sample, (slots, features), of `slots_dataset`."""
    wanted = slots_dataset(dump, iteration)
    if wanted is None:
        return None
    try:
        vectors = dump.read(wanted.path, sample)
    except FileError as error:
        notes.add(str(error))
        return None
    return _of_iteration(vectors, wanted, iteration)


def mean_slot_of(dump: Dump, iteration: int) -> tuple[FloatArray | None, int]:
    """The vector that the slots of the first samples share, (features,) float64, and how many samples these are."""
    wanted = slots_dataset(dump, iteration)
    if wanted is None:
        return None, 0
    key = f"mean of {wanted.path} after {iteration}"
    if key not in dump.remembered:
        dump.remembered[key] = _mean_slot(dump, wanted, iteration)
    found: tuple[FloatArray | None, int] = dump.remembered[key]
    return found


def _mean_slot(dump: Dump, wanted: DatasetFacts, iteration: int) -> tuple[FloatArray | None, int]:
    samples = wanted.shape[0]
    count = min(samples, max(1, MEAN_BYTES * samples // max(wanted.bytes, 1)))
    try:
        rows = dump.rows(wanted, 0, count)
    except FileError:
        return None, 0
    mean = SlotMean()
    for vectors in rows:
        mean = mean.with_slots(_of_iteration(vectors, wanted, iteration))
    return mean.mean, count


def _of_iteration(vectors: AnyArray, dataset: DatasetFacts, iteration: int) -> AnyArray:
    """The vectors after one iteration; a negative one counts from the last."""
    return vectors[min(iteration, len(vectors) - 1)] if dataset.layout == "NIKD" else vectors


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
