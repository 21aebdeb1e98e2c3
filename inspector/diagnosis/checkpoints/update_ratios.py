"""The size of an optimizer's next step, from its moments alone.

For Adam and its like the step of an element is `lr m_hat / (sqrt(v_hat) + eps)` with both moments corrected for their
start; weight decay is not in it. Its RMS over that of the weights is the update-to-weight ratio, of which about 1e-3 is
usual.

Source: Kingma and Ba 2015, algorithms 1 and 2; Karpathy's lectures for the ratio; torch 2.13 for SGD and Lion.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from inspector.analysis.moments import Family, bias_correction
from inspector.analysis.numbers import finite_number
from inspector.analysis.optimizer_state import StateEntry
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse

_PIECE_ELEMENTS = 1 << 18


def update_rms(
    checkpoint: Checkpoint,
    entry: StateEntry,
    family: Family,
    group: Mapping[str, Any],
    step: float | None,
    pulse: Pulse,
) -> float:
    """RMS of the next step's elements, NaN where the state does not determine it."""
    rate = finite_number(group.get("lr"))
    if rate is None:
        return math.nan
    try:
        with np.errstate(all="ignore"):  # moments of a broken run may be anything
            match family.name:
                case "Adam" | "AdamW":
                    return rate * _adam(checkpoint, entry, group, step, pulse)
                case "Adamax":
                    return rate * _adamax(checkpoint, entry, group, step, pulse)
                case "Lion":
                    return rate
                case "SGD" if not group.get("nesterov"):
                    return rate * _rms_of(piece for (piece,) in _pieces(checkpoint, entry, ("momentum_buffer",), pulse))
    except (FileError, KeyError, TypeError, ValueError):
        return math.nan
    return math.nan


def _adam(
    checkpoint: Checkpoint, entry: StateEntry, group: Mapping[str, Any], step: float | None, pulse: Pulse
) -> float:
    first, second = (bias_correction(beta, step) for beta in group["betas"])
    eps = float(group.get("eps", 1e-8))
    squares = "max_exp_avg_sq" if group.get("amsgrad") and "max_exp_avg_sq" in entry.tensors else "exp_avg_sq"

    def steps() -> Iterator[AnyArray]:
        for mean, square in _pieces(checkpoint, entry, ("exp_avg", squares), pulse):
            root = np.sqrt(square)
            root *= second**-0.5
            root += eps
            np.divide(mean, root, out=root)
            yield root

    return _rms_of(steps()) / first


def _adamax(
    checkpoint: Checkpoint, entry: StateEntry, group: Mapping[str, Any], step: float | None, pulse: Pulse
) -> float:
    first = bias_correction(group["betas"][0], step)

    def steps() -> Iterator[AnyArray]:
        for mean, largest in _pieces(checkpoint, entry, ("exp_avg", "exp_inf"), pulse):
            yield np.divide(mean / first, largest, out=np.zeros_like(mean), where=largest > 0)

    return _rms_of(steps())


def _pieces(
    checkpoint: Checkpoint, entry: StateEntry, keys: tuple[str, ...], pulse: Pulse
) -> Iterator[tuple[AnyArray, ...]]:
    """The same stretch of several tensors, in single precision at least, a megabyte at a time."""
    windows = [checkpoint.window(entry.tensors[key].name) for key in keys]
    shape = windows[0].shape
    if any(window.shape != shape for window in windows):
        raise ValueError("moments of one parameter differ in shape")
    rows = shape[0] if shape else 1
    a_row = max(1, math.prod(shape[1:])) if shape else 1
    at_once = max(1, _PIECE_ELEMENTS // a_row)
    for start in range(0, rows, at_once):
        pulse.beat(start, rows, "working out updates")
        yield tuple(_piece(window, start, start + at_once) for window in windows)


def _piece(window: TensorWindow, start: int, stop: int) -> AnyArray:
    values = np.asarray(load(window, (slice(start, stop),) if window.shape else ()))
    return values if values.dtype == np.float64 else np.asarray(values, np.float32)


def _rms_of(pieces: Iterator[AnyArray]) -> float:
    total, count = 0.0, 0
    for piece in pieces:
        total += float(np.vdot(piece, piece))
        count += piece.size
    return math.sqrt(total / count) if count else math.nan
