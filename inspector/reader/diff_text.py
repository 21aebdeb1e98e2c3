"""Two checkpoints or two runs, compared, as lines of text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from inspector.core.texts import visible
from inspector.core.units import bytes_text, count_text, counted, number_text, percent_text
from inspector.runs.diff_values import (
    CheckpointDiff,
    FileRow,
    MetricRow,
    ModuleRow,
    RoleSummary,
    RunDiff,
    Side,
    State,
    TensorRow,
    ValueRow,
)
from inspector.runs.sheet import is_setting
from inspector.runs.value_diff import is_same

SHOWN_ROWS = 20
"""Of each table, the largest changes first; `--all` shows the rest."""

SHOWN_MODULES = 12
NAME_CHARACTERS = 72
VALUE_CHARACTERS = 60

_ROLE_NAMES = {
    "weight": "weights",
    "buffer": "buffers",
    "ema": "averages",
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
        yield from _notes(diff.notes)
        return
    yield f"{first} → {second}"
    yield from _aligned([_side(diff.first), _side(diff.second)])
    unmoved = all(row.state in ("same", "unread") for row in diff.rows)
    if diff.rows and unmoved and not diff.values:
        yield "  no difference in what was compared"
    yield from _alignment(diff)
    yield from _notes(diff.notes)
    unread = Counter(row.role for row in diff.rows if row.role == "optimizer" and _is_left_out(row))
    yield from _section("Tensors", _aligned([_role(role, unread[role.role]) for role in diff.roles], right=(2, 3)))
    if every or any(row.first and row.second for row in diff.rows):
        yield from _tensors(diff.rows, every=every)
    yield from _modules(diff, every=every)
    settings = [row for row in diff.values if is_setting(row.path)]
    others = [row for row in diff.values if not is_setting(row.path)]
    yield from _values(f"Settings: {len(settings):,} differ", settings, every=every)
    same = f", {diff.values_same:,} values are the same" if diff.values_same else ""
    yield from _values(f"Other values: {len(others):,} differ{same}", others, every=every)
    for side, imported in (("first", diff.imports_first), ("second", diff.imports_second)):
        yield from _section(
            f"Only the {side} would import", _few([f"  {visible(one)}" for one in imported], every=every)
        )


def run_lines(diff: RunDiff, *, every: bool) -> Iterator[str]:
    """What differs between two runs; `every` shows all rows."""
    names = " and ".join(map(visible, diff.names))
    if not (diff.settings or diff.files or any(map(_differs, diff.metrics))) and _are_identical(diff.tensors):
        what = [counted(diff.settings_same, "setting"), counted(len(diff.metrics), "metric")]
        what += ["the last checkpoints"] if diff.tensors is not None else []
        yield f"{names} are the same: {', '.join(what)}"
        yield from _notes(diff.notes)
        return
    yield f"{visible(diff.names[0])} → {visible(diff.names[1])}"
    title = f"Settings: {len(diff.settings):,} differ, {diff.settings_same:,} are the same"
    yield from _values(title, diff.settings, every=every)
    yield from _metrics(diff.metrics, every=every)
    yield from _files(diff.files, every=every)
    yield from _notes(diff.notes)
    if diff.tensors is not None:
        yield ""
        yield "Last checkpoints"
        yield from checkpoint_lines(diff.tensors, every=every)


def _are_identical(diff: CheckpointDiff | None) -> bool:
    return diff is None or diff.identical


def _differs(row: MetricRow) -> bool:
    """Whether a metric is of one run alone, or has another last or best value; NaN is no other value than NaN."""
    return not all(is_same(*values) for values in (row.last, row.best))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A heading and its lines; nothing where there are none."""
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from found


def _aligned(rows: Sequence[Sequence[str]], right: tuple[int, ...] = ()) -> list[str]:
    """Cells in columns two spaces apart; those named in `right` end at one place."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def _few(lines: list[str], *, every: bool, shown: int = SHOWN_ROWS) -> list[str]:
    if every or len(lines) <= shown:
        return lines
    return [*lines[:shown], f"  … {len(lines) - shown:,} more, shown with --all"]


def _name(text: str) -> str:
    """A name on one line; of a long one the middle is left out, for its end tells more than that."""
    shown = visible(text)
    half = NAME_CHARACTERS // 2
    return shown if len(shown) <= NAME_CHARACTERS else f"{shown[: half - 1]}…{shown[-half:]}"


def _side(side: Side) -> list[str]:
    parameters = f"{count_text(side.parameters)} parameters" if side.parameters else "no parameters"
    return [
        _name(side.name),
        side.container,
        bytes_text(side.bytes),
        f"{counted(side.tensors, 'tensor')}",
        parameters,
    ]


def _alignment(diff: CheckpointDiff) -> Iterator[str]:
    """How names were made to meet."""
    for root in diff.roots:
        places = [f"below {visible(path)}" if path else "at the top" for path in (root.first, root.second)]
        name = "model" if root.role == "model" else _ROLE_NAMES[root.role]
        yield f"  aligned: the {name} is {places[0]} in the first, {places[1]} in the second ({root.tensors:,} tensors)"
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
    table = _aligned([_HEADINGS, *map(_compared, compared)], right=(2, 3, 4)) if compared else []
    moved = "the largest changes first" if len(compared) > 1 else ""
    yield from _section(f"Changes{f', {moved}' if moved else ''}", _few(table, every=every, shown=SHOWN_ROWS + 1))
    for state, title in (
        ("reshaped", "Of another shape"),
        ("added", "Added"),
        ("removed", "Removed"),
        ("unread", "Not compared"),
    ):
        chosen = [row for row in rows if row.state == state and (state != "unread" or row.role != "optimizer" or every)]
        yield from _section(title, _few(_aligned([_uncompared(row) for row in chosen]), every=every))
    if every:
        unread = [row for row in rows if row.change is None and row.state in ("same", "changed")]
        yield from _section(
            "Told by checksum or by being one file", _aligned([[visible(row.name), row.state] for row in unread])
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
    if row.state == "retyped":
        lost.insert(0, f"{row.dtypes[0]} → {row.dtypes[1]}{', converted and no more' if change.converted else ''}")
    if 0.01 < change.equal / max(1, change.count) < 1:
        lost.append(f"{percent_text(change.equal / change.count)} unchanged")
    largest = ""
    if change.largest_at is not None and change.largest_pair is not None:
        pair = " → ".join(map(_number, change.largest_pair))
        largest = f"{pair} at {list(change.largest_at)}"
    return [
        _name(row.name),
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
    return [_name(row.name), shapes, dtypes, visible(row.because)]


def _shape(lengths: tuple[int, ...] | None) -> str:
    return "×".join(str(length) for length in lengths or ()) or "scalar"


def _modules(diff: CheckpointDiff, *, every: bool) -> Iterator[str]:
    moved = any(row.moved for row in diff.modules)
    rows = list(diff.modules) if every else _outer(diff.modules) if moved else []
    table = [
        [
            _name(f"{'  ' * row.depth if every else ''}{row.path}"),
            f"{row.moved:,} of {row.tensors:,} moved",
            "" if math.isnan(row.relative) else number_text(row.relative),
            "" if math.isnan(row.sign_flips) else percent_text(row.sign_flips),
        ]
        for row in rows
    ]
    if table:
        table.insert(0, ["module", "tensors", "change", "signs"])
    lines = _few(_aligned(table, right=(2, 3)), every=every, shown=SHOWN_MODULES + 1)
    yield from _section("Modules", lines)
    yield from _section("Modules without any change", _few([f"  {visible(path)}" for path in diff.still], every=every))
    below = tuple(f"{path}." for path in diff.still)
    alone = [
        row for row in diff.rows if row.role == "weight" and row.state == "same" and not row.name.startswith(below)
    ]
    if moved:
        lines = _few(_aligned([[_name(row.name), _shape(row.shapes[1])] for row in alone]), every=every)
        yield from _section("Other weights without any change" if diff.still else "Weights without any change", lines)


def _outer(modules: Sequence[ModuleRow]) -> list[ModuleRow]:
    """The outermost modules that are more than one, by their change."""
    depths = sorted({module.depth for module in modules})
    for depth in depths:
        found = [module for module in modules if module.depth == depth]
        if len(found) > 1:
            return sorted(found, key=lambda module: -1 if math.isnan(module.relative) else -module.relative)
    return list(modules[:1])


def _values(title: str, rows: Sequence[ValueRow], *, every: bool) -> Iterator[str]:
    table = [[_name(row.path), _value_pair(row), f"({visible(row.note)})" if row.note else ""] for row in rows]
    yield from _section(title, _few(_aligned(table), every=every))


def _value_pair(row: ValueRow) -> str:
    if row.state == "added":
        return f"added: {_value(row.second)}"
    if row.state == "removed":
        return f"removed: {_value(row.first)}"
    return f"{_value(row.first)} → {_value(row.second)}"


def _value(value: Any) -> str:
    """A plain value with every digit it has."""
    return visible(value if isinstance(value, str) and value else repr(value), VALUE_CHARACTERS)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else number_text(value)


def _metrics(rows: Sequence[MetricRow], *, every: bool) -> Iterator[str]:
    # What tells how good the run was comes before counts, rates and times.
    common = sorted((row for row in rows if None not in row.last), key=lambda row: not row.better)
    shown = [row for row in common if every or _differs(row)]
    same = len(common) - len(shown)
    table = [
        [
            _name(row.tag),
            *_metric_cells(row.last, row.last_steps),
            *(_metric_cells(row.best, row.best_steps) if row.better else ("", "", "")),
        ]
        for row in shown
    ]
    if table:
        table.insert(
            0,
            [
                "metric",
                "last, first run",
                "last, second",
                "difference",
                "best, first run",
                "best, second",
                "difference",
            ],
        )
    title = f"Metrics: {len(shown):,} differ, {same:,} are the same" if same else "Metrics"
    yield from _section(title, _few(_aligned(table, right=(1, 2, 3, 4, 5, 6)), every=every, shown=SHOWN_ROWS + 1))
    for side, whose in ((1, "first"), (0, "second")):
        alone = [visible(row.tag) for row in rows if row.last[side] is None]
        yield from _section(f"Metrics of the {whose} run alone", _few([f"  {tag}" for tag in alone], every=every))


def _metric_cells(
    values: tuple[float | None, float | None], steps: tuple[float | None, float | None]
) -> tuple[str, str, str]:
    """The two values with their steps, and how much the second is above the first."""
    if values[0] is None or values[1] is None:
        return "", "", ""
    cells = [
        f"{number_text(value)} at {_step(step)}" for value, step in zip(values, steps, strict=True) if value is not None
    ]
    difference = values[1] - values[0]
    sign = "+" if difference > 0 else ""
    return cells[0], cells[1], f"{sign}{number_text(difference)}"


def _step(step: float | None) -> str:
    return "?" if step is None or math.isnan(step) else f"{step:,.0f}"


def _files(rows: Sequence[FileRow], *, every: bool) -> Iterator[str]:
    table = [
        [
            _name(row.name),
            row.kind,
            *_sizes(row.bytes),
        ]
        for row in rows
    ]
    if table:
        table.insert(0, ["file", "kind", "first run", "second run"])
    yield from _section(
        "Files that differ in size", _few(_aligned(table, right=(2, 3)), every=every, shown=SHOWN_ROWS + 1)
    )


def _sizes(sizes: tuple[int | None, int | None]) -> list[str]:
    """Both sizes, in bytes where they would read the same otherwise."""
    texts = ["none" if size is None else bytes_text(size) for size in sizes]
    return texts if texts[0] != texts[1] else [f"{size:,} B" for size in sizes]


def _notes(notes: Sequence[str]) -> Iterator[str]:
    yield from _section("Notes", [f"  {visible(note)}" for note in notes])
