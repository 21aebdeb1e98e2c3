"""Reads what a run answered, and the rates that it began with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.artifacts.logs.run_events import events_of
from inspector.core.pulse import Pulse
from inspector.display.training.expected import expected_rates
from inspector.display.training.scene import FirstRates, TrainingAsk, TrainingEvent, TrainingScene
from inspector.formats.metrics import EPOCH, EVENT, STEP, TIME, is_number
from inspector.runs.curves import run_series
from inspector.runs.rising import rising_curves

FIRST = 10
RATE_PREFIX = "lr/"
STEP_SECONDS = "time/step_s"


def prepare(ask: TrainingAsk, pulse: Pulse) -> TrainingScene:
    """The newest events, the first rates of each group, and where the run stands."""
    found = events_of(Path(ask.path), pulse)
    last, first_rates = found.last, _first_rates(ask.logs, pulse)
    return TrainingScene(
        count=found.count,
        events=tuple(_event(record) for record in found.events),
        first_rates=first_rates,
        expected=expected_rates(ask.start, found.first, first_rates) if ask.start else {},
        step=_whole(last.get(STEP)),
        epoch=float(last[EPOCH]) if is_number(last.get(EPOCH)) else None,
        step_s=float(last[STEP_SECONDS]) if is_number(last.get(STEP_SECONDS)) else None,
    )


def _event(record: dict[str, Any]) -> TrainingEvent:
    values = {name: value for name, value in record.items() if name not in (STEP, EPOCH, TIME, EVENT)}
    return TrainingEvent(name=str(record[EVENT]), step=_whole(record.get(STEP)), values=values)


def _whole(value: Any) -> int:
    return int(value) if is_number(value) and abs(value) < 2**53 else 0


def _first_rates(logs: tuple[str, ...], pulse: Pulse) -> FirstRates:
    series = (curve.series for curve in run_series(logs, pulse).curves)
    curves = rising_curves((one for one in series if one.tag.startswith(RATE_PREFIX)), pulse)
    return {
        tag.removeprefix(RATE_PREFIX): tuple(
            (int(step), float(rate)) for step, rate in zip(one.steps[:FIRST], one.values[:FIRST], strict=True)
        )
        for tag, one in curves.items()
    }
