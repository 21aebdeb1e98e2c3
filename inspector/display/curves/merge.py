"""Curves of several runs in the same panels: the chosen run as it is, the others behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from inspector.display.curves.scene import CurvesScene, Line, Panel

_replace = msgspec.structs.replace


def merge(scenes: Sequence[CurvesScene], names: Sequence[str]) -> CurvesScene:
    """One scene of several runs.

    Args:
        scenes: of the chosen run first; one that has another x axis is left out, with a note.
        names: of the runs, in the same order.

    Raises:
        ValueError: there is no scene, or not one name for each.
    """
    chosen, *others = scenes
    if len(names) != len(scenes):
        message = f"{len(scenes)} runs need as many names, these are {len(names)}"
        raise ValueError(message)
    merged = chosen
    shown = [names[0]]
    notes = list(chosen.notes)
    for scene, name in zip(others, names[1:], strict=True):
        if scene.x_axis != chosen.x_axis:
            notes.append(f"{name} has no {chosen.x_axis} and is not shown")
            continue
        merged = _beside(merged, scene, name)
        shown.append(name)
    return _replace(merged, notes=tuple(notes), runs=tuple(shown))


def _beside(scene: CurvesScene, other: CurvesScene, name: str) -> CurvesScene:
    theirs = {panel.key: panel for panel in other.panels}
    panels = [_joined(panel, theirs.pop(panel.key, None), name) for panel in scene.panels]
    panels.extend(_replace(panel, lines=_behind(panel.lines, name)) for panel in theirs.values())
    return _replace(scene, panels=tuple(panels), fit_x=_union(scene.fit_x, other.fit_x))


def _joined(panel: Panel, other: Panel | None, name: str) -> Panel:
    if other is None:
        return panel
    ink_of = {line.tag: line.ink for line in panel.lines}
    lines = tuple(_replace(line, ink=ink_of.get(line.tag, line.ink)) for line in _behind(other.lines, name))
    return _replace(
        panel,
        lines=(*panel.lines, *lines),
        y_scale=panel.y_scale if panel.y_scale == other.y_scale else "linear",
        fit_y=_union(panel.fit_y, other.fit_y),
    )


def _behind(lines: Sequence[Line], name: str) -> tuple[Line, ...]:
    return tuple(_replace(line, dim=True, label=f"{line.label} · {name}") for line in lines if not line.dashed)


def _union(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    lows = [low for low, _ in (one, other) if math.isfinite(low)]
    highs = [high for _, high in (one, other) if math.isfinite(high)]
    return (min(lows), max(highs)) if lows and highs else (math.nan, math.nan)
