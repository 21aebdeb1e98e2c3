"""What a dump tells of its slots: how uniform the masks are, how alike the slots, how well they find objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.segmentation import blocks, mean_foreground_agreement
from inspector.analysis.slot_mean import SlotMean
from inspector.analysis.slots import mean_mask_entropy, mean_slot_cosine, winning_slots
from inspector.artifacts.dumps.dump import Dump, gt_labels_of, masks_of, opened
from inspector.artifacts.dumps.layouts import ordered
from inspector.core.arrays import AnyArray, FloatArray, LabelMap, ShapeError
from inspector.core.errors import UnsupportedError
from inspector.core.pulse import Pulse
from inspector.diagnosis.thresholds import DUMP_SAMPLES
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.values import FileEntry


@dataclass(frozen=True, slots=True, eq=False)
class DumpedSlots:
    """Measures over the first samples of a dump; NaN where it lacks what they need.

    Attributes:
        sample: where the slots are most alike, else where the masks are most uniform.
        slots: how many there are.
        centred_cosine: less the mean vector that all slots share.
        fg_ari: of samples with two objects or more: with one, any single segment scores 1.
        blocks_fg_ari: what a fixed 2 × 2 grid scores on the same samples.
    """

    entry: FileEntry
    samples: int
    slots: int
    sample: int
    entropy: float
    cosine: float
    centred_cosine: float
    fg_ari: float
    blocks_fg_ari: float


def has_masks(facts: DumpFacts) -> bool:
    """Whether a dump holds decoder masks of at least one sample."""
    return any(one.role == Role.DECODER_MASKS and all(one.shape) for one in facts.datasets)


def dumped_slots(entry: FileEntry, pulse: Pulse) -> DumpedSlots:
    """Look at the decoder masks, slots and true masks of a dump.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so.
    """
    path = Path(entry.path)
    try:
        return _looked_at(entry, opened(path, pulse), pulse)
    except ShapeError as error:
        raise UnsupportedError(path, "masks and slots by sample", str(error)) from error


def _looked_at(entry: FileEntry, dump: Dump, pulse: Pulse) -> DumpedSlots:
    facts = dump.one(Role.DECODER_MASKS)
    axis = max(facts.layout.find("N"), 0) if facts is not None else 0
    count = min(facts.shape[axis] if facts is not None and facts.shape else 0, DUMP_SAMPLES)
    entropies, vectors = np.full(count, np.nan), []
    truths: list[LabelMap] = []
    predicted: list[LabelMap] = []
    slots = 0
    for sample in range(count):
        pulse.beat(sample, count, f"slots of {entry.name}")
        masks = masks_of(dump, sample, Role.DECODER_MASKS)
        slots = len(masks)
        entropies[sample] = mean_mask_entropy(masks)
        vector = _vectors(dump, sample)
        if vector is not None:
            vectors.append(vector)
        truth = gt_labels_of(dump, sample)
        if truth is not None and truth.shape == masks.shape[1:] and np.unique(truth[truth > 0]).size >= 2:
            truths.append(truth)
            predicted.append(winning_slots(masks))
    cosines = np.array([mean_slot_cosine(one) for one in vectors])
    return DumpedSlots(
        entry=entry,
        samples=count,
        slots=slots,
        sample=_most(cosines if len(cosines) == count else entropies),
        entropy=_mean(entropies),
        cosine=_mean(cosines),
        centred_cosine=_centred(vectors),
        fg_ari=mean_foreground_agreement(zip(truths, predicted, strict=True)).value,
        blocks_fg_ari=mean_foreground_agreement(
            (one, blocks(one.shape[0], one.shape[1], 2, 2)) for one in truths
        ).value,
    )


def _vectors(dump: Dump, sample: int) -> AnyArray | None:
    """(slots, features) float64 after the last iteration, None where the dump has none of that sample."""
    dataset = dump.one(Role.SLOTS)
    letters = dataset.layout.replace("N", "") if dataset is not None else ""
    if dataset is None or not {"K", "D"} <= set(letters) <= set("IKD") or sample >= dataset.shape[0]:
        return None
    array: AnyArray = np.asarray(dump.read(dataset.path, sample), np.float64)
    if "I" in letters:
        array = np.take(array, -1, axis=letters.index("I"))
    return np.asarray(ordered(array, letters.replace("I", ""), "KD"))


def _centred(vectors: list[AnyArray]) -> float:
    shared = SlotMean()
    for one in vectors:
        shared = shared.with_slots(one)
    mean = shared.mean
    if mean is None or shared.left_out:
        return float("nan")
    return _mean(np.array([mean_slot_cosine(one, mean) for one in vectors]))


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _most(values: FloatArray) -> int:
    return int(np.nanargmax(values)) if np.isfinite(values).any() else 0
