"""Which slot of another dump each slot is, so that it keeps its colour from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from inspector.analysis.slot_identity import matched_slots
from inspector.analysis.slot_masks import soft_overlaps
from inspector.artifacts.dumps.dump import masks_of, opened
from inspector.artifacts.identity import Identity
from inspector.core.arrays import AnyArray, ShapeError
from inspector.core.errors import FileError
from inspector.display.rasters import Planes, drawn_size, nearest
from inspector.display.slots.reading import ROLE_OF_SOURCE
from inspector.display.slots.scene import MaskSource

MATCHED_SAMPLES = 8
"""Samples that are looked at together: slots keep their places over samples, or none has a lasting identity."""

MATCHED_GRID_PX = 32

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


def identities_of(path: Path, reference: str, place: str, source: MaskSource, slots: int) -> Identities:
    """The counterparts of a dump's slots among those of a reference, by the masks of their first samples.

    Args:
        path: the dump.
        reference: path of the other, empty for none.
        place: what the reference is called.
        source: of the masks in both.
        slots: how many this dump has.
    """
    own = Identities(tuple(range(slots)))
    if not reference or Path(reference) == path:
        return own
    try:
        known = (opened(Path(reference)).identity, opened(path).identity)
        matched = _matched(path, Path(reference), source, known)
    except (FileError, ShapeError):
        return own
    if matched is None or len(matched[0]) != slots:
        return own
    numbers, overlaps = matched
    texts = tuple(
        f"in {place}: slot {number}, overlap {overlap:.2f}" if np.isfinite(overlap) else f"in {place}: no counterpart"
        for number, overlap in zip(numbers, overlaps, strict=True)
    )
    return Identities(numbers, texts)


@lru_cache(maxsize=64)
def _matched(
    path: Path, reference: Path, source: MaskSource, _known: tuple[Identity, Identity]
) -> tuple[tuple[int, ...], tuple[float, ...]] | None:
    """The counterpart of each slot and its overlap; None where nothing is there to compare."""
    samples = min(MATCHED_SAMPLES, *(opened(one).facts.samples or 1 for one in (path, reference)))
    others, own = _coarse(reference, source, samples), _coarse(path, source, samples)
    if not own.size or not others.size:
        return None
    match = matched_slots(others, own)
    slots = own.shape[1]
    if others.shape == own.shape:
        stay = np.nan_to_num(np.diag(soft_overlaps(_flat(own), _flat(others))))
        if float(np.nan_to_num(match.overlaps).mean()) - float(stay.mean()) < LEAST_GAIN:
            return tuple(range(slots)), tuple(stay.tolist())
    return match.identities, match.overlaps


def _coarse(path: Path, source: MaskSource, samples: int) -> Planes:
    """(samples, slots, rows, columns) float32 on a coarse grid."""
    dump = opened(path)
    planes = []
    for sample in range(samples):
        masks = masks_of(dump, sample, ROLE_OF_SOURCE[source])
        rows, columns = masks.shape[1:]
        size = drawn_size(rows, columns, min(MATCHED_GRID_PX, max(rows, columns)))
        planes.append(np.moveaxis(nearest(np.moveaxis(masks, 0, -1), *size), -1, 0))
    return np.stack(planes).astype(np.float32)


def _flat(masks: AnyArray) -> AnyArray:
    """(slots, samples * pixels), none negative."""
    weights = np.where(np.isfinite(masks) & (masks > 0), masks, np.float32(0))
    return np.moveaxis(weights, 1, 0).reshape(weights.shape[1], -1)
