"""The Slots viewer says which runs it fits, and asks for the chosen sample."""

from __future__ import annotations

import pytest

from inspector.display.offer import Fit
from inspector.display.slots import judge as slots
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.session.values import ViewState
from tests.display import runs


@pytest.mark.parametrize(
    ("roles", "fit", "because"),
    [
        ((Role.ATTENTION, Role.IMAGE), Fit.MADE_FOR, "attention or masks with their images"),
        ((Role.DECODER_MASKS,), Fit.POSSIBLE, "the masks come without their images"),
        ((Role.IMAGE, Role.GT_MASKS), Fit.POSSIBLE, "true masks, and none that a model made"),
        (
            (Role.IMAGE, Role.TOKEN_ATTENTION),
            Fit.POSSIBLE,
            "attention between tokens, and none of slots",
        ),
        ((Role.IMAGE, Role.ACTIVATION), Fit.NO, "no dump with attention or masks among 2 files"),
    ],
)
def test_the_verdict_follows_from_the_roles(roles: tuple[Role, ...], fit: Fit, because: str) -> None:
    verdict = slots.judge(runs.run_of(runs.LOG, runs.entry("a.h5", runs.dump_facts(*roles))))
    assert (verdict.fit, verdict.because) == (fit, because)


def test_a_run_without_files_is_refused_with_a_count() -> None:
    assert slots.judge(runs.run_of()).because == "no dump with attention or masks among 0 files"
    assert slots.ask(runs.run_of(), runs.state(), ViewState()) is None


def test_a_dump_that_may_hold_masks_is_refused_with_what_can_be_done() -> None:
    def told(role: Role, *shape: int) -> str:
        one = DatasetFacts(path="a", shape=shape, dtype="float32", bytes=1, role=role, layout="NKHW"[: len(shape)])
        return slots.judge(runs.run_of(runs.entry("a.h5", DumpFacts(bytes=1, datasets=(one,))))).because

    refused = "no dump with attention or masks among 1 file"
    assert told(Role.DECODER_MASKS, 0, 5, 8, 8) == f"{refused}; what there is of them holds no values"
    assert told(Role.UNKNOWN, 6, 5, 8, 8).startswith(f"{refused}; what its datasets hold can be told under File")
    assert told(Role.UNKNOWN, 6, 5) == refused


def test_dumps_of_true_masks_alone_are_followed_only_where_there_are_no_others() -> None:
    truth = runs.entry("a.h5", runs.dump_facts(Role.GT_MASKS), 1)
    made = runs.entry("b.h5", runs.dump_facts(Role.ATTENTION), 2)
    assert slots.dumps_with_masks(runs.run_of(truth, made)) == (made,)
    assert slots.dumps_with_masks(runs.run_of(truth)) == (truth,)


def test_the_ask_holds_what_is_chosen() -> None:
    run = runs.run_of(runs.entry("a.h5", runs.dump_facts(Role.ATTENTION, samples=3), 7))
    view = ViewState(sample=40, iteration=1, mask_source="encoder", mask_style="argmax", opacity=0.3, solo_slot=2)
    ask = slots.ask(run, runs.state(), view)
    assert ask is not None
    assert (ask.path, ask.place, ask.sample) == ("/run/a.h5", "a.h5 · step 7", 2)
    assert (ask.choice.iteration, ask.choice.source, ask.style, ask.opacity, ask.solo) == (
        1,
        "encoder",
        "argmax",
        0.3,
        2,
    )


def test_the_badge_counts_the_slots() -> None:
    run = runs.run_of(runs.entry("a.h5", runs.dump_facts(Role.ATTENTION)))
    assert slots.badge(run, runs.state()) == "5"
    assert slots.badge(runs.run_of(), runs.state()) == ""
