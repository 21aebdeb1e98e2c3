"""Series and scenes for tests of curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from inspector.core.pulse import QUIET
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene, Line, Panel
from inspector.formats.series import Series


def series(tag: str, values: Any, steps: Any = None, **more: Any) -> Series:
    """A series whose steps count its values where none are given."""
    values = np.asarray(values, np.float64)
    steps = np.arange(len(values), dtype=np.float64) if steps is None else np.asarray(steps, np.float64)
    arrays = {"epochs": np.float64, "times": np.float64, "starts": np.int64}
    more = {key: np.asarray(value, arrays[key]) if key in arrays else value for key, value in more.items()}
    return Series(tag=tag, steps=steps, values=values, **more)


def scene_of(*all_series: Series, **changes: Any) -> CurvesScene:
    """The scene of series of one log, not smoothed."""
    return curves_of([("metrics.jsonl", one) for one in all_series], CurvesAsk(paths=(), **changes), QUIET)


def lines_of(scene: CurvesScene) -> dict[str, Line]:
    """Every line of a scene by its label."""
    return {line.label: line for panel in scene.panels for line in panel.lines}


def panel_of(scene: CurvesScene, title: str) -> Panel:
    """The panel of that title."""
    return next(panel for panel in scene.panels if panel.title == title)
