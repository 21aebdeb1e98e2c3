"""Generated puzzles follow one rule each, augmentation keeps them puzzles, and trivial answers score what they do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from inspector.training.arc.augmentation import SYMMETRIES, Augmentation, drawn
from inspector.training.arc.generated import FAMILIES, Sizes, generated
from inspector.training.arc.grids import Pair, Puzzle
from inspector.training.arc.queries import Query, padded, training_queries
from inspector.training.arc.queries import test_queries as queries_of_tests
from inspector.training.arc.reading import puzzles_at
from inspector.training.arc.scores import baselines, scores, smoothed_floor, truth_of
from inspector.training.arc.shapes import guessed_shape

SIZES = Sizes(3, 6)


def puzzle_of(family, index=0, seed=0):
    return generated(seed, 0, index, pairs=4, sizes=SIZES, families=(family,))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_generated_puzzle_is_the_same_each_time_and_another_one_differs(family):
    first, again, other = puzzle_of(family), puzzle_of(family), puzzle_of(family, 1)
    assert [grid.tolist() for grid in first.grids] == [grid.tolist() for grid in again.grids]
    assert [grid.tolist() for grid in first.grids] != [grid.tolist() for grid in other.grids]
    assert (len(first.train), len(first.test)) == (4, 1)
    for grid in first.grids:
        assert grid.dtype == np.uint8
        assert grid.max() <= 9
        assert max(grid.shape) <= 6


def test_recoloured_grids_have_one_map_of_colours():
    for index in range(20):
        puzzle = puzzle_of("recolour", index)
        told = {
            (int(one), int(other))
            for pair in (*puzzle.train, *puzzle.test)
            for one, other in zip(pair.input.flat, pair.output.flat, strict=True)
        }
        assert len(told) == len(dict(told))
        assert (0, 0) in told
        assert any(one != other for one, other in told)


@pytest.mark.parametrize("family", ["rotate", "flip"])
def test_turned_grids_have_one_symmetry(family):
    for index in range(20):
        puzzle = puzzle_of(family, index)
        fitting = [
            all(np.array_equal(symmetry(pair.input), pair.output) for pair in puzzle.train) for symmetry in SYMMETRIES
        ]
        assert sum(fitting) == 1
        assert not fitting[0]


def test_moved_grids_go_one_cell():
    for index in range(20):
        puzzle = puzzle_of("move", index)
        moves = []
        for axis, by in itertools.product((0, 1), (1, -1)):
            end = 0 if by == 1 else -1
            rolled = [np.roll(pair.input, by, axis) for pair in puzzle.train]
            for grid in rolled:
                grid[(slice(None),) * axis + (end,)] = 0
            moves.append(
                all(np.array_equal(grid, pair.output) for grid, pair in zip(rolled, puzzle.train, strict=True))
            )
        assert sum(moves) == 1


def test_filled_cropped_and_counted_grids_keep_their_rule():
    for index in range(20):
        for pair in puzzle_of("fill", index).train:
            changed = pair.input != pair.output
            assert changed.any()
            assert (pair.input[changed] == 0).all()
            assert len(np.unique(pair.output[changed])) == 1
        for pair in puzzle_of("crop", index).train:
            rows, columns = np.nonzero(pair.input)
            box = pair.input[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            np.testing.assert_array_equal(box, pair.output)
        for pair in puzzle_of("count", index).train:
            assert np.count_nonzero(pair.output) == np.count_nonzero(pair.input)
            assert pair.output.shape == (1, pair.input.shape[1])


def test_the_symmetries_are_the_eight_of_the_square_and_closed():
    grid = np.arange(9, dtype=np.uint8).reshape(3, 3)
    images = [symmetry(grid).tobytes() for symmetry in SYMMETRIES]
    assert len(set(images)) == 8
    for one, other in itertools.product(SYMMETRIES, SYMMETRIES):
        assert one(other(grid)).tobytes() in images


def test_an_augmentation_is_the_same_for_all_grids_and_keeps_the_background():
    generator = np.random.Generator(np.random.PCG64([1, 2]))
    for _ in range(20):
        augment = drawn(generator)
        assert augment.colours[0] == 0
        assert sorted(augment.colours) == list(range(10))
    rule = Augmentation(1, np.array([0, 2, 1, *range(3, 10)], np.uint8))
    pair = rule.pair(Pair(np.array([[1, 2], [3, 0]], np.uint8), np.array([[1, 1, 0]], np.uint8)))
    # A quarter turn against the clock, and 1 and 2 exchanged: counted by hand.
    assert pair.input.tolist() == [[1, 0], [2, 3]]
    assert pair.output.tolist() == [[0], [2], [2]]


def test_every_demonstration_is_asked_for_once_by_the_others():
    puzzle = puzzle_of("move")
    queries = training_queries([puzzle])
    assert [query.pair for query in queries] == list(puzzle.train)
    assert all(len(query.demonstrations) == 3 and query.pair not in query.demonstrations for query in queries)
    (asked,) = queries_of_tests([puzzle])
    assert (asked.demonstrations, asked.pair) == (puzzle.train, puzzle.test[0])


@pytest.mark.parametrize(
    ("sizes", "given", "expected"),
    [
        ([((3, 4), (3, 4)), ((2, 2), (2, 2))], (5, 6), (5, 6)),
        ([((3, 4), (1, 1)), ((2, 2), (1, 1))], (5, 6), (1, 1)),
        ([((3, 4), (4, 3)), ((2, 5), (5, 2))], (5, 6), (6, 5)),
        ([((3, 4), (6, 12)), ((2, 5), (4, 15))], (5, 6), (10, 18)),
        ([((4, 4), (2, 4)), ((2, 6), (1, 6))], (8, 6), (4, 6)),
        ([((4, 4), (2, 4)), ((2, 6), (1, 6))], (5, 6), (5, 6)),
        ([((3, 4), (9, 12)), ((2, 5), (6, 15))], (11, 6), (11, 6)),
        ([((3, 4), (2, 4)), ((2, 5), (5, 2))], (5, 6), (5, 6)),
        ([], (5, 6), (5, 6)),
    ],
)
def test_the_size_of_an_answer_is_guessed_from_the_demonstrations(sizes, given, expected):
    pairs = [Pair(np.zeros(one, np.uint8), np.zeros(other, np.uint8)) for one, other in sizes]
    assert guessed_shape(pairs, np.zeros(given, np.uint8)) == expected


def small_queries():
    grid = np.array([[1, 0], [0, 2]], np.uint8)
    large = np.array([[0, 0, 0], [5, 5, 5]], np.uint8)
    demonstrations = (Pair(large, np.full((2, 3), 5, np.uint8)),)
    return (
        Query("a", (), Pair(grid, grid)),
        Query("b", demonstrations, Pair(large, np.array([[5, 5, 5], [0, 5, 5]], np.uint8))),
    )


def test_scores_are_those_counted_by_hand():
    queries = small_queries()
    truth = truth_of(queries, 4)
    cells, _ = padded([np.array([[1, 0], [0, 2]], np.uint8), np.array([[5, 5, 0], [0, 5, 0]], np.uint8)], 4, 4)
    found = scores(cells, cells, np.array([[2, 2], [2, 3]]), truth)
    # 4 of 4 and 4 of 6 content cells; of 32 cells only 2 are wrong.
    assert found == pytest.approx(
        {
            "accuracy_content": 8 / 10,
            "accuracy_content_macro": (1 + 4 / 6) / 2,
            "accuracy_padded": 30 / 32,
            "exact_match": 0.5,
            "shape_match": 1.0,
        }
    )
    assert scores(cells, cells, np.array([[2, 3], [2, 3]]), truth)["exact_match"] == 0
    assert all(np.isnan(value) for value in scores(cells[:0], cells[:0], np.zeros((0, 2)), truth_of((), 4)).values())


def test_trivial_answers_score_what_they_do():
    found = baselines(small_queries(), truth_of(small_queries(), 4))
    assert found["accuracy_content_all_zeros"] == pytest.approx(3 / 10)
    assert found["accuracy_padded_all_zeros"] == pytest.approx((14 + 11) / 32)
    assert found["accuracy_content_copy_input"] == pytest.approx((4 + 2) / 10)
    assert found["accuracy_content_macro_copy_input"] == pytest.approx((1 + 2 / 6) / 2)
    assert found["exact_match_copy_input"] == 0.5
    # Without a demonstration the colour is 0, with one it is 5.
    assert found["accuracy_content_most_frequent"] == pytest.approx((2 + 5) / 10)
    assert found["exact_match_most_frequent"] == 0


@pytest.mark.parametrize(("smoothing", "classes"), [(0.1, 10), (0.1, 12), (0.3, 10), (0.0, 10)])
def test_the_floor_of_smoothing_is_what_torch_leaves_of_the_best_logits(smoothing, classes):
    import torch

    share = torch.full((1, classes), smoothing / classes, dtype=torch.float64)
    share[0, 3] += 1 - smoothing
    loss = torch.nn.functional.cross_entropy(
        share.clamp(min=1e-300).log(), torch.tensor([3]), label_smoothing=smoothing
    )
    assert smoothed_floor(smoothing, classes) == pytest.approx(float(loss), abs=1e-12)
    if (smoothing, classes) == (0.1, 10):
        assert smoothed_floor(0.1) == pytest.approx(0.5003, abs=5e-5)


@pytest.mark.samples
def test_baselines_of_the_public_tasks_are_those_of_a_plain_count(samples):
    puzzles: tuple[Puzzle, ...] = puzzles_at(samples / "datasets/fchollet__ARC-AGI/data/training")
    queries = training_queries(puzzles)
    found = baselines(queries, truth_of(queries, 30))
    content = zeros = same = equal = copied = 0
    for query in queries:
        output, given = query.pair.output, query.pair.input
        rows, columns = output.shape
        canvas = np.zeros((30, 30), int)
        canvas[: given.shape[0], : given.shape[1]] = given
        target = np.zeros((30, 30), int)
        target[:rows, :columns] = output
        content += output.size
        zeros += int((output == 0).sum())
        same += int((canvas[:rows, :columns] == output).sum())
        copied += int((canvas == target).sum())
        equal += int(np.array_equal(given, output))
    assert found["accuracy_content_all_zeros"] == pytest.approx(zeros / content)
    assert found["accuracy_content_copy_input"] == pytest.approx(same / content)
    assert found["accuracy_padded_copy_input"] == pytest.approx(copied / (900 * len(queries)))
    assert found["exact_match_copy_input"] == pytest.approx(equal / len(queries))
    # Padded accuracy flatters: an answer of nothing is right on nineteen cells of twenty.
    assert found["accuracy_padded_all_zeros"] > 0.92
