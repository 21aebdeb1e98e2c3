"""What is counted of each channel in one pass over a batch, in the batch's own precision and in few sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from inspector.analysis.channel_sketch import sketch_of
from inspector.analysis.halves import widened
from inspector.core.arrays import AnyArray, FloatArray, IntArray, ShapeError

NEAR_ONE = 0.95
"""|a| above which a tanh or a sigmoid is saturated. Source: TheDeepChecker, whose measure takes the outermost bins."""

_BLOCK_ELEMENTS = 1 << 20
"""Elements of some channels that are looked at together: four megabytes, which are swept faster than calls are made."""

_SLAB = 128
"""Responses of which the channels, where they stand side by side in memory, are turned into rows together."""

_RUN = 1024
"""Numbers summed in their own precision before they are added up in double; truth values added as 128 words."""

_BYTES = 255
"""Truth values that may be added as bytes without an overflow."""

_LARGE = 1e15
"""Above this, squares of float32 overflow."""

_CANCELLING = 4.0
"""Mean square over the variance above which squares are summed about the mean: two bits of precision are lost."""


class ChannelSums(NamedTuple):
    """Raw sums of a batch, each (channels,) but for those said below.

    Attributes:
        n: values that count; total: their sum, total_size: of their sizes.
        about: what deviations are taken from, nearly the mean; squares: sum of squares of these.
        least, greatest: infinite where no value counts.
        near: (thresholds, channels).
        strongest: (channels, samples) largest |a|, -1 where a sample has no value.
        firing: (thresholds, channels) samples with a value that is not near zero.
        sketch: (SKETCH_LENGTH, channels).
        near_at: (thresholds, positions) near-zero values at each position; known_at: (positions,) values that count.
        zeros: (samples,) values that are near zero by the first threshold; known: (samples,) values that count.
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
    firing: IntArray
    sketch: FloatArray
    near_at: IntArray
    known_at: IntArray
    zeros: IntArray
    known: IntArray


_ADDED = ("near_at", "known_at", "zeros", "known")
"""What is of all channels together; the rest stands side by side."""


def sums_of(values: AnyArray, valid: AnyArray | None, epsilons: tuple[float, ...]) -> ChannelSums:
    """Everything that is counted of a batch.

    Args:
        values: (samples, channels, ...), real.
        valid: (samples, ...) bool, False in the padding; None where all counts.
        epsilons: ascending thresholds.

    Raises:
        ShapeError: `valid` has not one entry for each sample and position.
    """
    if valid is not None and valid.shape != (len(values), *values.shape[2:]):
        raise ShapeError(f"positions of shape {valid.shape} do not belong to values of shape {values.shape}")
    samples, positions = len(values), int(np.prod(values.shape[2:], dtype=np.int64))
    blocks = [_block_sums(rows, kept, (samples, positions), epsilons) for rows, kept in _blocks(values, valid)]
    if not blocks:
        blocks = [_block_sums(np.zeros((0, samples * positions)), None, (samples, positions), epsilons)]
    if len(blocks) == 1:
        return blocks[0]
    parts: dict[str, list[AnyArray]] = {name: [getattr(one, name) for one in blocks] for name in ChannelSums._fields}
    together: dict[str, AnyArray] = {name: np.sum(parts.pop(name), axis=0) for name in _ADDED}
    beside = {name: np.concatenate(part, 0 if name == "strongest" else -1) for name, part in parts.items()}
    return ChannelSums(**beside, **together)


def _blocks(values: AnyArray, valid: AnyArray | None) -> Iterator[tuple[AnyArray, AnyArray | None]]:
    """Some channels at a time: (channels, samples * positions) floats, and which of them count where not all do."""
    channels = values.shape[1]
    responses = values[:, :1].size
    step = max(1, _BLOCK_ELEMENTS // max(responses, 1))
    inside = None if valid is None or valid.all() else valid.reshape(1, -1)
    for start in range(0, channels, step):
        part = values[:, start : start + step]
        rows = widened(_rows_of(part))
        yield rows, None if inside is None else np.broadcast_to(inside, rows.shape)


def _rows_of(values: AnyArray) -> AnyArray:
    """(channels, samples * positions) of (samples, channels, ...)."""
    channels = values.shape[1]
    responses = values[:, :1].size
    last = np.moveaxis(values, 1, -1)
    if channels == 1 or values.strides[1] != values.itemsize or responses <= _SLAB:
        return np.moveaxis(values, 1, 0).reshape(channels, responses)
    # Slab by slab, so that what is read of a line of memory is used before it is gone.
    flat = last.reshape(responses, channels)
    rows = np.empty((channels, responses), values.dtype)
    for start in range(0, responses, _SLAB):
        rows[:, start : start + _SLAB] = flat[start : start + _SLAB].T
    return rows


def _block_sums(
    rows: AnyArray, kept: AnyArray | None, shape: tuple[int, int], epsilons: tuple[float, ...]
) -> ChannelSums:
    """The sums of some channels, whose values are of so many samples and positions."""
    # Comparisons with NaN are false, so what does not count is counted nowhere.
    known = rows if kept is None else np.where(kept, rows, rows.dtype.type(np.nan))
    least, greatest = known.min(axis=1, initial=np.inf), known.max(axis=1, initial=-np.inf)
    if rows.size and not (np.isfinite(least).all() and np.isfinite(greatest).all()):
        known = np.where(np.isfinite(known), known, rows.dtype.type(np.nan))
        kept = ~np.isnan(known)
        least, greatest = np.fmin.reduce(known, axis=1, initial=np.inf), np.fmax.reduce(known, axis=1, initial=-np.inf)
    if rows.dtype == np.float32 and _beyond(least, greatest):
        return _block_sums(rows.astype(np.float64), kept, shape, epsilons)
    (channels, responses), (samples, positions) = rows.shape, shape
    n = np.full(channels, responses) if kept is None else row_counts(kept)
    counted = known if kept is None else np.where(kept, known, rows.dtype.type(0))
    rectified = bool((least >= 0).all())
    size = known if rectified else np.abs(known)
    with np.errstate(over="ignore", invalid="ignore"):
        total = _totals(counted)
        about, squares = _squares(counted, kept, total, n)
        total_size = total if rectified else _totals(np.abs(counted))
    # Truth values in whole words, so that they are counted eight at a time.
    words = np.empty((len(epsilons) + 1, channels, -(-responses // 8) * 8), bool)
    words[:, :, responses:] = False
    masks = words[:, :, :responses]
    for mask, epsilon in zip(masks, epsilons, strict=False):
        is_near(size, epsilon, mask)
    np.greater(size, NEAR_ONE, out=masks[-1])
    *near, near_one = row_counts(words.reshape(len(words) * channels, words.shape[2])).reshape(len(words), channels)
    known_at, known_of = np.full(positions, channels * samples), np.full(samples, channels * positions)
    if kept is not None:
        known_at, known_of = _at_places(kept.reshape(1, channels * samples, positions))[0], _of_samples(kept, shape)
    by_sample = size.reshape(channels, samples, positions)
    strongest = (np.maximum if kept is None else np.fmax).reduce(by_sample, axis=2, initial=-1.0)
    # Of rectified values, those at the least are the zeros that are counted already.
    zeros_known = epsilons[:1] == (0.0,) and bool((least == 0).all())
    return ChannelSums(
        n=n,
        total=total,
        total_size=total_size,
        about=about,
        squares=squares,
        least=least,
        greatest=greatest,
        at_least=near[0] if zeros_known else row_counts(known == least[:, None]),
        at_greatest=_reaching(by_sample, strongest, greatest) if rectified else row_counts(known == greatest[:, None]),
        near_one=near_one,
        near=np.array(near),
        strongest=strongest,
        firing=np.array([row_counts(~is_near(np.maximum(strongest, 0), epsilon)) for epsilon in epsilons]),
        sketch=sketch_of(counted),
        near_at=_at_places(masks[:-1].reshape(len(epsilons), channels * samples, positions)),
        known_at=known_at,
        zeros=_of_samples(masks[0], shape),
        known=known_of,
    )


def _beyond(least: AnyArray, greatest: AnyArray) -> bool:
    reached = np.concatenate([least, greatest])
    return bool((np.abs(reached[np.isfinite(reached)]) > _LARGE).any())


def is_near(magnitude: AnyArray, epsilon: float, out: AnyArray | None = None) -> AnyArray:
    """Which magnitudes are below epsilon, or 0 at 0, compared in their own precision without rounding epsilon down.

    Args:
        magnitude: |a|.
        epsilon: the threshold.
        out: takes the answer, bool of the same shape.
    """
    near: AnyArray
    if epsilon == 0:
        near = np.equal(magnitude, 0, out=out)
    else:
        bound = magnitude.dtype.type(epsilon)
        above = bound if bound >= epsilon else np.nextafter(bound, magnitude.dtype.type(np.inf))
        near = np.less(magnitude, above, out=out)
    return near


def row_counts(mask: AnyArray) -> IntArray:
    """How many of (rows, length) truth values are true in each row.

    Eight truth values are added as one word, at most 255 of them, so that no byte overflows: a fifth of the time of
    counting them one by one.
    """
    channels, length = mask.shape
    if length % 8 or not length or not mask.flags.c_contiguous:
        return mask.sum(axis=1) if length < _RUN else np.array([np.count_nonzero(row) for row in mask], np.int64)
    words = mask.view(np.uint64)
    runs, each = length // _RUN, _RUN // 8
    head = words[:, : runs * each].reshape(channels, runs, each).sum(axis=2)
    rest = words[:, runs * each :].sum(axis=1, keepdims=True)
    counts: IntArray = np.concatenate([head, rest], axis=1).view(np.uint8).sum(axis=1, dtype=np.int64)
    return counts


def _at_places(masks: AnyArray) -> IntArray:
    """How many are true in each column, (masks, columns), of (masks, rows, columns).

    Rows that are short are laid side by side before they are added.
    """
    count, rows, length = masks.shape
    beside = max(1, _RUN // max(length, 1))
    whole = rows // beside * beside
    wide = masks[:, :whole].reshape(count, whole // beside, beside * length).view(np.uint8)
    counts: IntArray = masks[:, whole:].sum(axis=1, dtype=np.int64)
    for start in range(0, wide.shape[1], _BYTES):
        some = np.add.reduce(wide[:, start : start + _BYTES], axis=1, dtype=np.uint8)
        counts += some.reshape(count, beside, length).sum(axis=1, dtype=np.int64)
    return counts


def _of_samples(mask: AnyArray, shape: tuple[int, int]) -> IntArray:
    """How many are true in each sample, of (channels, samples * positions)."""
    counts = np.zeros(shape[0], np.int64)
    for start in range(0, len(mask), _BYTES):
        some = np.add.reduce(mask[start : start + _BYTES].view(np.uint8), axis=0, dtype=np.uint8)
        counts += some.reshape(shape).sum(axis=1, dtype=np.int64)
    return counts


def _reaching(by_sample: AnyArray, strongest: AnyArray, greatest: AnyArray) -> IntArray:
    """How many values of each channel are its greatest: looked for in the samples that reach it alone."""
    channels, samples = np.divmod(np.flatnonzero(strongest == greatest[:, None]), max(1, strongest.shape[1]))
    reached = (by_sample[channels, samples] == greatest[channels, None]).sum(axis=1)
    counts = np.zeros(len(greatest), np.int64)
    np.add.at(counts, channels, reached)
    return counts


def _totals(rows: AnyArray) -> FloatArray:
    """(channels,) float64 sum of each row."""
    head, rest = _runs(rows)
    total: FloatArray = np.einsum("crw->cr", head).sum(axis=1, dtype=np.float64)
    total += np.einsum("cr->c", rest)
    return total


def _squares(rows: AnyArray, kept: AnyArray | None, total: FloatArray, n: IntArray) -> tuple[FloatArray, FloatArray]:
    """(channels,) float64 each: nearly the mean of a row, and the sum of the squared distances from it."""
    mean = total / np.maximum(n, 1)
    whole = _square_sums(rows)
    squares = whole - n * mean * mean
    # Written so that what overflowed is summed anew too.
    lost = np.flatnonzero(~(whole <= _CANCELLING * squares))
    if lost.size:
        mean[lost] = mean[lost].astype(rows.dtype)
        deviations = rows[lost] - mean[lost, None].astype(rows.dtype)
        if kept is not None:
            deviations *= kept[lost]
        squares[lost] = _square_sums(deviations)
    return mean, squares


def _square_sums(rows: AnyArray) -> FloatArray:
    head, rest = _runs(rows)
    squares: FloatArray = np.vecdot(head, head).sum(axis=1, dtype=np.float64)
    squares += np.vecdot(rest, rest)
    return squares


def _runs(rows: AnyArray) -> tuple[AnyArray, AnyArray]:
    """(channels, runs, _RUN) of each row, and what is left of it."""
    runs = rows.shape[1] // _RUN
    return rows[:, : runs * _RUN].reshape(len(rows), runs, _RUN), rows[:, runs * _RUN :]
