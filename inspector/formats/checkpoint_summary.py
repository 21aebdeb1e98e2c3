"""The statistics of every tensor of a checkpoint: one value to send, and to keep in the cache."""

from __future__ import annotations

from functools import cached_property

import msgspec

from inspector.core.arrays import FloatArray, IntArray


class SummaryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor of a summary; as `CheckpointSummary` has its columns."""

    name: str
    count: int
    zeros: int
    nans: int
    infinities: int
    minimum: float
    maximum: float
    mean: float
    std: float
    norm: float


class CheckpointSummary(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the numbers of every tensor are like; complex ones by their magnitude, quantized ones as stored.

    Where a view shows elements of its storage more than once, each stored element counts once.

    Attributes:
        content: names what the files hold, for the cache; empty where it is not known.
        names: of the tensors, in the order of the file.
        count: (tensors,) int64, elements, finite or not.
        zeros, nans, infinities: (tensors,) int64, how many of them are so.
        minimum, maximum, mean, std: (tensors,) float64 over the finite elements, std of the population; NaN where
            there are none.
        norm: (tensors,) float64, square root of the sum of squares of the finite elements; 0 where there are none.
        histograms: (tensors, 64) int64, finite elements in equal bins from the minimum to the maximum; None where they
            were not asked for.
        unread: why a tensor has no row, one sentence, by its name.
    """

    content: str = ""
    names: tuple[str, ...]
    count: IntArray
    zeros: IntArray
    nans: IntArray
    infinities: IntArray
    minimum: FloatArray
    maximum: FloatArray
    mean: FloatArray
    std: FloatArray
    norm: FloatArray
    histograms: IntArray | None = None
    unread: dict[str, str] = {}

    def row(self, name: str) -> SummaryRow | None:
        """One tensor's statistics, None where it has none."""
        place = self.places().get(name)
        if place is None:
            return None
        return SummaryRow(name=name, **{column: getattr(self, column)[place].item() for column in COLUMNS})

    def rows(self) -> dict[str, SummaryRow]:
        """Every tensor's statistics by name: for many of them much quicker than `row` for each."""
        columns = [getattr(self, column).tolist() for column in COLUMNS]
        return {
            name: SummaryRow(name=name, **dict(zip(COLUMNS, values, strict=True)))
            for name, *values in zip(self.names, *columns, strict=True)
        }

    def places(self) -> dict[str, int]:
        """Each tensor's index in the columns."""
        return self._places

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}


INTEGER_COLUMNS = ("count", "zeros", "nans", "infinities")
COLUMNS = (*INTEGER_COLUMNS, "minimum", "maximum", "mean", "std", "norm")
