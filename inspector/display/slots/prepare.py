"""From a dump to the scene of the Slots viewer."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np

from inspector.analysis.resampling import resized
from inspector.analysis.slots import (
    active_slots,
    mask_entropy,
    mean_slot_cosine,
    slot_areas,
    slot_cosines,
    winning_slots,
)
from inspector.artifacts.dumps.dump import Dump, iterations_of, opened
from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.display.colour_maps import apply_map
from inspector.display.rasters import Planes, drawn_size, nearest
from inspector.display.slot_colours import slot_colour
from inspector.display.slots import pictures
from inspector.display.slots.reading import ROLE_OF_SOURCE, Sample, read_sample, slots_of, sources_of
from inspector.display.slots.scene import MaskStyle, SlotLabel, SlotsAsk, SlotsScene, SlotTile
from inspector.display.slots.scores import figures, number, score_text, scores_of
from inspector.display.slots.strip import strip_of

HARD_PX = 320
"""Longest side, at the least, of a picture with hard borders; soft masks are enlarged as they are painted."""

LARGEST_PX = 640
TILE_PX = 144
LABEL_GRID_PX = 64


def prepare(ask: SlotsAsk, pulse: Pulse) -> SlotsScene:
    """The scene of one sample.

    Raises:
        FileError: the dump or its masks cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what="opening the dump")
    notes = Notes()
    dump = opened(Path(ask.path), pulse)
    seen = _resolved(ask, dump, notes)
    iterations = max(1, iterations_of(dump, ROLE_OF_SOURCE[seen.source]))
    sample = read_sample(dump, seen.sample, seen.source, seen.iteration, notes)
    slots = len(sample.masks)
    solo = seen.solo if seen.solo is not None and 0 <= seen.solo < slots else None
    pulse.beat(what="masks")
    winners = winning_slots(sample.masks)
    areas = slot_areas(winners, slots, sample.valid)
    active = active_slots(areas)
    scores = scores_of(sample.masks, sample.truth)
    entropy = mask_entropy(sample.masks)
    defined = entropy[np.isfinite(entropy) & (True if sample.valid is None else sample.valid)]
    mean_entropy = float(defined.mean()) if defined.size else math.nan
    cosines, mean_cosine = _cosines(dump, seen, notes)
    pulse.beat(what="composite")
    composite = pictures.composite(*_drawn(sample, seen.style), seen.style, seen.opacity, solo)
    pulse.beat(what="slots")
    samples = dump.facts.samples or 1
    return SlotsScene(
        place=seen.place,
        sample=seen.sample,
        samples=samples,
        iteration=seen.iteration % iterations,
        iterations=iterations,
        source=seen.source,
        sources=sources_of(dump),
        style=seen.style,
        solo=solo,
        composite=composite,
        labels=_labels(winners, active, solo) if pictures.needs_numbers(seen.style, slots) else (),
        score_text=score_text(scores, int(active.sum()), slots),
        figures=figures(scores, int(active.sum()), slots, mean_entropy, mean_cosine),
        slots=_tiles(sample, areas, active),
        active=int(active.sum()),
        entropy=_entropy_picture(entropy, sample),
        mean_entropy=mean_entropy,
        entropy_text=number(mean_entropy),
        cosine=_cosine_picture(cosines) if cosines.size else None,
        mean_cosine=mean_cosine,
        cosine_text=f"Slot–slot cosine, mean {number(mean_cosine)}",
        cosine_values=tuple(tuple(float(value) for value in row) for row in cosines),
        fg_ari=scores.fg_ari,
        ari=scores.ari,
        baseline=scores.baseline,
        strip=strip_of(seen, samples, pulse),
        notes=notes.texts(),
    )


def _resolved(ask: SlotsAsk, dump: Dump, notes: Notes) -> SlotsAsk:
    """The ask with a source and an iteration that the dump has; the last iteration is -1 however it was asked for."""
    sources = sources_of(dump)
    source = ask.source if ask.source in sources else sources[0]
    if source != ask.source:
        notes.add(f"This dump has no {ask.source} masks; those of the {source} are shown")
    last = max(1, iterations_of(dump, ROLE_OF_SOURCE[source])) - 1
    iteration = ask.iteration if 0 <= ask.iteration < last else -1
    return msgspec.structs.replace(ask, source=source, iteration=iteration)


def _cosines(dump: Dump, ask: SlotsAsk, notes: Notes) -> tuple[FloatArray, float]:
    """Cosines of all pairs of slots and their mean; empty and NaN without slot vectors."""
    vectors = slots_of(dump, ask.sample, ask.iteration, notes)
    return (np.empty((0, 0)), math.nan) if vectors is None else (slot_cosines(vectors), mean_slot_cosine(vectors))


def _drawn(sample: Sample, style: MaskStyle) -> tuple[Planes, Planes]:
    """Image and masks at the size of the composite."""
    hard = pictures.needs_numbers(style, len(sample.masks))
    longest = max(*sample.image.shape[:2], *sample.masks.shape[1:])
    return _sized(sample, min(max(longest, HARD_PX) if hard else longest, LARGEST_PX))


def _sized(sample: Sample, longest: int) -> tuple[Planes, Planes]:
    size = drawn_size(sample.image.shape[0], sample.image.shape[1], longest)
    image = np.moveaxis(resized(np.moveaxis(sample.image, -1, 0), *size), 0, -1)
    return image, resized(sample.masks, *size)


def _tiles(sample: Sample, areas: FloatArray, active: AnyArray) -> tuple[SlotTile, ...]:
    image, masks = _sized(sample, min(TILE_PX, max(*sample.image.shape[:2], *sample.masks.shape[1:])))
    weights = pictures.unit(masks)
    return tuple(
        SlotTile(
            slot=slot,
            name=f"slot {slot}",
            share=float(areas[slot]),
            share_text="–" if math.isnan(areas[slot]) else percent_text(float(areas[slot])),
            active=bool(active[slot]),
            colour=slot_colour(slot),
            picture=pictures.tile(image, weights[slot]),
        )
        for slot in range(len(weights))
    )


def _labels(winners: AnyArray, active: AnyArray, solo: int | None) -> tuple[SlotLabel, ...]:
    """The numbers of the active slots, each where its region is deepest."""
    longest = max(winners.shape)
    coarse = nearest(winners, *drawn_size(winners.shape[0], winners.shape[1], min(longest, LABEL_GRID_PX)))
    labels = []
    for slot in np.flatnonzero(active):
        point = pictures.innermost(coarse == slot)
        if point is not None and solo in {None, int(slot)}:
            labels.append(SlotLabel(text=str(slot), x=point[0], y=point[1]))
    return tuple(labels)


def _entropy_picture(entropy: FloatArray, sample: Sample) -> Rgba:
    size = drawn_size(sample.image.shape[0], sample.image.shape[1], min(TILE_PX, max(entropy.shape)))
    return apply_map(resized(entropy, *size), 0.0, 1.0, "inferno")


def _cosine_picture(cosines: FloatArray) -> Rgba:
    """One cell a pair; the diagonal is 1 where the slot has a direction at all."""
    filled = cosines.copy()
    directed = np.isfinite(cosines).any(axis=1)
    np.fill_diagonal(filled, np.where(directed, 1.0, np.nan))
    return apply_map(filled, -1.0, 1.0, "diverging")
