"""Which slot of another dump each slot is, so that it keeps its colour from step to step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.analysis.slot_identity import matched_slots
from inspector.analysis.slot_masks import soft_overlaps
from inspector.artifacts.dumps.dump import masks_of, opened
from inspector.artifacts.identity import Identity
from inspector.core.arrays import AnyArray, FloatArray, ShapeError
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import QUIET, Pulse
from inspector.display.rasters import Planes, drawn_size, nearest
from inspector.display.slots.mask_sets import held
from inspector.display.slots.scene import MaskChoice
from inspector.session.values import SlotReference

MATCHED_SAMPLES = 8
"""Samples that are looked at together: slots keep their places over samples, or none has a lasting identity."""

MATCHED_GRID_PX = 32

KEPT_SAMPLES = 4
KEPT_GRID_PX = 16
"""What is kept for other runs: 24 slots take 24 kB."""

LEAST_GAIN = 0.05
"""Mean overlap that another order must win: of masks that look alike, any order is the best by a hair."""


@dataclass(frozen=True, slots=True)
class Identities:
    """Which slot each is elsewhere.

    Attributes:
        numbers: of each slot, that of its counterpart; others count on.
        texts: the counterpart of each slot in words, empty where nothing was compared.
    """

    numbers: tuple[int, ...]
    texts: tuple[str, ...] = ()


class Like(NamedTuple):
    """Whose slots give the numbers: those of `kept` where there is one, else those of the dump `path`."""

    path: str = ""
    place: str = ""
    kept: SlotReference | None = None


def identities_of(path: Path, like: Like, choice: MaskChoice, slots: int, pulse: Pulse = QUIET) -> Identities:
    """The counterparts of a dump's slots among those of a reference, by the masks of their first samples.

    Args:
        path: the dump.
        like: the reference; without one, or where it is the dump itself, every slot is its own.
        choice: of the masks in both; those of the last iteration and layer, and of the first frame, are compared.
        slots: how many this dump has.
        pulse: beats once a sample that is read.

    Raises:
        WorkCancelled: the pulse says so.
    """
    own = Identities(tuple(range(slots)))
    other = like.path if like.path and Path(like.path) != path else ""
    if (like.kept is None and not other) or choice.source == "tokens":
        return own
    try:
        other_identity = opened(Path(other)).identity if other else None
        found = like._replace(path=other, place="")
        datasets = MaskChoice(source=choice.source, dataset=choice.dataset)
        _compared(path, found, datasets, pulse)  # what is read here is known below, and is read with a look at cancel
        matched = _matched(path, opened(path).identity, found, other_identity, datasets)
    except (FileError, ShapeError):
        return own
    if matched is None or len(matched[0]) != slots:
        return own
    place = like.kept.name if like.kept is not None else like.place
    numbers, overlaps = matched
    met, alone = tr("in {place}: slot {slot}, overlap {overlap:.2f}"), tr("in {place}: no counterpart")
    texts = tuple(
        (met if np.isfinite(overlap) else alone).format(place=place, slot=number, overlap=overlap)
        for number, overlap in zip(numbers, overlaps, strict=True)
    )
    return Identities(numbers, texts)


def reference_of(
    path: Path, name: str, choice: MaskChoice, numbers: tuple[int, ...], pulse: Pulse = QUIET
) -> SlotReference:
    """The masks of a dump by the numbers of its slots, small enough to be kept in the session.

    Args:
        path: the dump.
        name: what it is called.
        choice: of the masks, as for `identities_of`.
        numbers: of its slots, as `identities_of` gives them.
        pulse: beats once a sample that is read.

    Raises:
        WorkCancelled: the pulse says so.
    """
    if choice.source == "tokens":
        return SlotReference(name=name, shape=(0, 0, 0, 0), masks=b"")
    try:
        masks = _coarse(path, choice, min(KEPT_SAMPLES, opened(path).facts.samples or 1), pulse)
        rows, columns = masks.shape[2:]
        masks = _sampled(masks, *drawn_size(rows, columns, min(KEPT_GRID_PX, max(rows, columns))))
    except (FileError, ShapeError):
        masks = np.zeros((0, 0, 0, 0), np.float32)
    if masks.shape[1] != len(numbers):
        return SlotReference(name=name, shape=(0, 0, 0, 0), masks=b"")
    placed = np.zeros((len(masks), max(numbers) + 1, *masks.shape[2:]), np.uint8)
    placed[:, list(numbers)] = np.clip(np.nan_to_num(masks), 0, 1) * 255 + 0.5
    samples, slots, rows, columns = placed.shape
    return SlotReference(name=name, shape=(samples, slots, rows, columns), masks=placed.tobytes())


@lru_cache(maxsize=64)
def _matched(
    path: Path, _identity: Identity, like: Like, _other_identity: Identity | None, choice: MaskChoice
) -> tuple[tuple[int, ...], tuple[float, ...]] | None:
    """The counterpart of each slot and its overlap; None where nothing is there to compare."""
    others, own = _compared(path, like, choice, QUIET)
    if not own.size:
        return None
    match = matched_slots(others, own)
    if others.shape[1] == own.shape[1]:
        stay = matched_overlaps(others, own)
        if float(np.nan_to_num(match.overlaps).mean()) - float(stay.mean()) < LEAST_GAIN:
            return tuple(range(own.shape[1])), tuple(stay.tolist())
    return match.identities, match.overlaps


def _compared(path: Path, like: Like, choice: MaskChoice, pulse: Pulse) -> tuple[Planes, Planes]:
    """Masks of the same samples of the reference and of the dump; without a value where there are none."""
    samples = min(MATCHED_SAMPLES, opened(path).facts.samples or 1)
    if like.kept is not None:
        others = _masks_kept(like.kept)[:samples]
    else:
        samples = min(samples, opened(Path(like.path)).facts.samples or 1)
        others = _coarse(Path(like.path), choice, samples, pulse)
    return others, _coarse(path, choice, len(others), pulse)


def matched_overlaps(others: Planes, own: Planes) -> FloatArray:
    """(slots,) overlap of each slot with that of the same number, 0..1; 0 where both are empty."""
    small = min(others.shape[2], own.shape[2]), min(others.shape[3], own.shape[3])
    first, second = (_flat(_sampled(masks, *small)) for masks in (own, others))
    return np.nan_to_num(np.diag(soft_overlaps(first, second)))


def _masks_kept(kept: SlotReference) -> Planes:
    """(samples, slots, rows, columns) float32; without a value where the bytes are not as many as stated."""
    if len(kept.masks) != math.prod(kept.shape) or min(kept.shape) <= 0:
        return np.zeros((0, 0, 0, 0), np.float32)
    return np.frombuffer(kept.masks, np.uint8).reshape(kept.shape).astype(np.float32) / np.float32(255)


def _coarse(path: Path, choice: MaskChoice, samples: int, pulse: Pulse) -> Planes:
    """(samples, slots, rows, columns) float32 on a coarse grid, of the first samples."""
    planes = []
    for sample in range(samples):
        pulse.beat(sample, samples, tr("matching slots"))
        planes.append(_coarse_sample(path, opened(path).identity, choice, sample))
    return np.stack(planes) if planes else np.zeros((0, 0, 0, 0), np.float32)


@lru_cache(maxsize=128)
def _coarse_sample(path: Path, _identity: Identity, choice: MaskChoice, sample: int) -> Planes:
    dump = opened(path)
    known = held(dump.facts, choice)
    masks = masks_of(dump, sample, known.dataset if known else "")
    rows, columns = masks.shape[1:]
    return _sampled(masks, *drawn_size(rows, columns, min(MATCHED_GRID_PX, max(rows, columns)))).astype(np.float32)


def _sampled(masks: Planes, rows: int, columns: int) -> Planes:
    """(..., rows, columns), the cells nearest to the middles of coarser ones."""
    sampled: Planes = np.moveaxis(nearest(np.moveaxis(masks, (-2, -1), (0, 1)), rows, columns), (0, 1), (-2, -1))
    return sampled


def _flat(masks: AnyArray) -> AnyArray:
    """(slots, samples * pixels), none negative."""
    weights = np.where(np.isfinite(masks) & (masks > 0), masks, np.float32(0))
    return np.moveaxis(weights, 1, 0).reshape(weights.shape[1], -1)
