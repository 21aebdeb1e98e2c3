"""Two checkpoints, compared, as lines of text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from inspector.core.texts import visible
from inspector.core.units import bytes_text, count_text, counted, number_text, percent_text
from inspector.reader.text_tables import SHOWN_ROWS, aligned, few, name_text, note_section, section, value_section
from inspector.runs.diff_values import CheckpointDiff, ModuleRow, RoleSummary, Side, State, TensorRow
from inspector.runs.module_changes import modules_above
from inspector.runs.sheet import is_setting

SHOWN_MODULES = 12

_ROLE_NAMES = {
    "weight": "weights",
    "buffer": "buffers",
    "ema": "averages",
    "settings": "settings",
    "other": "other tensors",
    "optimizer": "optimizer",
}
_STATES: tuple[State, ...] = ("changed", "retyped", "reshaped", "added", "removed", "unread", "same")
_STATE_NAMES: dict[State, str] = {
    "retyped": "of another type",
    "reshaped": "of another shape",
    "unread": "not compared",
}


def checkpoint_lines(diff: CheckpointDiff, *, every: bool) -> Iterator[str]:
    """What differs between two checkpoints; `every` shows all rows."""
    first, second = visible(diff.first.name), visible(diff.second.name)
    if diff.same_file:
        yield f"{first}: both paths name one file"
        return
    if diff.identical:
        values = f" and {counted(diff.values_same, 'value')}" if diff.values_same else ""
        yield f"{first} and {second} are the same: {counted(len(diff.rows), 'tensor')}{values}"
        yield from note_section(diff.notes)
        return
    yield f"{first} → {second}"
    yield from aligned([_side(diff.first), _side(diff.second)])
    unmoved = all(row.state in ("same", "unread") for row in diff.rows)
    if diff.rows and unmoved and not diff.values:
        yield "  no difference in what was compared"
    yield from _alignment(diff)
    yield from note_section(diff.notes)
    unread = Counter(row.role for row in diff.rows if row.role == "optimizer" and _is_left_out(row))
    yield from section("Tensors", aligned([_role(role, unread[role.role]) for role in diff.roles], right=(2, 3)))
    if every or any(row.first and row.second for row in diff.rows):
        yield from _tensors(diff.rows, every=every)
    yield from _modules(diff, every=every)
    settings = [row for row in diff.values if is_setting(row.path)]
    others = [row for row in diff.values if not is_setting(row.path)]
    yield from value_section(f"Settings: {len(settings):,} differ", settings, every=every)
    same = f", {diff.values_same:,} values are the same" if diff.values_same else ""
    yield from value_section(f"Other values: {len(others):,} differ{same}", others, every=every)
    for side, imported in (("first", diff.imports_first), ("second", diff.imports_second)):
        yield from section(f"Only the {side} would import", few([f"  {visible(one)}" for one in imported], every=every))


def _side(side: Side) -> list[str]:
    parameters = f"{count_text(side.parameters)} parameters" if side.parameters else "no parameters"
    return [
        name_text(side.name),
        side.container,
        bytes_text(side.bytes),
        f"{counted(side.tensors, 'tensor')}",
        parameters,
    ]


def _alignment(diff: CheckpointDiff) -> Iterator[str]:
    """How names were made to meet."""
    for root in diff.roots:
        places = [f"below {visible(path)}" if path else "at the top" for path in (root.first, root.second)]
        name = _ROLE_NAMES.get(root.role, root.role)
        count = counted(root.tensors, "tensor")
        yield f"  aligned: {name} {places[0]} in the first, {places[1]} in the second ({count})"
    for one in diff.stripped:
        counts = [
            f"{count:,} names of the {side}" for count, side in ((one.first, "first"), (one.second, "second")) if count
        ]
        yield f"  left out: {one.prefix} in {' and '.join(counts)}"


def _role(role: RoleSummary, unread: int) -> list[str]:
    counts = ", ".join(
        f"{role.states[state]:,} {_STATE_NAMES.get(state, state)}" for state in _STATES if role.states.get(state)
    )
    return [
        _ROLE_NAMES.get(role.role, role.role),
        f"{counts} (--optimizer reads them)" if unread else counts,
        "" if math.isnan(role.relative) else f"change {number_text(role.relative)}",
        "" if math.isnan(role.sign_flips) else f"signs {percent_text(role.sign_flips)}",
    ]


def _is_left_out(row: TensorRow) -> bool:
    return row.state == "unread" or (row.state == "changed" and row.change is None)


def _tensors(rows: Sequence[TensorRow], *, every: bool) -> Iterator[str]:
    compared = [row for row in rows if row.change is not None and (every or row.state != "same")]
    compared.sort(key=_by_change)
    table = aligned([_HEADINGS, *map(_compared, compared)], right=(2, 3, 4)) if compared else []
    moved = "the largest changes first" if len(compared) > 1 else ""
    yield from section(f"Changes{f', {moved}' if moved else ''}", few(table, every=every, shown=SHOWN_ROWS + 1))
    elsewhere = [row for row in rows if row.state == "changed" and row.change is None and row.because]
    yield from section("Changed otherwise", few(aligned([_uncompared(row) for row in elsewhere]), every=every))
    for state, title in (
        ("reshaped", "Of another shape"),
        ("added", "Added"),
        ("removed", "Removed"),
        ("unread", "Not compared"),
    ):
        chosen = [row for row in rows if row.state == state and (state != "unread" or row.role != "optimizer" or every)]
        yield from section(title, few(aligned([_uncompared(row) for row in chosen]), every=every))
    if every:
        unread = [row for row in rows if row.change is None and row.state in ("same", "changed")]
        yield from section(
            "Told by checksum or by being one file", aligned([[visible(row.name), row.state] for row in unread])
        )


_HEADINGS = ["tensor", "shape", "change", "cosine", "signs", "norm", "largest difference"]


def _by_change(row: TensorRow) -> tuple[float, float]:
    """Largest relative change first, then integers by their share of other elements."""
    change = row.change
    assert change is not None
    share = 1 - change.equal / change.count if change.count else 0.0
    return (math.inf if math.isnan(change.relative) else -change.relative, -share)


def _compared(row: TensorRow) -> list[str]:
    change = row.change
    assert change is not None
    first, second = change.norms
    relative = (
        f"{change.count - change.equal:,} differ" if math.isnan(change.relative) else number_text(change.relative)
    )
    lost = [
        f"{word} {counts[0]:,} → {counts[1]:,}"
        for word, counts in (("NaN", change.nans), ("∞", change.infinities))
        if any(counts)
    ]
    if row.because:
        lost.append(visible(row.because))
    if row.state == "retyped":
        lost.insert(0, f"{row.dtypes[0]} → {row.dtypes[1]}{', converted and no more' if change.converted else ''}")
    if 0.01 < change.equal / max(1, change.count) < 1:
        lost.append(f"{percent_text(change.equal / change.count)} unchanged")
    largest = ""
    if change.largest_at is not None and change.largest_pair is not None:
        pair = " → ".join(map(_number, change.largest_pair))
        largest = f"{pair} at {list(change.largest_at)}"
    return [
        name_text(row.name),
        _shape(row.shapes[1]),
        relative,
        "" if math.isnan(change.cosine) else f"{change.cosine:.4f}".replace("-", "−"),
        percent_text(change.sign_flips / change.finite) if change.sign_flips is not None and change.finite else "",
        "" if math.isnan(first) else f"{number_text(first)} → {number_text(second)}",
        "  ".join(part for part in (largest, *lost) if part),
    ]


def _uncompared(row: TensorRow) -> list[str]:
    shapes = " → ".join(_shape(shape) for shape in row.shapes if shape is not None)
    dtypes = " → ".join(dict.fromkeys(dtype for dtype in row.dtypes if dtype is not None))
    if row.shapes[0] == row.shapes[1]:
        shapes = _shape(row.shapes[0])
    return [name_text(row.name), shapes, dtypes, visible(row.because)]


def _shape(lengths: tuple[int, ...] | None) -> str:
    return "×".join(str(length) for length in lengths or ()) or "scalar"


def _modules(diff: CheckpointDiff, *, every: bool) -> Iterator[str]:
    moved = any(row.moved for row in diff.modules)
    rows = list(diff.modules) if every else _outer(diff.modules) if moved else []
    table = [
        [
            name_text(f"{'  ' * row.depth if every else ''}{row.path}"),
            f"{row.moved:,} of {row.tensors:,} moved",
            "" if math.isnan(row.relative) else number_text(row.relative),
            "" if math.isnan(row.sign_flips) else percent_text(row.sign_flips),
        ]
        for row in rows
    ]
    if table:
        table.insert(0, ["module", "tensors", "change", "signs"])
    lines = few(aligned(table, right=(2, 3)), every=every, shown=SHOWN_MODULES + 1)
    yield from section("Modules", lines)
    yield from section("Modules without any change", few([f"  {visible(path)}" for path in diff.still], every=every))
    still = frozenset(diff.still)
    weights = (row for row in diff.rows if row.role == "weight" and row.state == "same")
    alone = [row for row in weights if still.isdisjoint(modules_above(row.name))]
    if moved:
        lines = few(aligned([[name_text(row.name), _shape(row.shapes[1])] for row in alone]), every=every)
        yield from section("Other weights without any change" if diff.still else "Weights without any change", lines)


def _outer(modules: Sequence[ModuleRow]) -> list[ModuleRow]:
    """The outermost modules that are more than one, by their change."""
    depths = sorted({module.depth for module in modules})
    for depth in depths:
        found = [module for module in modules if module.depth == depth]
        if len(found) > 1:
            return sorted(found, key=lambda module: -1 if math.isnan(module.relative) else -module.relative)
    return list(modules[:1])


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else number_text(value)
