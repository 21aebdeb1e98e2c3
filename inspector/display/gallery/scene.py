"""What a gallery asks for, and what it draws."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import AnyArray
from inspector.formats.sample_table import SampleTable

THUMB_PX = 160
"""The longer side of a thumbnail, at most."""

WHOLE_PX = 4096
"""The longer side of a picture that is exported at its own size, at most."""


class SamplesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of every sample of a dump.

    Attributes:
        masks: the path of the dataset that numbers of slots are of, or its role.
        units: numbers of layers in place of those of slots.
        generous: read on where the usual limits left something out.
        radius_px: up to which distance a prediction is matched to an object; None for the usual radius.
        undo: predictions are without the one mistake behind their errors, where there is one.
        compared: path of a dump that samples are held against; empty for none.
        outside: `compared` again where it does not belong to the run, so that a reader is let read it.
        change_limit_px: the largest error that is good enough, by which samples are fixed or broken; the usual at 0.
    """

    path: str
    masks: str = ""
    units: bool = False
    generous: bool = False
    radius_px: float | None = None
    undo: bool = False
    compared: str = ""
    outside: tuple[str, ...] = ()
    change_limit_px: float = 0.0


class SamplesScene(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of every sample, as far as they were read.

    Attributes:
        path: of the dump, absolute; marks of samples are kept under it.
        aspect: width over height of a thumbnail.
    """

    path: str
    table: SampleTable
    aspect: float = 1.0


class ThumbsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Thumbnails of samples of a dump, `generous` as in `SamplesAsk`; a viewer's own ask adds how it draws them.

    Attributes:
        longest_px: the longer side of each, at most; more than the usual for pictures that leave the window.
    """

    path: str
    samples: tuple[int, ...]
    generous: bool = False
    longest_px: int = THUMB_PX


class ThumbsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Thumbnails, all of one size in one raster.

    Attributes:
        look: what they were drawn of and how; thumbnails of another look are not shown beside them.
        samples: one a thumbnail.
        pictures: (thumbnails, height, width, 4) uint8 as they are painted: blue, green, red, alpha, the colours
            multiplied by alpha. A picture of other proportions lies in the middle, transparent around it; one that
            cannot be read is transparent altogether.
        inside: (thumbnails, 4) float32, where the picture lies in its cell: left, top, width and height in its shares.
        points: (points, columns) float32, what the viewer draws over the picture, as its own rows say; places are
            shares of the picture's width and height.
        first_point: (thumbnails + 1,) int64, where each one's points begin.
        problems: why a thumbnail could not be drawn, by its sample.
    """

    look: str
    samples: tuple[int, ...]
    pictures: AnyArray
    inside: AnyArray
    points: AnyArray
    first_point: AnyArray
    problems: dict[int, str] = {}
