"""What a checkpoint's facts say, in short texts."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from inspector.core.language import tr, tr_many
from inspector.core.texts import visible
from inspector.core.units import bytes_text, count_text, number_text
from inspector.formats.facts import CheckpointFacts, TensorFacts

VALUE_CHARACTERS = 300
WEIGHT, BUFFER, OPTIMIZER, EMA = "weight", "buffer", "optimizer", "ema"
_GROUPED_FROM = 10_000
_SCALAR = tr("scalar")


def elements_of(tensor: TensorFacts) -> int:
    """How many numbers a tensor has."""
    return math.prod(tensor.shape)


def shape_text(shape: tuple[int, ...]) -> str:
    """`[32, 32, 3, 3]`; `scalar` where there is no axis."""
    return f"[{', '.join(str(length) for length in shape)}]" if shape else _SCALAR


def tensor_text(tensor: TensorFacts) -> str:
    """`[32, 32, 3, 3] float32 · 36.9 kB`."""
    return f"{shape_text(tensor.shape)} {tensor.dtype} · {bytes_text(tensor.bytes)}"


def summary_text(facts: CheckpointFacts) -> str:
    """`1.59 M parameters · 18.3 MB · float32`."""
    weights = [tensor for tensor in facts.tensors if tensor.role == WEIGHT]
    count = sum(elements_of(tensor) for tensor in weights)
    parameters = tr_many("{count} parameter", "{count} parameters", count).format(count=count_text(count))
    types = Counter(tensor.dtype for tensor in weights or facts.tensors)
    named = [*(name for name, _ in types.most_common(2)), *([tr("others")] if len(types) > 2 else [])]
    parts = [
        parameters if weights else tr("no parameters"),
        bytes_text(facts.bytes),
        tr(" and ").join(named),
        facts.container,
    ]
    return " · ".join(part for part in parts if part)


def value_text(value: Any, limit: int = VALUE_CHARACTERS) -> str:
    """A plain value on one line."""
    if isinstance(value, float):
        return number_text(value) if not value.is_integer() else f"{value:g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) >= _GROUPED_FROM else str(value)
    if isinstance(value, list | tuple):
        shown = ", ".join(value_text(item, limit) for item in value[: limit // 2])
        return visible(f"[{shown}{', …' if len(value) > limit // 2 else ''}]", limit)
    return visible(str(value), limit)


def passes(name: str, wanted: str) -> bool:
    """Whether a name contains the filter's text, whatever the case."""
    return wanted.lower() in name.lower()
