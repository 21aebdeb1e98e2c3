"""From a run to its report: what the triage view says, and all that stands beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from inspector import __version__
from inspector.artifacts.output import Output
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.diagnosis.aftermath import Before, before_of
from inspector.diagnosis.engine import diagnose
from inspector.diagnosis.values import Diagnosis
from inspector.display.report.charts import charts_of
from inspector.display.report.html import html_of
from inspector.display.report.markdown import markdown_of
from inspector.display.report.samples import worst_samples
from inspector.display.report.values import Fact, FileLine, Report, ReportAsk
from inspector.display.settings.prepare import prepare as prepare_settings
from inspector.display.settings.scene import SettingsAsk
from inspector.display.triage.prepare import prepare as prepare_triage
from inspector.display.triage.scene import TriageAsk
from inspector.formats.facts import OtherFacts
from inspector.formats.written import WrittenReport
from inspector.runs.placing import place_text
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry, Run

MOST_FILES = 60

_WRITERS = {"html": html_of, "md": markdown_of}


def write_report(ask: ReportAsk, descriptor: int, pulse: Pulse) -> WrittenReport:
    """Write the report of a run into a new file, open for writing; what is in it is dropped.

    Raises:
        FileError: nothing of the run can be read.
        WorkCancelled: the pulse was cancelled.
        OSError: the disk is full.
    """
    report = report_of(ask, pulse)
    output = Output(descriptor)
    output.write(_WRITERS[ask.form](report).encode("utf-8", "backslashreplace"))
    pulse.beat(what="writing to the disk")
    output.finish()
    return WrittenReport(findings=sum(not one.dismissed for one in report.triage.findings), bytes=output.bytes)


def report_of(ask: ReportAsk, pulse: Pulse) -> Report:
    """All that a report tells; the run is read and diagnosed as it is now.

    Raises:
        FileError: nothing of the run can be read.
        WorkCancelled: the pulse was cancelled.
    """
    before, unread_parent = _before(ask, pulse)
    run, found = _diagnosed(ask.paths, pulse)
    triage = prepare_triage(
        TriageAsk(key=run.key, paths=run.paths, dismissed=ask.dismissed, notes=ask.notes, before=before, own=ask.own),
        pulse,
    )
    charts, charts_more = charts_of(run, pulse)
    samples, unread = worst_samples(run, pulse)
    settings = prepare_settings(SettingsAsk(sheet=run.settings, staged=(), filter=""), pulse)
    return Report(
        name=ask.name or run.name,
        path=ask.paths[0] if len(ask.paths) == 1 else run.root,
        made=_moment(ask.made_s),
        triage=triage,
        charts=charts,
        charts_more=charts_more,
        samples=samples,
        settings=settings.groups if run.settings.values else (),
        settings_summary=settings.summary if run.settings.values else "",
        facts=tuple(_facts(run)),
        versions=_versions(run),
        files=tuple(_file_line(entry) for entry in run.files[:MOST_FILES]),
        files_more=max(len(run.files) - MOST_FILES, 0),
        notes=(*run.notes, *found.notes, *unread_parent, *unread),
    )


def _diagnosed(paths: tuple[str, ...], pulse: Pulse) -> tuple[Run, Diagnosis]:
    run = scan([Path(path) for path in paths], pulse)
    return run, diagnose(run, pulse)


def _before(ask: ReportAsk, pulse: Pulse) -> tuple[Before | None, tuple[str, ...]]:
    """What was found in the run that this one resumes, and why it could not be read."""
    if ask.before is not None or not ask.parent:
        return ask.before, ()
    try:
        return before_of(*_diagnosed((ask.parent,), pulse)), ()
    except FileError as error:
        return None, (f"The run that it resumes is left out: {error}",)


def _facts(run: Run) -> list[Fact]:
    """What the run's own record tells, else what becomes of it."""
    record = run.record
    if record is None:
        return [Fact("State", f"{run.liveness.life.value}: {run.liveness.because}")]
    parent = record.parent
    told = {
        "Recipe": f"{record.recipe}, {record.model_size}" if record.recipe else "",
        "Status": f"{record.status}{f': {record.reason}' if record.reason else ''}",
        "Started": _moment(record.started),
        "Ended": "" if record.ended is None else _moment(record.ended),
        "Seed": "" if record.seed is None else str(record.seed),
        "Host": record.host,
        "Device": record.device,
        "Resumed from": "" if parent is None else f"{parent.checkpoint} of {parent.path}",
        "Command": " ".join(record.command),
    }
    return [Fact(name, text) for name, text in told.items() if text]


def _versions(run: Run) -> tuple[Fact, ...]:
    made = {} if run.record is None else run.record.versions
    return (Fact("This report", f"Run Inspector {__version__}"), *(Fact(name, made[name]) for name in sorted(made)))


def _file_line(entry: FileEntry) -> FileLine:
    because = entry.facts.because if isinstance(entry.facts, OtherFacts) else entry.hint
    return FileLine(entry.name, because, bytes_text(entry.bytes), place_text(entry.step, entry.epoch))


def _moment(seconds: float) -> str:
    """`2026-05-01 13:05 UTC`; the number itself where it is no such time."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return visible(f"{seconds:g} s")
