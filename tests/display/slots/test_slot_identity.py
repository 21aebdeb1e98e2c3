"""Slots keep their colours from step to step though their order changes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.slot_colours import slot_colour
from inspector.display.slots.history.judge import MOST_DUMPS, ask, spread_over
from inspector.display.slots.history.prepare import prepare as prepare_history
from inspector.display.slots.identity import Like, identities_of
from inspector.display.slots.judge import ask as ask_slots
from inspector.display.slots.prepare import prepare
from inspector.display.slots.scene import MaskChoice
from inspector.formats.facts import DumpFacts
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, SlotReference, ViewState
from tests.display import dumps

ORDER = (2, 0, 1, 4, 3)
"""Slot k of the early dump is slot ORDER[k] of the late one."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    dumps.write(folder / "step_0000200.h5")
    with dumps.oracle(folder / "step_0000200.h5") as file:
        masks = file["slots/masks"][:][:, list(ORDER)]
    paint = dumps.replaced("slots/masks", masks)

    def earlier(file) -> None:
        file.attrs.update(step=700, epoch=5.0)

    dumps.write(folder / "step_0000100.h5", extra=[paint, earlier])
    return scan([folder], QUIET)


def early(run: Run) -> RunState:
    path = next(file.path for file in run.files if file.path.endswith("100.h5"))
    return RunState(key=run.key, paths=run.paths, file=path)


def test_a_slot_has_the_colour_of_the_one_that_looks_where_it_does_at_the_last_step(run: Run) -> None:
    asked = ask_slots(run, early(run), ViewState())
    assert asked is not None
    assert asked.reference.endswith("200.h5")
    scene = prepare(asked, QUIET)
    assert [tile.colour for tile in scene.slots] == [slot_colour(slot) for slot in ORDER]
    assert scene.slots[0].details[-1] == "in epoch 12: slot 2, overlap 1.00"


def test_the_last_dump_gives_the_colours_and_has_its_own(run: Run) -> None:
    asked = ask_slots(run, RunState(key=run.key, paths=run.paths), ViewState())
    assert asked is not None
    assert asked.reference == ""
    assert [tile.colour for tile in prepare(asked, QUIET).slots] == [slot_colour(slot) for slot in range(5)]


def test_colours_that_are_kept_go_over_to_the_slots_of_another_run(run: Run, tmp_path: Path) -> None:
    shown = ask_slots(run, early(run), ViewState())
    assert shown is not None
    kept = prepare(shown, QUIET).reference
    assert kept.name.startswith("step_0000100.h5")
    with dumps.oracle(Path(shown.path)) as file:
        masks = file["slots/masks"][:][:, ::-1]
    dumps.write(tmp_path / "other.h5", extra=[dumps.replaced("slots/masks", masks)])
    other = scan([tmp_path], QUIET)
    state = RunState(key=other.key, paths=other.paths)
    view = ViewState(slot_reference=kept)
    assert msgspec.json.decode(msgspec.json.encode(view), type=ViewState) == view
    asked = ask_slots(other, state, view)
    assert asked is not None
    scene = prepare(asked, QUIET)
    assert [tile.colour for tile in scene.slots] == [slot_colour(slot) for slot in reversed(ORDER)]
    followed = ask(other, state, msgspec.structs.replace(view, solo_slot=0))
    assert followed is not None
    assert prepare_history(followed, QUIET).colour == slot_colour(ORDER[-1])


@pytest.mark.parametrize("shape", [(1, 5, 4, 4), (0, 0, 0, 0), (-1, 5, 4, 4)])
def test_kept_masks_that_are_not_as_many_as_stated_change_nothing(tmp_path: Path, shape) -> None:
    kept = SlotReference(name="x", shape=shape, masks=b"\0" * 7)
    found = identities_of(dumps.write(tmp_path / "a.h5"), Like(kept=kept), MaskChoice(), 5)
    assert found.numbers == (0, 1, 2, 3, 4)


def test_masks_that_look_alike_are_not_exchanged_for_a_hair(tmp_path: Path) -> None:
    uniform = np.full((6, 5, 32, 32), 0.2, np.float32)
    noise = np.random.default_rng(0).normal(0, 1e-3, uniform.shape).astype(np.float32)
    for name, masks in (("a.h5", uniform + noise), ("b.h5", uniform - noise)):
        dumps.write(tmp_path / name, extra=[dumps.replaced("slots/masks", masks)])
    found = identities_of(tmp_path / "a.h5", Like(str(tmp_path / "b.h5"), "b"), MaskChoice(), 5)
    assert found.numbers == (0, 1, 2, 3, 4)


def test_a_reference_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "a.h5")
    assert identities_of(path, Like(str(tmp_path / "gone.h5"), "gone"), MaskChoice(), 5).numbers == (0, 1, 2, 3, 4)


def test_a_slot_is_followed_to_its_counterpart_in_every_dump(run: Run) -> None:
    asked = ask(run, early(run), ViewState(solo_slot=0, sample=2))
    assert asked is not None
    history = prepare_history(asked, QUIET)
    assert [tile.sample for tile in history.samples] == list(range(6))
    assert [tile.here for tile in history.samples] == [False, False, True, False, False, False]
    assert [Path(tile.path).name for tile in history.dumps] == ["step_0000100.h5", "step_0000200.h5"]
    assert [tile.here for tile in history.dumps] == [True, False]
    # Slot 0 here is slot 2 there, and the masks are the same.
    np.testing.assert_array_equal(history.dumps[0].picture, history.dumps[1].picture)
    assert history.dumps[1].tip.startswith("slot 2 wins")
    assert history.colour == slot_colour(2)


def test_a_slot_that_is_not_there_has_no_history(run: Run) -> None:
    asked = ask(run, early(run), ViewState(solo_slot=40))
    assert asked is not None
    history = prepare_history(asked, QUIET)
    assert (history.samples, history.dumps) == ((), ())
    assert ask(run, early(run), ViewState()) is None


def test_of_many_dumps_some_are_taken_and_always_the_one_that_is_shown() -> None:
    files = tuple(
        FileEntry(path=f"{step}.h5", name="", facts=DumpFacts(bytes=0), bytes=0, modified_s=0.0, step=step)
        for step in range(100)
    )
    for here in (0, 13, 98, 99):
        shown = spread_over(files, f"{here}.h5")
        assert len(shown) == MOST_DUMPS
        assert {shown[0].step, shown[-1].step} == {0, 99}
        assert here in [file.step for file in shown]
