"""Whether a run can be told in ten seconds."""

from __future__ import annotations

from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.triage.scene import TriageAsk, TriageScene
from inspector.formats.dump import Role
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, DumpFacts, Facts, MetricsFacts, OtherFacts
from inspector.runs.placing import past_step
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

_NAME = 80
_SENTENCE = 300


def judge(run: Run) -> Verdict:
    """Made for runs with curves or a record of their own; possible for a checkpoint or a dump alone."""
    if run.record is not None or run.series:
        return Verdict(Fit.MADE_FOR, tr("what went wrong, and what to change"))
    if any(_tells(entry.facts) for entry in run.files):
        return Verdict(Fit.POSSIBLE, tr("what can be told without a log"))
    if run.files and not any(entry.bytes for entry in run.files):
        only = tr("{file} is empty").format(file=visible(run.files[0].name, _NAME))
        return Verdict(Fit.NO, only if len(run.files) == 1 else tr("all files are empty"))
    if any(isinstance(entry.facts, MetricsFacts | ConsoleFacts) for entry in run.files):
        return Verdict(Fit.NO, tr("its logs hold no numbers over time"))
    nothing = tr("no log, checkpoint or known dump among {files}").format(files=tr_counted(len(run.files), "file"))
    unread = (one.facts.because for one in run.files if isinstance(one.facts, OtherFacts) and one.facts.broken)
    broken = next(unread, "")
    return Verdict(Fit.NO, f"{nothing}; {visible(broken, _SENTENCE)}" if broken else nothing)


def _tells(facts: Facts) -> bool:
    """Whether it is a checkpoint, or a dump of which some dataset is known."""
    if isinstance(facts, DumpFacts):
        return any(one.role != Role.UNKNOWN for one in facts.datasets)
    return isinstance(facts, CheckpointFacts)


def ask(run: Run, run_state: RunState, _view_state: ViewState) -> TriageAsk | None:
    """The run, and what was put aside of its findings; None where `judge` says no."""
    if judge(run).fit is Fit.NO:
        return None
    return TriageAsk(
        key=run.key,
        paths=run.paths,
        dismissed=run_state.dismissed,
        notes={finding: why for finding, why in run_state.dismissal_notes.items() if finding in run_state.dismissed},
        unread_bytes=run.unread_bytes,
        until_step=past_step(run.moments, run_state.cursor_step),
    )


OFFER = Offer(
    key="triage",
    title=tr("Triage"),
    judge=judge,
    ask=ask,
    ask_type=TriageAsk,
    scene_type=TriageScene,
    prepare="inspector.display.triage.prepare",
)
