"""Whether slots win the same places over many samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import FloatArray, IntArray, LabelMap

LEAST_SAMPLES = 16
"""Samples below which every region seems to stay in place."""

FEWEST_SAMPLES = 4
"""Samples below which two that happen to look alike decide."""

LARGEST_GRID = 32
"""Rows and columns of places, at most, at which winners are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class PositionCounts:
    """How often each slot won each place, sample by sample.

    Attributes:
        won: (slots, places) int64; samples: how many were added.
        squares: of the places that each slot won in a sample, summed over samples; of all of them in `square_of_all`.
    """

    won: IntArray
    samples: int = 0
    squares: float = 0.0
    square_of_all: float = 0.0

    def with_winners(self, winners: LabelMap) -> PositionCounts:
        """These counts and those of one more sample, (height, width), negative where undefined; all of one size."""
        rows, columns = (_places(length) for length in winners.shape)
        taken = winners[rows[:, None], columns].reshape(-1)
        won = self.won if self.samples else np.zeros((len(self.won), taken.size), np.int64)
        places = np.flatnonzero((taken >= 0) & (taken < len(won)))
        added = won.copy()
        added[taken[places], places] += 1
        areas = np.bincount(taken[places], minlength=len(won)).astype(np.float64)
        squares, square = self.squares + float(areas @ areas), self.square_of_all + float(areas.sum() ** 2)
        return PositionCounts(added, self.samples + 1, squares, square)

    @property
    def share(self) -> float:
        """How much of the choice of a slot its place tells, 0 nothing to 1 all: above 0.8 slots divide up the picture.

        Mutual information of slot and place over the entropy of the slot, corrected for few samples. NaN below 16
        samples, and where one slot wins everywhere.

        Source: rule X.A4; Miller 1955 for the correction.
        """
        at_place = self.won.sum(axis=0)
        total = int(at_place.sum())
        if self.samples < LEAST_SAMPLES or not total:
            return float("nan")
        whole = _entropy(self.won.sum(axis=1)[:, None])[0] + _missing(self.won.sum(axis=1)[:, None])[0]
        left = float((_entropy(self.won) + _missing(self.won)) @ at_place / total)
        return float(np.clip(1.0 - left / whole, 0.0, 1.0)) if whole > 0 else float("nan")

    @property
    def agreement(self) -> float:
        """How far two samples agree, place by place, on the slot that wins, beyond chance: 0 none, 1 wholly.

        Chance is a place of the one against any place of the other. Pairs of different samples alone are counted, so
        that few samples leave no bias, as they do in `share`. NaN below 4 samples, and where one slot wins everywhere.

        Source: Cohen 1960, kappa, its agreement and chance each estimated over pairs as a U-statistic.
        """
        won = self.won.astype(np.float64)
        at_place = won.sum(axis=0)
        pairs, chance_pairs = float((at_place * (at_place - 1)).sum()), float(won.sum() ** 2 - self.square_of_all)
        if self.samples < FEWEST_SAMPLES or pairs <= 0 or chance_pairs <= 0:
            return float("nan")
        agree = float((won * (won - 1)).sum()) / pairs
        chance = (float((won.sum(axis=1) ** 2).sum()) - self.squares) / chance_pairs
        return (agree - chance) / (1 - chance) if chance < 1 else float("nan")


def _places(length: int) -> IntArray:
    count = min(length, LARGEST_GRID)
    return ((np.arange(count) + 0.5) * (length / max(count, 1))).astype(np.int64)


def _entropy(won: IntArray) -> FloatArray:
    """In nats, of the slots at each place; 0 where nothing won."""
    shares = np.nan_to_num(ratio(won, won.sum(axis=0)))
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: FloatArray = -(shares * logs).sum(axis=0)
    return entropy


def _missing(won: IntArray) -> FloatArray:
    """What few samples leave out of the entropy at each place."""
    seen = (won > 0).sum(axis=0)
    return np.nan_to_num(ratio(np.maximum(seen - 1, 0), 2 * won.sum(axis=0)))
