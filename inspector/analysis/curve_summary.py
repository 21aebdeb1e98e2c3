"""What a table says of a curve: its ends, its extremes, and how many values are no numbers."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray


def _nowhere() -> IntArray:
    return np.zeros(0, np.int64)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The first `count` values of a curve in figures.

    Attributes:
        count: values, all of them.
        lost: (not finite,) int64, where values are not finite.
        nan, above, below: how many of those are NaN, +inf and -inf.
        least, greatest, last: of the finite values, NaN where there is none.
        least_at, greatest_at, last_at: index of each, the first of several; None where there is none.
    """

    count: int = 0
    lost: IntArray = msgspec.field(default_factory=_nowhere)
    nan: int = 0
    above: int = 0
    below: int = 0
    least: float = math.nan
    least_at: int | None = None
    greatest: float = math.nan
    greatest_at: int | None = None
    last: float = math.nan
    last_at: int | None = None


def summary_of(values: AnyArray, known: Summary | None = None) -> Summary:
    """The figures of a curve.

    Args:
        values: (points,).
        known: of a beginning of the same curve; only what follows it is looked at.
    """
    before = known or Summary()
    fresh: FloatArray = np.asarray(values[before.count :], np.float64)
    if not fresh.size:
        return before
    finite = np.isfinite(fresh)
    lost = np.flatnonzero(~finite)
    changes: dict[str, object] = {"count": before.count + len(fresh)}
    if lost.size:
        nan = int(np.isnan(fresh[lost]).sum())
        above = int((fresh[lost] > 0).sum())
        changes |= {
            "lost": np.concatenate([before.lost, before.count + lost]),
            "nan": before.nan + nan,
            "above": before.above + above,
            "below": before.below + len(lost) - nan - above,
        }
    if lost.size < fresh.size:
        low = int(np.argmin(np.where(finite, fresh, np.inf) if lost.size else fresh))
        high = int(np.argmax(np.where(finite, fresh, -np.inf) if lost.size else fresh))
        last = int(np.flatnonzero(finite)[-1]) if lost.size else len(fresh) - 1
        if not before.least <= fresh[low]:
            changes |= {"least": float(fresh[low]), "least_at": before.count + low}
        if not before.greatest >= fresh[high]:
            changes |= {"greatest": float(fresh[high]), "greatest_at": before.count + high}
        changes |= {"last": float(fresh[last]), "last_at": before.count + last}
    return msgspec.structs.replace(before, **changes)
