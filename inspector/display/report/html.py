"""A report as one HTML file: no script, nothing that is fetched, and no text of the run's files as markup."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from inspector.core.texts import begun
from inspector.core.units import counted
from inspector.diagnosis.values import Severity
from inspector.display.report.figures import chart_svg, evidence_svg, ink_class, shot_svg
from inspector.display.report.markup import Html, joined, shown, tag, tag_if
from inspector.display.report.style import style
from inspector.display.report.values import Chart, ChartLine, Fact, Report, Samples, Shot
from inspector.display.report.words import facts_of
from inspector.display.settings.scene import SettingRow
from inspector.display.triage.evidence_text import evidence_texts
from inspector.display.triage.scene import AgainstParent, CureRow, FindingRow, KeyNumber, LookedAt, SettingsAgainst

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Whatever a browser makes of the page, it fetches nothing and runs nothing."""

_SHAPES = {
    Severity.CRITICAL: Html('<rect class="fill-critical" x="1.5" y="1.5" width="9" height="9"/>'),
    Severity.ERROR: Html('<circle class="fill-error" cx="6" cy="6" r="4.7"/>'),
    Severity.WARNING: Html('<path class="fill-warning" d="M6 1.2L11 10.8H1z"/>'),
    Severity.INFO: Html('<circle class="ink-dim" fill="none" stroke-width="1.4" cx="6" cy="6" r="4.2"/>'),
}
_LABEL = 160


def html_of(report: Report) -> str:
    """The page."""
    sections = [(id_, title, inside) for id_, title, inside in _sections(report) if inside]
    head = joined(
        (
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            tag("meta", name="viewport", content="width=device-width,initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("title", shown(report.name, _LABEL)),
            tag("style", Html(style())),
        )
    )
    page = tag(
        "main",
        tag(
            "header",
            tag("p", "Run report", class_="by"),
            tag("h1", shown(report.name, _LABEL)),
            tag("p", tag("code", report.path), f" · {report.made}", class_="by"),
        ),
        _summary(report),
        tag("nav", *(tag("a", title, href=f"#{id_}") for id_, title, _inside in sections)),
        *(tag("section", tag("h2", title), inside, id=id_) for id_, title, inside in sections),
        tag("footer", f"{report.versions[0].text} · {report.made}"),
    )
    whole = tag("html", tag("head", head), Html("\n"), tag("body", page), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _sections(report: Report) -> Iterator[tuple[str, str, Html]]:
    triage = report.triage
    yield "findings", "Findings", _findings(triage.findings)
    yield "parent", "Against the run that it resumes", _against_parent(triage.parent)
    yield "not-assessable", "Not assessable", _looked_at(triage.not_assessable, triage.passed)
    yield "curves", "Curves", _charts(report)
    yield "samples", "Worst samples", joined(map(_samples, report.samples))
    yield "settings", "Settings", _settings(report)
    yield "run", "Run and versions", _run(report)


def _summary(report: Report) -> Html:
    triage = report.triage
    return tag(
        "div",
        tag("p", triage.headline, class_=f"verdict {triage.tone}"),
        tag_if("p", begun(triage.sentence)),
        tag_if("dl", joined(map(_number, triage.numbers)), class_="numbers"),
        class_="card",
    )


def _number(number: KeyNumber) -> Html:
    value = tag("dd", number.value, tag_if("span", number.qualifier, class_="small"), class_=number.tone)
    return tag("div", tag("dt", number.title), value, title=number.tip)


def _findings(rows: Iterable[FindingRow]) -> Html:
    every = tuple(rows)
    shown_ones = [_finding(row) for row in every if not row.dismissed]
    aside = [tag("li", row.title, f" — {row.note}" if row.note else "") for row in every if row.dismissed]
    return joined(
        (
            *(shown_ones or [tag("p", "Nothing was found", class_="dim")]),
            tag_if("h4", "Put aside" if aside else ""),
            _plain_list(joined(aside)),
        )
    )


def _finding(row: FindingRow) -> Html:
    follows = joined(tag("li", one) for one in row.consequences)
    undrawn = (one.words for one in row.evidence if one.picture.blank)
    head = tag(
        "div",
        tag("svg", _SHAPES[row.severity], class_="mark", viewBox="0 0 12 12", aria_hidden="true"),
        tag("h3", row.title),
        tag("span", row.severity.word, class_=f"word word-{row.severity.value}"),
        tag("span", " · ".join(one for one in (row.since, row.sureness) if one), class_="dim"),
        class_="head",
    )
    return tag(
        "article",
        head,
        tag("p", row.summary),
        tag_if("div", joined(_pictures(row)), class_="pictures"),
        *(tag("p", text, class_="small dim") for text in evidence_texts(undrawn)),
        tag("h4", "What follows from it") if follows else Html(),
        tag_if("ul", follows),
        _facts(facts_of(row), class_="facts why"),
        *(_cure("Further cure" if place else "Cure", cure) for place, cure in enumerate(row.cures)),
        class_="card",
    )


def _pictures(row: FindingRow) -> Iterator[Html]:
    for one in row.evidence:
        if one.picture.blank:
            continue
        legend = one.picture.legend
        ends = one.picture.left, one.picture.right
        yield tag(
            "figure",
            tag_if("div", one.picture.top, class_="ends"),
            evidence_svg(one.picture, row.severity.value),
            tag("div", *(tag("span", end) for end in ends), class_="ends") if any(ends) else Html(),
            tag("figcaption", one.text, f" · {legend}" if legend and legend != one.text else ""),
        )


def _cure(word: str, cure: CureRow) -> Html:
    rows = [
        _row(tag("td", edit.path, class_="mono"), tag("td", f"{edit.old} → {edit.new}", class_="mono"), edit.reason)
        for edit in cure.edits
    ]
    return joined((tag("h4", f"{word}: {cure.title}"), tag("table", *rows, class_="edits")))


def _row(*cells: str) -> Html:
    """A row of a table; what is no cell yet becomes one."""
    return tag("tr", *(cell if isinstance(cell, Html) else tag("td", cell) for cell in cells))


def _against_parent(told: AgainstParent | None) -> Html:
    """What became of what was found in the parent; nothing where that is not known."""
    if told is None or not told.known:
        return Html()
    rows = [
        _row(tag("td", one.word, class_=one.tone), one.title, tag("td", one.because, class_="dim")) for one in told.rows
    ]
    nothing = tag_if("p", "" if rows else "Nothing was found in it", class_="dim")
    heading = tag("p", told.name, f": {told.counts}" if told.counts else "")
    return joined((heading, nothing, tag_if("table", joined(rows))))


def _looked_at(lacking: Iterable[LookedAt], passed: tuple[LookedAt, ...]) -> Html:
    rows = joined(tag("li", one.title, tag("span", f" — {one.because}", class_="dim")) for one in lacking)
    nothing = tag("p", "All that was looked for could be assessed", class_="dim")
    found = _plain_list(rows) or nothing
    subjects = dict.fromkeys(one.subject for one in passed)
    titles = {subject: " · ".join(one.title for one in passed if one.subject == subject) for subject in subjects}
    rest = _facts((Fact(subject, told) for subject, told in titles.items()), class_="facts small")
    return joined((found, _folded(f"Looked for and not found: {counted(len(passed), 'kind')}", rest)))


def _plain_list(items: Html) -> Html:
    return tag_if("ul", items, class_="plain small")


def _folded(title: str, inside: Html) -> Html:
    """What is shown on request, and on paper; nothing where there is nothing in it."""
    return tag("details", tag("summary", title), inside) if inside else Html()


def _charts(report: Report) -> Html:
    groups = itertools.groupby(report.charts, lambda chart: chart.group)
    parts = joined(_group(group, tuple(charts)) for group, charts in groups)
    more = f"{counted(report.charts_more, 'chart')} more are left out" if report.charts_more else ""
    return joined((tag_if("div", parts, class_="groups"), tag_if("p", more, class_="dim")))


def _group(title: str, charts: tuple[Chart, ...]) -> Html:
    """Charts under one heading; one that is alone leaves the room beside it to the next group."""
    drawn = tag("div", *map(_chart, charts), class_="charts")
    return tag("div", tag("h4", shown(title, _LABEL)), drawn, class_="group" if len(charts) > 1 else "group alone")


def _chart(chart: Chart) -> Html:
    more = tag_if("li", f"and {counted(chart.more, 'curve')} more" if chart.more else "", class_="dim")
    keys = tag("ul", *map(_key, chart.lines), more, class_="legend")
    return tag("figure", tag("h3", shown(chart.title, _LABEL)), chart_svg(chart), keys, class_="card chart-card")


def _key(line: ChartLine) -> Html:
    dashed = " dashed" if line.dashed else ""
    stroke = Html(f'<path class="line {ink_class(line)}{dashed}" d="M0 4H16"/>')
    values = [f"last {line.last}" if line.last else "", f"best {line.best}" if line.best else ""]
    return tag(
        "li",
        tag("svg", stroke, class_="key", viewBox="0 0 16 8", aria_hidden="true"),
        tag("span", shown(line.label, _LABEL)),
        tag("span", ", ".join(value for value in values if value), class_="value"),
    )


def _samples(samples: Samples) -> Html:
    legend = "A green ring is the truth, a red ring the prediction, a yellow line the error"
    with_points = any(one.pairs for one in samples.shots)
    return joined(
        (
            tag("h4", samples.title),
            tag("p", samples.sentence),
            tag_if("p", legend if with_points else "", class_="small dim"),
            tag("div", *map(_shot, samples.shots), class_="shots"),
        )
    )


def _shot(shot: Shot) -> Html:
    return tag("figure", shot_svg(shot), tag("figcaption", shot.caption), tag_if("p", shot.problem, class_="small dim"))


def _settings(report: Report) -> Html:
    against = report.triage.against
    groups = [
        tag("div", tag("h4", group.title), tag("table", *map(_setting, group.rows), class_="set"))
        for group in report.settings
    ]
    told = _against(against) if against is not None else Html()
    every = tag_if("div", joined(groups), class_="sets")
    return joined((told, _folded(f"All settings: {report.settings_summary}", every)))


def _setting(row: SettingRow) -> Html:
    path, value = tag("td", row.path, class_="mono"), tag("td", row.text, class_="mono")
    return _row(path, value, tag("td", row.title if row.title != row.path else "", class_="dim"))


def _against(against: SettingsAgainst) -> Html:
    if not against.rows:
        return tag("p", f"No different from {against.name}", class_="dim")
    head = tag("tr", tag("th", "Setting"), tag("th", against.name), tag("th", "This run"))
    rows = (_row(*(tag("td", text, class_="mono") for text in (row.path, row.there, row.here))) for row in against.rows)
    more = tag_if("p", f"and {against.more:,} more" if against.more else "", class_="dim")
    return joined((tag("table", tag("thead", head), tag("tbody", *rows)), more))


def _run(report: Report) -> Html:
    files = [
        _row(tag("td", one.name, class_="mono"), one.size, one.place, tag("td", one.kind, class_="dim"))
        for one in report.files
    ]
    notes = joined(tag("li", note) for note in report.notes)
    return joined(
        (
            _facts((*report.facts, *report.versions), class_="facts"),
            tag_if("h4", "Notes" if notes else ""),
            _plain_list(notes),
            tag_if("h4", "Files" if files else ""),
            tag_if("table", joined(files)),
            tag_if("p", f"and {counted(report.files_more, 'file')} more" if report.files_more else "", class_="dim"),
        )
    )


def _facts(facts: Iterable[Fact], class_: str) -> Html:
    rows = (joined((tag("dt", one.name), tag("dd", one.text))) for one in facts)
    return tag_if("dl", joined(rows), class_=class_)
