"""One channel over the samples of a dump: how strongly each excites it, and its maps over their images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump import Dump, image_of
from inspector.core.arrays import AnyArray, FloatArray, Rgba, ShapeError
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import counted, number_text
from inspector.display.colour_maps import apply_map
from inspector.display.features.channel.scene import SampleTile
from inspector.display.features.maps import colour_range
from inspector.display.features.scene import ColourMap
from inspector.display.features.spatial import masked_maps, samples_of, upsampled
from inspector.display.rasters import drawn_size, nearest, thumbnail
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

LOOKED_BYTES = 96 * 10**6
"""Of a layer decoded to find what excites a channel."""

STRONGEST, IN_ORDER = 12, 24
TILE_PX = 96
_DIMMED = 0.55
"""How bright an image is where the channel is silent; it shines where it fires."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """What a channel does on each sample that was looked at.

    Attributes:
        maps: (samples,) of (rows, columns) float32, NaN in the padding.
        strengths: (samples,) float64 largest |a|, NaN where nothing is finite.
    """

    samples: tuple[int, ...]
    maps: tuple[AnyArray, ...]
    strengths: FloatArray
    total: int

    def fires(self, threshold: float) -> bool:
        """Whether it rises above the threshold of zero on any of the samples."""
        return bool((np.nan_to_num(self.strengths) > threshold).any())

    @property
    def said(self) -> str:
        """`12 samples`, or how many of them were looked at."""
        if len(self.samples) == self.total:
            return counted(self.total, "sample")
        return f"the first {len(self.samples):,} of {self.total:,} samples"


def responses_of(dump: Dump, layer: DatasetFacts, channel: int, notes: Notes, pulse: Pulse) -> Responses:
    """The channel on as many samples as are quickly read.

    Raises:
        WorkCancelled: the pulse says so.
    """
    every = samples_of(layer)
    each = max(1, layer.bytes // max(1, len(every)))
    samples: list[int] = []
    maps: list[AnyArray] = []
    for done, sample in enumerate(every[: max(1, LOOKED_BYTES // each)]):
        pulse.beat(done, len(every), "what excites the channel")
        try:
            found = masked_maps(dump, layer, sample)
        except (FileError, ShapeError) as error:
            notes.add_error(error)
            continue
        samples.append(sample)
        maps.append(found[channel].copy())
    strengths = np.array([_largest(one) for one in maps])
    return Responses(tuple(samples), tuple(maps), strengths, len(every))


def tiles_of(
    dump: Dump, found: Responses, threshold: float, colour_map: ColourMap, pulse: Pulse
) -> tuple[AnyArray, tuple[SampleTile, ...], tuple[SampleTile, ...]]:
    """Pictures, the strongest samples, and the first in order; all maps on one scale.

    Raises:
        WorkCancelled: the pulse says so.
    """
    strongest = np.argsort(-np.nan_to_num(found.strengths, nan=-1.0), kind="stable")[:STRONGEST].tolist()
    first = list(range(min(IN_ORDER, len(found.samples))))
    wanted = list(dict.fromkeys((*strongest, *first)))
    if not wanted:
        return np.zeros((0, 1, 1, 4), np.uint8), (), ()
    ends = colour_range(np.concatenate([found.maps[place].reshape(1, 1, -1) for place in wanted], axis=2), threshold)
    pictures = []
    for done, place in enumerate(wanted):
        pulse.beat(done, len(wanted), "drawing")
        pictures.append(_picture(dump, found.samples[place], found.maps[place], ends, colour_map))
    tallest, widest = (max(one.shape[axis] for one in pictures) for axis in (0, 1))
    together = np.stack([nearest(one, tallest, widest) for one in pictures])
    index = {place: number for number, place in enumerate(wanted)}

    def tile(place: int) -> SampleTile:
        strength = float(found.strengths[place])
        return SampleTile(sample=found.samples[place], picture=index[place], text=number_text(strength))

    return together, tuple(map(tile, strongest)), tuple(map(tile, first))


def _image(dump: Dump, sample: int) -> Rgba | None:
    if dump.one(Role.IMAGE) is None:
        return None
    try:
        return thumbnail(image_of(dump, sample), TILE_PX)
    except FileError:
        return None


def _largest(plane: AnyArray) -> float:
    finite = np.abs(plane[np.isfinite(plane)])
    return float(finite.max()) if finite.size else float("nan")


def _picture(dump: Dump, sample: int, plane: AnyArray, ends: tuple[float, float], colour_map: ColourMap) -> AnyArray:
    """The image where the channel fires and its colours over the rest; the map alone without an image."""
    image = _image(dump, sample)
    if image is None:
        rows, columns = plane.shape
        return apply_map(nearest(plane, *drawn_size(rows, columns, TILE_PX)), *ends, colour_map)
    height, width = image.shape[:2]
    values = upsampled(plane.astype(np.float64), height, width)
    low, high = ends
    with np.errstate(invalid="ignore", over="ignore"):
        share = np.clip(np.nan_to_num((values - low) / (high - low)), 0.0, 1.0)[..., None]
    colours = apply_map(values, low, high, colour_map)[..., :3]
    mixed = image[..., :3] * _DIMMED * (1 - share) + (0.4 * image[..., :3] + 0.6 * colours) * share
    picture = image.copy()
    picture[..., :3] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    return picture
