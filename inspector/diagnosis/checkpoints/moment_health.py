"""What is wrong with an optimizer's moments: not finite, lost to rounding, or counted for unequal numbers of steps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from inspector.analysis.numbers import finite_number
from inspector.analysis.optimizer_state import OptimizerGroup, StateEntry, saved_optimizers
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted, percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.checkpoints.newest_checkpoint import Newest, flow_of, newest
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
from inspector.formats.checkpoint_summary import SummaryRow

BROKEN = About(
    id="moments-not-finite",
    title="The optimizer's moments are not finite",
    rules=("X.G1",),
    symptom="The loss turns NaN in the first step after a resume",
    definition="A tensor that the optimizer keeps in the newest checkpoint holds NaN or infinity.",
    why="A moment that is not finite stays so: every further step writes NaN into its weights",
    confirm="Open an earlier checkpoint: the first with such a moment dates the break",
    false_alarm="A run that is not resumed from here loses nothing by it",
    cure="Resume from the newest checkpoint with finite moments, or from these weights with a new optimizer, with the"
    " rate divided by {rate_cut} and gradients clipped at {clip_norm}.",
    source="Rule X.G1",
)

UNDERFLOW = About(
    id="moments-underflow",
    title="Second moments are lost to rounding",
    rules=(),
    symptom="Single weights that leap while the rest moves little",
    definition="In moments of Adam and its like, m is not zero where v is zero or below the normal numbers of its type:"
    " of more than {underflow_share} of all elements, or of any where |m| also exceeds eps.",
    why="A step divides by the root of the second moment: where that was rounded to zero only eps is left, and the"
    " step is as large as the first moment over eps",
    confirm="Keep the moments in float32, or scale the loss, and compare",
    false_alarm="Of parameters that hardly get a gradient any more both moments die away; no step suffers then",
    cure="Moments in float32, a larger eps, or a scaled loss.",
    source="Kingma and Ba 2015, algorithm 1: m / (sqrt(v) + eps)",
)

STEPS = About(
    id="unequal-steps",
    title="Parameters have made unequal numbers of steps",
    rules=(),
    symptom="Nothing in the curves; the optimizer's counts of steps differ",
    definition="The optimizer's state of some parameters in the newest checkpoint has seen fewer steps than the most.",
    why="A parameter makes a step only when it has a gradient: these had none in the steps that they lack",
    confirm="Log which parameters have no gradient after a backward pass",
    false_alarm="Layers that were unfrozen later, or that only some batches pass through, are behind by design",
    cure="None, where the layers were unfrozen on purpose; else connect them to the loss.",
    source="torch 2.13's optimizers count steps for each parameter apart",
)

_LISTED = 3
_PIECE_ELEMENTS = 1 << 20
_SMALLEST_NORMAL = {"float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-14, "float64": 2.0**-1022}


class _Lost(NamedTuple):
    """Elements of a second moment: zero or below normal beside a first moment; `blown` ones take huge steps."""

    tensor: str
    lost: int
    blown: int
    elements: int


def check_finite(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """NaN and infinity in what the optimizer keeps."""
    one = _with_moments(material, pulse)
    if isinstance(one, str):
        return BROKEN.not_assessable(one)
    summary = one.summary
    wanted = {tensor.name for tensor in one.checkpoint.facts.tensors if tensor.role == "optimizer"}
    bad = [
        name
        for name, nans, infinities in zip(summary.names, summary.nans, summary.infinities, strict=True)
        if name in wanted and (nans or infinities)
    ]
    if not bad:
        return None
    shown = ", ".join(visible(name, 80) for name in bad[:_LISTED])
    return BROKEN.finding(
        summary=f"{counted(len(bad), 'tensor')} of the optimizer in {file_text(one.entry)}"
        f" {'holds' if len(bad) == 1 else 'hold'} NaN or infinity: {shown}",
        severity=Severity.CRITICAL,
        sureness=Sureness.CERTAIN,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((name, "not finite") for name in bad),
    )


def check_underflow(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Second moments that are zero while the first are not, or that are below the normal numbers."""
    one = _with_moments(material, pulse)
    if isinstance(one, str):
        return UNDERFLOW.not_assessable(one)
    pairs = _pairs(one)
    if not pairs:
        because = "the optimizer keeps no first and second moments"
        return UNDERFLOW.not_assessable(because)
    rows = one.summary.rows()
    read = (_lost(one, rows, group, entry, pulse) for group, entry in pairs)
    found = [each for each in read if each is not None]
    elements = sum(each.elements for each in found)
    lost, blown = sum(each.lost for each in found), sum(each.blown for each in found)
    if not blown and lost <= material.thresholds.underflow_share * elements:
        return None
    worst = sorted((each for each in found if each.lost), key=lambda each: (-each.blown, -each.lost))
    text = f"{percent_text(lost / max(elements, 1))} of the second moments in {file_text(one.entry)} are zero or below"
    text += " the normal numbers beside a first moment that is not zero"
    if blown:
        text += f"; at {blown:,} elements the step is many times the rate"
    return UNDERFLOW.finding(
        summary=text,
        severity=Severity.WARNING if blown else Severity.INFO,
        sureness=Sureness.CERTAIN if blown else Sureness.LIKELY,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((each.tensor, f"{each.lost:,} of {each.elements:,} elements lost") for each in worst),
    )


def check_steps(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Parameters whose state has seen fewer steps than most of their optimizer's."""
    one = _with_moments(material, pulse)
    if isinstance(one, str):
        return STEPS.not_assessable(one)
    known = [each for each in flow_of(one, pulse).parameters if each.step is not None]
    if not known:
        because = flow_of(one, pulse).because or "the optimizer keeps no step counts"
        return STEPS.not_assessable(because)
    most = max(each.step or 0.0 for each in known)
    fewer = [each for each in known if (each.step or 0.0) < most]
    if not fewer:
        return None
    counts = Counter(each.step for each in fewer)
    texts = [f"{counted(count, 'parameter')} {steps:,.0f}" for steps, count in counts.most_common(_LISTED)]
    names = ", ".join(visible(each.name, 60) for each in fewer[:_LISTED])
    return STEPS.finding(
        summary=f"Most have made {most:,.0f} steps in {file_text(one.entry)}; {', '.join(texts)}: {names}",
        severity=Severity.INFO,
        sureness=Sureness.CERTAIN,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence((each.name, f"{each.step:,.0f} of {most:,.0f} steps") for each in fewer),
    )


def _with_moments(material: Material, pulse: Pulse) -> Newest | str:
    one = newest(material, pulse)
    if isinstance(one, str):
        return one
    if not any(tensor.role == "optimizer" for tensor in one.checkpoint.facts.tensors):
        return f"{file_text(one.entry)} holds no optimizer state"
    return one


def _pairs(one: Newest) -> list[tuple[OptimizerGroup, StateEntry]]:
    """Groups and entries that keep both moments of Adam and its like."""
    facts = one.checkpoint.facts
    found = []
    for optimizer in saved_optimizers(facts.tensors, facts.objects):
        groups = {owner: group for group in optimizer.groups for owner in group.ids}
        for owner, entry in optimizer.state.items():
            first, second = entry.tensors.get("exp_avg"), entry.tensors.get("exp_avg_sq")
            if owner in groups and first is not None and second is not None and first.shape == second.shape:
                found.append((groups[owner], entry))
    return found


def _lost(
    one: Newest, rows: Mapping[str, SummaryRow], group: OptimizerGroup, entry: StateEntry, pulse: Pulse
) -> _Lost | None:
    first, second = entry.tensors["exp_avg"], entry.tensors["exp_avg_sq"]
    row, other = rows.get(second.name), rows.get(first.name)
    if row is None or other is None or other.zeros == other.count:
        return None
    smallest = _SMALLEST_NORMAL.get(second.dtype, 0.0)
    if not row.zeros and row.minimum >= smallest:
        return _Lost(second.name, 0, 0, row.count)
    held = finite_number(group.values.get("eps"))
    eps = 1e-8 if held is None else held
    lost = blown = 0
    length = second.shape[0] if second.shape else 1
    at_once = max(1, _PIECE_ELEMENTS // max(1, math.prod(second.shape[1:])))
    try:
        windows = one.checkpoint.window(first.name), one.checkpoint.window(second.name)
        for start in range(0, length, at_once):
            pulse.beat(start, length, "looking through moments")
            place = (slice(start, start + at_once),) if second.shape else ()
            mean, square = (np.asarray(load(window, place), np.float64) for window in windows)
            small = (mean != 0) & (square < smallest)
            lost += int(np.count_nonzero(small))
            blown += int(np.count_nonzero(small & (square == 0) & (np.abs(mean) > eps)))
    except (FileError, TypeError):
        return None
    return _Lost(second.name, lost, blown, row.count)
