"""Curves of several runs in the same panels, the parent of a resumed run before it, seeds as one mean."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from inspector.analysis.pyramid import Pyramid
from inspector.analysis.pyramid_growth import shortened
from inspector.analysis.seed_bands import Spread
from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.core.units import number_text
from inspector.display.curves.markers import x_of_step
from inspector.display.curves.ranges import union
from inspector.display.curves.run_inks import run_inks
from inspector.display.curves.scene import CurvesScene, Levels, Line, Marker, Panel, Stretch, TableRow
from inspector.display.curves.seeds import grouped_seeds, rows_of

_replace = msgspec.structs.replace


class RunLink(msgspec.Struct, frozen=True, kw_only=True):
    """How a run stands to the chosen one.

    Attributes:
        resumed_at: it is the run that the chosen one resumes, from its checkpoint at this step; None otherwise.
        seeds: the same text for runs that differ only in their seed, empty for none.
    """

    resumed_at: float | None = None
    seeds: str = ""


def merge(
    scenes: Sequence[CurvesScene],
    names: Sequence[str],
    links: Sequence[RunLink] = (),
    *,
    group_seeds: bool = False,
    spread: Spread = "range",
) -> CurvesScene:
    """One scene of several runs.

    The run that the chosen one resumes stands before it, dim and in its colours, up to the checkpoint. Where there are
    others, every run has one colour, and lines of one panel are told apart by their variant.

    Args:
        scenes: of the chosen run first; one that has another x axis is left out, with a note.
        names: of the runs, in the same order.
        links: of the runs, in the same order; without them every run stands for itself.
        group_seeds: runs that differ only in their seed become a mean with a band.
        spread: what that band shows.

    Raises:
        ValueError: there is no scene, or not one name for each.
    """
    if len(names) != len(scenes) or not scenes:
        message = f"{len(scenes)} runs need as many names, these are {len(names)}"
        raise ValueError(message)
    chosen = scenes[0]
    distinct = distinct_names(names)
    known = links or [RunLink() for _ in scenes]
    parts = [_Part(scene, name, link) for scene, name, link in zip(scenes, distinct, known, strict=True)]
    fitting = [part for part in parts if _fits(part, chosen)]
    lacking = tr("{run} has no {axis} and is not shown")
    left_out = [lacking.format(run=part.name, axis=chosen.x_label) for part in parts if not _fits(part, chosen)]
    notes = (*chosen.notes, *left_out)
    if len(fitting) == 1:
        return _replace(chosen, notes=notes, runs=(names[0],))
    apart = [part for part in fitting if part.link.resumed_at is None]
    inks: tuple[int, ...] = ()
    if len(apart) > 1:
        of_run = dict(zip((part.name for part in apart), run_inks([part.name for part in apart]), strict=True))
        # A parent goes on in its child's colour.
        inks = tuple(of_run.get(part.name, of_run[distinct[0]]) for part in fitting)
    merged = _laid_together(fitting, inks)
    if group_seeds:
        merged = _with_seeds(merged, {part.name: part.link.seeds for part in apart}, spread)
    return _replace(merged, notes=notes, runs=tuple(part.name for part in fitting), run_inks=inks)


class _Part(msgspec.Struct, frozen=True):
    scene: CurvesScene
    name: str
    link: RunLink


def _fits(part: _Part, chosen: CurvesScene) -> bool:
    return part.scene.x_axis == chosen.x_axis


def points_in(scene: CurvesScene) -> int:
    """How many points the lines of a scene have."""
    return sum(part.x.size for panel in scene.panels for line in panel.lines for part in line.stretches)


def distinct_names(names: Sequence[str]) -> list[str]:
    """The names, those that several runs have with a number."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _laid_together(parts: Sequence[_Part], inks: Sequence[int]) -> CurvesScene:
    chosen = parts[0].scene
    panels: dict[str, list[Panel]] = {}
    markers = list(chosen.markers)
    ranges = [chosen.fit_x]
    for place, part in enumerate(parts):
        scene = part.scene
        cut = math.nan
        if part.link.resumed_at is not None:
            cut = x_of_step(scene, part.link.resumed_at)
            scene = _before(scene, cut)
            x = 0.0 if scene.x_axis == "time" else cut
            if math.isfinite(x):
                label = tr("resumed from {run} at step {step}")
                step = number_text(part.link.resumed_at)
                markers.append(Marker(x=x, kind="seam", label=label.format(run=part.name, step=step)))
        ranges.append(scene.fit_x)
        for panel in scene.panels:
            own = _named(panel, part, inks[place] if inks else None, first=place == 0)
            panels.setdefault(panel.key, []).append(own)
    joined = tuple(_joined(list_of, inks=bool(inks)) for list_of in panels.values())
    return _replace(chosen, panels=joined, fit_x=union(ranges), markers=tuple(markers))


def _named(panel: Panel, part: _Part, ink: int | None, *, first: bool) -> Panel:
    """A run's panel: its lines say whose they are; of a run beside the chosen one, no plan and no expected band."""
    kept = [(index, line) for index, line in enumerate(panel.lines) if first or not line.dashed]
    behind = part.link.resumed_at is not None
    lines = tuple(
        _replace(
            line,
            run=part.name,
            label=line.label if first and ink is None else f"{line.label} · {part.name}",
            ink=line.ink if ink is None or line.dashed else ink,
            dim=line.dim or behind,
        )
        for _, line in kept
    )
    new = {index: place for place, (index, _) in enumerate(kept)}
    rows = tuple(_replace(row, line=new[row.line]) for row in panel.rows if row.line in new)
    return _replace(panel, lines=lines, rows=rows, bands=panel.bands if first else ())


def _joined(panels: Sequence[Panel], *, inks: bool) -> Panel:
    """Panels of one key as one; without inks of their own, lines of one tag share the first run's."""
    first = panels[0]
    lines: list[Line] = []
    rows: list[TableRow] = []
    ink_of: dict[str, int | str] = {}
    variants: dict[str, int] = {}
    for panel in panels:
        rows += [_replace(row, line=row.line + len(lines)) for row in panel.rows]
        for line in panel.lines:
            ink = line.ink if inks or line.dashed else ink_of.setdefault(line.tag, line.ink)
            variant = variants.setdefault(line.tag, len(variants)) if inks and not line.dashed else 0
            lines.append(_replace(line, ink=ink, variant=variant))
    alike = all(panel.y_scale == first.y_scale for panel in panels)
    return _replace(
        first,
        lines=tuple(lines),
        rows=tuple(rows),
        y_scale=first.y_scale if alike else "linear",
        y_threshold=min(panel.y_threshold for panel in panels),
        fit_y=union([panel.fit_y for panel in panels]),
    )


def _with_seeds(scene: CurvesScene, group_of: dict[str, str], spread: Spread) -> CurvesScene:
    panels = []
    for panel in scene.panels:
        lines, bands = grouped_seeds(panel.lines, group_of, spread)
        rows = rows_of(lines, [(panel.lines[row.line], row) for row in panel.rows])
        panels.append(_replace(panel, lines=tuple(lines), rows=rows, bands=(*panel.bands, *bands)))
    return _replace(scene, panels=tuple(panels))


def _before(scene: CurvesScene, cut: float) -> CurvesScene:
    """A scene up to an x; time, which every run counts from its own start, then ends at 0."""
    if not math.isfinite(cut):
        return scene
    shift = cut if scene.x_axis == "time" else 0.0
    panels = tuple(
        _replace(panel, lines=tuple(_line_before(line, cut, shift) for line in panel.lines)) for panel in scene.panels
    )
    low, high = scene.fit_x
    return _replace(scene, panels=panels, fit_x=(low - shift, min(high, cut) - shift))


def _line_before(line: Line, cut: float, shift: float) -> Line:
    kept = line.lost_x <= cut
    return _replace(
        line,
        stretches=tuple(
            _stretch_before(part, cut, shift) for part in line.stretches if part.x.size and part.x[0] <= cut
        ),
        lost_x=line.lost_x[kept] - shift,
        lost_y=line.lost_y[kept],
        lost_kinds=line.lost_kinds[kept],
    )


def _stretch_before(stretch: Stretch, cut: float, shift: float) -> Stretch:
    points = int(np.searchsorted(stretch.x, cut, "right"))
    whole = points == stretch.x.size
    x = stretch.x[:points]
    return Stretch(
        x - shift if shift else x,
        stretch.shown if whole else _levels_before(stretch.x, stretch.shown, points),
        stretch.logged if whole or stretch.logged is None else _levels_before(stretch.x, stretch.logged, points),
        stretch.attempt,
        dim=True,
    )


def _levels_before(x: FloatArray, levels: Levels, points: int) -> Levels:
    short = shortened(Pyramid(x, levels.y, levels.lows, levels.highs), points)
    return Levels(short.y, short.lows, short.highs)
