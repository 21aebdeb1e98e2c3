"""Activation dumps: one sample's pictures and masks, whatever layout they were written in.

The front of what a dump offers: `dump_file` opens it, `dump_layers` reads activations.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from inspector.analysis.halves import widened
from inspector.artifacts.annotations.annotation_content import PICTURE_FILES
from inspector.artifacts.dumps.dump_file import Dump, close_all, opened, picture_size
from inspector.artifacts.dumps.dump_layers import activation_layers, activation_of, layer_statistics
from inspector.artifacts.dumps.layouts import USUAL_ENTRIES, grid_of, ordered, unit_range, without_single
from inspector.core.arrays import AnyArray, LabelMap
from inspector.core.errors import UnsupportedError
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, layer_name

__all__ = [
    "Dump", "activation_layers", "activation_of", "close_all", "gt_labels_of", "image_of", "layer_name",
    "layer_statistics", "masks_of", "opened", "picture_of", "picture_size", "slot_pictures_of",
]  # fmt: skip

MOST_LABELS = 64
"""The most labels of a sample that are told apart as masks."""

LABELLED_SAMPLES = 8
"""Samples whose labels tell how many masks all have at the least, so that a label has the same place in each."""

RANGE_BYTES = 4 * 10**6
"""The most that is read of a dataset of pictures to find what is black and what white."""


def _needed(dump: Dump, role: Role, what: str) -> DatasetFacts:
    dataset = dump.one(role)
    if dataset is None:
        raise UnsupportedError(dump.path, f"{what} in this dump", "none")
    return dataset


def _is_hollow(dataset: DatasetFacts) -> bool:
    """Whether each sample has no value at all."""
    return any(not length for letter, length in zip(dataset.layout, dataset.shape, strict=False) if letter != "N")


def _one_map(dump: Dump, dataset: DatasetFacts, sample: int, at: Mapping[str, int]) -> tuple[AnyArray, str]:
    """One sample's array and its layout, without frames, iterations and layers: the wanted one of each."""
    wanted = {**USUAL_ENTRIES, **at}
    return without_single(dump.read(dataset.path, sample, wanted), dataset.layout.replace("N", ""), "FIL")


def masks_of(
    dump: Dump,
    sample: int,
    source: str,
    iteration: int | None = None,
    head: int | None = None,
    *,
    frame: int = 0,
    layer: int | None = None,
) -> npt.NDArray[np.float32]:
    """The slot masks of a sample, (slots, height, width) float32 as recorded: not normalised anew.

    Without a head, all are added up where slots and heads sum to 1 together, else averaged; special tokens are dropped.

    Args:
        dump: where from.
        sample: its index.
        source: the path of a dataset, or a role: `attention` (on the encoder's grid), `decoder_masks` (on the
            decoder's). Of a label map, the mask of each label.
        iteration: of Slot Attention, counted from 0; the last without it, and where there are fewer.
        head: the only one wanted, counted from 0; all where there are fewer.
        frame: of a video, counted from 0; the last where there are fewer.
        layer: counted from 0; the last without it, and where there are fewer.

    Raises:
        FileError: there are none, or they cannot be read.
    """
    dataset = dump.of(source)
    if dataset is None:
        raise UnsupportedError(dump.path, "slot masks in this dump", "none")
    if _is_hollow(dataset):
        raise UnsupportedError(dump.path, "slot masks", f"an array of {dataset.shape}")
    if dataset.role == Role.GT_MASKS and "K" not in dataset.layout:
        return _masks_of_labels(dump, sample, frame)
    at = {"F": frame, "I": -1 if iteration is None else iteration, "L": -1 if layer is None else layer}
    values, letters = _one_map(dump, dataset, sample, at)
    array = unit_range(values)
    if "K" not in letters:
        letters = letters.replace("Q", "K")
    if "A" in letters:
        array, letters = _one_head(array, letters, dataset.sums_over, head), letters.replace("A", "")
    if "P" in letters:
        flat = ordered(array, letters, "KP")
        leading, rows, columns = grid_of(flat.shape[1], dataset.attributes, picture_size(dump))
        return np.ascontiguousarray(flat[:, leading:].reshape(len(flat), rows, columns), np.float32)
    return np.ascontiguousarray(ordered(array, letters, "KHW"), np.float32)


def _one_head(array: AnyArray, letters: str, sums_over: str, head: int | None) -> AnyArray:
    """One head, or all of them as one map of the slots."""
    axis, slots = letters.index("A"), letters.index("K")
    heads = array.shape[axis]
    if head is not None and 0 <= head < heads:
        one: AnyArray = array.take(head, axis=axis)
        return one
    together = sums_over == "AK"
    with np.errstate(over="ignore", invalid="ignore"):
        if not sums_over and array.size:
            # A head that sums to 1 by itself: its total over slots is near the number of heads.
            together = float(np.mean(array.sum(axis=(axis, slots), dtype=np.float64))) < (1 + heads) / 2
        found: AnyArray = array.sum(axis=axis) if together else array.mean(axis=axis)
    return found


def image_of(dump: Dump, sample: int, frame: int = 0, longest_px: int = 0) -> npt.NDArray[np.uint8]:
    """The input image of a sample, (height, width, 3) uint8; undefined pixels black.

    Floats are taken as 0..1, -1..1 or 0..255, whichever the first images fit; others are stretched.

    Args:
        dump: where from.
        sample: its index.
        frame: of a video, counted from 0.
        longest_px: the longer side that is wanted, for which image files may be decoded smaller; 0 for all there is.

    Raises:
        FileError: there is none, or it cannot be read.
    """
    return picture_of(dump, _needed(dump, Role.IMAGE, "images"), sample, frame, longest_px)


def picture_of(
    dump: Dump, dataset: DatasetFacts, sample: int, frame: int = 0, longest_px: int = 0
) -> npt.NDArray[np.uint8]:
    """As `image_of`, of any dataset of pictures."""
    if dataset.dtype == PICTURE_FILES:
        return dump.picture(sample, longest_px).pixels
    if _is_hollow(dataset):
        raise UnsupportedError(dump.path, "pictures", f"an array of {dataset.shape}")
    return _pixels(dump, dataset, *_one_map(dump, dataset, sample, {"F": frame}), "HWC")


def slot_pictures_of(
    dump: Dump, dataset: DatasetFacts, sample: int, frame: int = 0, iteration: int = -1
) -> npt.NDArray[np.uint8]:
    """What each slot of a sample draws by itself, (slots, height, width, 3) uint8; scaled and raising as `image_of`."""
    if _is_hollow(dataset):
        raise UnsupportedError(dump.path, "pictures of slots", f"an array of {dataset.shape}")
    return _pixels(dump, dataset, *_one_map(dump, dataset, sample, {"F": frame, "I": iteration}), "KHWC")


def _pixels(dump: Dump, dataset: DatasetFacts, array: AnyArray, letters: str, wanted: str) -> npt.NDArray[np.uint8]:
    """Pictures in a wanted order, their channels last."""
    if "C" not in letters:
        array, letters = array[..., None], f"{letters}C"
    planes = ordered(array, letters, wanted)
    if planes.shape[-1] not in (3, 4):
        planes = planes.mean(axis=-1, keepdims=True) if planes.shape[-1] != 1 else planes
        planes = planes.repeat(3, axis=-1)
    if planes.dtype == np.uint8:
        return np.ascontiguousarray(planes[..., :3])
    low, high = _value_range(dump, dataset)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (widened(planes[..., :3]) - low) * (255 / ((high - low) or 1.0))
    pixels: npt.NDArray[np.uint8] = np.clip(np.nan_to_num(scaled), 0, 255).round().astype(np.uint8)
    return pixels


def _value_range(dump: Dump, dataset: DatasetFacts) -> tuple[float, float]:
    """Which values are black and white: as stated, else judged on the first images together, so that all are alike."""
    match dataset.attributes.get("value_range"):
        case [int() | float() as black, int() | float() as white] if -np.inf < black < white < np.inf:
            # What a model paints may lie well outside.
            return float(black), float(white)
    key = f"range {dataset.path}"
    if key not in dump.remembered:
        each = max(1, dataset.bytes // max(1, dataset.shape[0]))
        values = dump.rows(dataset, 0, min(dataset.shape[0], max(1, min(16, RANGE_BYTES // each))))
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        fits = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
        spare = 0.05
        known = (pair for pair in fits if low >= pair[0] - spare and high <= pair[1] + spare)
        dump.remembered[key] = next(known, (low, high))
    found: tuple[float, float] = dump.remembered[key]
    return found


_NO_LABEL = 2.0**53
"""From here on floats are no whole numbers one by one."""


def gt_labels_of(dump: Dump, sample: int, frame: int = 0) -> LabelMap | None:
    """The true label of each pixel, (height, width) int64; None where the dump has no true masks.

    0 is the background; -1 stands for what is ignored, and for what is no number.

    Raises:
        FileError: they cannot be read.
    """
    dataset = dump.one(Role.GT_MASKS)
    if dataset is None or _is_hollow(dataset):
        return None
    array, letters = _one_map(dump, dataset, sample, {"F": frame})
    stated = dataset.attributes.get("background_index")
    background = stated if isinstance(stated, int) else 0
    if "K" in letters:
        masks = ordered(array, letters, "KHW")
        labels: LabelMap = masks.argmax(axis=0).astype(np.int64)
        empty = ~(masks > 0).any(axis=0)
        if empty.any() and not isinstance(stated, int):
            # No mask is the background's own: it is where there is none.
            return np.where(empty, 0, labels + 1)
        labels[empty] = -1
    else:
        plane = ordered(array, letters, "HW")
        if plane.dtype.kind == "f":
            plane = np.where(np.abs(plane) < _NO_LABEL, np.rint(plane), -1)
        labels = plane.astype(np.int64)
    ignored = dataset.attributes.get("ignore_value")
    result = labels.copy()
    if background:
        result[labels == background] = 0
        result[labels == 0] = background
    if isinstance(ignored, int):
        result[labels == ignored] = -1
    return result


def _masks_of_labels(dump: Dump, sample: int, frame: int) -> npt.NDArray[np.float32]:
    """A mask of each label, at the place of its number where all are small, else of its rank; of undefined pixels none.

    Raises:
        FileError: they cannot be read, or there are too many.
    """
    if "labels" not in dump.remembered:
        known = [_ranked_labels(dump, one, frame) for one in range(min(LABELLED_SAMPLES, dump.facts.samples or 0))]
        dump.remembered["labels"] = max((int(one.max(initial=0)) + 1 for one in known), default=1)
    labels = _ranked_labels(dump, sample, frame)
    count = max(dump.remembered["labels"], int(labels.max(initial=0)) + 1)
    masks: npt.NDArray[np.float32] = (labels == np.arange(count)[:, None, None]).astype(np.float32)
    return masks


def _ranked_labels(dump: Dump, sample: int, frame: int) -> LabelMap:
    labels = gt_labels_of(dump, sample, frame)
    if labels is None:
        raise UnsupportedError(dump.path, "true masks in this dump", "none")
    known = np.unique(labels[labels >= 0])
    if len(known) > MOST_LABELS:
        raise UnsupportedError(dump.path, f"at most {MOST_LABELS} labels in a sample", f"{len(known):,}")
    if known.size and known[-1] >= MOST_LABELS:
        ranked: LabelMap = np.where(labels >= 0, np.searchsorted(known, labels), -1)
        return ranked
    return labels
