"""What the triage view says of a resumed run and its parent, and what its card shows of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.core.pulse import QUIET
from inspector.diagnosis.aftermath import Before, before_of
from inspector.diagnosis.kept import keep_diagnosis
from inspector.diagnosis.values import Diagnosis, Finding, Severity, Sureness
from inspector.display.triage.judge import ask
from inspector.display.triage.prepare import prepare
from inspector.display.triage.scene import AgainstParent, BecameRow
from inspector.formats.run_folder import Parent
from inspector.runs.scan import scan
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState
from tests.diagnosis.folders import write_curves, write_own


def _run(folder: Path, first: int, *, resumed: bool) -> Run:
    folder.mkdir()
    write_curves(folder, range(first, 1010, 10), train__loss=lambda step: 1 / step)
    write_own(folder)
    run = scan((folder,), QUIET)
    assert run.record is not None
    parent = Parent(id="a", path="/runs/first", checkpoint="c", sha256="", step=400, epoch=None) if resumed else None
    return msgspec.structs.replace(run, record=msgspec.structs.replace(run.record, parent=parent))


def _found(id_: str, title: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(id=id_, rules=(), title=title, summary="12 of 40", severity=severity, sureness=Sureness.CERTAIN)


def _against(child: Run, found: Diagnosis, before: Before | None) -> AgainstParent | None:
    keep_diagnosis(child, found)
    wanted = ask(child, RunState(key=child.key, paths=child.paths), ViewState())
    assert wanted is not None
    return prepare(msgspec.structs.replace(wanted, before=before), QUIET).parent


def test_every_finding_of_the_parent_is_told_and_then_what_is_new(tmp_path: Path) -> None:
    parent, child = _run(tmp_path / "first", 10, resumed=False), _run(tmp_path / "second", 410, resumed=True)
    was = Diagnosis(findings=(_found("overfitting", "By heart"), _found("loss-not-finite", "Not finite")))
    now = Diagnosis(
        findings=(_found("overfitting", "By heart"), _found("loss-noisy", "Noisy", Severity.WARNING)),
        passed=("loss-not-finite",),
    )
    told = _against(child, now, before_of(parent, was))
    assert told == AgainstParent(
        name="a",
        known=True,
        counts="1 gone · 1 still there · 1 new",
        rows=(
            BecameRow(word="still there", tone="warning", title="By heart", because="12 of 40"),
            BecameRow(
                word="gone",
                tone="good",
                title="Not finite",
                because="looked for from step 400 to step 1,000 and not found",
            ),
            BecameRow(word="new", tone="warning", title="Noisy", because="12 of 40"),
        ),
    )


def test_at_a_moment_it_is_said_what_had_become_of_it_by_then(tmp_path: Path) -> None:
    """The whole run has what it had; up to step 700 it was looked for and not found."""
    parent, child = _run(tmp_path / "first", 10, resumed=False), _run(tmp_path / "second", 410, resumed=True)
    before = before_of(parent, Diagnosis(findings=(_found("loss-not-finite", "Not finite"),)))
    keep_diagnosis(child, Diagnosis(findings=(_found("loss-not-finite", "Not finite"),)))
    state = RunState(key=child.key, paths=child.paths, cursor_step=700.0)
    wanted = ask(child, state, ViewState())
    assert wanted is not None
    told = prepare(msgspec.structs.replace(wanted, before=before), QUIET).parent
    assert told is not None
    assert [(row.word, row.because) for row in told.rows] == [
        ("gone", "looked for from step 400 to step 700 and not found")
    ]


def test_a_parent_that_is_not_open_is_named_and_a_run_without_one_has_none(tmp_path: Path) -> None:
    child = _run(tmp_path / "second", 410, resumed=True)
    assert _against(child, Diagnosis(), None) == AgainstParent(name="first", known=False)
    assert _against(_run(tmp_path / "third", 410, resumed=False), Diagnosis(), None) is None
