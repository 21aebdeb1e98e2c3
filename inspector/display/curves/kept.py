"""What a reader keeps of curves between two asks, so that only what changed is worked out again."""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict
from dataclasses import dataclass, field

from inspector.analysis.curve_summary import Summary, summary_of
from inspector.analysis.pyramid import Pyramid, pyramid_of
from inspector.analysis.pyramid_growth import goes_on, grown
from inspector.analysis.smoothing import smoothed, span_points
from inspector.analysis.window_smoothing import gaussian_smoothed, median_smoothed
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Pulse
from inspector.session.values import SmoothingKind, XAxis

_MOST_POINTS = 40_000_000
MAX_SMOOTHING = 0.999

CurveKey = tuple[str, str, XAxis, str]
"""The log, the tag, the axis, and the metric that is x."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How curves are smoothed; an amount of 0 is not at all."""

    kind: SmoothingKind = "ema"
    amount: float = 0.0

    @property
    def text(self) -> str:
        """In words: `exponential average of 0.6`; empty for none."""
        points = span_points(self.amount)
        if self.amount <= 0 or (self.kind != "ema" and points == 1):
            return ""
        if self.kind == "ema":
            return tr("exponential average of {amount:g}").format(amount=self.amount)
        said = tr("Gaussian mean of {points}") if self.kind == "gaussian" else tr("median of {points}")
        return said.format(points=tr_counted(points, "point"))

    def of(self, values: FloatArray, pulse: Pulse) -> FloatArray:
        """A curve smoothed, (points,) float64."""
        if self.kind == "ema":
            return smoothed(values, self.amount, pulse)
        smooth = gaussian_smoothed if self.kind == "gaussian" else median_smoothed
        return smooth(values, span_points(self.amount), pulse)


def smoothing_of(kind: SmoothingKind, amount: float) -> Smoothing:
    """The smoothing that is asked for, its amount within what there is."""
    return Smoothing(kind, min(max(amount, 0.0), MAX_SMOOTHING) if math.isfinite(amount) else 0.0)


@dataclass(slots=True)
class KeptCurve:
    """A curve with what was worked out of it; parts are told by where they begin.

    Attributes:
        x, y: (points,) float64, x finite.
        starts: (attempts,) int64.
        summary: of y.
    """

    x: FloatArray
    y: FloatArray
    starts: IntArray
    summary: Summary = field(default_factory=Summary)
    _pyramids: dict[int, Pyramid] = field(default_factory=dict)
    _smoothing: Smoothing = field(default_factory=Smoothing)
    _smooth: dict[int, FloatArray] = field(default_factory=dict)
    _smooth_pyramids: dict[tuple[int, int], Pyramid] = field(default_factory=dict)

    def now(self, x: FloatArray, y: FloatArray, starts: IntArray) -> bool:
        """Take the curve as it is now, arrays as in the attributes; whether it is the same one, perhaps grown."""
        known = len(self.starts)
        if not (goes_on(self.x, x) and goes_on(self.y, y) and goes_on(self.starts, starts)):
            return False
        if known != len(starts) or len(self.x) != len(x):
            self._smooth.pop(int(self.starts[-1]) if known else 0, None)
            self._smooth_pyramids.clear()
        self.x, self.y, self.starts = x, y, starts
        return True

    def summed_up(self) -> Summary:
        """The figures of the curve."""
        self.summary = summary_of(self.y, self.summary)
        return self.summary

    def pyramid(self, begin: int, end: int, pulse: Pulse) -> Pyramid:
        """A part of the curve, along which x does not fall."""
        known = self._pyramids.get(begin)
        if known is None or len(known.x) > end - begin:
            known = pyramid_of(self.x[begin:end], self.y[begin:end], pulse)
        elif len(known.x) < end - begin:
            known = grown(known, self.x[begin:end], self.y[begin:end])
        self._pyramids[begin] = known
        return known

    def smooth(self, smoothing: Smoothing, pulse: Pulse) -> None:
        """Smooth every attempt from its own start, unless that was done."""
        if smoothing != self._smoothing:
            self._smoothing = smoothing
            self._smooth.clear()
            self._smooth_pyramids.clear()
        for begin, end in attempts(self.starts, len(self.y)):
            if begin not in self._smooth:
                self._smooth[begin] = smoothing.of(self.y[begin:end], pulse)

    def smooth_values(self, attempt: int) -> FloatArray:
        """(points of the attempt,) float64 smoothed values; `smooth` comes first."""
        return self._smooth[int(self.starts[attempt])]

    def smooth_pyramid(self, attempt: int, begin: int, end: int, pulse: Pulse) -> Pyramid:
        """As `pyramid`, smoothed; `smooth` comes first."""
        key = begin, end
        if key not in self._smooth_pyramids:
            first = int(self.starts[attempt])
            values = self.smooth_values(attempt)[begin - first : end - first]
            self._smooth_pyramids[key] = pyramid_of(self.x[begin:end], values, pulse)
        return self._smooth_pyramids[key]


def attempts(starts: IntArray, points: int) -> list[tuple[int, int]]:
    """The first point of each attempt and the one behind its last, of `starts`, (attempts,) int64."""
    edges = [*(int(start) for start in starts), points]
    return list(itertools.pairwise(edges))


class Kept:
    """The curves worked out lately."""

    def __init__(self) -> None:
        self._curves: OrderedDict[CurveKey, KeptCurve] = OrderedDict()
        self._points = 0

    def curve(self, key: CurveKey, x: FloatArray, y: FloatArray, starts: IntArray) -> KeptCurve:
        """A curve as it is now, arrays as those of `KeptCurve`, with what is known of it."""
        known = self._curves.pop(key, None)
        self._points -= len(known.x) if known is not None else 0
        if known is None or not known.now(x, y, starts):
            known = KeptCurve(x, y, starts)
        self._curves[key] = known
        self._points += len(known.x)
        while self._points > _MOST_POINTS and len(self._curves) > 1:
            _, gone = self._curves.popitem(last=False)
            self._points -= len(gone.x)
        return known
