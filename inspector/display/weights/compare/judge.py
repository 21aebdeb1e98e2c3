"""Which checkpoint is compared with the one at the cursor: the chosen one, else the one before, else the one after."""

from __future__ import annotations

from pathlib import Path

from inspector.core.language import tr
from inspector.display.nearest import entry_at, where_text
from inspector.display.offer import Offer
from inspector.display.weights.compare.scene import CompareAsk, CompareScene
from inspector.display.weights.judge import judge
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState


def ask(run: Run, run_state: RunState, view_state: ViewState) -> CompareAsk | None:
    """The two checkpoints; None on other pages."""
    entry = entry_at(run, run_state, CheckpointFacts)
    if entry is None or view_state.weights_page != "compare":
        return None
    others = [one for one in run.files if isinstance(one.facts, CheckpointFacts) and one.path != entry.path]
    known = {one.path: one for one in others}
    wanted = view_state.compared_checkpoint
    outside = bool(wanted) and wanted not in known and wanted != entry.path
    near = _nearest(entry, others)
    other = wanted if wanted in known or outside else near.path if near else ""
    choices = [(one.path, where_text(one)) for one in others]
    if outside:
        choices.append((wanted, Path(wanted).name))
    stamps = [one.modified_s for one in (entry, known.get(other)) if one]
    return CompareAsk(
        path=entry.path,
        other=other,
        choices=tuple(choices),
        outside=(wanted,) if outside else (),
        generous=view_state.generous_file == entry.path,
        stamp=max(stamps),
    )


def _nearest(entry: FileEntry, others: list[FileEntry]) -> FileEntry | None:
    """The one before in time, else the one after, else the first."""
    if entry.step is None or not others:
        return others[0] if others else None
    placed = sorted((one for one in others if one.step is not None), key=lambda one: one.step or 0)
    before = [one for one in placed if (one.step or 0) < entry.step]
    return before[-1] if before else placed[0] if placed else others[0]


OFFER = Offer(
    key="weights.compare",
    title=tr("Compare checkpoints"),
    judge=judge,
    ask=ask,
    ask_type=CompareAsk,
    scene_type=CompareScene,
    prepare="inspector.display.weights.compare.prepare",
    tabbed=False,
    slow=True,
)
