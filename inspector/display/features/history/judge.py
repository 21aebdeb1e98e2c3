"""Which dumps of a run its layers are followed over."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.dumps import datasets, dumps_of
from inspector.display.features.history.scene import HistoryAsk, HistoryDump, HistoryScene
from inspector.display.features.judge import judge
from inspector.display.nearest import place_or_name
from inspector.display.offer import Offer
from inspector.formats.dump import Role
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState

MAX_DUMPS = 48
"""More dumps are thinned evenly, the first and the last stay."""


def ask(run: Run, _run_state: RunState, view_state: ViewState) -> HistoryAsk | None:
    """Every dump with activations, where the page or a chosen channel needs them; None elsewhere."""
    if view_state.features_page != "epochs" and view_state.channel < 0:
        return None
    entries = [file for file, facts in dumps_of(run) if datasets(facts, Role.ACTIVATION)]
    if not entries:
        return None
    placed = [entry for entry in entries if entry.step is not None] or entries
    thinned = _thinned(sorted(placed, key=lambda entry: (entry.step or 0, entry.modified_s)))
    return HistoryAsk(
        dumps=tuple(HistoryDump(entry.path, place_or_name(entry), entry.step) for entry in thinned),
        logs=log_paths_of(run),
        layer=view_state.layer,
        zero_means=view_state.zero_means,
        colour_map=view_state.colour_map,
        left_out=len(entries) - len(thinned),
        stamp=max(entry.modified_s for entry in thinned),
    )


def _thinned(entries: list[FileEntry]) -> list[FileEntry]:
    if len(entries) <= MAX_DUMPS:
        return entries
    last = len(entries) - 1
    return [entries[round(place * last / (MAX_DUMPS - 1))] for place in range(MAX_DUMPS)]


OFFER = Offer(
    key="features.history",
    title=tr("Layers over the run"),
    judge=judge,
    ask=ask,
    ask_type=HistoryAsk,
    scene_type=HistoryScene,
    prepare="inspector.display.features.history.prepare",
    tabbed=False,
    slow=True,
)
