"""Where the loss of points changes its form: read from the settings of a run, and in pixels."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.runs.values import Run

LossForm = Literal["funnel", "huber"]
"""Squares up to the threshold and straight beyond: with a jump there (`funnel`), or in one piece (`huber`)."""

WHOLE_SIDE = 2.0
"""The whole side of an image where coordinates run from -1 to 1; no threshold lies beyond it."""

_FORMS: dict[str, LossForm] = {
    "funnel_threshold": "funnel",
    "funnel_delta": "funnel",
    "funnel_radius": "funnel",
    "distance_threshold": "funnel",
    "dist_threshold": "funnel",
    "spatial_threshold": "funnel",
    "coord_threshold": "funnel",
    "point_threshold": "funnel",
    "loss_threshold": "funnel",
    "huber_delta": "huber",
    "huber_beta": "huber",
    "huber_threshold": "huber",
    "smooth_l1_beta": "huber",
}
"""The last words of a setting's path, by what it is the threshold of; those before win."""

_LONGEST = 24
"""Characters of a number that is kept as text."""


class LossThreshold(msgspec.Struct, frozen=True, kw_only=True):
    """Where the loss of points changes its form.

    Attributes:
        value: a distance where coordinates run from -1 to 1, above 0 and at most 2.
        form: of the loss.
        setting: the path of the setting that says so, empty where it was set by hand.
    """

    value: float
    form: LossForm = "funnel"
    setting: str = ""


def loss_threshold(run: Run) -> LossThreshold | None:
    """The threshold that the settings of a run name, None where they name none that can be one."""
    found: dict[str, LossThreshold] = {}
    for path, setting in run.settings.values.items():
        *_, group, last = "", *path.lower().replace("-", "_").split(".")
        name = next((name for name in (f"{group}_{last}", last) if name in _FORMS), "")
        if not name:
            continue
        value = _number(setting)
        form = _form_beside(run, path) or _FORMS[name]
        if form != "mse" and 0 < value <= WHOLE_SIDE:
            found.setdefault(name, LossThreshold(value=value, form=form, setting=path))
    return next((found[name] for name in _FORMS if name in found), None)


def _form_beside(run: Run, path: str) -> LossForm | Literal["mse"] | None:
    """The form that the setting `coord` beside a threshold names, as the recipe `counting` has it."""
    form = run.settings.values.get(f"{path.rpartition('.')[0]}.coord")
    return form if form in ("funnel", "huber", "mse") else None


def threshold_px(value: float, sizes: AnyArray) -> FloatArray:
    """How far a threshold reaches along x and along y, in pixels.

    Args:
        value: where coordinates run from -1 to 1.
        sizes: (..., 2) height and width of images in pixels.

    Returns:
        (..., 2) float64, half the width and half the height times the value; NaN where a size is.

    Source: x = (x / W) * 2 - 1 of the counting scripts, so 0.3 is 57.6 of 384 pixels.
    """
    reach: FloatArray = value * np.asarray(sizes, np.float64)[..., ::-1] / WHOLE_SIDE
    return reach


def _number(setting: Any) -> float:
    """A setting as a number, NaN where it is none; some logs keep all settings as text."""
    if isinstance(setting, bool) or not isinstance(setting, int | float | str):
        return math.nan
    if isinstance(setting, str) and len(setting) > _LONGEST:
        return math.nan
    try:
        return float(setting)
    except (ValueError, OverflowError):
        return math.nan
