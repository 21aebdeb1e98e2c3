"""Two runs, compared, as lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from inspector.core.texts import visible
from inspector.core.units import bytes_text, counted, number_text
from inspector.reader.diff_text import checkpoint_lines
from inspector.reader.text_tables import SHOWN_ROWS, aligned, few, name_text, note_section, section, value_section
from inspector.runs.diff_values import CheckpointDiff, FileRow, MetricRow, RunDiff
from inspector.runs.value_diff import is_same


def run_lines(diff: RunDiff, *, every: bool) -> Iterator[str]:
    """What differs between two runs; `every` shows all rows."""
    names = " and ".join(map(visible, diff.names))
    if not (diff.settings or diff.files or any(map(_differs, diff.metrics))) and _are_identical(diff.tensors):
        what = [counted(diff.settings_same, "setting"), counted(len(diff.metrics), "metric")]
        what += ["the last checkpoints"] if diff.tensors is not None else []
        yield f"{names} are the same: {', '.join(what)}"
        yield from note_section(diff.notes)
        return
    yield f"{visible(diff.names[0])} → {visible(diff.names[1])}"
    title = f"Settings: {len(diff.settings):,} differ, {diff.settings_same:,} are the same"
    yield from value_section(title, diff.settings, every=every)
    yield from _metrics(diff.metrics, every=every)
    yield from _files(diff.files, every=every)
    yield from note_section(diff.notes)
    if diff.tensors is not None:
        yield ""
        yield "Last checkpoints"
        yield from checkpoint_lines(diff.tensors, every=every)


def _are_identical(diff: CheckpointDiff | None) -> bool:
    return diff is None or diff.identical


def _differs(row: MetricRow) -> bool:
    """Whether a metric is of one run alone, or has another last or best value; NaN is no other value than NaN."""
    return not all(is_same(*values) for values in (row.last, row.best))


def _metrics(rows: Sequence[MetricRow], *, every: bool) -> Iterator[str]:
    # What tells how good the run was comes before counts, rates and times.
    common = sorted((row for row in rows if None not in row.last), key=lambda row: not row.better)
    shown = [row for row in common if every or _differs(row)]
    same = len(common) - len(shown)
    table = [
        [
            name_text(row.tag),
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
    yield from section(title, few(aligned(table, right=(1, 2, 3, 4, 5, 6)), every=every, shown=SHOWN_ROWS + 1))
    for side, whose in ((1, "first"), (0, "second")):
        alone = [visible(row.tag) for row in rows if row.last[side] is None]
        yield from section(f"Metrics of the {whose} run alone", few([f"  {tag}" for tag in alone], every=every))


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
            name_text(row.name),
            row.kind,
            *_sizes(row.bytes),
        ]
        for row in rows
    ]
    if table:
        table.insert(0, ["file", "kind", "first run", "second run"])
    yield from section(
        "Files that differ in size", few(aligned(table, right=(2, 3)), every=every, shown=SHOWN_ROWS + 1)
    )


def _sizes(sizes: tuple[int | None, int | None]) -> list[str]:
    """Both sizes, in bytes where they would read the same otherwise."""
    texts = ["none" if size is None else bytes_text(size) for size in sizes]
    return texts if texts[0] != texts[1] else [f"{size:,} B" for size in sizes]
