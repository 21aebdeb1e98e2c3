"""The dump that a viewer shows is the nearest at or before the cursor, and the place says which."""

from __future__ import annotations

import msgspec
import pytest

from inspector.display import dumps
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.runs.values import Placed
from tests.display import runs

MASKS = runs.dump_facts(Role.ATTENTION)
EARLY = runs.entry("dumps/step_0000500.h5", MASKS, 500, 4.0)
LATE = runs.entry("dumps/step_0001500.h5", MASKS, 1500, 12.0)
RUN = runs.run_of(runs.LOG, LATE, EARLY)


def anything(_facts: DumpFacts) -> bool:
    return True


@pytest.mark.parametrize(
    ("cursor", "place"),
    [
        (None, "step_0001500.h5 · epoch 12"),
        (1500, "step_0001500.h5 · epoch 12"),
        (1499.5, "step_0000500.h5 · epoch 4"),
        (500, "step_0000500.h5 · epoch 4"),
        (3, "step_0000500.h5 · epoch 4 · after the cursor"),
    ],
)
def test_the_cursor_chooses_the_nearest_dump_not_after_it(cursor: float | None, place: str) -> None:
    chosen = dumps.chosen_dump(RUN, runs.state(cursor), anything)
    assert chosen is not None
    assert chosen.place == place


def test_a_chosen_file_goes_before_the_cursor() -> None:
    chosen = dumps.chosen_dump(RUN, runs.state(1500, EARLY.path), anything)
    assert chosen is not None
    assert chosen.path == EARLY.path


def test_a_file_that_was_chosen_is_not_called_late() -> None:
    chosen = dumps.chosen_dump(RUN, runs.state(3, LATE.path), anything)
    assert chosen is not None
    assert chosen.place == "step_0001500.h5 · epoch 12"


def test_a_chosen_file_that_does_not_suit_leaves_the_choice_to_the_cursor() -> None:
    points = runs.entry("points.h5", runs.dump_facts(Role.GT_POINTS), 1600)
    run = runs.run_of(points, EARLY)
    chosen = dumps.chosen_dump(
        run, runs.state(2000, points.path), lambda facts: bool(dumps.datasets(facts, Role.ATTENTION))
    )
    assert chosen is not None
    assert chosen.path == EARLY.path


def test_without_any_step_the_last_file_is_taken() -> None:
    run = runs.run_of(runs.entry("a.h5", MASKS), runs.entry("b.h5", MASKS))
    chosen = dumps.chosen_dump(run, runs.state(10), anything)
    assert chosen is not None
    assert chosen.place == "b.h5"


def test_a_guessed_time_is_said() -> None:
    guessed = msgspec.structs.replace(EARLY, placed=Placed.GUESSED, epoch=None)
    chosen = dumps.chosen_dump(runs.run_of(guessed), runs.state(), anything)
    assert chosen is not None
    assert chosen.place == "step_0000500.h5 · step 500 · guessed"


def test_an_empty_dataset_plays_no_role() -> None:
    empty = DatasetFacts(path="m", shape=(0, 5, 8, 8), dtype="<f2", bytes=0, role=Role.DECODER_MASKS, layout="NKHW")
    assert dumps.datasets(DumpFacts(bytes=1, datasets=(empty,)), Role.DECODER_MASKS) == ()


@pytest.mark.parametrize(("letter", "length"), [("K", 5), ("I", 3), ("C", None)])
def test_an_axis_is_found_by_its_letter(letter: str, length: int | None) -> None:
    (attention,) = MASKS.datasets
    assert dumps.axis_length(attention, letter) == length


@pytest.mark.parametrize(("wanted", "held"), [(-3, 0), (0, 0), (5, 5), (99, 5)])
def test_the_sample_is_held_within_the_dump(wanted: int, held: int) -> None:
    assert dumps.sample_in(MASKS, wanted) == held
