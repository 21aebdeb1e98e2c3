"""Where a layer fires: the share of its channels that do at each position, over the image."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.resampling import resized
from inspector.artifacts.dumps.dump import Dump, activation_of, image_of
from inspector.artifacts.dumps.dump_layers import at_positions
from inspector.artifacts.dumps.layer_padding import content_of, valid_positions
from inspector.artifacts.dumps.layer_scan import part_of_layer
from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.display.colour_maps import apply_map
from inspector.display.features.scene import ColourMap, SpatialMap
from inspector.display.features.texts import looked_text
from inspector.display.rasters import Planes, drawn_size, nearest
from inspector.formats.dump import SAMPLE_SUBSET, Role
from inspector.formats.facts import DatasetFacts

LOOK_S = 0.25
"""So long a layer is read for the mean over samples; then it is shown, asked for again and read on."""

LONGEST_PX = 384
OPACITY = 0.65
_LEAST_SHOWN = 1e-3


class SpatialMaps(NamedTuple):
    """What stands on the page.

    Attributes:
        high: the share of the last colour.
        whole: whether the mean is of all samples.
    """

    maps: tuple[SpatialMap, ...]
    high: float
    whole: bool


def masked_maps(dump: Dump, layer: DatasetFacts, sample: int) -> Planes:
    """The maps of a sample, (channels, rows, columns) float32, NaN in the padding.

    Raises:
        FileError: they cannot be read.
    """
    maps = activation_of(dump, layer, sample)
    content, row = _content(dump, layer), _row_of(layer, sample)
    if content is None or row >= len(content):
        return maps
    valid = valid_positions(dump, layer, content[row : row + 1])
    if valid is None:
        return maps
    rows, columns = maps.shape[1:]
    inside = valid.reshape(-1)[-rows * columns :].reshape(rows, columns)
    return np.where(inside, maps, np.float32(np.nan))


def firing_share(maps: Planes, threshold: float) -> FloatArray:
    """Share of channels whose value at a position is not near zero, (rows, columns) float64; NaN where none is finite.

    Args:
        maps: (channels, rows, columns).
        threshold: |a| below it is near zero; at 0, a == 0 is.
    """
    finite = np.isfinite(maps)
    fires = (np.abs(maps) >= threshold if threshold > 0 else maps != 0) & finite
    known = finite.sum(axis=0)
    share: FloatArray = np.divide(
        fires.sum(axis=0), known, out=np.full(known.shape, np.nan), where=known > 0, dtype=np.float64
    )
    return share


def mean_share(dump: Dump, layer: DatasetFacts, threshold: float, pulse: Pulse) -> tuple[FloatArray, int]:
    """The share of values that fire at each position, (rows, columns), over as many samples as were read within a look.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so.
    """
    totals = part_of_layer(dump, layer, pulse.within(LOOK_S))
    shares = totals.firing_at(totals.statistics.nearest_row(threshold))
    return at_positions(dump, layer, shares), len(totals.zero_shares)


def spatial_maps(
    dump: Dump, layer: DatasetFacts, sample: int, threshold: float, colour_map: ColourMap, pulse: Pulse
) -> SpatialMaps:
    """This sample's map and the mean over samples, on one scale.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    own = firing_share(masked_maps(dump, layer, sample), threshold)
    mean, looked_at = mean_share(dump, layer, threshold, pulse)
    total = len(samples_of(layer))
    greatest = max((float(np.nanmax(one)) for one in (own, mean) if np.isfinite(one).any()), default=1.0)
    high = max(greatest, _LEAST_SHOWN)
    pulse.beat(what=tr("drawing"))
    image = _image(dump, sample)
    this, every = tr("Sample {number:,}"), tr("Mean over {samples}")
    titles = (
        (this.format(number=sample + 1), own, image),
        (every.format(samples=looked_text(looked_at, total)), mean, None),
    )
    maps = tuple(_map(title, shares, picture, high, colour_map) for title, shares, picture in titles)
    return SpatialMaps(maps, high, looked_at == total)


def upsampled(shares: FloatArray, height: int, width: int) -> FloatArray:
    """(rows, columns) shares resampled to (height, width) float64, smoothly, pixel centres at halves.

    NaN, what is undefined, stays so and spreads to nothing.
    """
    known = np.isfinite(shares)
    weight = resized(known.astype(np.float32), height, width)
    values = resized(np.where(known, shares, 0.0), height, width)
    with np.errstate(invalid="ignore", divide="ignore"):
        smooth: FloatArray = np.where(weight > 0, values / weight, np.nan).astype(np.float64)
    return np.where(nearest(known, height, width), smooth, np.nan)


def _map(title: str, shares: FloatArray, image: AnyArray | None, high: float, colour_map: ColourMap) -> SpatialMap:
    rows, columns = shares.shape if image is None else image.shape[:2]
    height, width = drawn_size(rows, columns, LONGEST_PX)
    colours = apply_map(upsampled(shares, height, width), 0.0, high, colour_map)
    finite = shares[np.isfinite(shares)]
    said = tr("nothing finite")
    if finite.size:
        least, mean, most = (percent_text(float(value)) for value in (finite.min(), finite.mean(), finite.max()))
        said = tr("{least} to {most} of the channels fire, {mean} on average").format(least=least, most=most, mean=mean)
    picture = colours if image is None else laid_over(image, colours)
    return SpatialMap(title=title, said=said, shares=shares, rgba=picture)


def laid_over(image: AnyArray, colours: Rgba) -> Rgba:
    """Colours over an image, (height, width, 4) uint8, as large as the colours; elsewhere the image steps back."""
    below = nearest(image, colours.shape[0], colours.shape[1]).astype(np.float32)
    share = np.where(colours[..., 3:] > 0, np.float32(OPACITY), np.float32(0.0))
    # Unlit, so that it does not look like a place where little fires.
    mixed = np.where(share > 0, below * (1 - share) + colours[..., :3] * share, below * np.float32(0.35))
    picture = np.full(colours.shape, 255, np.uint8)
    picture[..., :3] = np.clip(mixed + np.float32(0.5), 0, 255)
    return picture


def _image(dump: Dump, sample: int) -> AnyArray | None:
    """The image of a sample, None where there is none to lay a map over."""
    if dump.one(Role.IMAGE) is None:
        return None
    try:
        return image_of(dump, sample)
    except FileError:
        return None


def _content(dump: Dump, layer: DatasetFacts) -> AnyArray | None:
    key = f"content of {layer.path}"
    if key not in dump.remembered:
        dump.remembered[key] = content_of(dump, layer)
    found: AnyArray | None = dump.remembered[key]
    return found


def samples_of(layer: DatasetFacts) -> list[int]:
    """The samples that a layer holds."""
    subset = layer.attributes.get(SAMPLE_SUBSET)
    count = layer.samples
    if isinstance(subset, list) and len(subset) == count and all(isinstance(one, int) for one in subset):
        return list(subset)
    return list(range(count))


def _row_of(layer: DatasetFacts, sample: int) -> int:
    samples = samples_of(layer)
    return samples.index(sample) if sample in samples else len(samples)
