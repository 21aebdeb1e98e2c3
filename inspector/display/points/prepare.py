"""From a dump to the scene of the Points viewer."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np

from inspector.artifacts.dumps.dump import image_of, opened
from inspector.artifacts.identity import Identity
from inspector.core.arrays import FloatArray, Rgba, ShapeError
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.display.dumps import datasets
from inspector.display.points.reading import Points, SamplePoints, all_points
from inspector.display.points.scene import (
    DetailRow,
    HistogramBin,
    PointOrder,
    PointPair,
    PointsAsk,
    PointsScene,
    PointTile,
)
from inspector.display.rasters import drawn_size, thumbnail
from inspector.formats.dump import Role

PAGE_SAMPLES = 40
THUMB_PX = 240
SINGLE_PX = 1024
BINS = 32


def prepare(ask: PointsAsk, pulse: Pulse) -> PointsScene:
    """The scene of the page that holds the chosen sample, or of that sample alone.

    Raises:
        FileError: the dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what="opening the dump")
    path = Path(ask.path)
    points = all_points(path, pulse)
    samples = len(points.samples)
    sample = min(ask.sample, samples - 1)
    order = ordered_samples(points, ask.order)
    rank = order.index(sample)
    single = ask.layout == "single"
    page = 1 if single else PAGE_SAMPLES
    first = rank // page * page
    shown = order[first : first + page]
    identity, tiles = opened(path).identity, []
    for done, index in enumerate(shown):
        pulse.beat(done, len(shown), "samples")
        picture = _picture(path, identity, index, SINGLE_PX if single else THUMB_PX, points.size)
        tiles.append(_tile(points, index, picture))
    errors = points.errors_px
    median, p90 = np.percentile(errors, (50, 90)).tolist() if errors.size else (math.nan, math.nan)
    return PointsScene(
        place=ask.place,
        sample=sample,
        samples=samples,
        rank=rank,
        layout=ask.layout,
        order=ask.order,
        tiles=tuple(tiles),
        page_text=_page_text(first, len(shown), samples, ask.order),
        previous_page=order[first - 1] if first else None,
        next_page=order[first + page] if first + page < samples else None,
        bins=histogram(errors),
        median_px=median,
        p90_px=p90,
        histogram_text=_histogram_text(median, p90, points),
        space_text=f"in {points.space} · {ask.place}",
        detail_title=f"Sample {sample + 1:,}",
        details=_details(points.samples[sample]),
        notes=points.notes,
    )


def ordered_samples(points: Points, order: PointOrder) -> list[int]:
    """Sample numbers: by number, or the largest error first and samples without one last."""
    if order == "index":
        return list(range(len(points.samples)))
    worst = np.array([sample.worst_px for sample in points.samples])
    return [int(index) for index in np.argsort(np.where(np.isnan(worst), np.inf, -worst), kind="stable")]


def histogram(errors_px: FloatArray) -> tuple[HistogramBin, ...]:
    """Equal bins from 0 to the largest error; none without an error."""
    if not errors_px.size:
        return ()
    counts, edges = np.histogram(errors_px, BINS, (0.0, max(float(errors_px.max()), 1.0)))
    return tuple(
        HistogramBin(float(low), float(high), int(count))
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )


def error_label(error_px: float) -> str:
    """`err=23px`, empty where undefined."""
    return f"err={round(error_px)}px" if math.isfinite(error_px) else ""


@lru_cache(maxsize=256)
def _picture(path: Path, _identity: Identity, sample: int, longest: int, size: tuple[float, float]) -> Rgba:
    """The image at most so large; flat grey where the dump has none that can be read."""
    dump = opened(path)
    try:
        if datasets(dump.facts, Role.IMAGE):
            return thumbnail(image_of(dump, sample), longest)
    except (FileError, ShapeError):
        pass
    height, width = drawn_size(max(1, round(size[0])), max(1, round(size[1])), 64)
    grey = np.full((height, width, 4), 255, np.uint8)
    grey[..., :3] = 48
    return grey


def _tile(points: Points, index: int, picture: Rgba) -> PointTile:
    sample = points.samples[index]
    count = len(sample.errors_px)
    worst = sample.worst_px
    return PointTile(
        sample=index,
        error_px=worst,
        error_text="no error known" if math.isnan(worst) else f"worst {round(worst)} px",
        count_text=f"{count} object{'' if count == 1 else 's'}",
        picture=picture,
        pairs=tuple(
            PointPair(
                gt=_share(sample.gt[place], points.size),
                prediction=_share(sample.prediction[place], points.size),
                label=error_label(float(sample.errors_px[place])),
            )
            for place in range(count)
        ),
    )


def _share(point: FloatArray, size: tuple[float, float]) -> tuple[float, float] | None:
    if not np.isfinite(point).all():
        return None
    return (float(point[0]) + 0.5) / size[1], (float(point[1]) + 0.5) / size[0]


def _page_text(first: int, count: int, samples: int, order: PointOrder) -> str:
    numbers = f"{first + 1:,}" if count == 1 else f"{first + 1:,}–{first + count:,}"
    return f"{numbers} of {samples:,}, worst first" if order == "error" else f"{numbers} of {samples:,}"


def _histogram_text(median: float, p90: float, points: Points) -> str:
    parts = [] if math.isnan(median) else [f"median {median:.1f} px", f"p90 {p90:.1f} px"]
    if points.unpredicted:
        parts.append(f"{points.unpredicted:,} without a prediction")
    if points.unmatched:
        parts.append(f"{points.unmatched:,} predicted without an object")
    return " · ".join(parts) or "no errors"


def _details(sample: SamplePoints) -> tuple[DetailRow, ...]:
    return tuple(
        DetailRow(
            f"{int(sample.numbers[place]) + 1}",
            _pixel_text(sample.gt_original[place]),
            _pixel_text(sample.prediction_original[place]),
            "–" if math.isnan(sample.errors_px[place]) else f"{sample.errors_px[place]:.1f} px",
        )
        for place in range(len(sample.errors_px))
    )


def _pixel_text(point: FloatArray) -> str:
    return f"{point[0]:.0f}, {point[1]:.0f}" if np.isfinite(point).all() else "–"
