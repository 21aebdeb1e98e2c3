"""A report as Markdown, to paste into an issue or a note: its words and tables, without pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inspector.core.texts import begun, visible
from inspector.core.units import counted
from inspector.display.markdown_table import table
from inspector.display.report.values import Chart, Fact, Report
from inspector.display.report.words import facts_of
from inspector.display.triage.evidence_text import evidence_texts
from inspector.display.triage.scene import AgainstParent, FindingRow, LookedAt, SettingsAgainst

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$@])")
_STARTS_A_BLOCK = re.compile(r"^(\s*)([-+=]|\d+[.)](?=\s|$))")


def plain(text: str) -> str:
    """A text of a file as Markdown that shows it as it is, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", visible(text))
    return _STARTS_A_BLOCK.sub(lambda found: f"{found[1]}{_escaped_start(found[2])}", escaped)


def _escaped_start(start: str) -> str:
    return f"\\{start}" if len(start) == 1 else f"{start[:-1]}\\{start[-1]}"


def markdown_of(report: Report) -> str:
    """The whole text."""
    blocks = [f"# {plain(report.name)}", f"{plain(report.path)} · {report.made}", *_summary(report)]
    for title, parts in _sections(report):
        found = [part for part in parts if part]
        if found:
            blocks += [f"## {title}", *found]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _sections(report: Report) -> Iterator[tuple[str, Iterable[str]]]:
    triage = report.triage
    shown = [one for one in triage.findings if not one.dismissed]
    aside = [one for one in triage.findings if one.dismissed]
    yield "Findings", [*(part for one in shown for part in _finding(one))] or ["Nothing was found"]
    yield "Put aside", [_list(f"{plain(one.title)}{f' — {plain(one.note)}' if one.note else ''}" for one in aside)]
    yield "Against the run that it resumes", _against_parent(triage.parent)
    yield "Not assessable", [_list(map(_lacking, triage.not_assessable))]
    yield "Curves", [_curves(report.charts)]
    yield "Worst samples", _samples(report)
    yield "Settings", [_against(triage.against) if triage.against is not None else "", *_settings(report)]
    yield "Run and versions", [_facts((*report.facts, *report.versions))]
    yield "Notes", [_list(map(plain, report.notes))]


def _summary(report: Report) -> Iterator[str]:
    triage = report.triage
    yield f"**{plain(triage.headline)}**"
    yield plain(begun(triage.sentence))
    if triage.numbers:
        rows = [(plain(one.title), plain(one.value), plain(one.qualifier)) for one in triage.numbers]
        yield table(("Number", "Value", ""), rows)


def _finding(row: FindingRow) -> Iterator[str]:
    known = ", ".join(plain(one) for one in (row.severity.word, row.since, row.sureness) if one)
    yield f"### {plain(row.title)}"
    yield f"{known}. {plain(row.summary)}"
    yield _list(map(plain, evidence_texts(one.words for one in row.evidence)))
    if row.consequences:
        yield f"What follows from it:\n\n{_list(map(plain, row.consequences))}"
    # Another mark of its items parts it from the list before it.
    yield _list((f"**{one.name}**: {plain(one.text)}" for one in facts_of(row)), mark="*")
    for place, cure in enumerate(row.cures):
        yield f"**{'Further cure' if place else 'Cure'}: {plain(cure.title)}**"
        rows = [(plain(one.path), plain(one.old), plain(one.new), plain(one.reason)) for one in cure.edits]
        yield table(("Setting", "Now", "Then", "Reason"), rows)


def _against_parent(told: AgainstParent | None) -> Iterator[str]:
    if told is None or not told.known:
        return
    yield plain(f"{told.name}: {told.counts}" if told.counts else f"{told.name}: nothing was found in it")
    rows = [(plain(one.word), plain(one.title), plain(one.because)) for one in told.rows]
    yield table(("Became", "Finding", ""), rows)


def _lacking(one: LookedAt) -> str:
    return f"{plain(one.title)} — {plain(one.because)}"


def _curves(charts: Iterable[Chart]) -> str:
    rows = [(plain(chart.title), plain(line.label), plain(line.last), plain(line.best)) for chart in charts
            for line in chart.lines if line.last]  # fmt: skip
    return table(("Chart", "Curve", "Last", "Best"), rows)


def _samples(report: Report) -> Iterator[str]:
    for one in report.samples:
        yield f"{plain(one.title)}. {plain(one.sentence)}."
        yield _list(plain(shot.caption) for shot in one.shots)


def _against(against: SettingsAgainst) -> str:
    if not against.rows:
        return f"No different from {plain(against.name)}"
    rows = [(plain(one.path), plain(one.there), plain(one.here)) for one in against.rows]
    told = table(("Setting", plain(against.name), "This run"), rows)
    return f"{told}\n\nand {against.more:,} more" if against.more else told


def _settings(report: Report) -> Iterator[str]:
    rows = [(plain(row.path), plain(row.text)) for group in report.settings for row in group.rows]
    if rows:
        yield f"{counted(len(rows), 'setting')} in all:"
        yield table(("Setting", "Value"), rows)


def _facts(facts: Iterable[Fact]) -> str:
    return table(("Of the run", "Value"), [(plain(one.name), plain(one.text)) for one in facts])


def _list(items: Iterable[str], mark: str = "-") -> str:
    return "\n".join(f"{mark} {item}" for item in items)
