"""The samples around the chosen one, small, each with its score."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.analysis.resampling import resized
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.identity import Identity
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.display.rasters import Planes, drawn_size
from inspector.display.slots import pictures
from inspector.display.slots.reading import Sample, read_sample
from inspector.display.slots.scene import MaskSource, MaskStyle, SampleThumb, SlotsAsk
from inspector.display.slots.scores import scores_of
from inspector.display.slots.tiles import number

STRIP_SAMPLES = 14
THUMB_PX = 104
_OPACITY = 0.6


def window_around(sample: int, samples: int) -> range:
    """At most `STRIP_SAMPLES` samples with the chosen one near the middle."""
    first = max(0, min(sample - STRIP_SAMPLES // 2 + 1, samples - STRIP_SAMPLES))
    return range(first, min(first + STRIP_SAMPLES, samples))


def strip_of(ask: SlotsAsk, samples: int, identities: tuple[int, ...], pulse: Pulse) -> tuple[SampleThumb, ...]:
    """The strip; a sample that cannot be read is a blank one, and stepping reads one new sample.

    Args:
        ask: with a source that the dump has.
        samples: how many it holds.
        identities: whose colour each slot has.
        pulse: beats once a sample.
    """
    path = Path(ask.path)
    identity = opened(path).identity
    style: MaskStyle = "image" if ask.style == "image" else "masks"
    how = _How(
        ask.source, ask.iteration, ask.head, pictures.Drawing(style, _OPACITY, identities=identities, lines=False)
    )
    thumbs = []
    window = window_around(ask.sample, samples)
    for done, index in enumerate(window):
        pulse.beat(done, len(window), "samples")
        thumbs.append(_thumb(path, identity, index, how))
    return tuple(thumbs)


class _How(NamedTuple):
    """Which masks a thumbnail shows, and how."""

    source: MaskSource
    iteration: int
    head: int
    drawing: pictures.Drawing


@lru_cache(maxsize=512)
def _thumb(path: Path, _identity: Identity, index: int, how: _How) -> SampleThumb:
    try:
        sample = read_sample(opened(path), index, how.source, how.iteration, Notes(), how.head)
    except FileError:
        blank = np.zeros((1, 1, 4), np.uint8)
        return SampleThumb(sample=index, score=float("nan"), score_text="not readable", picture=blank)
    score = scores_of(sample.masks, sample.truth).fg_ari
    return SampleThumb(
        sample=index,
        score=score,
        score_text="" if math.isnan(score) else number(score),
        picture=pictures.composite(*_small(sample), how.drawing),
    )


def _small(sample: Sample) -> tuple[Planes, Planes]:
    height, width = sample.image.shape[:2]
    size = drawn_size(height, width, min(THUMB_PX, max(height, width)))
    image = np.moveaxis(resized(np.moveaxis(sample.image, -1, 0), *size), 0, -1)
    return image, resized(sample.masks, *size)
