"""Settings that differ: from those that are known to be good, or from another run's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from inspector.core.errors import InspectorError
from inspector.core.texts import visible
from inspector.display.triage.scene import SettingDifference, SettingsAgainst
from inspector.formats.recipes.catalogue import RECIPES, settings_of
from inspector.formats.setting_values import value_text
from inspector.formats.settings import values_of
from inspector.runs.values import Run, SettingsSheet

MOST_ROWS = 12
KNOWN_GOOD = "fixed"
"""The preset of every recipe that has none of its faults."""

_ABSENT = "—"
_LOOP = "train."
"""The section of the seed and of what is recorded how often: no fault of a run, and of its own in each."""


def against_known_good(run: Run) -> SettingsAgainst | None:
    """What differs from the recipe's good settings of the run's size; None for a run of no recipe of this program."""
    if run.record is None or run.record.recipe not in RECIPES or not run.settings.values:
        return None
    recipe = RECIPES[run.record.recipe]
    if KNOWN_GOOD not in recipe.presets:
        return None
    size = run.record.model_size if run.record.model_size in recipe.sizes else "mini"
    try:
        good = values_of(settings_of(run.record.recipe, size, (KNOWN_GOOD,)))
    except InspectorError:
        return None
    values = {**{field.path: field.default for field in run.settings.fields}, **run.settings.values}
    here, there = ({p: v for p, v in one.items() if not p.startswith(_LOOP)} for one in (values, good))
    return against(here, there, f"{run.record.recipe} {KNOWN_GOOD}", recipe.presets[KNOWN_GOOD].edits)


def against_run(here: SettingsSheet, there: SettingsSheet, name: str) -> SettingsAgainst | None:
    """What differs from another run's settings; None where one of the two has none."""
    if not here.values or not there.values:
        return None
    return against(here.values, there.values, visible(name, 60), ())


def against(here: Mapping[str, Any], there: Mapping[str, Any], name: str, first: Iterable[str] = ()) -> SettingsAgainst:
    """What differs between settings by path; those named `first` are told first."""
    before = {path: place for place, path in enumerate(first)}
    paths = [path for path in dict.fromkeys((*there, *here)) if _differ(here, there, path)]
    paths.sort(key=lambda path: before.get(path, len(before)))
    rows = tuple(
        SettingDifference(path=visible(path, 80), there=_text(there, path), here=_text(here, path)) for path in paths
    )
    return SettingsAgainst(name=name, rows=rows[:MOST_ROWS], more=max(len(rows) - MOST_ROWS, 0))


def _differ(here: Mapping[str, Any], there: Mapping[str, Any], path: str) -> bool:
    if path in here and path in there:
        one, other = here[path], there[path]
        return bool(one != other) and not (_is_nan(one) and _is_nan(other))
    return True


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _text(values: Mapping[str, Any], path: str) -> str:
    return visible(value_text(values[path]), 60) if path in values else _ABSENT
