"""Everything that one reading of a layer tells: of its channels, its samples and its positions; batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.channel_sums import sums_of
from inspector.analysis.ratio import ratio
from inspector.analysis.sparsity import EPSILONS, LayerStatistics, combined, statistics_of
from inspector.core.arrays import AnyArray, FloatArray, IntArray

STRONGEST = 12
"""Samples that are kept of each channel, those that excite it most."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerTotals:
    """What was seen of a layer so far.

    Attributes:
        statistics: of its channels.
        zero_shares: (samples,) float64, share of exact zeros among the finite values of each sample; NaN without any.
        near_at: (thresholds, positions) int64, near-zero values of all channels and samples at each position.
        known_at: (positions,) int64, finite values there that are no padding.
        strengths: (STRONGEST, channels) float64, largest |a| in the samples that excite each channel most, the
            strongest first; NaN where there are fewer that have a value.
        strongest: (STRONGEST, channels) int64, which samples these are, counted from the layer's first.
    """

    statistics: LayerStatistics
    zero_shares: FloatArray
    near_at: IntArray
    known_at: IntArray
    strengths: FloatArray
    strongest: IntArray

    def firing_at(self, row: int) -> FloatArray:
        """(positions,) share of values that are not near zero by a threshold, 0..1; NaN where none counts."""
        return 1.0 - ratio(self.near_at[row], self.known_at)


def totals_of(values: AnyArray, valid: AnyArray | None = None, first: int = 0) -> LayerTotals:
    """What one batch says.

    Args:
        values: (samples, channels, ...), real.
        valid: (samples, ...) bool as `valid_cells` gives it, False in the padding; None where all counts.
        first: the batch's first sample among those of the layer.

    Raises:
        ShapeError: `valid` has not one entry for each sample and position.
    """
    sums = sums_of(values, valid, EPSILONS)
    return LayerTotals(
        statistics_of(sums, values.shape, valid=valid),
        ratio(sums.zeros, sums.known),
        sums.near_at,
        sums.known_at,
        *_strongest_of(sums.strongest, first),
    )


def added(first: LayerTotals, second: LayerTotals) -> LayerTotals:
    """Both as if they had been one batch, the samples of the second behind those of the first."""
    return LayerTotals(
        combined(first.statistics, second.statistics),
        np.concatenate([first.zero_shares, second.zero_shares]),
        first.near_at + second.near_at,
        first.known_at + second.known_at,
        *_first_ones(
            np.concatenate([first.strengths, second.strengths]), np.concatenate([first.strongest, second.strongest])
        ),
    )


def _strongest_of(sizes: AnyArray, first: int) -> tuple[FloatArray, IntArray]:
    """The STRONGEST of each channel, of (channels, samples) sizes that are negative where there is none."""
    channels, samples = sizes.shape
    if not samples:
        return np.full((STRONGEST, channels), np.nan), np.full((STRONGEST, channels), -1)
    # One whole number for each sample, so that no two are alike: its size as the bits of a float, then how early it is.
    early = np.arange(samples - 1, -1, -1)
    keys = sizes.astype(np.float32, copy=False).view(np.int32).astype(np.int64) << 32 | early
    keys = np.partition(keys, -STRONGEST, axis=1)[:, -STRONGEST:] if samples > STRONGEST else keys
    rows = samples - 1 - (np.sort(keys, axis=1)[:, ::-1].T & 0xFFFFFFFF)
    found = np.take_along_axis(sizes.T, rows, axis=0).astype(np.float64)
    return _filled(np.where(found >= 0, found, np.nan), rows + first)


def _first_ones(strengths: FloatArray, samples: IntArray) -> tuple[FloatArray, IntArray]:
    """The STRONGEST of each channel in their order, of equal ones the earlier; NaN behind everything."""
    order = np.argsort(-strengths, axis=0, kind="stable")[:STRONGEST]
    return np.take_along_axis(strengths, order, axis=0), np.take_along_axis(samples, order, axis=0)


def _filled(strengths: FloatArray, samples: IntArray) -> tuple[FloatArray, IntArray]:
    """As many rows as STRONGEST, what lacks NaN; no sample where there is no strength."""
    lacking = ((0, STRONGEST - len(strengths)), (0, 0))
    strengths = np.pad(strengths, lacking, constant_values=np.nan)
    return strengths, np.where(np.isnan(strengths), -1, np.pad(samples, lacking, constant_values=-1))
