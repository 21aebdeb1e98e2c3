"""Thumbnails of samples with the masks of their slots."""

from __future__ import annotations

from functools import partial

import numpy as np

from inspector.analysis.resampling import resized
from inspector.artifacts.dumps.dump import Dump
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.display.gallery.scene import ThumbsScene
from inspector.display.gallery.thumbs import Thumb, thumb_size, thumbs_of
from inspector.display.slots import pictures
from inspector.display.slots.identity import Like, identities_of
from inspector.display.slots.reading import choice_in, read_sample
from inspector.display.slots.thumb_ask import SlotThumbsAsk

_OPACITY = 0.6


def prepare(ask: SlotThumbsAsk, pulse: Pulse) -> ThumbsScene:
    """The thumbnails that are asked for; raises as `thumbs_of`."""
    return thumbs_of(ask, partial(_draw, pulse), pulse)


def _draw(pulse: Pulse, dump: Dump, ask: SlotThumbsAsk, sample: int) -> Thumb:
    choice = choice_in(dump, ask.choice)
    read = read_sample(dump, sample, choice, Notes())
    height, width = read.image.shape[:2]
    size = thumb_size(height, width, ask.longest_px)
    image = np.moveaxis(resized(np.moveaxis(read.image, -1, 0), *size), 0, -1)
    like = Like(ask.reference, ask.reference_place, ask.kept)
    known = identities_of(dump.path, like, choice, len(read.masks), pulse)
    drawing = pictures.Drawing(ask.style, _OPACITY, identities=known.numbers, lines=False)
    masks = read.masks / pictures.full_brightness(read.masks, "auto")
    return Thumb(pictures.composite(image, resized(masks, *size), drawing))
