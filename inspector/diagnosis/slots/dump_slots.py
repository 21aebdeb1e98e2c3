"""What a dump tells of its slots: how uniform the masks are, how alike the slots, how well they find objects."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.colour_clusters import colour_clusters
from inspector.analysis.segmentation import blocks, foreground_adjusted_rand_index
from inspector.analysis.slot_mean import SlotMean
from inspector.analysis.slot_places import PositionCounts
from inspector.analysis.slots import active_slots, mean_mask_entropy, mean_slot_cosine, slot_areas, winning_slots
from inspector.artifacts.dumps.dump import Dump, gt_labels_of, image_of, masks_of, opened
from inspector.artifacts.dumps.layouts import ordered
from inspector.artifacts.dumps.sample_scan import valid_of
from inspector.core.arrays import AnyArray, FloatArray, LabelMap, ShapeError
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.diagnosis.material import Material
from inspector.diagnosis.thresholds import Thresholds
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.runs.values import FileEntry

NO_MASKS = "no dump with decoder masks"

_COLOURED_SCENES = 16
"""Scenes whose colours are clustered, which takes longest."""


@dataclass(frozen=True, slots=True, eq=False)
class DumpedSlots:
    """Measures over the first samples of a dump; NaN where it lacks what they need.

    Attributes:
        sample: where the slots are most alike, else where the masks are most uniform.
        slots: how many there are.
        masks: path of their attention where the dump has no masks of a decoder, else empty.
        centred_cosine: less the mean vector that all slots share.
        areas: (samples, slots) float64, share of the content that each slot wins.
        position_share: how much of the choice of a slot its place tells, over the samples; NaN of fewer than 16.
        place_agreement: how far two samples agree on the slot of a place, beyond chance; NaN of fewer than 4.
        objects, ground: (samples,) float64, how many objects there are, and the share of pixels that belong to none.
        fg_aris: (scenes,) float64, of samples with two objects or more: with one, any single segment scores 1.
        blocks_fg_aris: what a fixed 2 × 2 grid scores on the same samples.
        colour_fg_aris: what clusters of the pictures' colours score on the first of them.
    """

    entry: FileEntry
    samples: int
    slots: int
    masks: str
    sample: int
    entropy: float
    cosine: float
    centred_cosine: float
    areas: FloatArray
    position_share: float
    place_agreement: float
    objects: FloatArray
    ground: FloatArray
    fg_aris: FloatArray
    blocks_fg_aris: FloatArray
    colour_fg_aris: FloatArray

    @property
    def fg_ari(self) -> float:
        """Mean over the scenes."""
        return _mean(self.fg_aris)

    @property
    def blocks_fg_ari(self) -> float:
        """Mean over the scenes."""
        return _mean(self.blocks_fg_aris)

    @property
    def active(self) -> float:
        """How many slots win more than a hundredth of an image, on average."""
        known = self.areas[np.isfinite(self.areas).all(axis=1)]
        return float(active_slots(known).sum(axis=1).mean()) if len(known) else float("nan")


def has_masks(facts: DumpFacts) -> bool:
    """Whether a dump holds decoder masks of at least one sample."""
    return any(one.role == Role.DECODER_MASKS and all(one.shape) for one in facts.datasets)


def slot_masks(facts: DumpFacts) -> DatasetFacts | None:
    """The decoder's masks, in a dump without them the attention of slots, else None."""
    known = [one for one in facts.datasets if all(one.shape)]
    drawn = (one for one in known if one.role == Role.DECODER_MASKS)
    attended = (one for one in known if one.role == Role.ATTENTION and "K" in one.layout)
    return next(drawn, None) or next(attended, None)


def dumped_slots(entry: FileEntry, limits: Thresholds, pulse: Pulse) -> DumpedSlots:
    """Look at the masks, slots and true masks of a dump; where it has no decoder masks, at the attention of its slots.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so.
    """
    path = Path(entry.path)
    dump, name = opened(path, pulse), f"slots seen {limits.dump_samples}"
    try:
        if name not in dump.remembered:
            dump.remembered[name] = _looked_at(entry, dump, limits, pulse)
    except ShapeError as error:
        raise UnsupportedError(path, "masks and slots by sample", str(error)) from error
    found: DumpedSlots = dump.remembered[name]
    return found


def newest_with_masks(material: Material) -> FileEntry | None:
    """The newest dump with decoder masks, None where there is none."""
    found = [entry for entry, facts in material.dumps if has_masks(facts)]
    return found[-1] if found else None


def newest_slots(material: Material, pulse: Pulse) -> DumpedSlots | None:
    """The slots of the newest dump with decoder masks, None where there is none.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so.
    """
    entry = newest_with_masks(material)
    return None if entry is None else dumped_slots(entry, material.thresholds, pulse)


def has_dumped_masks(material: Material) -> bool:
    """Whether there is one."""
    return newest_with_masks(material) is not None


def _looked_at(entry: FileEntry, dump: Dump, limits: Thresholds, pulse: Pulse) -> DumpedSlots:
    facts = slot_masks(dump.facts)
    of_attention = facts is not None and facts.role == Role.ATTENTION
    count = min(facts.samples if facts is not None else 0, limits.dump_samples)
    entropies, objects, ground = (np.full(count, np.nan) for _ in range(3))
    vectors, areas, slots = [], [], 0
    positions: PositionCounts | None = None
    scores: list[tuple[float, float, float]] = []
    for sample in range(count):
        pulse.beat(sample, count, f"slots of {entry.name}")
        masks = masks_of(dump, sample, facts.path if facts is not None else Role.DECODER_MASKS)
        if of_attention:  # it may be recorded as the weights of a mean, which sum to 1 over positions
            masks = masks / np.maximum(masks.sum(axis=0), 1e-12)
        slots = len(masks)
        valid = valid_of(dump, sample, masks.shape[1:])
        winners = winning_slots(masks)
        if valid is not None:
            winners[~valid] = -1
        entropies[sample] = mean_mask_entropy(masks, valid)
        areas.append(slot_areas(winners, slots))
        positions = (positions or PositionCounts(np.zeros((slots, 0), np.int64))).with_winners(winners)
        vector = _vectors(dump, sample)
        if vector is not None:
            vectors.append(vector)
        truth = gt_labels_of(dump, sample)
        if truth is not None and truth.shape == winners.shape and (truth >= 0).any():
            objects[sample] = np.unique(truth[truth > 0]).size
            ground[sample] = float((truth[truth >= 0] == 0).mean())
            if objects[sample] >= 2:
                coloured = len(scores) < _COLOURED_SCENES
                scores.append(_scores(dump, sample, truth, winners, slots if coloured else 0))
    cosines = np.array([mean_slot_cosine(one) for one in vectors])
    fg_aris, blocks_fg_aris, colour_fg_aris = np.array(scores, np.float64).reshape(-1, 3).T
    return DumpedSlots(
        entry=entry,
        samples=count,
        slots=slots,
        masks=facts.path if facts is not None and of_attention else "",
        sample=_most(cosines if len(cosines) == count else entropies),
        entropy=_mean(entropies),
        cosine=_mean(cosines),
        centred_cosine=_centred(vectors),
        areas=np.array(areas).reshape(count, slots),
        position_share=positions.share if positions is not None else float("nan"),
        place_agreement=positions.agreement if positions is not None else float("nan"),
        objects=objects,
        ground=ground,
        fg_aris=fg_aris,
        blocks_fg_aris=blocks_fg_aris,
        colour_fg_aris=colour_fg_aris,
    )


def _scores(dump: Dump, sample: int, truth: LabelMap, winners: LabelMap, segments: int) -> tuple[float, float, float]:
    """FG-ARI of the masks, of 2 × 2 blocks and, with segments, of clusters of colours."""
    known = np.where(winners >= 0, truth, -1)
    coloured = float("nan")
    if segments and dump.one(Role.IMAGE) is not None:
        with suppress(FileError, ShapeError):
            image = image_of(dump, sample)
            if image.shape[:2] == truth.shape:
                coloured = foreground_adjusted_rand_index(known, colour_clusters(image, segments))
    return (
        foreground_adjusted_rand_index(known, winners),
        foreground_adjusted_rand_index(known, blocks(truth.shape[0], truth.shape[1], 2, 2)),
        coloured,
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
