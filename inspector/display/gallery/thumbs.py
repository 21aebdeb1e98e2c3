"""Thumbnails as one raster."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from inspector.artifacts.dumps.dump import Dump, opened
from inspector.artifacts.dumps.streaming import decode_ahead
from inspector.core.arrays import AnyArray, Rgba, ShapeError, starts_of
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.display.gallery.scene import THUMB_PX, ThumbsAsk, ThumbsScene
from inspector.display.rasters import drawn_size
from inspector.formats.dump import Role

KEPT_BYTES = 48 * 10**6
"""Thumbnails that stay in the reader's memory: scrolling back reads nothing."""

MOST_AT_ONCE = 1024

AHEAD = 3
"""Samples that are decoded while one is drawn."""

A = TypeVar("A", bound=ThumbsAsk)

_NO_POINTS = np.zeros((0, 0), np.float32)


class Thumb(NamedTuple):
    """One sample, small.

    Attributes:
        picture: (height, width, 4) uint8, neither side above `THUMB_PX`.
        points: as in `ThumbsScene.points`.
        problem: why it could not be drawn, empty where it was.
    """

    picture: Rgba
    points: AnyArray = _NO_POINTS
    problem: str = ""


Draw = Callable[[Dump, A, int], Thumb]
"""Draws one sample as an ask says."""


def thumbs_of(ask: A, draw: Draw[A], pulse: Pulse, *, reads: tuple[Role, ...] = ()) -> ThumbsScene:
    """The thumbnails that are asked for; samples that the dump does not hold are left out.

    Args:
        ask: what is asked for.
        draw: draws one.
        pulse: beats once a thumbnail.
        reads: what drawing reads, which is decoded while others are drawn.

    Raises:
        FileError: the dump cannot be opened.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    look = repr((msgspec.structs.replace(ask, samples=()), msgspec.structs.astuple(dump.identity)))
    held = dump.facts.samples or 1
    samples = tuple(sample for sample in ask.samples[:MOST_AT_ONCE] if 0 <= sample < held)
    thumbs = []
    read = [dataset for role in reads if (dataset := dump.one(role)) is not None]
    missing = [sample for sample in samples if (look, sample) not in _KEPT]
    for done, sample in enumerate(samples):
        pulse.beat(done, len(samples), tr("thumbnails"))
        if missing and sample == missing[0]:
            del missing[0]
            for following, dataset in itertools.product(missing[:AHEAD], read):
                decode_ahead(dump, dataset, following, following + 1)
        make = partial(_drawn, dump, ask, sample, draw)
        thumbs.append(_KEPT.thumb((look, sample), make) if ask.longest_px == THUMB_PX else make())
    counts = [len(thumb.points) for thumb in thumbs]
    raster = one_raster([thumb.picture for thumb in thumbs])
    points = [thumb.points for thumb in thumbs if len(thumb.points)]
    return ThumbsScene(
        look=look,
        samples=samples,
        pictures=raster,
        inside=_inside([thumb.picture.shape[:2] for thumb in thumbs], raster.shape[1:3]),
        points=(np.concatenate(points) if points else _NO_POINTS).astype(np.float32),
        first_point=starts_of(counts),
        problems={sample: thumb.problem for sample, thumb in zip(samples, thumbs, strict=True) if thumb.problem},
    )


def thumb_size(height: int, width: int, longest_px: int = THUMB_PX) -> tuple[int, int]:
    """Height and width of the thumbnail of a picture, which is not enlarged."""
    return drawn_size(height, width, max(1, min(longest_px, max(height, width))))


def one_raster(pictures: list[Rgba]) -> AnyArray:
    """Pictures in the middles of equal cells, (pictures, height, width, 4) uint8 as in `ThumbsScene`.

    Args:
        pictures: each (height, width, 4) uint8, red, green, blue and straight alpha.
    """
    height = max((picture.shape[0] for picture in pictures), default=1)
    width = max((picture.shape[1] for picture in pictures), default=1)
    raster = np.zeros((len(pictures), height, width, 4), np.uint8)
    for cell, picture in zip(raster, pictures, strict=True):
        top, left = _corner(picture.shape[:2], (height, width))
        cell[top : top + picture.shape[0], left : left + picture.shape[1]] = _premultiplied(picture)
    return raster


def _corner(size: tuple[int, ...], cell: tuple[int, ...]) -> tuple[int, int]:
    """Row and column where a picture begins in the cell that it stands in the middle of."""
    return (cell[0] - size[0]) // 2, (cell[1] - size[1]) // 2


def _inside(sizes: list[tuple[int, ...]], cell: tuple[int, ...]) -> AnyArray:
    """Where pictures of these heights and widths lie in their cells, as `ThumbsScene.inside`."""
    rows = [(*_corner(size, cell)[::-1], size[1], size[0]) for size in sizes]
    return (np.array(rows, np.float64).reshape(-1, 4) / (cell[1], cell[0], cell[1], cell[0])).astype(np.float32)


def _premultiplied(picture: Rgba) -> Rgba:
    """Blue, green, red, alpha, the colours multiplied by alpha."""
    turned = np.empty_like(picture)
    for place, channel in enumerate((2, 1, 0, 3)):  # all at once take ten times as long
        turned[..., place] = picture[..., channel]
    if picture[..., 3].min(initial=255) < 255:
        alpha = turned[..., 3:].astype(np.uint16)
        turned[..., :3] = (turned[..., :3] * alpha + 127) // 255
    return turned


def _drawn(dump: Dump, ask: A, sample: int, draw: Draw[A]) -> Thumb:
    try:
        return draw(dump, ask, sample)
    except (FileError, ShapeError) as error:
        return Thumb(np.zeros((1, 1, 4), np.uint8), problem=str(error))


class _Kept:
    """Thumbnails by what they show, the oldest given up first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._thumbs: OrderedDict[Hashable, Thumb] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._thumbs

    def thumb(self, key: Hashable, make: Callable[[], Thumb]) -> Thumb:
        """A thumbnail, made where it is not there yet."""
        known = self._thumbs.get(key)
        if known is not None:
            self._thumbs.move_to_end(key)
            return known
        made = self._thumbs[key] = make()
        self._bytes += made.picture.nbytes + made.points.nbytes
        while self._bytes > self._most_bytes and len(self._thumbs) > 1:
            _, old = self._thumbs.popitem(last=False)
            self._bytes -= old.picture.nbytes + old.points.nbytes
        return made


_KEPT = _Kept(KEPT_BYTES)
