"""DeepSpeed folders that contradict themselves: parameters that do not fit their vectors are listed and told."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from tests.artifacts.checkpoint_notes import said

MODEL = "mp_rank_00_model_states.pt"


def folder_of(
    root: Path, shapes: Any, ranks: list[list[Any]], *, stage: Any = 2, count: Any = None, state: Any = None
) -> Checkpoint:
    """A folder whose vectors are numpy arrays: read as any pickle is, as no torch is needed for them."""
    (root / MODEL).write_bytes(pickle.dumps({"module": {}, "param_shapes": shapes}))
    for rank, flats in enumerate(ranks):
        key = "fp32_flat_groups" if stage == 3 else "single_partition_of_fp32_groups"
        inner = {"zero_stage": stage, "partition_count": count or len(ranks), key: flats, **(state or {})}
        path = root / f"zero_pp_rank_{rank}_mp_rank_00_optim_states.pt"
        path.write_bytes(pickle.dumps({"optimizer_state_dict": inner}))
    return opened(root)


def flat(*numbers: float) -> Any:
    return np.array(numbers, "f4")


def test_vectors_that_fit_are_cut(tmp_path: Path) -> None:
    checkpoint = folder_of(tmp_path, [{"a": [2], "b": [2, 2]}], [[flat(0, 1, 2)], [flat(3, 4, 5)]])
    assert load(checkpoint.window("fp32.a")).tolist() == [0, 1]
    assert load(checkpoint.window("fp32.b")).tolist() == [[2, 3], [4, 5]]
    assert checkpoint.facts.notes == ()


@pytest.mark.parametrize(("shape", "listed"), [([2**40, 2**22], False), ([7], True), ([3, 3], True)])
def test_a_parameter_larger_than_its_vector_has_no_elements_and_one_larger_than_any_file_is_not_listed(
    tmp_path: Path, shape: list[int], listed: bool
) -> None:
    checkpoint = folder_of(tmp_path, [{"a": [2], "big": shape}], [[flat(0, 1, 2, 3, 4, 5)]])
    assert load(checkpoint.window("fp32.a")).tolist() == [0, 1]
    assert ("fp32.big" in checkpoint.windows) is listed
    if listed:
        assert checkpoint.lost()["fp32.big"].startswith("reaches beyond the flat vector")
    assert said(checkpoint, "reaches beyond")
    assert said(checkpoint, "the parameters need")


@pytest.mark.parametrize("shapes", [None, [], {}, [{"a": [-1]}], [{"a": ["x"]}], [{"a": [2**70]}], "text", [[1, 2]]])
def test_without_shapes_the_vectors_are_shown_as_they_are(tmp_path: Path, shapes: Any) -> None:
    checkpoint = folder_of(tmp_path, shapes, [[flat(0, 1)]])
    assert [tensor.name for tensor in checkpoint.facts.tensors] == [
        "zero_rank_0.optimizer_state_dict.single_partition_of_fp32_groups.0"
    ]
    assert said(checkpoint, "flat vectors are shown as they are")


def test_elements_that_belong_to_no_parameter_are_told(tmp_path: Path) -> None:
    assert said(folder_of(tmp_path, [{"a": [2]}], [[flat(*range(9))]]), "7 fp32 elements", "belong to no parameter")


def test_shapes_of_another_number_of_groups_are_told(tmp_path: Path) -> None:
    assert said(folder_of(tmp_path, [{"a": [2]}, {"b": [2]}], [[flat(0, 1)]]), "shapes of 2 groups")


@pytest.mark.parametrize("count", [10**9, "three", [2, 4], None, -1, 2.5])
def test_any_number_of_ranks_ends(tmp_path: Path, count: Any) -> None:
    checkpoint = folder_of(tmp_path, [{"a": [2]}], [[flat(0, 1)]], count=count)
    assert load(checkpoint.window("fp32.a")).tolist() == [0, 1]


@pytest.mark.parametrize("stage", [3, "3", None, 10**30])
def test_any_stage_ends(tmp_path: Path, stage: Any) -> None:
    checkpoint = folder_of(tmp_path, [{"a": [3]}], [[flat(0, 1)], [flat(2, 9)]], stage=stage)
    assert load(checkpoint.window("module.a" if stage == 3 else "fp32.a")).tolist() == [0, 1, 2]


def test_moments_of_another_length_stay_what_they_are(tmp_path: Path) -> None:
    state = {"base_optimizer_state": {"state": {0: {"exp_avg": flat(1, 2), "odd": flat(1, 2, 3), "step": 5}}}}
    checkpoint = folder_of(tmp_path, [{"a": [2]}], [[flat(0, 1)]], state=state)
    assert load(checkpoint.window("optimizer.state.a.exp_avg")).tolist() == [1, 2]
    assert "optimizer_state_dict.base_optimizer_state.state.0.odd" in checkpoint.windows
    assert checkpoint.objects["optimizer.state.a.step"] == 5


def test_vectors_of_two_types_or_two_axes_are_told(tmp_path: Path) -> None:
    mixed = folder_of(tmp_path, [{"a": [4]}], [[flat(0, 1)], [np.array([2, 3], "f2")]])
    assert mixed.windows["fp32.a"] == Unreadable("has elements of several types", "unread")
    square = folder_of(tmp_path, [{"a": [4]}], [[np.ones((2, 2), "f4")]])
    assert isinstance(square.windows["fp32.a"], Unreadable)
    assert mixed.lost() == {}


def test_a_rank_that_is_no_checkpoint_counts_as_missing(tmp_path: Path) -> None:
    folder_of(tmp_path, [{"a": [2], "b": [2]}], [[flat(0, 1)], [flat(2, 3)]])
    (tmp_path / "zero_pp_rank_1_mp_rank_00_optim_states.pt").write_bytes(b"")
    checkpoint = opened(tmp_path)
    assert load(checkpoint.window("fp32.a")).tolist() == [0, 1]
    assert checkpoint.lost() == {"fp32.b": "has elements on rank 1, whose optimizer states are not there"}
    assert said(checkpoint, "zero_pp_rank_1", "0 bytes")


def test_tensor_parallel_ranks_and_layers_of_a_pipeline_have_a_prefix_each(tmp_path: Path) -> None:
    for mp in range(2):
        (tmp_path / f"mp_rank_{mp:02}_model_states.pt").write_bytes(pickle.dumps({"module": {"w": flat(mp)}}))
    (tmp_path / "layer_03-model_00-model_states.pt").write_bytes(pickle.dumps({"weight": flat(7)}))
    (tmp_path / "layer_0_expert_1_mp_rank_00_model_states.pt").write_bytes(pickle.dumps({}))
    checkpoint = opened(tmp_path)
    assert {name: load(checkpoint.window(name)).tolist() for name in checkpoint.windows} == {
        "mp_rank_00.module.w": [0], "mp_rank_01.module.w": [1], "layer_03.00.weight": [7],
    }  # fmt: skip
    assert said(checkpoint, "1 files of states", "expert")
