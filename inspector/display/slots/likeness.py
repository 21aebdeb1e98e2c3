"""How alike the slots of a sample are: the cosines of their vectors, as they are and less what all slots share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.slot_mean import SlotMean
from inspector.analysis.slots import mean_slot_cosine, slot_cosines
from inspector.artifacts.dumps.dump import Dump
from inspector.artifacts.dumps.dump_file import part_at
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.display.dumps import datasets
from inspector.display.slots.scene import MaskChoice
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

MEAN_BYTES = 4 * 10**6
"""The most that is read of slot vectors to find what they share."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How alike slots are; without slot vectors there is no cosine, and NaN in place of the means.

    Attributes:
        cosines: (slots, slots) float64, NaN on the diagonal.
        mean, centred: over pairs of slots, raw and less the mean over `mean_of` samples, which is 0 where that is
            unknown.
    """

    cosines: FloatArray
    mean: float = math.nan
    centred: float = math.nan
    mean_of: int = 0


def likeness_of(dump: Dump, sample: int, choice: MaskChoice, notes: Notes) -> Likeness:
    """How alike the slots of a sample are after an iteration, in a frame; what cannot be read is noted."""
    vectors = _slots_of(dump, sample, choice, notes)
    if vectors is None:
        return Likeness(np.empty((0, 0)))
    mean, mean_of = _mean_slot_of(dump, choice)
    if mean is None or mean.shape != vectors.shape[1:]:
        return Likeness(slot_cosines(vectors), mean_slot_cosine(vectors))
    return Likeness(slot_cosines(vectors), mean_slot_cosine(vectors), mean_slot_cosine(vectors, mean), mean_of)


def _slots_dataset(dump: Dump, choice: MaskChoice) -> DatasetFacts | None:
    """The slot vectors after an iteration or in a frame where the dump keeps them, else the last ones; None without."""
    by_layout = {dataset.layout: dataset for dataset in reversed(datasets(dump.facts, Role.SLOTS))}
    last = by_layout.get("NKD")
    by_iteration = by_layout.get("NIKD") if last is None or choice.iteration >= 0 else None
    return by_layout.get("NFKD") or by_iteration or last


def _slots_of(dump: Dump, sample: int, choice: MaskChoice, notes: Notes) -> AnyArray | None:
    """The slot vectors of a sample, (slots, features), of `_slots_dataset`."""
    wanted = _slots_dataset(dump, choice)
    if wanted is None:
        return None
    try:
        vectors = dump.read(wanted.path, sample, _entry(choice))
    except FileError as error:
        notes.add_error(error)
        return None
    return vectors.reshape(vectors.shape[-2:])


def _entry(choice: MaskChoice) -> dict[str, int]:
    return {"F": choice.frame, "I": choice.iteration}


def _mean_slot_of(dump: Dump, choice: MaskChoice) -> tuple[FloatArray | None, int]:
    """The vector that the slots of the first samples share, (features,) float64, and how many samples these are."""
    wanted = _slots_dataset(dump, choice)
    if wanted is None:
        return None, 0
    key = f"mean of {wanted.path} at {choice.frame} {choice.iteration}"
    if key not in dump.remembered:
        dump.remembered[key] = _mean_slot(dump, wanted, choice)
    found: tuple[FloatArray | None, int] = dump.remembered[key]
    return found


def _mean_slot(dump: Dump, wanted: DatasetFacts, choice: MaskChoice) -> tuple[FloatArray | None, int]:
    samples = wanted.shape[0]
    count = min(samples, max(1, MEAN_BYTES * samples // max(wanted.bytes, 1)))
    try:
        rows = dump.rows(wanted, 0, count)
        entry = part_at(wanted, _entry(choice))[1] if wanted.layout != "NKD" else slice(None)
    except FileError:
        return None, 0
    mean = SlotMean()
    for vectors in rows[:, entry]:
        mean = mean.with_slots(vectors.reshape(vectors.shape[-2:]))
    return mean.mean, count
