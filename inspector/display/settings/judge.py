"""Whether a run has settings to show."""

from __future__ import annotations

from inspector.core.language import tr, tr_counted
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.settings.scene import SettingsAsk, SettingsScene
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def judge(run: Run) -> Verdict:
    """Made for runs of this program, possible for any other that left its settings."""
    count = len(run.settings.values)
    if run.settings.fields:
        said = tr("{settings} in {file}").format(settings=tr_counted(count, "setting"), file=run.settings.source)
        return Verdict(Fit.MADE_FOR, said)
    if count:
        said = tr("{settings} in {file}, no schema")
        return Verdict(Fit.POSSIBLE, said.format(settings=tr_counted(count, "setting"), file=run.settings.source))
    return Verdict(Fit.NO, tr("no settings among {files}").format(files=tr_counted(len(run.files), "file")))


def ask(run: Run, state: RunState, view: ViewState) -> SettingsAsk | None:
    """The sheet with what is staged."""
    if not run.settings.values:
        return None
    return SettingsAsk(sheet=run.settings, staged=state.staged, filter=view.settings_filter)


def badge(_run: Run, state: RunState) -> str:
    """How many edits are staged."""
    return str(len(state.staged)) if state.staged else ""


OFFER = Offer(
    key="settings",
    title=tr("Settings"),
    judge=judge,
    ask=ask,
    ask_type=SettingsAsk,
    scene_type=SettingsScene,
    prepare="inspector.display.settings.prepare",
    badge=badge,
)
