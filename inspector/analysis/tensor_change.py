"""How far one tensor is from another of the same shape, gathered block by block in constant memory.

Numbers are widened to float64 first, so the sums are as exact as its arithmetic. Norms of blocks are joined by
`hypot`, and blocks whose squares would leave the range of float64 are scaled, so that numbers near its ends neither
overflow nor vanish.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TypeAlias

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray

BLOCK_ELEMENTS = 1 << 15
"""So many float64 of both sides and their difference stay in a core's cache."""

_LEAST_SQUARES = 1e-200
"""A smaller sum of squares may have lost parts to underflow."""

_PLAIN_NORMS = (1e-100, 1e100)
"""Products of numbers with such norms stay within float64."""

Number: TypeAlias = int | float


class TensorChange(msgspec.Struct, frozen=True, kw_only=True):
    """The change from a first tensor to a second one.

    Integers and truth values are counted, and their largest difference told; norms, cosine and signs are of floating
    numbers. Complex numbers are compared as vectors of two numbers: norms and differences are magnitudes, and there
    are no signs.

    Attributes:
        count: elements of each.
        equal: elements that are equal as numbers; NaN on both sides counts as equal.
        identical: the two are the same bit for bit, and of one type.
        converted: they are of two types, and the second is what the first gives when it is converted.
        finite: elements that are finite on both sides, over which all that follows is taken.
        nans, infinities: in the first and in the second.
        norms: of the first and the second, Euclidean; NaN for integers.
        difference: norm of second minus first; NaN for integers, infinite beyond float64.
        relative: `difference` over the first norm; infinite where that is 0 and the difference is not, NaN for
            integers and where no element is finite on both sides.
        cosine: of the angle between the two, -1..1; NaN where one of them has no length, and for integers.
        sign_flips: elements that went from below zero to above it or back; None for integers and complex numbers.
        largest: greatest absolute difference of an element; 0 where nothing differs, NaN where none is finite.
        largest_at: its index, None where nothing differs.
        largest_pair: the elements there, first and second, complex ones by magnitude; None where nothing differs.
    """

    count: int
    equal: int
    identical: bool
    converted: bool
    finite: int
    nans: tuple[int, int]
    infinities: tuple[int, int]
    norms: tuple[float, float]
    difference: float
    relative: float
    cosine: float
    sign_flips: int | None
    largest: Number
    largest_at: tuple[int, ...] | None
    largest_pair: tuple[Number, Number] | None


def change_of(first: AnyArray, second: AnyArray) -> TensorChange:
    """The change between two whole arrays of one shape; any real, complex, integer or bool type, also ml_dtypes'."""
    gathered = Change()
    gathered.add(first.reshape(-1), second.reshape(-1))
    return gathered.finished(first.shape)


class Change:
    """Gathers a change from pairs of blocks; each pair holds the same elements in the same order."""

    __slots__ = (
        "_at", "_buffers", "_converted", "_count", "_difference", "_equal", "_finite", "_flips", "_identical",
        "_infinities", "_integers", "_largest", "_nans", "_norms", "_pair", "_products",
    )  # fmt: skip

    def __init__(self) -> None:
        self._count = self._equal = self._finite = 0
        self._identical = True
        self._converted = True
        self._integers = False
        self._nans = [0, 0]
        self._infinities = [0, 0]
        self._norms = [0.0, 0.0]
        self._difference = 0.0
        self._products: defaultdict[int, float] = defaultdict(float)
        self._flips: int | None = 0
        self._largest: Number = 0.0
        self._at: int | None = None
        self._pair: tuple[Number, Number] | None = None
        # Made anew for each block they would be mapped and cleared each time, which takes as long as the sums.
        self._buffers: tuple[AnyArray, ...] = ()

    def add(self, first: AnyArray, second: AnyArray) -> None:
        """Take in (count,) of each, contiguous or not, of the same types every time."""
        whole = _are_whole(first.dtype) and _are_whole(second.dtype)
        for start in range(0, first.size, BLOCK_ELEMENTS):
            a = np.ascontiguousarray(first[start : start + BLOCK_ELEMENTS])
            b = np.ascontiguousarray(second[start : start + BLOCK_ELEMENTS])
            same = a.dtype == b.dtype and _same_bits(a, b)
            self._identical &= same
            with np.errstate(over="ignore", invalid="ignore", under="ignore"):
                self._converted &= a.dtype != b.dtype and _same_bits(a.astype(b.dtype), b)
                if whole:
                    self._add_integers(a, b, same)
                else:
                    self._add_numbers(self._wide(a, b), same)
            self._count += a.size

    def _wide(self, first: AnyArray, second: AnyArray) -> tuple[AnyArray, AnyArray]:
        """The blocks as float64, or complex128 where one of them is complex."""
        kind = np.complex128 if "c" in (first.dtype.kind, second.dtype.kind) else np.float64
        if not self._buffers or self._buffers[0].size < first.size:
            self._buffers = tuple(np.empty(first.size, kind) for _ in range(3))
        wide = self._buffers[0][: first.size], self._buffers[1][: first.size]
        np.copyto(wide[0], first)
        np.copyto(wide[1], second)
        return wide

    def _add_integers(self, first: AnyArray, second: AnyArray, same: bool) -> None:
        self._integers = True
        self._finite += first.size
        differs = np.zeros(0, np.intp) if same else np.flatnonzero(first != second)
        self._equal += first.size - differs.size
        if not differs.size:
            return
        a, b = first[differs], second[differs]
        # Wrapping around 2**64 is exact for the larger minus the smaller of two numbers of one type.
        wide = (a.astype(np.uint64), b.astype(np.uint64))
        away = np.where(b > a, wide[1] - wide[0], wide[0] - wide[1])
        place = int(away.argmax())
        self._keep_largest(int(away[place]), int(differs[place]), (int(a[place]), int(b[place])))

    def _add_numbers(self, pair: tuple[AnyArray, AnyArray], same: bool) -> None:
        """Take in float64 or complex128."""
        first, second = pair
        squares = _squares(first), _squares(second)
        if all(map(math.isfinite, squares)):
            self._add_finite(first, second, squares, same, None)
            return
        finite = np.isfinite(first) & np.isfinite(second)
        for side, numbers in enumerate((first, second)):
            nans = int(np.count_nonzero(np.isnan(numbers)))
            self._nans[side] += nans
            self._infinities[side] += int(np.count_nonzero(~np.isfinite(numbers))) - nans
        undefined = ~finite
        a, b = first[undefined], second[undefined]
        self._equal += int(np.count_nonzero((a == b) | (np.isnan(a) & np.isnan(b))))
        places = np.flatnonzero(finite)
        if places.size:
            a, b = first[places], second[places]
            self._add_finite(a, b, (_squares(a), _squares(b)), same, places)

    def _add_finite(
        self, first: AnyArray, second: AnyArray, squares: tuple[float, float], same: bool, places: AnyArray | None
    ) -> None:
        """Take in numbers that are all finite; `places` are their indices in the block, None for all."""
        complex_ = "c" in (first.dtype.kind, second.dtype.kind)
        if complex_:
            self._flips = None
        self._finite += first.size
        norms = _norm(first, squares[0]), _norm(second, squares[1])
        self._norms = [math.hypot(*pair) for pair in zip(self._norms, norms, strict=True)]
        self._add_product(first, second, norms)
        if same:
            self._equal += first.size
            return
        away = np.subtract(second, first, out=self._buffers[2][: first.size])
        self._equal += away.size - int(np.count_nonzero(away))
        self._difference = math.hypot(self._difference, _norm(away, _squares(away)))
        if self._flips is not None:
            turned = np.flatnonzero(np.signbit(first) != np.signbit(second))
            self._flips += int(np.count_nonzero((first[turned] != 0) & (second[turned] != 0)))
        sizes = np.abs(away) if complex_ else np.abs(away, out=away)
        place = int(sizes.argmax())
        pair = [abs(side[place]) if complex_ else side[place] for side in (first, second)]
        at = place if places is None else int(places[place])
        self._keep_largest(float(sizes[place]), at, (float(pair[0]), float(pair[1])))

    def _add_product(self, first: AnyArray, second: AnyArray, norms: tuple[float, float]) -> None:
        """Add the scalar product, kept by the power of two that it was scaled by."""
        low, high = _PLAIN_NORMS
        if all(low < norm < high for norm in norms):
            self._products[0] += float(np.vdot(first, second).real)
        elif all(norms):
            powers = [int(np.frexp(np.abs(numbers).max())[1]) for numbers in (first, second)]
            scaled = [_scaled(numbers, -power) for numbers, power in zip((first, second), powers, strict=True)]
            self._products[sum(powers)] += float(np.vdot(*scaled).real)

    def _keep_largest(self, size: Number, place: int, pair: tuple[Number, Number]) -> None:
        if size > self._largest:
            self._largest, self._at, self._pair = size, self._count + place, pair

    def finished(self, shape: tuple[int, ...]) -> TensorChange:
        """The change; `shape` is that of the whole tensors, whose elements came row by row."""
        numbers = self._finite and not self._integers
        at = None
        if self._at is not None:
            at = tuple(int(index) for index in np.unravel_index(self._at, shape))
        return TensorChange(
            count=self._count,
            equal=self._equal,
            identical=self._identical,
            converted=self._converted and self._count > 0,
            finite=self._finite,
            nans=(self._nans[0], self._nans[1]),
            infinities=(self._infinities[0], self._infinities[1]),
            norms=(self._norms[0], self._norms[1]) if numbers else (math.nan, math.nan),
            difference=self._difference if numbers else math.nan,
            relative=relative_change(self._norms[0], self._difference) if numbers else math.nan,
            cosine=self._cosine() if numbers else math.nan,
            sign_flips=None if self._integers else self._flips,
            largest=self._largest if self._finite else math.nan,
            largest_at=at,
            largest_pair=self._pair,
        )

    def _cosine(self) -> float:
        first, second = self._norms
        if not first or not second or math.isinf(first) or math.isinf(second):
            return math.nan
        if not self._difference:
            return 1.0
        (m1, e1), (m2, e2) = math.frexp(first), math.frexp(second)
        total = sum(math.ldexp(product / (m1 * m2), power - e1 - e2) for power, product in self._products.items())
        return max(-1.0, min(1.0, total))


def relative_change(norm: float, difference: float) -> float:
    """||b - a|| / ||a||: 0 where nothing differs, infinite where a alone is zero."""
    if not difference:
        return 0.0
    return difference / norm if norm else math.inf


def _are_whole(dtype: np.dtype[np.generic]) -> bool:
    """Whether the type is of integers or truth values."""
    return dtype.kind in "iub"


def _same_bits(first: AnyArray, second: AnyArray) -> bool:
    """Whether contiguous blocks hold the same bytes; nearly always their first ones tell."""
    a, b = first.view(np.uint8), second.view(np.uint8)
    return np.array_equal(a[:64], b[:64]) and np.array_equal(a, b)


def _squares(numbers: AnyArray) -> float:
    """The sum of squared magnitudes; not finite where a number is not, or the sum leaves float64."""
    return float(np.vdot(numbers, numbers).real)


def _norm(numbers: AnyArray, squares: float) -> float:
    """Euclidean norm of finite numbers, scaled where their squares leave the range of float64."""
    if _LEAST_SQUARES < squares < math.inf:
        return math.sqrt(squares)
    greatest = float(np.abs(numbers).max())
    if not greatest or math.isinf(greatest):
        return greatest
    power = math.frexp(greatest)[1]
    root = math.sqrt(_squares(_scaled(numbers, -power)))
    return float(np.ldexp(root, power))


def _scaled(numbers: AnyArray, power: int) -> AnyArray:
    """The numbers times a power of two, exactly but for what becomes subnormal."""
    if numbers.dtype.kind != "c":
        scaled: FloatArray = np.ldexp(numbers, power)
        return scaled
    made: AnyArray = np.ldexp(numbers.real, power) + 1j * np.ldexp(numbers.imag, power)
    return made


def norm_of(numbers: AnyArray) -> float:
    """Euclidean norm of (count,) numbers of any type; NaN where one of them is not finite."""
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for start in range(0, numbers.size, BLOCK_ELEMENTS):
            block = numbers[start : start + BLOCK_ELEMENTS]
            total = math.hypot(total, _checked_norm(block.astype(_widest(block))))
    return total


def distance_of(first: AnyArray, second: AnyArray) -> float:
    """Euclidean norm of second minus first, both (count,); NaN where an element of either is not finite."""
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        for start in range(0, first.size, BLOCK_ELEMENTS):
            a, b = first[start : start + BLOCK_ELEMENTS], second[start : start + BLOCK_ELEMENTS]
            kind = np.result_type(_widest(a), _widest(b))
            total = math.hypot(total, _checked_norm(np.subtract(b.astype(kind), a.astype(kind))))
    return total


def _widest(block: AnyArray) -> type[np.complex128 | np.float64]:
    return np.complex128 if block.dtype.kind == "c" else np.float64


def _checked_norm(numbers: AnyArray) -> float:
    """As `_norm`, NaN where a number is not finite (`hypot` of infinity and NaN would be infinity)."""
    squares = _squares(numbers)
    if not math.isfinite(squares) and not np.isfinite(numbers).all():
        return math.nan
    return _norm(numbers, squares)
