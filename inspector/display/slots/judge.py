"""Whether a run has slots to look at, and which of them are asked for."""

from __future__ import annotations

import math

import msgspec

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.dumps import axis_length, chosen_dump, datasets, dumps_of, missing_text, sample_in
from inspector.display.nearest import place_or_name
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.slots.mask_sets import MADE_BY_A_MODEL, chosen_set, mask_sets
from inspector.display.slots.scene import MaskChoice, SlotsAsk, SlotsScene
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState


def has_masks(facts: DumpFacts) -> bool:
    """Whether a dump holds masks, or attention; of a long run, every dump is asked each time."""
    roles = (*MADE_BY_A_MODEL, Role.GT_MASKS, Role.TOKEN_ATTENTION)
    return any(one.role in roles and math.prod(one.shape) > 0 for one in facts.datasets)


def dumps_with_masks(run: Run) -> tuple[FileEntry, ...]:
    """The dumps of a run that hold masks of slots, else those of true ones, by step; without a step first."""
    made = [file for file, facts in dumps_of(run) if datasets(facts, *MADE_BY_A_MODEL)]
    found = made or [file for file, facts in dumps_of(run) if has_masks(facts)]
    return tuple(sorted(found, key=lambda file: -1 if file.step is None else file.step))


def judge(run: Run) -> Verdict:
    """Made for dumps with masks and images; possible with masks alone, and with true ones alone."""
    with_masks = [facts for _file, facts in dumps_of(run) if has_masks(facts)]
    if not with_masks:
        return Verdict(Fit.NO, missing_text(run, tr("attention or masks"), *MADE_BY_A_MODEL, Role.GT_MASKS))
    if not any(datasets(facts, *MADE_BY_A_MODEL, Role.GT_MASKS) for facts in with_masks):
        return Verdict(Fit.POSSIBLE, tr("attention between tokens, and none of slots"))
    if not any(datasets(facts, *MADE_BY_A_MODEL) for facts in with_masks):
        return Verdict(Fit.POSSIBLE, tr("true masks, and none that a model made"))
    if not any(datasets(facts, Role.IMAGE) for facts in with_masks):
        return Verdict(Fit.POSSIBLE, tr("the masks come without their images"))
    return Verdict(Fit.MADE_FOR, tr("attention or masks with their images"))


def ask(run: Run, run_state: RunState, view_state: ViewState) -> SlotsAsk | None:
    """The chosen sample of the dump at the cursor, None where no dump holds masks."""
    dump = chosen_dump(run, run_state, has_masks)
    if dump is None:
        return None
    newest = dumps_with_masks(run)[-1]
    other = newest.path != dump.path
    return SlotsAsk(
        path=dump.path,
        place=dump.place,
        sample=sample_in(dump.facts, view_state.sample),
        choice=choice_of(dump.facts, view_state),
        generous=view_state.generous_file == dump.path,
        style=view_state.mask_style,
        scale=view_state.mask_scale,
        upsampling=view_state.mask_upsampling,
        opacity=view_state.opacity,
        threshold=view_state.mask_threshold,
        over=view_state.masks_over,
        tiles=view_state.slot_tiles,
        token_dataset=view_state.token_dataset,
        token_at=view_state.token_at,
        solo=view_state.solo_slot,
        hidden=view_state.hidden_slots,
        active_area=view_state.active_area,
        reference=newest.path if other else "",
        reference_place=visible(place_or_name(newest)) if other else "",
        kept=view_state.slot_reference,
    )


def next_ask(ask: SlotsAsk, before: SlotsAsk | None) -> SlotsAsk | None:
    """The same of the next sample; of the one before, where the sample was gone back to."""
    back = before is not None and before.sample == ask.sample + 1
    following = ask.sample + (-1 if back else 1)
    return msgspec.structs.replace(ask, sample=following) if following >= 0 else None


def choice_of(facts: DumpFacts, view_state: ViewState) -> MaskChoice:
    """The masks that are chosen, by the path that they have in a dump."""
    choice = MaskChoice(
        source=view_state.mask_source,
        dataset=view_state.mask_dataset,
        frame=view_state.frame,
        layer=view_state.mask_layer,
        iteration=view_state.iteration,
        head=view_state.mask_head,
        token_at=view_state.token_at,
    )
    chosen = chosen_set(mask_sets(facts), choice)
    if chosen is None:
        return choice
    return msgspec.structs.replace(choice, dataset=chosen.dataset.path, source=chosen.source)


def badge(run: Run, run_state: RunState) -> str:
    """The number of slots."""
    dump = chosen_dump(run, run_state, has_masks)
    chosen = chosen_set(mask_sets(dump.facts), choice_of(dump.facts, ViewState())) if dump else None
    slots = axis_length(chosen.dataset, "K") if chosen else None
    return str(slots) if slots else ""


OFFER = Offer(
    key="slots",
    title=tr("Slots"),
    judge=judge,
    ask=ask,
    ask_type=SlotsAsk,
    scene_type=SlotsScene,
    prepare="inspector.display.slots.prepare",
    next_ask=next_ask,
    badge=badge,
)
