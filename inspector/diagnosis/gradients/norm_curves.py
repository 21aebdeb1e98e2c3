"""Logged lengths of gradients: which curves they are, and of which module each is."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import by_plainness

_NORM = re.compile(
    r"(?:.*[/.])?(?:grad(?:ient)?s?[_ -]?(?:\d(?:\.\d)?[_ -])?norms?|gnorm)(?:[/_.: ](?P<module>.+))?", re.IGNORECASE
)
_RATIO = re.compile(r"(?:.*[/.])?update[_ -]?ratio[/_.: ](?P<module>.+)", re.IGNORECASE)
_WHOLE = frozenset({"total", "all", "global", "overall", "l2"})
_NO_MODULE = frozenset(
    {"max", "min", "mean", "avg", "std", "median", "clip", "clipped", "before", "after", "var", "threshold", "ratio"}
)
"""What is said of several norms, and of a norm after clipping, is no module's."""


def norm_tags(curves: Iterable[str]) -> dict[str, str]:
    """The tag of each module's gradient norm, by module; that of the whole gradient under the empty name."""
    return _by_module(curves, _NORM)


def ratio_tags(curves: Iterable[str]) -> dict[str, str]:
    """The tag of each module's update ratio, by module."""
    return _by_module(curves, _RATIO)


def module_of_norm(tag: str) -> str:
    """The module whose gradient norm a curve is, empty for the whole and for other curves."""
    return next(iter(norm_tags([tag])), "")


def of_modules(material: Material) -> dict[str, str]:
    """Those of `norm_tags` that are of single modules."""
    return {module: tag for module, tag in norm_tags(material.curves).items() if module}


def has_norms(material: Material) -> bool:
    """Whether any gradient norm was logged."""
    return bool(norm_tags(material.curves))


def has_norms_of_modules(material: Material) -> bool:
    """Whether gradient norms of several modules were logged."""
    return len(of_modules(material)) > 1


def is_ours(material: Material) -> bool:
    """Whether this program's trainer wrote the log: its NaN says that no weight of a module had a gradient."""
    return material.run.record is not None and material.run.record.seed is not None


def last_quarter(values: FloatArray, least: int) -> FloatArray:
    """The last quarter of some values, (points,), and at least so many."""
    return values[-max(least, len(values) // 4) :]


def first_quarter(values: FloatArray, least: int) -> FloatArray:
    """The first quarter of some values, (points,), and at least so many."""
    return values[: max(least, len(values) // 4)]


def since_always(met: AnyArray) -> int:
    """The first index from which on a condition, (points,) bool, holds to the end; their number where it does not."""
    return int(len(met) - np.argmin(np.append(met[::-1], False)))


def _by_module(curves: Iterable[str], pattern: re.Pattern[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in by_plainness(curves):
        match = pattern.fullmatch(tag)
        if match is None:
            continue
        module = match["module"] or ""
        if module.lower() in _NO_MODULE:
            continue
        found.setdefault("" if module.lower() in _WHOLE else module, tag)
    return found
