"""What the timeline shows of a run."""

from __future__ import annotations

import math

from inspector.core.language import tr, tr_counted
from inspector.display.nearest import where_text
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.timeline.scene import Mark, TimelineAsk, TimelineScene
from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import Moment, Run
from inspector.session.values import RunState, ViewState

# The curve that tells most about a run, best first.
PREFERRED_TAGS = ("val/fg_ari", "val/ari", "val/loss", "val_loss", "valid_loss", "train/loss", "train_loss", "loss")

WANTED_TICKS = 10


def judge(run: Run) -> Verdict:
    """Whether the run has any extent in time."""
    if run.moments:
        return Verdict(Fit.MADE_FOR, tr_counted(len(run.moments), "moment"))
    return Verdict(Fit.NO, tr("no file of this run says when it was written"))


def main_tag(run: Run) -> str:
    """The curve drawn on the timeline, empty where there is none."""
    tags = [series.tag for series in run.series]
    preferred = next((tag for tag in PREFERRED_TAGS if tag in tags), None)
    if preferred:
        return preferred
    return next((tag for tag in tags if "loss" in tag.lower()), tags[0] if tags else "")


def ask(run: Run, _state: RunState, _view: ViewState) -> TimelineAsk | None:
    """The curve, marks and ticks of a run."""
    if not run.moments and not run.series:
        return None
    marks = tuple(
        Mark(
            step=entry.step,
            kind="checkpoint" if isinstance(entry.facts, CheckpointFacts) else "dump",
            label=where_text(entry),
            path=entry.path,
        )
        for entry in run.files
        if entry.step is not None and isinstance(entry.facts, CheckpointFacts | DumpFacts)
    )
    ticks, axis = _ticks(_rows_shown(run, marks))
    logs = log_paths_of(run)
    stamp = max((entry.modified_s for entry in run.files if entry.path in logs), default=0.0)
    return TimelineAsk(
        logs=logs, tag=main_tag(run), marks=marks, ticks=ticks, stamp=stamp, axis=axis, unread_bytes=run.unread_bytes
    )


def _rows_shown(run: Run, marks: tuple[Mark, ...]) -> tuple[Moment, ...]:
    """Of a log that holds several trainings the rows of the last, whose curve is drawn, and on to the last mark."""
    ends = [*(one.last_step for one in run.series), *(mark.step for mark in marks)]
    last = max(filter(math.isfinite, ends), default=math.inf)
    rows = tuple(row for row in run.moments if row.step <= last)
    epochs = [(row.epoch, row.step) for row in rows if row.epoch is not None]
    # A log without steps counts its points on, and begins again with its epochs; one row alone is no training.
    triples = zip(epochs, epochs[1:], epochs[2:], strict=False)
    begins = [
        step
        for (before, _), (epoch, step), (after, _) in triples
        if epoch <= epochs[0][0] and max(epoch, after) < before
    ]
    return tuple(row for row in rows if not begins or row.step >= begins[-1])


def _ticks(rows: tuple[Moment, ...]) -> tuple[tuple[tuple[float, str], ...], str]:
    """Round epochs where the rows have them, else round steps."""
    epochs = [(row.epoch, row.step) for row in rows if row.epoch is not None]
    if len(epochs) >= 2 and epochs[-1][0] > epochs[0][0]:
        first, last = epochs[0][0], epochs[-1][0]
        stride = _round_stride((last - first) / WANTED_TICKS)
        ticks = []
        wanted = math.ceil(first / stride) * stride
        for epoch, step in epochs:
            if epoch >= wanted - 1e-9:
                ticks.append((float(step), f"{wanted:g}"))
                wanted = (math.floor(epoch / stride + 1e-9) + 1) * stride
        return tuple(ticks), "epoch"
    if not rows:
        return (), "step"
    first_step, last_step = rows[0].step, rows[-1].step
    stride = _round_stride(max(last_step - first_step, 1) / WANTED_TICKS)
    count = math.floor((last_step - first_step) / stride) + 1
    start = math.ceil(first_step / stride) * stride
    return tuple((start + i * stride, f"{start + i * stride:,.0f}") for i in range(count)), "step"


def _round_stride(wish: float) -> float:
    """The next of 1, 2, 5, 10, ... at or above a wish, 1 at least."""
    if wish <= 1:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(wish))
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= wish * (1 - 1e-9))


OFFER = Offer(
    key="timeline",
    title=tr("Timeline"),
    judge=judge,
    ask=ask,
    ask_type=TimelineAsk,
    scene_type=TimelineScene,
    prepare="inspector.display.timeline.prepare",
    tabbed=False,
)
