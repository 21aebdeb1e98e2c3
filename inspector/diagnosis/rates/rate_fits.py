"""Traces of an overwritten cosine in checkpoints that saved no scheduler: its length is fitted.

Source: the first version of a public solver saved the optimizer alone; its groups still hold `initial_lr`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.units import number_text
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.rates.rate_marks import Kind, Mark
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Sureness, TensorEvidence
from inspector.runs.values import FileEntry

_GROUP = "param_groups.0."
_SCHEDULER = "_last_lr"


class _Bare(NamedTuple):
    """A checkpoint whose optimizer had a scheduler that was not saved; `rate` is over the base."""

    entry: FileEntry
    path: str
    base: float
    rate: float
    epoch: float


def fitted_marks(material: Material) -> list[Mark]:
    """One mark where one length explains every checkpoint by overwriting, and none explains them by a cosine."""
    found = _bare(material)
    if len({one.epoch for one in found}) < 2:
        return []
    for offset in (0.0, 1.0):  # epochs are counted from 0 or from 1
        times = np.array([one.epoch + offset for one in found])
        shares = np.array([one.rate for one in found])
        lengths = np.arange(max(2.0, times.max()), material.thresholds.longest_fit + 1)[:, None]
        now, before = 1 + np.cos(np.pi * times / lengths), 1 + np.cos(np.pi * (times - 1) / lengths)
        again = np.divide(now, before, out=np.full(now.shape, np.inf), where=before > 1e-12)
        fits = np.abs(again - shares).max(axis=1) < material.thresholds.trace_tolerance
        if not fits.any() or not _departs(shares, now / 2, material.thresholds) or times.min() < 1:
            continue
        return [_mark(found, int(lengths[int(np.argmax(fits)), 0]), times)]
    return []


def _departs(shares: FloatArray, planned: FloatArray, limits: Thresholds) -> bool:
    """Whether no length makes the rates a cosine, and they are not the base itself."""
    is_cosine = (np.abs(planned - shares).max(axis=1) < limits.trace_tolerance).any()
    return not is_cosine and bool((np.abs(shares - 1.0) > limits.rate_deviation).any())


def _bare(material: Material) -> list[_Bare]:
    found = []
    for entry, facts in material.checkpoints:
        if entry.epoch is None or any(path.endswith(_SCHEDULER) for path in facts.objects):
            continue
        path = next((path for path in facts.objects if path.endswith(f"{_GROUP}lr")), None)
        if path is None:
            continue
        rate, base = facts.objects[path], facts.objects.get(f"{path.removesuffix('lr')}initial_lr")
        if isinstance(rate, float) and isinstance(base, float) and math.isfinite(rate) and 0 < base < math.inf:
            found.append(_Bare(entry, path, base, rate / base, entry.epoch))
    return found


def _mark(found: list[_Bare], length: int, times: FloatArray) -> Mark:
    clearest = int(np.argmax(times))
    one, t = found[clearest], times[clearest]
    planned = one.base * (1 + math.cos(math.pi * t / length)) / 2
    rate = number_text(one.rate * one.base)
    others = "the other agrees" if len(found) == 2 else f"the other {len(found) - 1} agree"
    return Mark(
        kind=Kind.OVERWRITTEN,
        rules=("X.LR3",),
        text=f"{file_text(one.entry)} holds {rate} after epoch {t:g}, exactly one step of a cosine over {length:,}"
        f" epochs from its base {number_text(one.base)}, which by then plans {number_text(planned)}; {others}",
        sureness=Sureness.CERTAIN if len(found) > 2 else Sureness.LIKELY,
        evidence=TensorEvidence(
            checkpoint=one.entry.path, name=one.path, text=f"{rate}; {number_text(planned)} planned"
        ),
        step=step_of(found[0].entry),
    )
