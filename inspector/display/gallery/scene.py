"""What a gallery asks for, and what it draws."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.sample_table import SampleTable

THUMB_PX = 160
"""The longer side of a thumbnail, at most."""


class SamplesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of every sample of a dump.

    Attributes:
        masks: the path of the dataset that numbers of slots are of, or its role.
        units: numbers of layers in place of those of slots.
        generous: read on where the usual limits left something out.
    """

    path: str
    masks: str = ""
    units: bool = False
    generous: bool = False


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
    """Thumbnails of samples of a dump, `generous` as in `SamplesAsk`; a viewer's own ask adds how it draws them."""

    path: str
    samples: tuple[int, ...]
    generous: bool = False


class ThumbsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Thumbnails, all of one size in one raster.

    Attributes:
        look: what they were drawn of and how; thumbnails of another look are not shown beside them.
        samples: one a thumbnail.
        pictures: (thumbnails, height, width, 4) uint8 as they are painted: blue, green, red, alpha, the colours
            multiplied by alpha. A picture of other proportions lies in the middle, transparent around it; one that
            cannot be read is transparent altogether.
        points: (points, 4) float32: x and y of the truth, then of the prediction, as shares of the picture's width and
            height; NaN where there is none. The worst of a sample comes first.
        first_point: (thumbnails + 1,) int64, where each one's points begin.
        problems: why a thumbnail could not be drawn, by its sample.
    """

    look: str
    samples: tuple[int, ...]
    pictures: AnyArray
    points: FloatArray
    first_point: AnyArray
    problems: dict[int, str] = {}
