"""Follows the layers of a run over its dumps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from inspector.analysis.silence_causes import CauseHint, death_of, rate_hint, spike_hint
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.tags import losses, part_of, rates
from inspector.display.colour_maps import apply_map
from inspector.display.features.causes import cause_text
from inspector.display.features.history.looks import Look, looks_of
from inspector.display.features.history.scene import (
    Deaths,
    HistoryAsk,
    HistoryDump,
    HistoryScene,
    LayerLine,
    RateLine,
)
from inspector.formats.metric_names import words
from inspector.formats.series import Series
from inspector.runs.curves import run_series
from inspector.runs.rising import finite, rising_curves

MAX_RATES = 6
MAX_LAYERS = 64


def prepare(ask: HistoryAsk, pulse: Pulse) -> HistoryScene:
    """The layers over the dumps; a dump that cannot be read is left out and said so.

    Raises:
        WorkCancelled: the pulse says so.
    """
    notes = Notes()
    dumps: list[HistoryDump] = []
    looks: list[dict[str, Look]] = []
    for number, dump in enumerate(ask.dumps):
        pulse.beat(number, len(ask.dumps), tr("reading {file}").format(file=Path(dump.path).name))
        try:
            looks.append(looks_of(Path(dump.path), ask.zero_means, notes, pulse))
        except FileError as error:
            notes.add(str(error))
            continue
        dumps.append(dump)
    layer = _layer(ask.layer, looks)
    if not dumps or layer is None:
        return _bare(tr("No dump of the run holds activations that can be read"), notes)
    stepless = any(dump.step is None for dump in dumps)
    steps = np.array([float(place if dump.step is None or stepless else dump.step) for place, dump in enumerate(dumps)])
    curves = {} if stepless else _curves(ask.logs, notes, pulse)
    chosen = _rates_for(layer, curves)
    shares, silent = _channels(layer, looks)
    pulse.beat(what=tr("when channels died"))
    deaths = _deaths(silent, [look.get(layer) is not None for look in looks], dumps, steps, curves, chosen)
    names = list(dict.fromkeys(name for look in looks for name in look))[:MAX_LAYERS]
    cells = apply_map(shares, 0.0, 1.0, ask.colour_map)
    cells[silent.astype(bool)] = 0
    if ask.left_out:
        notes.add(tr("{dumps} of the run left out").format(dumps=tr_counted(ask.left_out, "dump")))
    return HistoryScene(
        places=tuple(visible(dump.place, 60) for dump in dumps),
        steps=steps,
        stepless=stepless,
        lines=tuple(
            LayerLine(
                layer=visible(name),
                sparsity=np.array([look[name].sparsity if name in look else math.nan for look in looks]),
            )
            for name in names
        ),
        layer=visible(layer),
        shares=shares,
        cells=cells,
        silent=silent,
        rates=tuple(
            RateLine(tag=visible(tag, 80), steps=curves[tag].steps, rates=curves[tag].values) for tag in chosen
        ),
        deaths=deaths,
        summary=_summary(layer, silent, deaths, len(dumps)),
        says=notes.texts(),
    )


def _bare(problem: str, notes: Notes) -> HistoryScene:
    return HistoryScene(
        steps=np.zeros(0),
        shares=np.zeros((0, 0)),
        cells=np.zeros((0, 0, 4), np.uint8),
        silent=np.zeros((0, 0), np.uint8),
        says=notes.texts(),
        problem=problem,
    )


def _layer(wanted: str, looks: Sequence[Mapping[str, Look]]) -> str | None:
    """The layer asked for, else the one with the most dead channels in the last dump."""
    names = [name for look in looks for name in look]
    if wanted in names:
        return wanted
    last = next((look for look in reversed(looks) if look), None)
    if last is None:
        return None
    return max(last, key=lambda name: (float(last[name].dead.mean()), np.nan_to_num(last[name].sparsity)))


def _channels(layer: str, looks: Sequence[Mapping[str, Look]]) -> tuple[FloatArray, AnyArray]:
    """(channels, dumps) share that fires, and 1 where dead; of the channels that every dump with the layer has."""
    held = [look[layer] for look in looks if layer in look]
    channels = min(len(look.shares) for look in held)
    shares = np.full((channels, len(looks)), np.nan)
    silent = np.zeros((channels, len(looks)), np.uint8)
    for place, look in enumerate(looks):
        if layer in look:
            shares[:, place] = look[layer].shares[:channels]
            silent[:, place] = look[layer].dead[:channels]
    return shares, silent


def _curves(logs: Sequence[str], notes: Notes, pulse: Pulse) -> dict[str, Series]:
    """The rates and losses of the run, their steps rising."""
    if not logs:
        return {}
    try:
        read = run_series(logs, pulse)
    except FileError as error:
        notes.add(str(error))
        return {}
    rising = rising_curves((curve.series for curve in read.curves), pulse)
    wanted = {*rates(rising), *losses(rising)}
    known = {tag: finite(one) for tag, one in rising.items() if tag in wanted and not one.stepless}
    return {tag: one for tag, one in known.items() if len(one.values)}


def _rates_for(layer: str, curves: Mapping[str, Series]) -> list[str]:
    """The recorded rates, the one of the layer's own group first."""
    group = layer.split(".", 1)[0].lower()
    found = rates(curves)
    found.sort(key=lambda tag: group not in words(tag))
    return found[:MAX_RATES]


def _deaths(
    silent: AnyArray,
    held: Sequence[bool],
    dumps: Sequence[HistoryDump],
    steps: FloatArray,
    curves: Mapping[str, Series],
    chosen: Sequence[str],
) -> tuple[Deaths, ...]:
    """Channels by the two dumps between which they died."""
    looks = np.flatnonzero(held)
    groups: dict[tuple[float | None, float], list[int]] = {}
    for channel in np.flatnonzero(silent[:, looks[-1]]):
        death = death_of(steps[looks].tolist(), silent[channel, looks].astype(bool).tolist())
        if death is not None:
            groups.setdefault((death.last_alive, death.first_dead), []).append(int(channel))
    names = {float(step): visible(dump.place, 60) for step, dump in zip(steps, dumps, strict=True)}
    rate = curves[chosen[0]] if chosen else None
    loss = next((curves[tag] for tag in losses(curves) if part_of(tag) == "train"), None)
    found = []
    for (alive, dead), channels in sorted(groups.items(), key=lambda item: item[0][1]):
        many = tr_counted(len(channels), "channel")
        if alive is None:
            said = tr("{channels} already dead at {dead}").format(channels=many, dead=names[dead])
        else:
            between = tr("{channels} died between {alive} and {dead}")
            said = between.format(channels=many, alive=names[alive], dead=names[dead])
        found.append(
            Deaths(
                channels=tuple(channels),
                said=said,
                rate_said=_rate_said(rate, alive, dead, visible(chosen[0], 60) if chosen else ""),
                hints=_hints(rate, loss, alive, dead),
            )
        )
    return tuple(found)


def _rate_said(rate: Series | None, alive: float | None, dead: float, tag: str) -> str:
    """`lr/encoder was 0.006 then`, or from where to where."""
    if rate is None:
        return ""
    before = np.flatnonzero(rate.steps <= dead)
    if not before.size:
        return ""
    within = before[rate.steps[before] >= (-math.inf if alive is None else alive)]
    then = rate.values[within if within.size else before[-1:]]
    low, high = number_text(float(then.min())), number_text(float(then.max()))
    if low == high:
        return tr("{rate} was {value} then").format(rate=tag, value=high)
    return tr("{rate} lay between {low} and {high} then").format(rate=tag, low=low, high=high)


def _hints(rate: Series | None, loss: Series | None, alive: float | None, dead: float) -> tuple[str, ...]:
    since = -math.inf if alive is None else alive
    found: list[CauseHint | None] = []
    if rate is not None:
        found.append(rate_hint(rate.steps, rate.values, since, dead))
    if loss is not None:
        found.append(spike_hint(loss.steps, loss.values, since, dead))
    return tuple(cause_text(hint) for hint in found if hint is not None)


def _summary(layer: str, silent: AnyArray, deaths: Sequence[Deaths], dumps: int) -> str:
    channels, dead = len(silent), sum(len(group.channels) for group in deaths)
    none = tr("{layer}: none of {channels} is dead in the last of {dumps}")
    some = tr("{layer}: {dead:,} of {channels} dead in the last of {dumps}")
    return (some if dead else none).format(
        layer=visible(layer), dead=dead, channels=tr_counted(channels, "channel"), dumps=tr_counted(dumps, "dump")
    )
