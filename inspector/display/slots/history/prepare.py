"""One slot, read over the samples of its dump and over the dumps of its run."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.analysis.slots import slot_areas, winning_slots
from inspector.artifacts.dumps.dump import opened
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.display.rasters import drawn_size, rgba_of
from inspector.display.slot_colours import slot_colour
from inspector.display.slots import pictures
from inspector.display.slots.history.scene import HistoryAsk, HistoryScene, HistoryTile, OtherDump
from inspector.display.slots.identity import Like, identities_of
from inspector.display.slots.reading import choice_in, read_sample, slot_reconstructions
from inspector.display.slots.sides import picture_sized

SAMPLES = 10
THUMB_PX = 112


def prepare(ask: HistoryAsk, pulse: Pulse) -> HistoryScene:
    """The slot on the samples around the chosen one, and on this sample in every dump.

    Raises:
        FileError: the dump itself cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    notes = Notes()
    path = Path(ask.path)
    dump = opened(path, pulse, generous=ask.generous)
    choice = choice_in(dump, ask.choice)
    here = read_sample(dump, ask.sample, choice, Notes())
    slots = len(here.masks)
    if not 0 <= ask.slot < slots:
        return HistoryScene(slot=ask.slot, path=ask.path, colour=slot_colour(ask.slot))
    identity = identities_of(path, Like(ask.reference, "", ask.kept), choice, slots, pulse).numbers[ask.slot]
    total = dump.facts.samples or 1
    first = max(0, min(ask.sample - SAMPLES // 2 + 1, total - SAMPLES))
    window = range(first, min(first + SAMPLES, total))
    steps = len(window) + len(ask.dumps)
    own = OtherDump(path=ask.path, place="", step=None)
    samples, dumps = [], []
    for done, sample in enumerate(window):
        pulse.beat(done, steps, tr("samples"))
        name = tr("sample {number}").format(number=sample + 1)
        samples.append(_tile(ask, own, sample, ask.slot, name, notes))
    for done, other in enumerate(ask.dumps, start=len(window)):
        pulse.beat(done, steps, tr("dumps"))
        dumps.append(_followed(ask, other, identity, notes, pulse))
    return HistoryScene(
        slot=ask.slot,
        path=ask.path,
        colour=slot_colour(identity),
        samples=tuple(tile for tile in samples if tile is not None),
        dumps=tuple(tile for tile in dumps if tile is not None),
        notes=notes.texts(),
    )


def _followed(ask: HistoryAsk, other: OtherDump, identity: int, notes: Notes, pulse: Pulse) -> HistoryTile | None:
    """The counterpart of the slot in another dump; None, with a note, where there is none."""
    path = Path(other.path)
    try:
        dump = opened(path)
        choice = choice_in(dump, ask.choice)
        masks = read_sample(dump, ask.sample, choice, Notes()).masks
    except FileError as error:
        notes.add(str(error))
        return None
    numbers = identities_of(path, Like(ask.reference, "", ask.kept), choice, len(masks), pulse).numbers
    if identity not in numbers:
        notes.add(tr("{place}: no slot there looks where this one does").format(place=other.place))
        return None
    return _tile(ask, other, ask.sample, numbers.index(identity), other.place, notes)


def _tile(ask: HistoryAsk, other: OtherDump, sample: int, slot: int, name: str, notes: Notes) -> HistoryTile | None:
    path = Path(other.path)
    try:
        dump = opened(path)
        choice = choice_in(dump, ask.choice)
        read = read_sample(dump, sample, choice, Notes())
    except FileError as error:
        notes.add(str(error))
        return None
    if slot >= len(read.masks):
        return None
    height, width = read.image.shape[:2]
    size = drawn_size(height, width, min(THUMB_PX, max(height, width, *read.masks.shape[1:])))
    drawn = None
    if ask.tiles == "reconstructions":
        drawn = slot_reconstructions(dump, sample, choice, len(read.masks), notes)
    if drawn is None:
        weight = pictures.enlarged(read.masks[slot : slot + 1], *size, ask.upsampling)
        weight = weight / pictures.full_brightness(read.masks, ask.scale)[slot]
        picture = pictures.tile(picture_sized(read.image, *size), pictures.unit(weight.astype(np.float32))[0])
    else:
        picture = rgba_of(picture_sized(drawn[slot], *size))
    area = float(slot_areas(winning_slots(read.masks), len(read.masks), read.valid)[slot])
    share = "–" if math.isnan(area) else percent_text(area)
    return HistoryTile(
        sample=sample,
        path=other.path,
        step=other.step,
        here=sample == ask.sample and (other.path == ask.path),
        name=name,
        value=share,
        tip=tr("slot {slot} wins {share} of the pixels").format(slot=slot, share=share),
        picture=picture,
    )
