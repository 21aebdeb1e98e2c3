"""Weights that hold nothing: matrices and kernels that are all zero or one value, and filters that are copies."""

from __future__ import annotations

import re

from inspector.analysis.equal_rows import equal_rows
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.checkpoints.newest_checkpoint import Newest, flow_of, newest
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
from inspector.formats.facts import TensorFacts

EMPTY = About(
    id="empty-weights",
    title="Weights are all zero or one value",
    rules=(),
    symptom="A matrix or kernel that is one flat colour in the Weights view",
    definition="A matrix or kernel of {least_matrix_elements} elements or more in the newest checkpoint whose least"
    " value is its greatest. Names of what begins so on purpose (LoRA, gates, position tables, masks) and parts that"
    " are not trained are left out.",
    why="Units with equal weights give equal outputs and get equal gradients, so they stay one unit however long"
    " they are trained",
    confirm="Compare with an earlier checkpoint: weights that were never drawn or loaded have not changed",
    false_alarm="A layer may begin at zero on purpose, as the last one of a residual branch, and be saved before"
    " its first step",
    cure="Draw the layer at random, or load what was to be loaded: a strict load names what it lacks. It takes a new"
    " run.",
    source="Symmetry of equal units: Goodfellow, Bengio and Courville 2016, section 8.4",
)

COPIES = About(
    id="duplicated-filters",
    title="Filters are copies of each other",
    rules=(),
    symptom="Two kernels of a layer with the same picture",
    definition="Two filters of {least_filter_elements} weights or more whose distance is less than {duplicate_distance}"
    " of their length. Layers whose filters are all one are told as flat weights.",
    why="Equal filters see the same and are moved alike, so the layer works with fewer than it has",
    confirm="Look at the kernels side by side; filters drawn at random are never equal",
    false_alarm="Filters that were copied on purpose, as when a layer is widened from a trained one",
    cure="Draw one of each pair anew, with a little noise, and go on; or give the layer fewer filters.",
    source="Training moves filters that begin alike only by rounding",
)

_MEANT = re.compile(
    r"lora|adapter|zero|rezero|gate|gamma|layer_?scale|alpha|mask|grid|position|pos_?emb|rel_?pos|token_type|anchor"
    r"|norm|(^|[._])(ln|bn)\d*([._]|$)|mean|std|scale",
    re.IGNORECASE,
)
"""Names of weights that begin all zero or one, or are no weights: nothing is said of them."""

_FLOATS = ("float", "bfloat")
_LISTED = 3
_LARGEST_FILTERS_BYTES = 64_000_000


def check_empty(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Matrices and kernels without any variation, in the newest checkpoint."""
    one = newest(material, pulse)
    if isinstance(one, str):
        return EMPTY.not_assessable(one)
    found: list[tuple[TensorFacts, float]] = []
    for tensor in _matrices(one.checkpoint):
        row = one.summary.row(tensor.name)
        if row is not None and row.count >= material.thresholds.least_matrix_elements and row.minimum == row.maximum:
            found.append((tensor, row.minimum))
    if not found:
        return None
    untrained = {parameter.name for parameter in flow_of(one, pulse).parameters if parameter.flow == "frozen"}
    found = [(tensor, value) for tensor, value in found if tensor.name not in untrained]
    if not found:
        return None
    texts = [f"{visible(tensor.name, 80)} is {number_text(value)} throughout" for tensor, value in found]
    return EMPTY.finding(
        summary=_summary(texts, f"in {file_text(one.entry)}"),
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence(zip([tensor.name for tensor, _ in found], texts, strict=True)),
    )


def check_copies(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Filters of a convolution that are the same, in the newest checkpoint."""
    one = newest(material, pulse)
    if isinstance(one, str):
        return COPIES.not_assessable(one)
    found = []
    kernels = [tensor for tensor in _matrices(one.checkpoint) if len(tensor.shape) >= 3]
    for done, tensor in enumerate(kernels):
        pulse.beat(done, len(kernels), "comparing filters")
        copies = _copies(one, tensor, material.thresholds, pulse)
        if copies:
            found.append((tensor, copies))
    if not found:
        return None
    texts = [
        f"{sum(map(len, copies))} of {tensor.shape[0]} filters of {visible(tensor.name, 80)} are copies"
        f" ({', '.join(str(index) for index in copies[0][:6])})"
        for tensor, copies in found
    ]
    return COPIES.finding(
        summary=_summary(texts, f"in {file_text(one.entry)}"),
        severity=Severity.WARNING,
        sureness=Sureness.CERTAIN,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence(zip([tensor.name for tensor, _ in found], texts, strict=True)),
        source=f"Filters less than {material.thresholds.duplicate_distance:g} of their length apart",
    )


def _matrices(checkpoint: Checkpoint) -> list[TensorFacts]:
    """Weights with at least two axes that are meant to differ."""
    return [
        tensor
        for tensor in checkpoint.facts.tensors
        if tensor.role == "weight"
        and len(tensor.shape) >= 2
        and tensor.dtype.startswith(_FLOATS)
        and not _MEANT.search(tensor.name)
        and not _is_fixed(tensor)
    ]


def _is_fixed(tensor: TensorFacts) -> bool:
    """Kernels over single channels, as blurs and enlargements are that nobody trains."""
    return len(tensor.shape) > 2 and tensor.shape[1] == 1


def _copies(one: Newest, tensor: TensorFacts, limits: Thresholds, pulse: Pulse) -> list[tuple[int, ...]]:
    """Groups of equal filters; none where all are one, as a fixed kernel is, or a row of zeros."""
    if tensor.bytes > _LARGEST_FILTERS_BYTES or 0 in tensor.shape:
        return []
    try:
        values = load(one.checkpoint.window(tensor.name), pulse=pulse)
    except (FileError, TypeError):
        return []
    filters = values.reshape(values.shape[0], -1)
    if filters.shape[1] < limits.least_filter_elements:
        return []
    groups = equal_rows(filters, limits.duplicate_distance, pulse)
    return [] if any(len(group) == len(filters) for group in groups) else groups


def _summary(texts: list[str], where: str) -> str:
    more = f". {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return f"{'. '.join(texts[:_LISTED])}{more}, {where}"
