"""The plot of the loss itself: how it and its gradient grow with the error, and what happens at its threshold."""

from __future__ import annotations

from functools import partial

import numpy as np

from inspector.analysis.point_losses import funnel_gradient, funnel_loss, huber_gradient, huber_loss
from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.display.points.plots.measures import Measures
from inspector.display.points.plots.scene import Axis, Line, Mark, Plot
from inspector.display.points.plots.texts import reach_text, share_text

_POINTS = 161
_FORMS = {"funnel": (funnel_loss, funnel_gradient), "huber": (huber_loss, huber_gradient)}
_ABOVE = 1e-9


def loss_curve(of: Measures) -> Plot:
    """The loss and its gradient over the distance in pixels of the middle image's width."""
    plot = partial(Plot, key="loss", title=tr("Loss and its gradient"))
    y = partial(Axis, label=tr("loss and gradient"), low=0.0)
    if of.threshold is None:
        return plot(
            missing=tr("the settings name no threshold of the loss, and none was set by hand"),
            x=Axis(label=tr("error"), low=0.0, high=1.0),
            y=y(high=1.0),
        )
    t, reach = of.threshold.value, of.threshold_px[0]
    value, slope = _FORMS[of.threshold.form]
    distances = _distances(of)
    most = min(2 * t, 4.0)
    inside, beyond = np.linspace(0.0, t, _POINTS), np.linspace(t * (1 + _ABOVE), most, _POINTS)
    gap = np.array([np.nan])
    at = np.concatenate([inside, gap, beyond])
    px = at / t * reach
    jump, drop = (tuple(curve(np.array([t, t * (1 + _ABOVE)]), t).tolist()) for curve in (value, slope))
    gradient = tr("gradient {before:.2g} from {place} on")
    if drop[1] < drop[0]:
        gradient = tr("gradient {before:.2g} to {after:.2g} at {place}")
    parts = [gradient.format(before=drop[0], after=drop[1], place=reach_text(reach))]
    if jump[1] > jump[0] * (1 + 1e-6):
        parts.insert(0, tr("jumps {before:.2g} to {after:.2g}").format(before=jump[0], after=jump[1]))
    if distances.size:
        parts.append(tr("{share} in its squares").format(share=share_text(float((distances <= t).mean()))))
    marks = [Mark(at=reach, text=tr("threshold"))]
    if distances.size and (median := float(np.median(distances))) < most:
        marks.append(Mark(at=median / t * reach, text=tr("median object"), ink="dim"))
    return plot(
        x=Axis(label="|dx| + |dy|", unit="px", low=0.0, high=most / t * reach),
        y=y(high=float(max(value(beyond, t).max(), slope(inside, t).max())) * 1.05),
        summary=" · ".join(parts),
        meaning=tr(
            "Of coordinates from -1 to 1, over pixels across the image; where the gradient falls, a larger error "
            "teaches the model less"
        ),
        lines=(
            Line(x=px, y=value(at, t), ink="accent", name=tr("loss")),
            Line(x=px, y=slope(at, t), ink="warning", dashed=True, name=tr("gradient")),
        ),
        marks=tuple(marks),
    )


def _distances(of: Measures) -> FloatArray:
    """(objects with both points,) |dx| + |dy| where coordinates run from -1 to 1."""
    paired = np.isfinite(of.errors_px)
    sides = of.points.original_sizes[of.of[paired], ::-1]
    distances: FloatArray = np.abs(of.offsets_px[paired] * 2 / sides).sum(axis=1)
    return distances
