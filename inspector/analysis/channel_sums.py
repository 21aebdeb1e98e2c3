"""What is counted of each channel in one pass over a batch, in the batch's own precision and in few sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from inspector.analysis.channel_sketch import sketch_of
from inspector.analysis.halves import widened
from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, IntArray

NEAR_ONE = 0.95
"""|a| above which a tanh or a sigmoid is saturated. Source: TheDeepChecker, whose measure takes the outermost bins."""

_BLOCK_ELEMENTS = 1 << 18
"""Elements of some channels that are looked at together: a megabyte, which is swept faster than calls are made."""

_RUN = 1024
"""Numbers summed in their own precision before they are added up in double; truth values added as 128 words."""

_LARGE = 1e15
"""Above this, squares of float32 overflow."""


class _Sums(NamedTuple):
    """Raw sums of some channels, each (channels,) but for `near`, (thresholds, channels), and those said below.

    Attributes:
        n: values that count; total: their sum, total_size: of their sizes.
        about: what deviations are taken from, nearly the mean; squares: sum of squares of these.
        strongest: (samples, channels) largest |a|, -1 where a sample has no value.
        sketch: (SKETCH_LENGTH, channels).
    """

    n: IntArray
    total: FloatArray
    total_size: FloatArray
    about: FloatArray
    squares: FloatArray
    least: AnyArray
    greatest: AnyArray
    at_least: IntArray
    at_greatest: IntArray
    near_one: IntArray
    near: IntArray
    strongest: AnyArray
    sketch: FloatArray


def columns_of(values: AnyArray, valid: AnyArray | None, epsilons: tuple[float, ...]) -> dict[str, AnyArray]:
    """Everything that `LayerStatistics` keeps of each channel, by its names.

    Args:
        values: (samples, channels, ...), real.
        valid: (samples, ...) bool, False in the padding; None where all counts.
        epsilons: ascending thresholds.
    """
    blocks = [_sums_of(rows, kept, len(values), epsilons) for rows, kept in _blocks(values, valid)]
    if not blocks:
        blocks = [_sums_of(np.zeros((0, len(values))), None, len(values), epsilons)]
    whole = _Sums(**{name: np.concatenate([getattr(block, name) for block in blocks], -1) for name in _Sums._fields})
    least, greatest = (np.where(whole.n > 0, bound, np.nan) for bound in (whole.least, whole.greatest))
    mean = ratio(whole.total, whole.n)
    off = np.nan_to_num(mean) - whole.about
    return {
        "near_zero": whole.near,
        "n": whole.n,
        "mean": mean,
        "variance": ratio(np.maximum(whole.squares - whole.n * off * off, 0.0), whole.n),
        "mean_abs": ratio(whole.total_size, whole.n),
        "absmax": np.fmax(np.abs(least), np.abs(greatest)).astype(np.float64),
        "least": least.astype(np.float64),
        "greatest": greatest.astype(np.float64),
        "at_least": whole.at_least,
        "at_greatest": whole.at_greatest,
        "near_one": whole.near_one,
        "firing": np.array([_firing(whole.strongest, epsilon) for epsilon in epsilons]),
        "sketch": whole.sketch,
    }


def _blocks(values: AnyArray, valid: AnyArray | None) -> Iterator[tuple[AnyArray, AnyArray | None]]:
    """Some channels at a time: (channels, samples * positions) floats, and which of them count where not all do."""
    channels = values.shape[1]
    responses = values[:, :1].size
    step = max(1, _BLOCK_ELEMENTS // max(responses, 1))
    inside = None if valid is None or valid.all() else valid.reshape(1, -1)
    for start in range(0, channels, step):
        part = values[:, start : start + step]
        rows = widened(np.moveaxis(part, 1, 0).reshape(part.shape[1], responses))
        yield rows, None if inside is None else np.broadcast_to(inside, rows.shape)


def _sums_of(rows: AnyArray, kept: AnyArray | None, samples: int, epsilons: tuple[float, ...]) -> _Sums:
    # Comparisons with NaN are false, so what does not count is counted nowhere.
    known = rows if kept is None else np.where(kept, rows, rows.dtype.type(np.nan))
    least, greatest = known.min(axis=1, initial=np.inf), known.max(axis=1, initial=-np.inf)
    if rows.size and not (np.isfinite(least).all() and np.isfinite(greatest).all()):
        known = np.where(np.isfinite(known), known, rows.dtype.type(np.nan))
        kept = ~np.isnan(known)
        least, greatest = np.fmin.reduce(known, axis=1, initial=np.inf), np.fmax.reduce(known, axis=1, initial=-np.inf)
    if rows.dtype == np.float32 and _beyond(least, greatest):
        return _sums_of(rows.astype(np.float64), kept, samples, epsilons)
    channels, responses = rows.shape
    n = np.full(channels, responses) if kept is None else _counts(kept)
    counted = known if kept is None else np.where(kept, known, rows.dtype.type(0))
    rectified = bool((least >= 0).all())
    size = known if rectified else np.abs(known)
    with np.errstate(over="ignore", invalid="ignore"):
        total = _totals(counted)
        about = (total / np.maximum(n, 1)).astype(rows.dtype)
        squares = _squares(counted, kept, about)
        total_size = total if rectified else _totals(np.abs(counted))
    near = np.array([_counts(is_near(size, epsilon)) for epsilon in epsilons], np.int64).reshape(
        len(epsilons), channels
    )
    by_sample = size.reshape(channels, samples, responses // max(samples, 1))
    strongest = (np.maximum if kept is None else np.fmax).reduce(by_sample, axis=2, initial=-1.0)
    # Of rectified values, those at the least are the zeros that are counted already.
    zeros_known = epsilons[:1] == (0.0,) and bool((least == 0).all())
    return _Sums(
        n=n,
        total=total,
        total_size=total_size,
        about=about.astype(np.float64),
        squares=squares,
        least=least,
        greatest=greatest,
        at_least=near[0] if zeros_known else _counts(known == least[:, None]),
        at_greatest=_counts(known == greatest[:, None]),
        near_one=_counts(size > NEAR_ONE),
        near=near,
        strongest=strongest.T,
        sketch=sketch_of(counted),
    )


def _beyond(least: AnyArray, greatest: AnyArray) -> bool:
    reached = np.concatenate([least, greatest])
    return bool((np.abs(reached[np.isfinite(reached)]) > _LARGE).any())


def is_near(magnitude: AnyArray, epsilon: float) -> AnyArray:
    """Which magnitudes are below epsilon, or 0 at 0, compared in their own precision without rounding epsilon down."""
    if epsilon == 0:
        zero: AnyArray = magnitude == 0
        return zero
    bound = magnitude.dtype.type(epsilon)
    below: AnyArray = magnitude < (bound if bound >= epsilon else np.nextafter(bound, magnitude.dtype.type(np.inf)))
    return below


def _firing(strongest: AnyArray, epsilon: float) -> IntArray:
    """Samples in which each channel is not near zero everywhere."""
    counts: IntArray = ((strongest >= 0) & ~is_near(strongest, epsilon)).sum(axis=0)
    return counts


def _counts(mask: AnyArray) -> IntArray:
    """How many are true in each row.

    Eight truth values are added as one word, at most 255 of them, so that no byte overflows: a fifth of the time of
    counting them one by one.
    """
    channels, length = mask.shape
    if length % _RUN or not mask.flags.c_contiguous:
        return np.array([np.count_nonzero(row) for row in mask], np.int64)
    words = mask.view(np.uint64).reshape(channels, length // _RUN, _RUN // 8).sum(axis=2)
    counts: IntArray = words.view(np.uint8).sum(axis=1, dtype=np.int64)
    return counts


def _totals(rows: AnyArray) -> FloatArray:
    """(channels,) float64 sum of each row."""
    head, rest = _runs(rows)
    total: FloatArray = (head @ np.ones(_RUN, rows.dtype)).sum(axis=1, dtype=np.float64)
    total += rest.sum(axis=1, dtype=np.float64)
    return total


def _squares(rows: AnyArray, kept: AnyArray | None, about: AnyArray) -> FloatArray:
    """(channels,) float64 sum of the squared distances of each row from a value of its own."""
    deviations = rows - about[:, None]
    if kept is not None:
        deviations *= kept
    head, rest = _runs(deviations)
    squares: FloatArray = np.vecdot(head, head).sum(axis=1, dtype=np.float64)
    squares += np.vecdot(rest, rest, dtype=np.float64)
    return squares


def _runs(rows: AnyArray) -> tuple[AnyArray, AnyArray]:
    """(channels, runs, _RUN) of each row, and what is left of it."""
    runs = rows.shape[1] // _RUN
    return rows[:, : runs * _RUN].reshape(len(rows), runs, _RUN), rows[:, runs * _RUN :]
