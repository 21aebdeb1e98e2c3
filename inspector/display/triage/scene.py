"""The triage viewer's ask and scene."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray, Rgba
from inspector.diagnosis.aftermath import Before
from inspector.diagnosis.values import Diagnosis, Severity
from inspector.display.triage.evidence_text import Words
from inspector.runs.values import SettingsSheet

Tone = Literal["text", "dim", "critical", "warning", "good"]
"""In which ink a number or a word stands; its word or shape says the same."""

StrokeInk = Literal["accent", "warning", "dim"]

NOTHING = np.empty(0)
NO_PICTURE = np.zeros((0, 0, 4), np.uint8)


class TriageAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A run, of which the reader has kept what it is and what was found.

    Attributes:
        key, paths: of the run.
        dismissed: ids of findings that were put aside; notes: why, by the same ids.
        unread_bytes: how much of its logs is still to be read, so that it is asked anew as they are; unless 0, there is
            no diagnosis yet.
        until_step: of a moment, as the run was at that step; None for all of it.
        before: what was found in the run that it resumes; None where that is not open, or there is none.
        own: what the user's own rules find in it, as it was at `until_step`; None without such rules.
    """

    key: str
    paths: tuple[str, ...]
    dismissed: tuple[str, ...] = ()
    notes: dict[str, str] = {}
    unread_bytes: int = 0
    until_step: float | None = None
    before: Before | None = None
    own: Diagnosis | None = None


class KeyNumber(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the head: `val/ari`, `0.447`, `best, epoch 5`.

    Attributes:
        tone: other than `text` where a finding speaks of it.
        tip: what it is, for who points at it.
    """

    title: str
    value: str
    qualifier: str = ""
    tone: Tone = "text"
    tip: str = ""


class Stroke(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A line of an evidence picture.

    Attributes:
        x, y: (points,) float64, 0 to 1 from left to right and from the foot up; NaN in y interrupts it.
        dashed: what was planned, beside what was recorded.
    """

    x: FloatArray
    y: FloatArray
    ink: StrokeInk = "accent"
    dashed: bool = False


class Picture(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Evidence as a small picture, which the panel at the side shows large: lines, or bars, or an image.

    Attributes:
        shade: first and last x (0 to 1) of the stretch that shows it.
        dots: marked places, x and y in 0 to 1.
        bars: (bars,) float64, heights in 0 to 1; marked: places of those that show it.
        image: (height, width, 4) uint8, straight alpha.
        top: what y stands for, from its least to its most; left, right: the ends of x. Empty for none.
        legend: what is drawn, for the large picture.
    """

    strokes: tuple[Stroke, ...] = ()
    shade: tuple[float, float] | None = None
    dots: tuple[tuple[float, float], ...] = ()
    bars: FloatArray = NOTHING
    marked: tuple[int, ...] = ()
    image: Rgba = NO_PICTURE
    top: str = ""
    left: str = ""
    right: str = ""
    legend: str = ""

    @property
    def blank(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.strokes or self.bars.size or self.image.size)


class EvidenceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence of a finding; `place` is its number among them."""

    place: int
    words: Words
    picture: Picture

    @property
    def text(self) -> str:
        """What it says, and of what."""
        return self.words.text


class EditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One edit of a cure, old and new as texts."""

    path: str
    old: str
    new: str
    reason: str


class CureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cure: what it does, and its edits."""

    title: str
    edits: tuple[EditRow, ...]


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One finding with all that is said of it.

    Attributes:
        brief: as much of the summary as a line of the list takes, whole sentences.
        since: `since epoch 6`, empty where that cannot be told.
        consequences: what follows from it, one sentence each.
        picture: that of the first evidence that has one.
        remedy: what helps where there is no cure among the settings; empty where there is one.
        dismissed: it was put aside; note: why.
        own: that it is one of the user's own rules, and by which file; empty for those of this program.
    """

    id: str
    severity: Severity
    title: str
    brief: str
    summary: str
    since: str
    sureness: str
    picture: Picture
    evidence: tuple[EvidenceRow, ...] = ()
    consequences: tuple[str, ...] = ()
    why: str = ""
    confirm: str = ""
    false_alarm: str = ""
    baseline: str = ""
    source: str = ""
    cures: tuple[CureRow, ...] = ()
    remedy: str = ""
    dismissed: bool = False
    note: str = ""
    own: str = ""


class LookedAt(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked for: found nothing where `because` is empty, else could not be looked at.

    Attributes:
        subject: what was looked at (`Learning rate`).
    """

    title: str
    because: str = ""
    subject: str = ""


class SettingDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that is not as it is elsewhere; values as texts, `—` where it is not there."""

    path: str
    there: str
    here: str


class SettingsAgainst(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that differ from others.

    Attributes:
        name: of what they are compared with (`slots fixed`).
        rows: the first of them; more: how many are left out.
    """

    name: str
    rows: tuple[SettingDifference, ...]
    more: int = 0


class BecameRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a finding of the parent, in words and in a tone, and by what that is known."""

    word: str
    tone: Tone
    title: str
    because: str


class AgainstParent(msgspec.Struct, frozen=True, kw_only=True):
    """A resumed run against the run that it resumes.

    Attributes:
        name: of the parent; known: whether what was found in it is known.
        counts: `2 gone, 1 still there`; empty where the parent had no findings.
        rows: one for each of the parent's findings, then those that are new.
    """

    name: str
    known: bool
    counts: str = ""
    rows: tuple[BecameRow, ...] = ()


class TriageScene(msgspec.Struct, frozen=True, kw_only=True):
    """The run in ten seconds.

    Attributes:
        moment: `epoch 9`, of which all but the settings is told; empty for the whole run.
        headline, sentence: the verdict.
        tone: of the headline.
        looking: the diagnosis is still to come.
        findings: by weight, those that were put aside among them.
        against: None where there is nothing to compare the settings with.
        sheet: the settings themselves, for a comparison with another run.
        parent: None for a run that resumes none.
    """

    headline: str
    sentence: str
    tone: Tone
    looking: bool
    moment: str = ""
    numbers: tuple[KeyNumber, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    not_assessable: tuple[LookedAt, ...] = ()
    passed: tuple[LookedAt, ...] = ()
    against: SettingsAgainst | None = None
    sheet: SettingsSheet = SettingsSheet()
    parent: AgainstParent | None = None
