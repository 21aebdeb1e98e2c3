"""A comparison of two checkpoints as rows to read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from inspector.core.language import tr, tr_many
from inspector.core.texts import visible
from inspector.core.units import number_text, percent_text
from inspector.display.weights.compare.scene import ChangeRow, CompareAsk, CompareScene, KeyRow, SettingRow
from inspector.display.weights.facts_text import shape_text, value_text
from inspector.runs.diff_values import CheckpointDiff, ModuleRow, State, TensorRow, ValueRow

MAX_TENSORS = 1000
MAX_KEYS = 500
MAX_SETTINGS = 500
_WORDS: dict[State, str] = {
    "added": tr("added"),
    "removed": tr("removed"),
    "reshaped": tr("reshaped"),
    "unread": tr("not comparable"),
}
_COUNTS: dict[State, str] = {
    "changed": tr("{count} changed"),
    "retyped": tr("{count} of another type"),
    "same": tr("{count} unchanged"),
    "added": tr("{count} added"),
    "removed": tr("{count} removed"),
    "reshaped": tr("{count} reshaped"),
    "unread": tr("{count} not comparable"),
}
"""What is told of how many tensors, in this order."""

_FLIPPED_SHARE = tr("{share} of the signs")
_COSINE = tr("cosine {cosine:.4g}")
_LARGEST = tr("largest step {step}")

_LEAST_DECADES = 2.0
"""The log axis of the bars spans at least so much."""


def scene_of(diff: CheckpointDiff, ask: CompareAsk) -> CompareScene:
    """What differs between the first and the second checkpoint."""
    moved = [row for row in diff.rows if row.change is not None and row.state in ("changed", "retyped")]
    moved.sort(key=_by_change)
    modules = sorted((row for row in diff.modules if row.moved), key=lambda row: -_known(row.relative))
    ends = log_ends([row.relative for row in modules] + [row.change.relative for row in moved if row.change])
    keys = [row for row in diff.rows if row.state in ("added", "removed", "reshaped", "retyped", "unread")]
    return CompareScene(
        path=ask.path,
        other=ask.other,
        choices=ask.choices,
        title=f"{visible(diff.first.name, 120)} → {visible(diff.second.name, 120)}",
        summary=_summary(diff),
        modules=tuple(_module_row(row, ends) for row in modules[:MAX_TENSORS]),
        tensors=tuple(_tensor_row(row, ends) for row in moved[:MAX_TENSORS]),
        left_out=max(0, len(moved) - MAX_TENSORS),
        keys=tuple(KeyRow(visible(row.name, 300), _key_text(row)) for row in keys[:MAX_KEYS]),
        keys_left_out=max(0, len(keys) - MAX_KEYS),
        still=tuple(visible(path, 200) for path in diff.still[:MAX_KEYS]),
        settings=tuple(_setting_row(row) for row in diff.values[:MAX_SETTINGS]),
        settings_left_out=max(0, len(diff.values) - MAX_SETTINGS),
        says=_says(diff),
    )


def _summary(diff: CheckpointDiff) -> str:
    if diff.same_file:
        return tr("the same file")
    if diff.identical:
        return tr("identical in every tensor and value")
    counts = Counter(row.state for row in diff.rows)
    return " · ".join(text.format(count=f"{counts[state]:,}") for state, text in _COUNTS.items() if counts[state])


def _says(diff: CheckpointDiff) -> tuple[str, ...]:
    stripped = [tr("prefix {prefix} left out").format(prefix=visible(one.prefix, 80)) for one in diff.stripped]
    roots = [
        tr("{first} met {second}").format(first=_root(pair.first), second=_root(pair.second))
        for pair in diff.roots
        if pair.first != pair.second
    ]
    return (*stripped, *roots, *(visible(note, 300) for note in diff.notes))


def _root(path: str) -> str:
    return visible(path, 80) or tr("the top")


def _known(number: float) -> float:
    return -1.0 if math.isnan(number) else number


def _by_change(row: TensorRow) -> tuple[float, str]:
    return (-_known(row.change.relative) if row.change else 0.0, row.name)


def change_text(relative: float) -> str:
    """`12.3%`; in powers of ten below a tenth of a percent."""
    if not math.isfinite(relative):
        return tr("from zero") if relative > 0 else tr("changed")
    return percent_text(relative) if relative >= 1e-3 or relative == 0 else number_text(relative)


def log_ends(changes: Iterable[float]) -> tuple[float, float]:
    """Powers of ten at the ends of the bars: a little below the least change that is not 0, and the greatest."""
    known = [math.log10(change) for change in changes if math.isfinite(change) and change > 0]
    high = max(known, default=0.0)
    return min(min(known, default=0.0) - 0.2, high - _LEAST_DECADES), high


def log_share(relative: float, ends: tuple[float, float]) -> float:
    """A relative change as a share of the chart's width; 0 for none, 1 for one from nothing."""
    if math.isnan(relative) or relative <= 0:
        return 0.0
    if math.isinf(relative):
        return 1.0
    low, high = ends
    return min(max((math.log10(relative) - low) / (high - low), 0.02), 1.0)


def _module_row(row: ModuleRow, ends: tuple[float, float]) -> ChangeRow:
    moved = tr_many("{moved} of {tensors} tensor moved", "{moved} of {tensors} tensors moved", row.tensors)
    parts = [moved.format(moved=f"{row.moved:,}", tensors=f"{row.tensors:,}")]
    if math.isfinite(row.sign_flips):
        parts.append(_FLIPPED_SHARE.format(share=percent_text(row.sign_flips)))
    label = visible(row.path, 200) or tr("all weights")
    return ChangeRow(row.path, label, change_text(row.relative), log_share(row.relative, ends), " · ".join(parts))


def _tensor_row(row: TensorRow, ends: tuple[float, float]) -> ChangeRow:
    change = row.change
    relative = change.relative if change else math.nan
    parts = [] if change is None or not math.isfinite(change.cosine) else [_COSINE.format(cosine=change.cosine)]
    if change is not None and change.sign_flips:
        flipped = tr_many("{count} sign flipped", "{count} signs flipped", change.sign_flips)
        parts.append(flipped.format(count=f"{change.sign_flips:,}"))
    if change is not None and math.isfinite(change.largest):
        parts.append(_LARGEST.format(step=number_text(change.largest)))
    label, share = visible(row.name, 200), log_share(relative, ends)
    return ChangeRow(row.second or row.name, label, change_text(relative), share, " · ".join(parts))


def _key_text(row: TensorRow) -> str:
    first, second = row.shapes
    if row.state == "reshaped" and first is not None and second is not None:
        return f"{shape_text(first)} → {shape_text(second)}"
    if row.state == "retyped":
        return f"{row.dtypes[0]} → {row.dtypes[1]}"
    if row.state == "unread":
        return visible(row.because, 200) or _WORDS["unread"]
    shape = second if row.state == "added" else first
    return f"{_WORDS[row.state]} {shape_text(shape)}" if shape is not None else _WORDS[row.state]


def _setting_row(row: ValueRow) -> SettingRow:
    first = "" if row.state == "added" else _value(row.first)
    second = "" if row.state == "removed" else _value(row.second)
    return SettingRow(visible(row.path, 200), first, f"{second} ({row.note})" if row.note else second)


def _value(value: Any) -> str:
    return tr("none") if value is None else value_text(value, 120)
