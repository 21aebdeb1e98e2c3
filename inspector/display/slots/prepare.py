"""From a dump to the scene of the Slots viewer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from inspector.analysis.slots import active_slots
from inspector.artifacts.dumps.dump import Dump, opened
from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.colour_maps import apply_map
from inspector.display.kept_scenes import KeptScenes
from inspector.display.rasters import Planes, drawn_size, nearest, rgba_of
from inspector.display.slots import pictures
from inspector.display.slots.axis import about_text, sums_text
from inspector.display.slots.identity import Identities, Like, identities_of, reference_of
from inspector.display.slots.judged import judged_sample
from inspector.display.slots.likeness import likeness_of
from inspector.display.slots.mask_sets import (
    MaskSet,
    chosen_set,
    frames,
    from_first,
    length,
    mask_sets,
    options,
    token_options,
    unlike_means,
)
from inspector.display.slots.reading import (
    Sample,
    choice_in,
    reconstruction_of,
    slot_pictures_in,
    slot_reconstructions,
)
from inspector.display.slots.scene import MaskChoice, SlotLabel, SlotsAsk, SlotsScene, TileKind
from inspector.display.slots.scores import SampleFigures, figures, score_text
from inspector.display.slots.sides import image_error, picture_sized, sides_of
from inspector.display.slots.tiles import head_tiles, number, tiles_of
from inspector.display.slots.token_tile import token_text, token_tile

HARD_PX = 320
"""Longest side, at the least, of a picture with hard borders; soft masks are enlarged as they are painted."""

LARGEST_PX = 640
TILE_PX = 144
LABEL_GRID_PX = 64

_KEPT = KeptScenes[SlotsScene](3)


def prepare(ask: SlotsAsk, pulse: Pulse) -> SlotsScene:
    """The scene of one sample.

    Raises:
        FileError: the dump or its masks cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    return _KEPT.scene((ask, dump.stamp, _stamp_of_reference(ask)), lambda: _scene(ask, dump, pulse))


def _stamp_of_reference(ask: SlotsAsk) -> object:
    """Which file gives the colours, None where none does or it cannot be read."""
    try:
        return opened(Path(ask.reference)).stamp if ask.reference and ask.kept is None else None
    except FileError:
        return None


def _scene(ask: SlotsAsk, dump: Dump, pulse: Pulse) -> SlotsScene:
    notes = Notes()
    choice, shown = _chosen(ask, dump, notes)
    seen = msgspec.structs.replace(ask, choice=choice)
    pulse.beat(what=tr("masks"))
    judged = judged_sample(dump.path, dump.stamp, seen.sample, choice)
    notes.extend(judged.notes)
    sample, numbers = judged.sample, judged.numbers
    slots = len(sample.masks)
    solo = seen.solo if seen.solo is not None and 0 <= seen.solo < slots else None
    seen = msgspec.structs.replace(seen, solo=solo)
    active = active_slots(numbers.masks.areas, seen.active_area)
    tokens = choice.source == "tokens"
    one_head = shown.dataset.sums_over == "AK" and choice.head >= 0
    sums = tr("each spreads 1 over all tokens")
    if not tokens:
        sums = sums_text(numbers.axis, sample.masks, notes, one_head=one_head)
    like = Like(seen.reference, seen.reference_place, seen.kept)
    known = identities_of(dump.path, like, choice, slots, pulse)
    pulse.beat(what=tr("slot vectors"))
    alike = likeness_of(dump, seen.sample, choice, notes)
    pulse.beat(what=tr("composite"))
    rebuilt = reconstruction_of(dump, seen.sample, choice.frame, notes)
    what = SampleFigures(
        slots=slots,
        active=int(active.sum()),
        active_area=seen.active_area,
        effective=numbers.masks.effective,
        entropy=numbers.masks.mean_entropy,
        cosine=alike.mean,
        centred=alike.centred,
        mean_of=alike.mean_of,
        reconstruction_mse=math.nan if rebuilt is None else image_error(sample.image, rebuilt),
    )
    scale = pictures.met_scale(sample.masks, seen.scale)
    full = pictures.full_brightness(sample.masks, scale)
    composite = _composite(seen, sample, full, rebuilt, known, notes)
    pulse.beat(what=tr("slots"))
    samples = dump.facts.samples or 1
    sets = mask_sets(dump.facts)
    tile_px = min(TILE_PX, max(*sample.image.shape[:2], *sample.masks.shape[1:]))
    if seen.upsampling == "nearest":
        tile_px = TILE_PX
    kinds: tuple[TileKind, ...] = ("masks",) if slot_pictures_in(dump) is None else ("masks", "reconstructions")
    drawn = None
    if seen.tiles == "reconstructions":
        drawn = slot_reconstructions(dump, seen.sample, choice, slots, notes)
    shown_tiles = _tile_pictures(seen, sample, full, drawn, tile_px)
    sides = sides_of(sample, rebuilt, numbers.masks, what.reconstruction_mse, tile_px, seen.upsampling)
    height, width = sample.image.shape[:2]
    token = token_tile(dump, seen, drawn_size(height, width, tile_px), notes)
    return SlotsScene(
        path=seen.path,
        place=seen.place,
        sample=seen.sample,
        samples=samples,
        choice=from_first(choice, shown.dataset),
        frames=frames(dump.facts, shown.dataset),
        layers=length(shown.dataset, "L"),
        iterations=length(shown.dataset, "I"),
        heads=1 if tokens else length(shown.dataset, "A"),
        options=options(sets),
        token_options=token_options(dump.facts),
        token_dataset=choice.dataset if tokens else "" if token is None else seen.token_dataset,
        sources=tuple(dict.fromkeys(one.source for one in sets)),
        style=seen.style,
        upsampling=seen.upsampling,
        solo=solo,
        hidden=tuple(slot for slot in seen.hidden if 0 <= slot < slots),
        composite=composite,
        labels=_labels(numbers.masks.winners, active, seen) if pictures.needs_numbers(seen.style, slots) else (),
        score_text=token_text(dump, choice) if tokens else score_text(judged.scores, what.active, slots),
        about=about_text(sample.masks, _named(shown, sets), scale, sums),
        figures=() if tokens else figures(judged.scores, judged.blind, what),
        means_of=unlike_means(choice),
        tile_kinds=kinds,
        tiles="masks" if drawn is None else "reconstructions",
        slots=head_tiles(shown_tiles, sample.masks)
        if tokens
        else tiles_of(shown_tiles, sample.masks, numbers, active, known),
        sides=sides[:-1] if tokens else sides if token is None else (*sides[:-1], token, sides[-1]),
        masks=sample.masks,
        reference=reference_of(dump.path, seen.place, choice, known.numbers, pulse),
        active=what.active,
        mean_entropy=what.entropy,
        cosine=_cosine_picture(alike.cosines) if alike.cosines.size else None,
        cosine_text=tr("Slot–slot cosine, mean {cosine}").format(cosine=number(alike.mean)),
        cosine_values=tuple(tuple(float(value) for value in row) for row in alike.cosines),
        fg_ari=judged.scores.fg_ari,
        ari=judged.scores.ari,
        notes=notes.texts(),
        limited=notes.limited,
    )


def _chosen(ask: SlotsAsk, dump: Dump, notes: Notes) -> tuple[MaskChoice, MaskSet]:
    """The masks that are shown, with a note where they are no model's."""
    choice = choice_in(dump, ask.choice)
    if choice.source == "truth":
        notes.add(tr("This dump has no masks that a model made; its true masks are shown"))
    shown = chosen_set(mask_sets(dump.facts), choice)
    assert shown is not None
    return choice, shown


def _named(shown: MaskSet, sets: tuple[MaskSet, ...]) -> str:
    """`decoder masks`, and first of which dataset where there are several."""
    return f"{visible(shown.dataset.path)}: {shown.kind}" if len(sets) > 1 else shown.kind


def _composite(
    ask: SlotsAsk, sample: Sample, full: Planes, rebuilt: Planes | None, known: Identities, notes: Notes
) -> Rgba:
    """The stage: masks over the image, or over its reconstruction."""
    under = sample.image
    if ask.over == "reconstruction":
        if rebuilt is None:
            notes.add(tr("This dump has no reconstructions; the masks lie on the image"))
        else:
            under = rebuilt
    slots = len(sample.masks)
    hard = pictures.needs_numbers(ask.style, slots) or ask.upsampling == "nearest"
    longest = max(*under.shape[:2], *sample.masks.shape[1:])
    longest = min(max(longest, HARD_PX) if hard else longest, LARGEST_PX)
    size = drawn_size(under.shape[0], under.shape[1], longest)
    drawing = pictures.Drawing(
        style=ask.style,
        opacity=ask.opacity,
        solo=ask.solo,
        hidden=ask.hidden,
        threshold=ask.threshold,
        identities=known.numbers,
    )
    return pictures.laid_over(picture_sized(under, *size), sample.masks, full, drawing, ask.upsampling)


def _tile_pictures(ask: SlotsAsk, sample: Sample, full: Planes, drawn: Planes | None, longest: int) -> Sequence[Rgba]:
    """What the tiles show: the image where each slot looks, or what each drew, (slots, rows, columns, 3)."""
    height, width = sample.image.shape[:2]
    size = drawn_size(height, width, longest)
    if drawn is not None:
        return [rgba_of(picture_sized(picture, *size)) for picture in drawn]
    weights = pictures.enlarged(sample.masks / full, *size, ask.upsampling)
    return list(pictures.tiles(picture_sized(sample.image, *size), pictures.unit(weights)))


def _labels(winners: AnyArray, active: AnyArray, ask: SlotsAsk) -> tuple[SlotLabel, ...]:
    """The numbers of the active slots that are drawn, each where its region is deepest."""
    longest = max(winners.shape)
    coarse = nearest(winners, *drawn_size(winners.shape[0], winners.shape[1], min(longest, LABEL_GRID_PX)))
    depth = pictures.depths(coarse)
    shown = pictures.shown_slots(len(active), ask.solo, ask.hidden) > 0
    labels = []
    for slot in np.flatnonzero(active & shown):
        point = pictures.innermost(coarse == slot, depth)
        if point is not None:
            labels.append(SlotLabel(text=str(slot), x=point[0], y=point[1]))
    return tuple(labels)


def _cosine_picture(cosines: FloatArray) -> Rgba:
    """One cell a pair; the diagonal is 1 where the slot has a direction at all."""
    filled = cosines.copy()
    directed = np.isfinite(cosines).any(axis=1)
    np.fill_diagonal(filled, np.where(directed, 1.0, np.nan))
    return apply_map(filled, -1.0, 1.0, "diverging")
