"""A layer's statistics as the columns that a dump keeps under `stats/<module>`, and back.

| column | of | since |
| --- | --- | --- |
| `count`, `mean`, `m2`, `min`, `max`, `absmax` | each channel; `m2` is the sum of squared deviations | always |
| `n_lt_eps` | thresholds × channels, the thresholds in its attribute `eps` | always |
| `mean_abs`, `n_not_finite`, `n_at_min`, `n_at_max`, `n_near_one` | each channel | optional |
| `n_samples_active` | thresholds × channels: samples with a value that is not near zero | optional |
| `sketch`, `sketch_of_ones` | as `channel_sketch` makes them | optional |
| `samples` | a single number | optional |

Source: the reference's layout `ri-dump/1` for the first two rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from inspector.analysis.channel_sketch import SKETCH_LENGTH
from inspector.analysis.ratio import ratio
from inspector.analysis.sparsity import LayerStatistics
from inspector.core.arrays import AnyArray, FloatArray, IntArray

REQUIRED = ("count", "mean", "m2", "min", "max", "absmax", "n_lt_eps")
OPTIONAL = (
    "mean_abs",
    "n_not_finite",
    "n_at_min",
    "n_at_max",
    "n_near_one",
    "n_samples_active",
    "sketch",
    "sketch_of_ones",
    "samples",
)

_LARGEST_COUNT = 2**62


def columns_of_statistics(statistics: LayerStatistics) -> dict[str, AnyArray]:
    """Every column that is known, by its name, in the shapes of the table above.

    `eps` of `n_lt_eps` are `statistics.epsilons`.
    """
    least, greatest = statistics.least, statistics.greatest
    columns: dict[str, AnyArray | None] = {
        "count": statistics.n,
        "mean": statistics.mean,
        "m2": np.nan_to_num(statistics.variance) * statistics.n,
        "min": np.full_like(statistics.mean, np.nan) if least is None else least,
        "max": np.full_like(statistics.mean, np.nan) if greatest is None else greatest,
        "absmax": statistics.absmax,
        "n_lt_eps": statistics.near_zero,
        "mean_abs": statistics.mean_abs,
        "n_not_finite": statistics.not_finite,
        "n_at_min": statistics.at_least,
        "n_at_max": statistics.at_greatest,
        "n_near_one": statistics.near_one,
        "n_samples_active": statistics.firing,
        "sketch": statistics.sketch,
        "sketch_of_ones": statistics.sketch_of_ones,
        "samples": np.asarray(statistics.samples),
    }
    return {name: column for name, column in columns.items() if column is not None}


def statistics_of_columns(
    columns: Mapping[str, AnyArray], epsilons: Sequence[float], positions: int = 1
) -> LayerStatistics | None:
    """The statistics, None where a required column is missing or one contradicts another.

    An optional column of another shape is left out.

    Args:
        columns: by name, as read.
        epsilons: thresholds of `n_lt_eps`.
        positions: values a channel has in one sample, which tell the samples where they were not recorded.
    """
    if any(name not in columns for name in REQUIRED) or columns["mean"].ndim != 1:
        return None
    channels = len(columns["mean"])
    thresholds = np.asarray(epsilons, np.float64)
    count = _whole(columns["count"], (channels,))
    near = _whole(columns["n_lt_eps"], (len(thresholds), channels))
    floats = {name: _floats(columns[name], (channels,)) for name in ("mean", "m2", "min", "max", "absmax")}
    mean, squares, least, greatest, absmax = floats.values()
    if count is None or near is None or mean is None or squares is None:
        return None
    if least is None or greatest is None or absmax is None or (near > count).any():
        return None
    if not np.isfinite(thresholds).all() or (np.diff(thresholds) <= 0).any() or not len(thresholds):
        return None
    not_finite = _optional(columns, "n_not_finite", (channels,))
    firing = _optional(columns, "n_samples_active", near.shape)
    recorded = _optional(columns, "samples", ())
    sketch = _floats(columns.get("sketch"), (SKETCH_LENGTH, channels))
    of_ones = _floats(columns.get("sketch_of_ones"), (SKETCH_LENGTH,))
    seen = count > 0
    with np.errstate(invalid="ignore"):
        # Where mean |a| was not recorded and a channel keeps one sign, it is the mean's size.
        one_sided = np.where(least >= 0, mean, np.where(greatest <= 0, -mean, np.nan))
    mean_abs = _floats(columns.get("mean_abs"), (channels,))
    return LayerStatistics(
        epsilons=thresholds,
        near_zero=near,
        n=count,
        not_finite=np.zeros(channels, np.int64) if not_finite is None else not_finite,
        mean=mean,
        variance=ratio(squares, count),
        mean_abs=one_sided if mean_abs is None else mean_abs,
        absmax=np.where(seen, absmax, np.nan),
        samples=int(count.max(initial=0)) // max(1, positions) if recorded is None else int(recorded),
        least=np.where(seen, least, np.nan),
        greatest=np.where(seen, greatest, np.nan),
        at_least=_optional(columns, "n_at_min", (channels,)),
        at_greatest=_optional(columns, "n_at_max", (channels,)),
        near_one=_optional(columns, "n_near_one", (channels,)),
        firing=firing,
        sketch=None if of_ones is None else sketch,
        sketch_of_ones=None if sketch is None else of_ones,
    )


def _whole(column: AnyArray, shape: tuple[int, ...]) -> IntArray | None:
    """A column of counts, a single one standing for all; None where it is none of that shape."""
    if column.dtype.kind not in "iufb" or (column.shape != shape and column.size != 1):
        return None
    values = np.broadcast_to(column.reshape(()) if column.size == 1 else column, shape)
    if not (np.isfinite(values).all() and (values >= 0).all() and (values <= _LARGEST_COUNT).all()):
        return None
    return values.astype(np.int64)


def _optional(columns: Mapping[str, AnyArray], name: str, shape: tuple[int, ...]) -> IntArray | None:
    column = columns.get(name)
    return None if column is None or column.size != int(np.prod(shape)) else _whole(column, shape)


def _floats(column: AnyArray | None, shape: tuple[int, ...]) -> FloatArray | None:
    if column is None or column.dtype.kind not in "iufb" or column.shape != shape:
        return None
    return column.astype(np.float64)
