"""Whether the logs of a run hold more than numbers, and which of it is asked for."""

from __future__ import annotations

from inspector.core.language import tr, tr_counted
from inspector.display.media.scene import MediaAsk, MediaScene
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.facts import MetricsFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def _logs(run: Run) -> dict[str, MetricsFacts]:
    """The logs that hold more than numbers, by path."""
    return {
        entry.path: entry.facts for entry in run.files if isinstance(entry.facts, MetricsFacts) and entry.facts.media
    }


def judge(run: Run) -> Verdict:
    """Possible for logs with pictures, histograms, texts or hyper-parameters."""
    logs = _logs(run)
    if not logs:
        return Verdict(Fit.NO, tr("no log of this run holds pictures, histograms or texts"))
    tags = sum(len(facts.media) for facts in logs.values())
    said = tr("{tags} beside the curves in {logs}")
    return Verdict(Fit.POSSIBLE, said.format(tags=tr_counted(tags, "tag"), logs=tr_counted(len(logs), "log")))


def ask(run: Run, run_state: RunState, view_state: ViewState) -> MediaAsk | None:
    """The chosen tag at the cursor; None where no log holds any."""
    logs = tuple(_logs(run))
    return MediaAsk(logs=logs, chosen=view_state.media_tag, step=run_state.cursor_step) if logs else None


OFFER = Offer(
    key="media",
    title=tr("Media"),
    judge=judge,
    ask=ask,
    ask_type=MediaAsk,
    scene_type=MediaScene,
    prepare="inspector.display.media.prepare",
)
