"""Which slot is followed, and over which dumps."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.dumps import chosen_dump, sample_in
from inspector.display.nearest import place_or_name
from inspector.display.offer import Offer
from inspector.display.slots.history.scene import HistoryAsk, HistoryScene, OtherDump
from inspector.display.slots.judge import choice_of, dumps_with_masks, has_masks, judge
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState

MOST_DUMPS = 10


def ask(run: Run, run_state: RunState, view_state: ViewState) -> HistoryAsk | None:
    """The slot that is shown alone, in the dump at the cursor; None where all slots are shown."""
    slot = view_state.solo_slot
    dump = chosen_dump(run, run_state, has_masks)
    if dump is None or slot is None:
        return None
    files = dumps_with_masks(run)
    return HistoryAsk(
        path=dump.path,
        sample=sample_in(dump.facts, view_state.sample),
        slot=slot,
        choice=choice_of(dump.facts, view_state),
        scale=view_state.mask_scale,
        upsampling=view_state.mask_upsampling,
        tiles=view_state.slot_tiles,
        generous=view_state.generous_file == dump.path,
        reference=files[-1].path,
        kept=view_state.slot_reference,
        dumps=tuple(
            OtherDump(path=file.path, place=visible(place_or_name(file)), step=file.step)
            for file in spread_over(files, dump.path)
        ),
    )


def spread_over(files: tuple[FileEntry, ...], path: str) -> tuple[FileEntry, ...]:
    """At most `MOST_DUMPS` of the files at even distances, the first, the last and that of a path among them."""
    if len(files) <= MOST_DUMPS:
        return files
    chosen = {round(place * (len(files) - 1) / (MOST_DUMPS - 1)) for place in range(MOST_DUMPS)}
    here = next((place for place, file in enumerate(files) if file.path == path), 0)
    if here not in chosen:
        chosen.discard(min(chosen - {0, len(files) - 1}, key=lambda place: abs(place - here)))
        chosen.add(here)
    return tuple(files[place] for place in sorted(chosen))


OFFER = Offer(
    key="slots.history",
    title=tr("Slot over samples and checkpoints"),
    judge=judge,
    ask=ask,
    ask_type=HistoryAsk,
    scene_type=HistoryScene,
    prepare="inspector.display.slots.history.prepare",
    tabbed=False,
)
