"""Images that a run logged with points in their captions: a dump for each step at which there are any."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from inspector.artifacts.annotations.logged_paths import LoggedImages, identity_of_logged, logged_at
from inspector.artifacts.dumps.known_corrections import with_known_corrections
from inspector.artifacts.identity import Identity
from inspector.artifacts.logs.logged_images import open_logged
from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.formats.facts import DumpFacts, Facts, MetricsFacts
from inspector.formats.log_media import LogMedia
from inspector.runs.placing import LARGEST_STEP

MOST_STEPS = 64
"""Of a tag; of more steps so many, evenly chosen, the first and the last among them."""

_WANDB = "wandb"

_known: dict[Path, tuple[Identity, DumpFacts | None]] = {}
"""What this process has read already; a record of a log stays as it is."""


class LoggedPoints(NamedTuple):
    """What the logs of a run tell of points.

    Attributes:
        dumps: the images that they list, with points in their captions.
        steps: of tables that are files, by their paths: they were logged later than their names tell.
    """

    dumps: dict[LoggedImages, DumpFacts]
    steps: dict[Path, int]


def logged_points(facts: Mapping[Path, Facts], notes: Notes, pulse: Pulse) -> LoggedPoints:
    """What the logs of a run tell of points.

    Args:
        facts: of its files.
        notes: takes what is left out.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    found = LoggedPoints({}, {})
    for log, fact in facts.items():
        of_wandb = isinstance(fact, MetricsFacts) and fact.container == _WANDB
        if not of_wandb or not any(one.kind in ("image", "table") for one in getattr(fact, "media", ())):
            continue
        images: dict[str, list[LoggedImages]] = {}
        for one in _media(log, pulse):
            if one.kind == "table" and one.path and one.step is not None and one.step < LARGEST_STEP:
                found.steps[log.parent / one.path] = int(one.step)
            elif (logged := logged_at(log, one)) is not None:
                images.setdefault(one.tag, []).append(logged)
        for tag, several in images.items():
            found.dumps.update(_of_tag(tag, several, notes, pulse))
    return found


def name_of(logged: LoggedImages, log_name: str) -> str:
    """How such a dump is called in a run.

    Args:
        logged: what it is.
        log_name: how its log is called.
    """
    return f"{log_name}/{visible(logged.tag, 100).replace('/', ' › ')} {logged.step}"


def _media(log: Path, pulse: Pulse) -> tuple[LogMedia, ...]:
    try:
        return series_of(log, pulse).media
    except FileError:  # said where the log itself is listed
        return ()


def _of_tag(tag: str, several: list[LoggedImages], notes: Notes, pulse: Pulse) -> dict[LoggedImages, DumpFacts]:
    """Those of one tag; none where neither the first nor the last image has points in its caption."""
    if _facts(several[0], pulse) is None and _facts(several[-1], pulse) is None:
        return {}
    chosen = np.unique(np.linspace(0, len(several) - 1, min(len(several), MOST_STEPS)).astype(int)).tolist()
    if len(chosen) < len(several):
        listed = tr("{tag}: points of {listed} of {steps} are listed, evenly chosen")
        notes.add(listed.format(tag=tag[:200], listed=len(chosen), steps=tr_counted(len(several), "step")))
    found = {several[place]: facts for place in chosen if (facts := _facts(several[place], pulse)) is not None}
    # What is to be said of one is to be said of all.
    newest = next(reversed(found))
    return {one: facts if one == newest else msgspec.structs.replace(facts, notes=()) for one, facts in found.items()}


def _facts(logged: LoggedImages, pulse: Pulse) -> DumpFacts | None:
    pulse.beat(what=tr("reading {file}").format(file=logged.log.name))
    path = logged.path
    try:
        identity = identity_of_logged(logged)
    except FileError:  # gone meanwhile
        return None
    if path not in _known or _known[path][0] != identity:
        try:
            _known[path] = identity, open_logged(path).facts(pulse)
        except FileError:  # its captions tell no points
            _known[path] = identity, None
    facts = _known[path][1]
    return None if facts is None else with_known_corrections(path, facts)
