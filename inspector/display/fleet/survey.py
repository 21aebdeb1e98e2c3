"""Many runs looked at in short: a row of each, with what its curves and settings tell."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import msgspec

from inspector.core.errors import InspectorError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.engine import CHECKS, judged
from inspector.diagnosis.material import Material, material_of
from inspector.diagnosis.scores.main_score import best_place, main_score
from inspector.diagnosis.values import Diagnosis, Finding
from inspector.display.fleet.columns import NOTHING_TOLD
from inspector.formats.facts import CheckpointFacts, DumpFacts, OtherFacts
from inspector.formats.fleet import FOUND_MOST, FleetFinding, FleetRow, FleetRun, FleetScore
from inspector.formats.fleet_cache import KnownRows, known_fleet
from inspector.formats.setting_values import value_text
from inspector.runs.fleet import Seen, read_of, seen
from inspector.runs.rising import finite
from inspector.runs.scan import scan
from inspector.runs.values import Life, Run

READ_WITHIN_S = 5.0
"""Of longer logs only the beginning is read here."""

LIGHT_CHECKS = tuple(one for one in CHECKS if not one.opens_files)
"""Those that look at curves and settings alone; the others do so too where no dump or checkpoint was read."""

_MOST_SETTINGS = 400
_VALUE_CHARACTERS = 60
_LASTING = frozenset({Life.FINISHED, Life.FAILED, Life.CRASHED, Life.SILENT})
"""What becomes of a run by its files alone, whenever it is looked at."""


class Surveyed(NamedTuple):
    """A run's row, and what it was made of: the run without its table of moments, and what was found in it."""

    row: FleetRow
    run: Run
    diagnosis: Diagnosis


def surveyed(run: FleetRun, pulse: Pulse) -> Surveyed:
    """Look at one run; a run that cannot be read gives a row that says so.

    Raises:
        WorkCancelled: the pulse says so.
    """
    state = seen(run.paths, pulse)
    try:
        found = scan(run.paths, pulse.within(READ_WITHIN_S), read_of)
        material = material_of(found, pulse.within(READ_WITHIN_S))
        if found.unread_bytes:
            material = material.until(max((float(one.steps[-1]) for one in material.curves.values()), default=0.0))
        bulk = any(isinstance(entry.facts, CheckpointFacts | DumpFacts) for entry in found.files)
        diagnosis = judged(material, pulse, LIGHT_CHECKS if bulk else CHECKS)
    except (InspectorError, OSError) as error:
        unread = visible(str(error))
        row = FleetRow(run=run, unread=unread, changed_s=state.changed_s)
        nothing = Run(key=run.key, name=run.name, root=run.paths[0], paths=run.paths)
        return Surveyed(row, nothing, Diagnosis(notes=(unread,), complete=False))
    short = msgspec.structs.replace(found, name=run.name, moments=(), series=())
    seen_so_far = msgspec.structs.replace(diagnosis, complete=False)
    return Surveyed(_row(run, found, material, diagnosis, state), short, seen_so_far)


def survey(runs: tuple[FleetRun, ...], pulse: Pulse) -> tuple[FleetRow, ...]:
    """The row of each run.

    Raises:
        WorkCancelled: the pulse says so.
    """
    rows = []
    for done, run in enumerate(runs):
        pulse.beat(done, len(runs), tr("reading {run}").format(run=run.name))
        rows.append(surveyed(run, pulse).row)
    return tuple(rows)


def known_rows(folder: str, runs: tuple[FleetRun, ...], pulse: Pulse) -> tuple[FleetRow, ...]:
    """The rows of those runs of a folder that are kept and whose files are as they were.

    Raises:
        WorkCancelled: the pulse says so.
    """
    kept = _kept(folder)
    rows: list[FleetRow] = []
    for done, run in enumerate(runs if len(kept) else ()):
        pulse.beat(done, len(runs), tr("looking at {run}").format(run=run.name))
        row = kept.row(run.key, seen(run.paths, pulse).stamp)
        if row is not None:
            rows.append(row)
    return tuple(rows)


_last: dict[str, KnownRows] = {}


def _kept(folder: str) -> KnownRows:
    """What is kept of a folder; a reader is asked again and again, and read it once."""
    if folder not in _last:
        _last.clear()
        _last[folder] = known_fleet(folder)
    return _last[folder]


def _row(run: FleetRun, found: Run, material: Material, diagnosis: Diagnosis, state: Seen) -> FleetRow:
    lasts = found.liveness.life in _LASTING and not found.unread_bytes
    epochs = (moment.epoch for moment in reversed(found.moments) if moment.epoch is not None)
    return FleetRow(
        run=run,
        unread=_unread(found, material),
        status=found.liveness.life.value,
        because=visible(found.liveness.because, 300),
        recipe=found.record.recipe if found.record else "",
        score=_score(material),
        epochs=next(epochs, None),
        changed_s=state.changed_s,
        findings=tuple(map(_finding, diagnosis.findings[:FOUND_MOST])),
        not_assessable=len(diagnosis.not_assessable),
        settings=_settings(found),
        notes=tuple(visible(note, 300) for note in found.notes[:5]),
        left_out=state.left_out,
        cut=bool(found.unread_bytes),
        stamp=state.stamp if lasts else "",
    )


def _unread(run: Run, material: Material) -> str:
    """Why there is nothing to judge a run by; empty where there is something."""
    told = [entry.facts for entry in run.files if not isinstance(entry.facts, OtherFacts)]
    if told:
        return ""
    because = [entry.facts.because for entry in run.files if isinstance(entry.facts, OtherFacts)]
    return visible("; ".join(text for text in (*material.unread, *because[:3]) if text), 400) or NOTHING_TOLD


def _finding(found: Finding) -> FleetFinding:
    return FleetFinding(
        id=found.id,
        title=found.title,
        severity=found.severity.value,
        since_step=found.since_step,
        since_epoch=found.since_epoch,
        consequences=tuple(visible(one, 200) for one in found.consequences),
    )


def _score(material: Material) -> FleetScore | None:
    """The curve by which a run is judged, as its own triage shows it."""
    tag = main_score(material)
    if not tag:
        return None
    one = finite(material.curves[tag])
    place = best_place(one, tag)
    score = FleetScore(tag=tag, last=float(one.values[-1]))
    if place is None:
        return score
    best, step = float(one.values[place]), float(one.steps[place])
    return msgspec.structs.replace(score, best=best, best_step=step, best_epoch=material.epoch_at(step))


def _settings(run: Run) -> dict[str, str]:
    """Every setting in force, as text."""
    values = {**{field.path: field.default for field in run.settings.fields}, **run.settings.values}
    if run.record is not None and run.record.seed is not None and "train.seed" not in values:
        values["seed"] = run.record.seed
    first = itertools.islice(values.items(), _MOST_SETTINGS)
    return {visible(path, 120): visible(value_text(value), _VALUE_CHARACTERS) for path, value in first}
