"""Fetches one picture, histogram, text or table of settings, and lists the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from inspector.artifacts.logs import media as reading
from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import bytes_text, number_text
from inspector.display.media.encoded import MAX_PIXELS, declared
from inspector.display.media.scene import EncodedPicture, HistogramBars, MediaAsk, MediaRow, MediaScene
from inspector.display.media.spread import over_steps
from inspector.display.ticks import linear_ticks
from inspector.formats.log_media import LogMedia, MediaKind

_MOST_ROWS = 2_000
_MOST_STEPS = 160
"""Histograms of so many steps, evenly chosen, make the map over steps."""

_MOST_LINES = 2_000
_MOST_SETTINGS = 500

_WORDS: dict[MediaKind, tuple[str, str]] = {
    "image": (tr("image"), tr("images")),
    "histogram": (tr("histogram"), tr("histograms")),
    "text": (tr("text"), tr("texts")),
    "hparams": (tr("record of settings"), tr("records of settings")),
    "table": (tr("table"), tr("tables")),
    "audio": (tr("sound"), tr("sounds")),
    "video": (tr("video"), tr("videos")),
    "mesh": (tr("mesh"), tr("meshes")),
    "pr_curve": (tr("precision-recall curve"), tr("precision-recall curves")),
    "layout": (tr("chart layout"), tr("chart layouts")),
    "graph": (tr("graph"), tr("graphs")),
    "html": (tr("page"), tr("pages")),
}
"""In the order of the list: one, several."""

_ORDER = list(_WORDS)


class _Entry(NamedTuple):
    """One thing, and the log that lists it."""

    log: Path
    media: LogMedia


def prepare(ask: MediaAsk, pulse: Pulse) -> MediaScene:
    """The list of tags, and the chosen one's entry at or before the cursor, else its first."""
    pulse.beat()
    found = _entries(ask.logs, pulse)
    rows = tuple(_row(key, entries) for key, entries in found.items())
    key = ask.chosen if ask.chosen in found else next(iter(found), "")
    if not key:
        return MediaScene(
            rows=(), chosen="", title="", where="", note=tr("the logs no longer hold anything beside curves")
        )
    entries = found[key]
    place = _place(entries, ask.step)
    entry = entries[place]
    try:
        content = _CONTENT.get(entry.media.kind, _listed_only)(entry, entries, pulse)
    except FileError as error:
        content = {"note": str(error)}
    return MediaScene(
        rows=rows[:_MOST_ROWS],
        chosen=key,
        title=visible(entry.media.tag, 200),
        where=_where(entries, place),
        before=_step_beside(entries, place, -1),
        after=_step_beside(entries, place, 1),
        **content,
    )


def _entries(logs: tuple[str, ...], pulse: Pulse) -> dict[str, list[_Entry]]:
    """What all logs list, by kind and tag, each in the order of steps."""
    found: dict[str, list[_Entry]] = {}
    for log in logs:
        pulse.beat(what=Path(log).name)
        for media in series_of(Path(log), pulse).media:
            found.setdefault(f"{media.kind} {visible(media.tag)}", []).append(_Entry(Path(log), media))
    for entries in found.values():
        entries.sort(key=lambda entry: -1.0 if entry.media.step is None else entry.media.step)
    return dict(sorted(found.items(), key=lambda item: _ORDER.index(item[1][0].media.kind)))


def _row(key: str, entries: list[_Entry]) -> MediaRow:
    media = entries[0].media
    one, several = _WORDS[media.kind]
    parts = [f"{len(entries):,} {one if len(entries) == 1 else several}"]
    first, last = media.step, entries[-1].media.step
    if first is not None and last is not None:
        at, along = tr("step {step}"), tr("step {first:,.0f} to {last:,.0f}")
        parts.append(at.format(step=f"{first:,.0f}") if first == last else along.format(first=first, last=last))
    return MediaRow(key=key, tag=visible(media.tag, 200), detail=" · ".join(parts))


def _place(entries: list[_Entry], step: float | None) -> int:
    """The last entry at or before a step, the first where there is none; the last of all without a step."""
    if step is None:
        return len(entries) - 1
    before = [place for place, entry in enumerate(entries) if entry.media.step is None or entry.media.step <= step]
    return before[-1] if before else 0


def _where(entries: list[_Entry], place: int) -> str:
    media = entries[place].media
    parts = [] if media.step is None else [tr("step {step}").format(step=f"{media.step:,.0f}")]
    if len(entries) > 1:
        parts.append(tr("{place:,} of {count:,}").format(place=place + 1, count=len(entries)))
    return " · ".join(parts)


def _step_beside(entries: list[_Entry], place: int, direction: int) -> float | None:
    """The step of the nearest entry in a direction that has another step."""
    here = entries[place].media.step
    beside = entries[place + 1 :] if direction > 0 else entries[:place][::-1]
    return next((entry.media.step for entry in beside if entry.media.step not in (None, here)), None)


Content = dict[str, Any]
"""Fields of the scene."""


def _picture(entry: _Entry, _entries: list[_Entry], pulse: Pulse) -> Content:
    data = reading.media_bytes(entry.log, entry.media, pulse)
    known = declared(data)
    if known is None:
        unknown = tr("the picture is none of PNG, JPEG, GIF and WebP ({size})")
        return {"note": unknown.format(size=bytes_text(len(data)))}
    if known.width * known.height > MAX_PIXELS:
        large = tr("the picture has {width:,} × {height:,} pixels, more than are shown here")
        return {"note": large.format(width=known.width, height=known.height)}
    return {
        "picture": EncodedPicture(
            data=np.frombuffer(data, np.uint8), format=known.format, width=known.width, height=known.height
        )
    }


def _histogram(entry: _Entry, entries: list[_Entry], pulse: Pulse) -> Content:
    shown = reading.histogram_of(entry.log, entry.media, pulse)
    if not shown.counts.size:
        return {"note": tr("the histogram is empty")}
    chosen = np.unique(np.linspace(0, len(entries) - 1, min(len(entries), _MOST_STEPS)).astype(int)).tolist()
    several = []
    for done, place in enumerate(chosen):
        pulse.beat(done, len(chosen), tr("histograms"))
        several.append(_histogram_or_none(entries[place], pulse))
    spread = over_steps(several) if len(several) > 1 else None
    legend = ""
    if spread:
        first, last = (entries[place].media.step or 0.0 for place in (chosen[0], chosen[-1]))
        legend = tr("step {first:,.0f} to {last:,.0f} from left to right, values {low} to {high} upwards").format(
            first=first, last=last, low=number_text(spread[1]), high=number_text(spread[2])
        )
    edges = (
        shown.edges if shown.edges[-1] > shown.edges[0] else shown.edges[0] + np.linspace(-0.5, 0.5, len(shown.edges))
    )
    widths = np.diff(edges)
    return {
        "histogram": HistogramBars(
            edges=edges,
            counts=shown.counts,
            heights=shown.counts / np.where(widths > 0, widths, np.inf),
            ticks=linear_ticks(float(edges[0]), float(edges[-1])),
            over_steps=spread[0] if spread else None,
            legend=legend,
        )
    }


def _histogram_or_none(entry: _Entry, pulse: Pulse) -> reading.Histogram:
    """A histogram; an empty one where it cannot be read, which leaves its column of the map empty."""
    try:
        return reading.histogram_of(entry.log, entry.media, pulse)
    except FileError:
        return reading.Histogram(np.empty(0), np.empty(0))


def _text(entry: _Entry, _entries: list[_Entry], pulse: Pulse) -> Content:
    texts = reading.texts_of(entry.log, entry.media, pulse) if entry.media.bytes else (entry.media.text,)
    lines = [line for text in texts for line in text.splitlines()]
    shown = "\n".join(visible(line.expandtabs(4)) for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        shown += "\n" + tr("… ({lines})").format(lines=tr_counted(len(lines), "line"))
    return {"text": shown} if shown else {"note": tr("the text is empty")}


def _settings(entry: _Entry, _entries: list[_Entry], pulse: Pulse) -> Content:
    values = reading.hparams_of(entry.log, entry.media, pulse)
    table = tuple((visible(name, 200), visible(value, 400)) for name, value in values.items())
    return {"table": table[:_MOST_SETTINGS]} if table else {"note": tr("the record names no settings")}


def _curve(entry: _Entry, _entries: list[_Entry], pulse: Pulse) -> Content:
    return {"curve": reading.curve_of(entry.log, entry.media, pulse)}


def _listed_only(entry: _Entry, _entries: list[_Entry], _pulse: Pulse) -> Content:
    media = entry.media
    if media.text:
        return {"text": "\n".join(visible(line) for line in media.text.splitlines()[:_MOST_LINES])}
    where = visible(media.path) if media.path else entry.log.name
    note = tr("{thing} of {size} in {where}, listed and not shown")
    return {"note": note.format(thing=_WORDS[media.kind][0], size=bytes_text(media.bytes), where=where)}


_CONTENT: dict[MediaKind, Callable[[_Entry, list[_Entry], Pulse], Content]] = {
    "image": _picture,
    "histogram": _histogram,
    "text": _text,
    "hparams": _settings,
    "pr_curve": _curve,
}
