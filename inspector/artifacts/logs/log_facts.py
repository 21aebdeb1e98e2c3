"""What a log of numbers holds, without its points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from inspector.artifacts.identity import identity_of
from inspector.formats.facts import MediaFacts, MetricsFacts, SeriesFacts
from inspector.formats.log_media import LogMedia, MediaKind
from inspector.formats.series import Series, SeriesSet


def series_facts(series: Iterable[Series]) -> tuple[SeriesFacts, ...]:
    """Each curve without its points."""
    return tuple(
        SeriesFacts(
            tag=one.tag,
            count=len(one.values),
            first_step=float(one.steps[0]),
            last_step=float(one.steps[-1]),
            last_value=float(one.values[-1]),
        )
        for one in series
        if len(one.values)
    )


def media_facts(media: Iterable[LogMedia]) -> tuple[MediaFacts, ...]:
    """What there is by kind and tag, in the order it came."""
    found: dict[tuple[MediaKind, str], list[LogMedia]] = {}
    for one in media:
        found.setdefault((one.kind, one.tag), []).append(one)
    made = []
    for (kind, tag), entries in found.items():
        steps = [one.step for one in entries if one.step is not None]
        first, last = min(steps, default=math.nan), max(steps, default=math.nan)
        made.append(MediaFacts(kind=kind, tag=tag, count=len(entries), first_step=first, last_step=last))
    return tuple(made)


def metrics_facts(path: Path, container: str, found: SeriesSet) -> MetricsFacts:
    """What a log of a container holds: its curves without their points, what else is in it, and notes."""
    return MetricsFacts(
        container=container,
        bytes=identity_of(path).bytes,
        series=series_facts(found.series),
        media=media_facts(found.media),
        skipped=found.skipped,
        notes=found.notes,
    )
