"""One channel over the samples of a dump: how strongly each excites it, and its maps over their images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump import Dump, image_of
from inspector.artifacts.dumps.layer_scan import part_of_layer
from inspector.core.arrays import AnyArray, Rgba, ShapeError
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.display.colour_maps import apply_map
from inspector.display.features.channel.scene import SampleTile
from inspector.display.features.maps import colour_range
from inspector.display.features.scene import ColourMap
from inspector.display.features.spatial import masked_maps, samples_of, upsampled
from inspector.display.features.texts import looked_text
from inspector.display.rasters import drawn_size, nearest, thumbnail
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

LOOK_S = 1.0
"""So long a layer is read for what excites a channel; then that is shown, asked for again and read on."""

TILES_BYTES = 96 * 10**6
"""Of a layer decoded to show the first samples in their order."""

IN_ORDER = 24
TILE_PX = 96
_DIMMED = 0.55
"""How bright an image is where the channel is silent; it shines where it fires."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """What a channel does on the samples that are shown.

    Attributes:
        maps: by sample, (rows, columns) float32, NaN in the padding.
        strongest: the samples that excite it most, the strongest first; in_order: the first ones.
        looked_at: how many of the layer's `total` samples were read for the strongest.
        greatest: largest |a| on them, NaN where nothing is finite.
    """

    maps: dict[int, AnyArray]
    strongest: tuple[int, ...]
    in_order: tuple[int, ...]
    looked_at: int
    total: int
    greatest: float

    @property
    def whole(self) -> bool:
        """Whether every sample was looked at."""
        return self.looked_at == self.total

    def fires(self, threshold: float) -> bool:
        """Whether it rises above the threshold of zero on any of the samples."""
        return self.greatest > threshold

    @property
    def said(self) -> str:
        """`12 samples`, or how many of them were looked at."""
        return looked_text(self.looked_at, self.total)


def responses_of(dump: Dump, layer: DatasetFacts, channel: int, notes: Notes, pulse: Pulse) -> Responses:
    """The channel on the samples that excite it most, of those that were read within a look, and on the first ones.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    every = samples_of(layer)
    totals = part_of_layer(dump, layer, pulse.within(LOOK_S))
    strongest = [every[row] for row in totals.strongest[:, channel].tolist() if row >= 0]
    each = max(1, layer.bytes // max(1, len(every)))
    first = every[: min(IN_ORDER, max(1, TILES_BYTES // each))]
    maps: dict[int, AnyArray] = {}
    for sample in dict.fromkeys((*strongest, *first)):
        pulse.beat(len(maps), len(strongest) + len(first), tr("the channel's maps"))
        try:
            maps[sample] = masked_maps(dump, layer, sample)[channel].copy()
        except (FileError, ShapeError) as error:
            notes.add(str(error))
    return Responses(
        maps=maps,
        strongest=tuple(sample for sample in strongest if sample in maps),
        in_order=tuple(sample for sample in first if sample in maps),
        looked_at=len(totals.zero_shares),
        total=len(every),
        greatest=float(totals.strengths[0, channel]),
    )


def tiles_of(
    dump: Dump, found: Responses, threshold: float, colour_map: ColourMap, pulse: Pulse
) -> tuple[AnyArray, tuple[SampleTile, ...], tuple[SampleTile, ...]]:
    """Pictures, the strongest samples, and the first in order; all maps on one scale.

    Raises:
        WorkCancelled: the pulse says so.
    """
    if not found.maps:
        return np.zeros((0, 1, 1, 4), np.uint8), (), ()
    ends = colour_range(np.concatenate([one.reshape(1, 1, -1) for one in found.maps.values()], axis=2), threshold)
    pictures: list[AnyArray] = []
    for sample, plane in found.maps.items():
        pulse.beat(len(pictures), len(found.maps), tr("drawing"))
        pictures.append(_picture(dump, sample, plane, ends, colour_map))
    tallest, widest = (max(one.shape[axis] for one in pictures) for axis in (0, 1))
    together = np.stack([nearest(one, tallest, widest) for one in pictures])
    tiles = {
        sample: SampleTile(sample=sample, picture=place, text=_short(_largest(plane)))
        for place, (sample, plane) in enumerate(found.maps.items())
    }
    return together, tuple(tiles[one] for one in found.strongest), tuple(tiles[one] for one in found.in_order)


def _image(dump: Dump, sample: int) -> Rgba | None:
    if dump.one(Role.IMAGE) is None:
        return None
    try:
        return thumbnail(image_of(dump, sample), TILE_PX)
    except FileError:
        return None


def _short(strength: float) -> str:
    """Three digits, which stand beside the number of a sample."""
    return number_text(strength, 3)


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
