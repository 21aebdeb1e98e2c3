"""What a report is asked for, and what it tells."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.core.arrays import FloatArray, Rgba
from inspector.diagnosis.aftermath import Before
from inspector.diagnosis.values import Diagnosis
from inspector.display.points.overlay import PointPair
from inspector.display.settings.scene import SettingsGroup
from inspector.display.triage.scene import TriageScene

ReportForm = Literal["html", "md"]

ENDINGS: dict[str, ReportForm] = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md"}
"""The form by the ending of the file's name."""


class ReportAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A report of a run.

    Attributes:
        paths: of the run.
        form: of the file.
        made_s: when it is made, seconds since 1970.
        name: shown instead of the name that the run's files give it; empty for that.
        dismissed: ids of findings that were put aside; notes: why, by the same ids.
        before: what was found in the run that it resumes, where that is known already.
        parent: the folder of that run, which is looked at where that is not known; empty for none.
        own: what the user's own rules found in the run; None without such rules.
    """

    paths: tuple[str, ...]
    form: ReportForm
    made_s: float
    name: str = ""
    dismissed: tuple[str, ...] = ()
    notes: dict[str, str] = {}
    before: Before | None = None
    parent: str = ""
    own: Diagnosis | None = None


class Mark(msgspec.Struct, frozen=True):
    """A tick of an axis: its place from 0 to 1, and its text."""

    place: float
    text: str


class ChartLine(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One curve of a chart.

    Attributes:
        ink: its number in the series palette, or a token's name.
        last: its last finite value in words, empty where there is none.
        best: the best one and where it stands, empty where its name tells no direction.
        x, y: (points,) float64, 0 to 1 from left to right and from the foot up; NaN in y interrupts it.
    """

    label: str
    ink: int | str
    dashed: bool = False
    dim: bool = False
    last: str = ""
    best: str = ""
    x: FloatArray
    y: FloatArray


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Curves that share their axes.

    Attributes:
        group: the heading that it stands under.
        more: how many of its curves are left out.
    """

    title: str
    group: str
    lines: tuple[ChartLine, ...]
    x_label: str
    x_marks: tuple[Mark, ...]
    y_marks: tuple[Mark, ...]
    more: int = 0


class Shot(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One sample.

    Attributes:
        caption: which it is, and its number in words.
        pictures: each (height, width, 4) uint8, all of one size, side by side.
        pairs: drawn over the first picture, the worst first.
        problem: why there is no picture, empty where there is one.
    """

    caption: str
    pictures: tuple[Rgba, ...]
    pairs: tuple[PointPair, ...] = ()
    problem: str = ""


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """The worst samples of a dump.

    Attributes:
        sentence: by which number they are the worst, and of how many.
    """

    title: str
    sentence: str
    shots: tuple[Shot, ...]


class Fact(msgspec.Struct, frozen=True):
    """One thing that is known of a run, and its value in words."""

    name: str
    text: str


class FileLine(msgspec.Struct, frozen=True):
    """A file of the run."""

    name: str
    kind: str
    size: str
    place: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report tells; texts from files are shown as they are, and not yet fit for a page.

    Attributes:
        made: when it was made, in words.
        charts: by group; charts_more: how many are left out.
        settings: every setting, by its group.
        facts: of the run; versions: of what made the run and this report.
        files: the first of them; files_more: how many are left out.
        notes: what is damaged or was left out.
    """

    name: str
    path: str
    made: str
    triage: TriageScene
    charts: tuple[Chart, ...] = ()
    charts_more: int = 0
    samples: tuple[Samples, ...] = ()
    settings: tuple[SettingsGroup, ...] = ()
    settings_summary: str = ""
    facts: tuple[Fact, ...] = ()
    versions: tuple[Fact, ...] = ()
    files: tuple[FileLine, ...] = ()
    files_more: int = 0
    notes: tuple[str, ...] = ()
