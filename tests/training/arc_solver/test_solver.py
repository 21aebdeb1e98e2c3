"""The solver sees the cells that it should, is charged for those that count, and can learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from inspector.formats.recipes.arc_solver import Loss, Model
from inspector.formats.recipes.catalogue import settings_of
from inspector.training.arc.grids import Pair
from inspector.training.arc.queries import Query
from inspector.training.arc_solver.measures import answers_of, costs, inputs
from inspector.training.arc_solver.model import ArcSolver
from inspector.training.arc_solver.prompts import ASKED, OUTSIDE, prompts_of, queries_of, varied
from inspector.training.looking import looking

CPU = torch.device("cpu")


def grid(*rows):
    return np.array(rows, np.uint8)


SWAP = (Pair(grid([1, 2]), grid([2], [1])), Pair(grid([3, 3, 4]), grid([4], [3], [3])))
ASKS = (
    Query("a", SWAP, Pair(grid([5, 6]), grid([6], [5]))),
    Query("b", (Pair(grid([7]), grid([8])),), Pair(grid([9, 9], [0, 9]), grid([1, 1], [0, 1]))),
)


def model_of(**changes):
    torch.manual_seed(3)
    return ArcSolver(Model(**{"width": 16, "layers": 2, "heads": 2, **changes})).eval()


def test_a_prompt_is_the_pairs_on_one_canvas_with_the_answer_left_out():
    prompts = prompts_of(ASKS, 3)
    assert prompts.given.shape == prompts.told.shape == prompts.seen.shape == (2, 3, 3, 3)
    assert prompts.given[0, 0].tolist() == [[1, 2, OUTSIDE], [OUTSIDE] * 3, [OUTSIDE] * 3]
    assert prompts.told[0, 0].tolist() == [[2, OUTSIDE, OUTSIDE], [1, OUTSIDE, OUTSIDE], [OUTSIDE] * 3]
    assert prompts.seen[0, 0].tolist() == [[True, True, False], [True, False, False], [False] * 3]
    # The second has one demonstration, and nothing of the missing one is seen.
    assert not prompts.seen[1, 0].any()
    assert (prompts.given[1, 0] == OUTSIDE).all()
    assert (prompts.told[:, -1] == ASKED).all()
    # Height and width change places in each demonstration, so the answer is guessed to be 2 × 1.
    assert prompts.shapes.tolist() == [[2, 1], [2, 2]]
    assert prompts.seen[0, 2].tolist() == [[True, True, False], [True, False, False], [False] * 3]
    assert prompts.target[0].tolist() == [[6, 0, 0], [5, 0, 0], [0, 0, 0]]
    assert prompts.valid[0].tolist() == [[True, False, False], [True, False, False], [False] * 3]
    assert prompts_of(ASKS, 1).given.shape == (2, 2, 2, 2)
    assert prompts_of(ASKS, 1, 30).given.shape == (2, 2, 30, 30)


def test_the_answer_of_a_query_depends_on_nothing_around_it():
    model = model_of()
    with torch.no_grad():
        alone = model(*inputs(prompts_of(ASKS[1:], 3), CPU))
        beside = model(*inputs(prompts_of(ASKS, 3), CPU))
        padded = model(*inputs(prompts_of(ASKS[1:], 3, 8), CPU))
    torch.testing.assert_close(beside[1:, :, :2, :2], alone)
    torch.testing.assert_close(padded[:, :, :2, :2], alone)


def test_the_answer_is_hidden_from_the_model_and_the_demonstrations_are_not():
    model = model_of()
    other = Query("b", ASKS[1].demonstrations, Pair(ASKS[1].pair.input, grid([4, 4], [4, 4])))
    shown = Query("b", (Pair(grid([7]), grid([2])),), ASKS[1].pair)
    with torch.no_grad():
        first, same, differs = (model(*inputs(prompts_of([query], 3), CPU)) for query in (ASKS[1], other, shown))
    assert torch.equal(first, same)
    assert not torch.equal(first, differs)


def test_where_the_answer_looks_sums_to_one_and_is_what_the_attention_takes():
    model = model_of(layers=1, heads=1)
    prompts = inputs(prompts_of(ASKS, 3), CPU)
    looks = model.looks(*prompts)
    assert looks.shape == (2, 1, 9, 9)
    torch.testing.assert_close(looks.sum(-1), torch.ones(2, 1, 9))
    layer, seen = model.layers[0], prompts[2].flatten(1)
    tokens = layer.before(model.embed(*prompts[:2]))
    value = layer.attention.parts(tokens)[..., 32:]
    weights = layer.attention.weights(tokens, seen, 9)
    torch.testing.assert_close(layer.attention.out(weights[:, 0] @ value), layer.attention(tokens, seen)[:, -9:])
    torch.testing.assert_close(looks[:, 0], weights[:, 0].reshape(2, 9, 3, 9).sum(2))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("pad_loss", [False, True])
def test_only_content_cells_cost_unless_padding_is_asked_for(smoothing, pad_loss):
    prompts = prompts_of(ASKS, 3, 4)
    logits = torch.randn(2, 10, 4, 4, generator=torch.Generator().manual_seed(1))
    spent, right = costs(logits, prompts, Loss(label_smoothing=smoothing, pad_loss=pad_loss))
    for place, query in enumerate(ASKS):
        rows, columns = (4, 4) if pad_loss else query.pair.output.shape
        target = np.zeros((4, 4), np.int64)
        target[: query.pair.output.shape[0], : query.pair.output.shape[1]] = query.pair.output
        own = logits[place, :, :rows, :columns].reshape(10, -1).T
        truth = torch.from_numpy(target[:rows, :columns].reshape(-1))
        expected = functional.cross_entropy(own, truth, label_smoothing=smoothing)
        assert float(spent[place]) == pytest.approx(float(expected), rel=1e-6)
        assert float(right[place]) == pytest.approx(float((own.argmax(1) == truth).float().mean()))


def test_what_an_epoch_sees_of_a_query_is_decided_by_the_numbers_alone():
    data = settings_of("arc_solver", edits={"data.train_puzzles": 2, "data.val_puzzles": 1, "data.pairs": 5}).data
    query = queries_of(data).train[0]
    assert len(query.demonstrations) == 4
    first, again, later = (varied(query, data, 0, epoch, 0) for epoch in (0, 0, 1))
    assert len(first.demonstrations) == data.demonstrations == 3
    assert first.pair.input.tobytes() == again.pair.input.tobytes()
    assert [pair.output.tobytes() for pair in first.demonstrations] == [
        pair.output.tobytes() for pair in again.demonstrations
    ]
    assert any(
        one.input.tobytes() != other.input.tobytes()
        for one, other in zip(first.demonstrations, later.demonstrations, strict=True)
    )


def test_the_loss_before_training_is_that_of_a_guess_among_ten_colours():
    settings = settings_of("arc_solver", edits={"data.train_puzzles": 1, "data.val_puzzles": 14})
    torch.manual_seed(0)
    model = ArcSolver(settings.model)
    with looking(model):
        answers = answers_of(model, queries_of(settings.data).val, settings, CPU)
    assert answers.loss == pytest.approx(math.log(10), abs=0.05)


def test_the_full_size_is_that_of_its_seed_to_three_percent():
    model = ArcSolver(settings_of("arc_solver", "full").model)
    assert sum(weight.numel() for weight in model.parameters()) == pytest.approx(2_457_610, rel=0.03)
    assert {name for name, _ in model.named_children()} == {"embed", "layers", "head"}
