"""The page of each kind of finding: what its check says of it, with the thresholds that define it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from inspector.diagnosis.causes import CAUSES
from inspector.diagnosis.check import About
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.threshold_table import NAMED, ThresholdRow, filled, threshold_rows
from inspector.display.help.pages import FINDING, HelpPage, HelpPages, escaped, link
from inspector.display.help.symptoms import SYMPTOMS
from inspector.display.markdown_table import table
from inspector.display.triage.subjects import subject_of
from inspector.formats.run_folder import THRESHOLDS_FILE


def finding_pages() -> HelpPages:
    """A page for each kind of finding."""
    titles = {about.id: about.title for one in CHECKS for about in one.abouts}
    return HelpPages(tuple(_page(about, titles) for one in CHECKS for about in one.abouts))


def _page(about: About, titles: Mapping[str, str]) -> HelpPage:
    sections = [f"## {heading}\n\n{text}" for heading, text in _sections(about, titles) if text]
    return HelpPage(name=FINDING + about.id, title=about.title, text="\n\n".join(sections), group=subject_of(about.id))


def _sections(about: About, titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "What you see", "\n\n".join((*_picture(about), _shown(about.symptom)))
    yield "How it is told", filled(about.definition).replace("<", "&lt;").replace("~", r"\~")
    yield "Thresholds", _thresholds(about)
    yield "Why it matters", _shown(about.why)
    yield "What would confirm it", _shown(about.confirm)
    yield "A false alarm if", _shown(about.false_alarm)
    yield "What helps", _shown(about.cure)
    yield "It can follow from", _links((one.of for one in CAUSES if about.id in one.explains), titles)
    yield "It can explain", _links((effect for one in CAUSES if one.of == about.id for effect in one.explains), titles)
    yield "Source", _shown(about.source)


def _picture(about: About) -> Iterator[str]:
    if about.id in SYMPTOMS:
        yield f"![{escaped(about.title)}]({FINDING}{about.id})"
        yield f"*{escaped(SYMPTOMS[about.id].legend)}*"


def _shown(text: str) -> str:
    """A text as Markdown: what stands between backticks is code; a sentence by itself has no full stop."""
    parts = filled(text).split("`")
    told = "".join(f"`{part}`" if place % 2 else escaped(part) for place, part in enumerate(parts))
    return told.removesuffix(".") if ". " not in told else told


def _thresholds(about: About) -> str:
    """Those that a text of the finding names, in the order of the table; they are set anew beside the run."""
    told = f"{about.definition} {about.cure} {about.symptom} {about.confirm} {about.false_alarm}"
    named = set(NAMED.findall(told))
    rows = [_row(row) for row in threshold_rows() if row.name in named]
    if not rows:
        return ""
    heads = ("What it is", "Value", "Name", "Source")
    return f"{table(heads, rows)}\n\nA file `{THRESHOLDS_FILE}` beside the run sets them anew for it, by these names."


def _row(row: ThresholdRow) -> tuple[str, ...]:
    unit = "" if row.name.endswith("_bytes") else row.unit
    value = f"{filled(f'{{{row.name}}}')} {unit}".strip()
    return escaped(row.title), escaped(value), f"`{row.name}`", escaped(row.source)


def _links(ids: Iterable[str], titles: Mapping[str, str]) -> str:
    """A list of links, each once."""
    return "\n".join(f"- {link(titles[one], FINDING + one)}" for one in dict.fromkeys(ids) if one in titles)
