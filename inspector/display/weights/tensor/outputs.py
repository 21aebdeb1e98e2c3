"""The output units of a weight: how long each is, which are dead, which are copies."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from inspector.analysis.dead_outputs import dead_outputs
from inspector.analysis.equal_rows import equal_rows
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import QUIET, Pulse
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

MAX_BARS = 512
"""More outputs are shown as the largest of several."""

_NAMED = 6


class Outputs(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of a weight along its first axis.

    Attributes:
        norms: (outputs,) float64 Euclidean norm of the finite elements, or NaN where one is not finite.
        dead: outputs with next to no norm beside the others, as the finding of dead outputs has it.
        copies: (output, the first that it equals), as the finding of duplicated filters has it; not of dead ones.
    """

    norms: FloatArray
    dead: tuple[int, ...] = ()
    copies: tuple[tuple[int, int], ...] = ()


def outputs_of(elements: AnyArray, limits: Thresholds = DEFAULTS, pulse: Pulse = QUIET) -> Outputs | None:
    """The outputs of a weight, (outputs, ...) of any real dtype; None for a vector and for one output."""
    if elements.ndim < 2 or elements.shape[0] < 2 or not elements.size:
        return None
    rows = elements.reshape(elements.shape[0], -1)
    values = rows.astype(np.float64)
    finite = np.isfinite(values)
    values[~finite] = 0.0
    norms: FloatArray = np.sqrt((values * values).sum(axis=1))
    dead = dead_outputs(np.where(finite.all(axis=1), norms, np.nan))
    return Outputs(norms=norms, dead=dead, copies=_copies(rows, frozenset(dead), limits, pulse))


def _copies(rows: AnyArray, dead: frozenset[int], limits: Thresholds, pulse: Pulse) -> tuple[tuple[int, int], ...]:
    if rows.shape[1] < limits.least_filter_elements:
        return ()
    groups = equal_rows(rows, limits.duplicate_distance, pulse)
    return tuple(sorted((output, group[0]) for group in groups for output in group[1:] if output not in dead))


def named(outputs: tuple[int, ...]) -> str:
    """`3: 4, 17, 29`."""
    shown = ", ".join(str(output) for output in outputs[:_NAMED])
    return f"{len(outputs):,}: {shown}{', …' if len(outputs) > _NAMED else ''}"


def copies_text(copies: tuple[tuple[int, int], ...]) -> str:
    """`2: 9 = 5, 11 = 5`."""
    shown = ", ".join(f"{output} = {first}" for output, first in copies[:_NAMED])
    return f"{len(copies):,}: {shown}{', …' if len(copies) > _NAMED else ''}"


def bars_of(outputs: Outputs) -> tuple[FloatArray, int, dict[int, Literal["dead", "copy"]]]:
    """At most MAX_BARS norms, (bars,) float64, the greatest of the outputs behind each; how many those are; marks."""
    each = -(-outputs.norms.size // MAX_BARS)
    starts = np.arange(0, outputs.norms.size, each)
    bars: FloatArray = np.fmax.reduceat(outputs.norms, starts)
    marked: dict[int, Literal["dead", "copy"]] = {output // each: "copy" for output, _ in outputs.copies}
    marked |= {output // each: "dead" for output in outputs.dead}
    return bars, each, marked
