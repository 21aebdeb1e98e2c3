"""Columns of the table of many runs: what each tells of a row, as text and as what it is sorted by."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from inspector.core.language import tr, tr_later, tr_many
from inspector.core.texts import visible
from inspector.core.units import epoch_text
from inspector.diagnosis.values import Severity
from inspector.formats.fleet import FleetRow, FleetScore
from inspector.formats.metric_meanings import metric_text, tip_of
from inspector.runs.life_words import LIFE_WORDS
from inspector.runs.placing import place_text

Kind = Literal["name", "text", "number", "findings", "setting"]

ABSENT = "—"
_MOST_SETTINGS = 40
"""Columns of settings that are shown; a table of more is read no more."""

_NAME_CHARACTERS = 120
_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0


class Column(msgspec.Struct, frozen=True):
    """One column.

    Attributes:
        key: stable name, by which a filter speaks of it; of a setting its path.
        title: its heading; tip: what it tells, one sentence.
        kind: how it is drawn.
        width_px: at first.
    """

    key: str
    title: str
    tip: str
    kind: Kind = "text"
    width_px: int = 90


FIXED: tuple[Column, ...] = (
    Column("run", tr("Run"), tr("The run's name among those of the folder"), "name", 180),
    Column("status", tr("Status"), tr("What has become of the run, as far as its files tell"), "text", 96),
    Column(
        "findings", tr("Findings"), tr("How many findings, by how bad they are; sorted worst first"), "findings", 120
    ),
    Column("worst", tr("Worst finding"), tr("The first of the findings, and when it began"), "text", 280),
    Column("best", tr("Best"), tr("The best value of the metric that the run is judged by"), "number", 78),
    Column("at", tr("at"), tr("Where the best value was"), "number", 84),
    Column("last", tr("Last"), tr("The last value of that metric"), "number", 78),
    Column("metric", tr("Metric"), tr("The curve that the run is judged by"), "text", 130),
    Column("epochs", tr("Epochs"), tr("How far the run went"), "number", 64),
    Column("recipe", tr("Recipe"), tr("What was trained, for runs of this program"), "text", 84),
    Column("age", tr("Age"), tr("Since its files were written last"), "number", 64),
)

NOTHING_TOLD = tr_later("It holds no log, settings or checkpoint")
"""Kept in rows as it stands here, whatever the language."""

_NOTHING_TOLD, _NOT_READ = tr(NOTHING_TOLD), tr("not read")

_OF_METRIC = ("best", "last", "metric")

Value = str | float | None

_WORST_FIRST = tuple(reversed(Severity))
_WEIGHTS = {severity.value: 1000**rank for rank, severity in enumerate(Severity)}


class SettingColumns:
    """Which settings differ between rows, told row by row.

    A setting differs where two runs have different values of it, or where one of the runs of a recipe lacks it.
    """

    def __init__(self) -> None:
        self._texts: dict[str, set[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._runs: dict[str, int] = {}
        self._recipes: dict[str, set[str]] = {}
        self._seen: dict[str, Mapping[str, str]] = {}

    def add(self, row: FleetRow) -> None:
        """Take in a row; one of a run that was told before counts once."""
        if not row.settings or row.run.key in self._seen:
            return
        self._seen[row.run.key] = row.settings
        self._runs[row.recipe] = self._runs.get(row.recipe, 0) + 1
        for path, text in row.settings.items():
            self._texts.setdefault(path, set()).add(text)
            self._counts[row.recipe, path] = self._counts.get((row.recipe, path), 0) + 1
            self._recipes.setdefault(path, set()).add(row.recipe)

    def differing(self) -> tuple[str, ...]:
        """The paths of settings that differ, in the order of the settings."""
        return tuple(path for path, texts in self._texts.items() if len(texts) > 1 or self._is_lacking(path))

    def _is_lacking(self, path: str) -> bool:
        return any(self._counts[recipe, path] < self._runs[recipe] for recipe in self._recipes[path])


def setting_columns(paths: tuple[str, ...]) -> tuple[Column, ...]:
    """A column of each setting, `_MOST_SETTINGS` at most; headed by the last part of its path where that tells it."""
    lasts = [path.rpartition(".")[2] for path in paths]
    return tuple(
        Column(
            path,
            visible(last if lasts.count(last) == 1 else path, 40),
            tr("The setting {path}").format(path=path),
            "setting",
            96,
        )
        for path, last in list(zip(paths, lasts, strict=True))[:_MOST_SETTINGS]
    )


def heading_tip(column: Column, rows: Iterable[FleetRow]) -> str:
    """What a heading tells, a few lines; of the metric too where all runs are judged by one."""
    tags = {row.score.tag for row in rows if row.score is not None} if column.key in _OF_METRIC else set()
    if len(tags) != 1:
        return column.tip
    return "\n".join((column.tip, *metric_lines(tags.pop())))


def metric_lines(tag: str) -> tuple[str, ...]:
    """A metric by its name, and what it measures where that is known."""
    return tuple(filter(None, (visible(tag, _NAME_CHARACTERS), tip_of(tag))))


def text_of(row: FleetRow, column: Column, now_s: float) -> str:
    """A cell in words; empty where there is nothing to tell."""
    if column.kind == "setting":
        return row.settings.get(column.key, ABSENT if row.settings else "")
    return _TEXTS[column.key](row, now_s)


def value_of(row: FleetRow, column: Column) -> Value:
    """What a cell is sorted and compared by; None where there is nothing."""
    if column.kind == "setting":
        return _setting_value(row.settings.get(column.key))
    return _VALUES[column.key](row)


def severity_counts(row: FleetRow) -> tuple[tuple[Severity, int], ...]:
    """How many findings there are of each severity, worst first; those that there are none of left out."""
    words = [one.severity for one in row.findings]
    return tuple((severity, words.count(severity.value)) for severity in _WORST_FIRST if severity.value in words)


def status_text(row: FleetRow) -> str:
    """What has become of a run, or that it was not read."""
    return _NOT_READ if row.unread else LIFE_WORDS.get(row.status, row.status)


def unread_text(row: FleetRow) -> str:
    """Why nothing was read of a run, in the user's language where this program says it."""
    return _NOTHING_TOLD if row.unread == NOTHING_TOLD else row.unread


def notes_of(row: FleetRow) -> tuple[str, ...]:
    """What is damaged or left out of a run, a sentence each."""
    notes = [*row.notes]
    if row.cut:
        notes.append(tr("its logs are long and were read in part"))
    if row.left_out:
        left_out = tr_many(
            "{count:,} dump, checkpoint or media file was not opened",
            "{count:,} dumps, checkpoints and media were not opened",
            row.left_out,
        )
        notes.append(left_out.format(count=row.left_out))
    return tuple(notes)


def age_text(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 d`; empty of a time that is still to come."""
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= unit_s:
            return f"{seconds / unit_s:,.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 0 else ""


def _since_text(row: FleetRow) -> str:
    """When the first finding began: `epoch 6`, `step 190`; empty where that is not known."""
    first = row.findings[0] if row.findings else None
    return place_text(first.since_step, first.since_epoch) if first is not None else ""


def _worst_text(row: FleetRow) -> str:
    if row.unread:
        return unread_text(row)
    if not row.findings:
        return ""
    since = _since_text(row)
    return f"{row.findings[0].title}{f' · {since}' if since else ''}"


def _counts_text(row: FleetRow) -> str:
    return ", ".join(f"{count} {tr(severity.word)}" for severity, count in severity_counts(row))


def _badness(row: FleetRow) -> float:
    """By the worst finding, then by how many there are of each severity."""
    return float(sum(_WEIGHTS[one.severity] for one in row.findings))


def _score_text(score: FleetScore, value: float | None) -> str:
    return "" if value is None else metric_text(score.tag, value)


def _setting_value(text: str | None) -> Value:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    return text if math.isnan(number) else number


_TEXTS: Mapping[str, Callable[[FleetRow, float], str]] = {
    "run": lambda row, _now: visible(row.run.name, _NAME_CHARACTERS),
    "status": lambda row, _now: status_text(row),
    "findings": lambda row, _now: _counts_text(row),
    "worst": lambda row, _now: _worst_text(row),
    "best": lambda row, _now: _score_text(row.score, row.score.best) if row.score else "",
    "at": lambda row, _now: place_text(row.score.best_step, row.score.best_epoch) if row.score else "",
    "last": lambda row, _now: _score_text(row.score, row.score.last) if row.score else "",
    "metric": lambda row, _now: visible(row.score.tag, _NAME_CHARACTERS) if row.score else "",
    "epochs": lambda row, _now: "" if row.epochs is None else epoch_text(row.epochs),
    "recipe": lambda row, _now: visible(row.recipe, 60),
    "age": lambda row, now: "" if row.changed_s is None else age_text(now - row.changed_s),
}

_VALUES: Mapping[str, Callable[[FleetRow], Value]] = {
    "run": lambda row: row.run.name,
    "status": lambda row: status_text(row) if row.status else None,
    "findings": lambda row: _badness(row) if row.status else None,
    "worst": lambda row: row.findings[0].title if row.findings else None,
    "best": lambda row: row.score.best if row.score else None,
    "at": lambda row: row.score.best_step if row.score else None,
    "last": lambda row: row.score.last if row.score else None,
    "metric": lambda row: row.score.tag if row.score else None,
    "epochs": lambda row: row.epochs,
    "recipe": lambda row: row.recipe or None,
    "age": lambda row: None if row.changed_s is None else -row.changed_s,
}
