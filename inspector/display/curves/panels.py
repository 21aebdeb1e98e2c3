"""Series laid out in panels: which axis, which lines, which colours, which range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from inspector.analysis.curve_summary import Summary
from inspector.analysis.expressions import ExpressionError
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.parts import tag_in_part
from inspector.display.curves.axis import AXIS_WORDS, Axis, axis_of, cursor_table, first_time, interpolated, place
from inspector.display.curves.combined import combined
from inspector.display.curves.expected import expected_bands, expected_recipe
from inspector.display.curves.filtering import Filter, filter_of
from inspector.display.curves.grouping import Place, place_of, place_of_expression
from inspector.display.curves.kept import Kept, Smoothing, smoothing_of
from inspector.display.curves.lines import Points, extent_x, lost_points, points_of, stretches_of
from inspector.display.curves.markers import file_markers, seam_markers
from inspector.display.curves.ranges import ranged, shared_ranges, x_range
from inspector.display.curves.rates import RATE_PANEL, rate_extras
from inspector.display.curves.scene import CurvesAsk, CurvesScene, Line, Marker, Panel
from inspector.display.curves.table import row_of
from inspector.formats.series import Series
from inspector.runs.values import Moment

_INK_LIKE_THE_PLAN = 2
MAX_LABEL = 120


class Member(msgspec.Struct, frozen=True):
    """A series on its way into a panel; `file` is empty for one worked out by an expression."""

    where: Place
    file: str
    series: Series
    expression: bool = False


class Drawn(msgspec.Struct, frozen=True):
    """A line with the points and figures that it was made of; both None for a plan."""

    line: Line
    points: Points | None = None
    summary: Summary | None = None


@dataclass(slots=True)
class _Work:
    """What one scene is made with, and what was met on the way."""

    ask: CurvesAsk
    axis: Axis
    smoothing: Smoothing
    kept: Kept
    pulse: Pulse
    unplaced: int = 0
    notes: list[str] = field(default_factory=list)

    def drawn(self, member: Member, label: str, ink: int) -> Drawn | None:
        """A member's line, None where nothing places it."""
        series = member.series
        self.pulse.beat(what=series.tag)
        x = place(series, self.axis)
        points = points_of(series, x)
        if series.values.size and not points.x.size:
            self.unplaced += 1
            return None
        if points.sorted:
            said = tr("{curve}: x goes back too often, so points stand in the order of x")
            self.notes.append(said.format(curve=visible(series.tag, 60)))
        metric = self.axis.metric.tag if self.axis.metric else ""
        kept = self.kept.curve((member.file, series.tag, self.axis.kind, metric), points.x, points.y, points.starts)
        self.pulse.beat(what=series.tag)
        summary = kept.summed_up()
        self.pulse.beat(what=series.tag)
        lost_x, lost_y, lost_kinds = lost_points(points.x, points.y, summary.lost)
        never = len(points.y) > 0 and summary.last_at is None
        # A rate is what the optimizer used: an average of it never was.
        smoothing = Smoothing() if member.where.key == RATE_PANEL else self.smoothing
        line = Line(
            tag=series.tag,
            label=tr("{curve} (never finite)").format(curve=label) if never else label,
            ink=ink,
            stretches=stretches_of(points, kept, smoothing, self.pulse),
            lost_x=lost_x,
            lost_y=lost_y,
            lost_kinds=lost_kinds,
            file=member.file,
            expression=member.expression,
        )
        return Drawn(line, points, summary)


def curves_of(
    found: Sequence[tuple[str, Series]],
    ask: CurvesAsk,
    pulse: Pulse,
    notes: Sequence[str] = (),
    kept: Kept | None = None,
) -> CurvesScene:
    """The scene of series that are read already.

    Args:
        found: each with the name of its file.
        ask: what is wanted.
        pulse: is beaten for every curve.
        notes: of the reading.
        kept: what is known of the same curves from earlier scenes.
    """
    all_series = [series for _, series in found]
    axis, axis_note = axis_of(all_series, ask.x_axis, ask.moments, metric=ask.x_metric, batch_size=ask.batch_size)
    work = _Work(ask, axis, smoothing_of(ask.smoothing_kind, ask.smoothing), kept or Kept(), pulse)
    lets = filter_of(ask.filter)
    expressions, errors = _expressions(all_series, ask, work)
    members = [*expressions, *(Member(place_of(series.tag), file, series) for file, series in found)]
    grouped: dict[str, list[Member]] = {}
    for member in members:
        grouped.setdefault(member.where.key, []).append(member)
    panels: list[Panel] = []
    all_drawn: list[Drawn] = []
    markers: list[Marker] = []
    recipe = expected_recipe(ask, all_series)
    hidden = 0
    tags = Counter(member.series.tag for member in members)
    for group in grouped.values():
        shown = []
        for label, ink, member in _dealt(group):
            if not member.expression and not _is_let(member, lets, apart=tags[member.series.tag] > 1):
                hidden += 1
            elif (drawn := work.drawn(member, label, ink)) is not None:
                shown.append(drawn)
        if shown:
            if group[0].where.key == RATE_PANEL and ask.plans:
                extras = rate_extras(ask.plans, axis, [member.series for member in group], all_series, ask.thresholds)
                shown = [*(Drawn(line) for line in extras.lines), *shown]
                markers += extras.markers
            panel = _panel(group[0].where, shown, ask)
            bands = expected_bands(recipe, panel.key, panel.lines, axis, ask.steps_per_epoch)
            panels.append(msgspec.structs.replace(panel, bands=bands) if bands else panel)
            all_drawn += shown
    panels = _in_order(panels, {member.where.key: member.where for member in members})
    across = x_range([drawn.line for drawn in all_drawn], ask.x_scale)
    cursor = cursor_table(axis)
    clock = _clock(ask.moments)
    return CurvesScene(
        x_axis=axis.kind,
        x_label=axis.label,
        x_threshold=across.threshold,
        panels=tuple(
            msgspec.structs.replace(panel, x_scale=across.scale)
            for panel in (shared_ranges(panels) if ask.shared_y else panels)
        ),
        fit_x=across.fit,
        last_x=extent_x([drawn.line for drawn in all_drawn if drawn.points is not None])[1],
        cursor_steps=cursor.steps,
        cursor_x=cursor.x,
        clock_steps=clock[0],
        clock_epochs=clock[1],
        clock_times=clock[2],
        clock_origin=first_time(all_series),
        markers=(
            *file_markers(ask.marks, axis),
            *seam_markers(drawn.points for drawn in all_drawn if drawn.points),
            *markers,
        ),
        hidden=hidden,
        filter_error=lets.error,
        expression_errors=errors,
        smoothing_text=work.smoothing.text,
        tags=tuple(dict.fromkeys(series.tag for series in all_series)),
        notes=tuple(note for note in (*notes, axis_note, *work.notes, _unplaced(work), across.note) if note),
    )


def _is_let(member: Member, lets: Filter, *, apart: bool) -> bool:
    """Whether a filter lets a curve through, by its tag or, of several of one tag, by that of its part of the data."""
    tag = member.series.tag
    return lets.lets(tag) or (apart and lets.lets(tag_in_part(tag, member.file)))


def _clock(moments: Sequence[Moment]) -> FloatArray:
    """The run's table of steps: (3, rows) float64, steps, epochs and times, NaN where no file tells."""
    rows = [
        (row.step, np.nan if row.epoch is None else row.epoch, np.nan if row.time is None else row.time)
        for row in moments
    ]
    return np.array(rows, np.float64).reshape(-1, 3).T


def _unplaced(work: _Work) -> str:
    if not work.unplaced:
        return ""
    said = tr_many(
        "{count} series has no {what} and is left out", "{count} series have no {what} and are left out", work.unplaced
    )
    return said.format(count=work.unplaced, what=AXIS_WORDS[work.axis.kind])


def _expressions(all_series: Sequence[Series], ask: CurvesAsk, work: _Work) -> tuple[list[Member], tuple[str, ...]]:
    """The curves of all expressions that can be worked out, and for each expression its error or nothing."""
    curves = {series.tag: series for series in reversed(all_series)}
    members: list[Member] = []
    errors: list[str] = []
    for text in ask.expressions:
        work.pulse.beat(what=visible(text, MAX_LABEL))
        try:
            series, note = combined(text, curves)
        except ExpressionError as error:
            errors.append(visible(str(error), 2 * MAX_LABEL))
            continue
        errors.append("")
        work.notes += [note] if note else []
        if not any(member.series.tag == text for member in members):
            members.append(Member(place_of_expression(text), "", series, expression=True))
    between = sum(interpolated(series, work.axis) for series in all_series)
    if between:
        said = tr("{curves} stand between the records of {metric}, interpolated")
        work.notes.append(said.format(curves=tr_counted(between, "curve"), metric=work.axis.label))
    return members, tuple(errors)


def _dealt(members: Sequence[Member]) -> list[tuple[str, int, Member]]:
    """Labels that differ within a panel, and palette numbers that do not depend on the filter."""
    labels = Counter(member.where.label for member in members)
    tags = Counter(member.series.tag for member in members)
    taken = {member.where.ink for member in members}
    if members[0].where.key == RATE_PANEL:
        taken.add(_INK_LIKE_THE_PLAN)
    free = (ink for ink in range(10_000_000) if ink not in taken)
    dealt: list[tuple[str, int, Member]] = []
    used: set[int] = set()
    for member in members:
        tag = member.series.tag
        label = member.where.label if labels[member.where.label] == 1 else tag
        if tags[tag] > 1:
            label = f"{tag} · {member.file}"
        wanted = member.where.ink
        ink = wanted if wanted is not None and wanted not in used else next(free)
        used.add(ink)
        dealt.append((visible(label, MAX_LABEL), ink, member))
    if len(members) == 1 and members[0].where.key == RATE_PANEL:
        return [(tr("recorded"), dealt[0][1], members[0])]
    return dealt


def _panel(where: Place, shown: Sequence[Drawn], ask: CurvesAsk) -> Panel:
    panel = Panel(
        key=where.key,
        title=visible(where.title, MAX_LABEL),
        lines=tuple(drawn.line for drawn in shown),
        group=visible(where.group, MAX_LABEL),
        fit_y=(np.nan, np.nan),
        rows=tuple(
            row_of(index, drawn.line.tag, drawn.points.x, drawn.summary)
            for index, drawn in enumerate(shown)
            if drawn.points is not None and drawn.summary is not None
        ),
    )
    return ranged(panel, ask, bounded=where.bounded)


def _in_order(panels: Sequence[Panel], places: dict[str, Place]) -> list[Panel]:
    """Panels by their order; those of one group that nothing orders stand together, where the first was met."""
    met: dict[str, int] = {}
    for panel in panels:
        met.setdefault(panel.group, len(met))
    return sorted(panels, key=lambda panel: (places[panel.key].order, met[panel.group]))
