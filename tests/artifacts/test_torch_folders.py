"""Folders that torch and trainers write: every tensor bit by bit, and what is said where a part is missing."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.folders import folder_container
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load, statistics
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.errors import DamagedError, FileError, MissingError, WorkCancelled
from inspector.core.pulse import Pulse
from tests.artifacts.checkpoint_notes import said

CONTAINERS = {
    "dcp-one": "dcp", "dcp-two": "dcp", "bin-shards": "torch-sharded", "run/checkpoint-3": "hf-trainer",
    "accelerate": "accelerate", "adapter": "peft", "zero-1": "deepspeed", "zero-2": "deepspeed", "zero-3": "deepspeed",
}  # fmt: skip


@pytest.fixture
def copied(made: tuple[Path, dict[str, bytes]], tmp_path: Path) -> Callable[[str], Path]:
    """A copy of one folder, to be damaged."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(made[0] / name, tmp_path / "copy"))

    return copy


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_tensor_has_the_bytes_that_torch_gave_it(made: tuple[Path, dict[str, bytes]], name: str) -> None:
    root, right = made
    checkpoint = opened(root / name)
    assert checkpoint.facts.container == CONTAINERS[name] == folder_container(root / name)
    wanted = {key.partition("|")[2]: raw for key, raw in right.items() if key.startswith(f"{name}|")}
    listed = {tensor.name: tensor for tensor in checkpoint.facts.tensors}
    assert wanted.keys() <= listed.keys()
    for tensor, raw in wanted.items():
        array = load(checkpoint.window(tensor))
        assert array.tobytes() == raw, tensor
        assert array.shape == listed[tensor].shape
        assert len(raw) == listed[tensor].bytes
        assert checkpoint.window(tensor).name == tensor
        checkpoint.details(tensor)
    assert len({tensor.name for tensor in checkpoint.facts.tensors}) == len(checkpoint.facts.tensors)


def test_nothing_else_is_listed_where_all_is_known(made: tuple[Path, dict[str, bytes]]) -> None:
    root, right = made
    for name in ("dcp-one", "dcp-two", "bin-shards", "adapter"):
        known = {key.partition("|")[2] for key in right if key.startswith(f"{name}|")}
        assert {tensor.name for tensor in opened(root / name).facts.tensors} == known


def test_parts_and_statistics_of_a_tensor_of_several_ranks(made: tuple[Path, dict[str, bytes]]) -> None:
    root, right = made
    checkpoint = opened(root / "dcp-two")
    large = np.frombuffer(right["dcp-two|large"], "<f4").reshape(3000, 1100)
    np.testing.assert_array_equal(
        load(checkpoint.window("large"), (slice(1400, 1600), slice(None, None, 100))), large[1400:1600, ::100]
    )
    found = statistics(checkpoint.window("large"))
    assert found.count == large.size
    assert found.maximum == large.max()
    assert found.std == pytest.approx(large.std(dtype=np.float64), rel=1e-6)
    grid = np.frombuffer(right["dcp-two|grid"], ml_dtypes.bfloat16).reshape(6, 5, 3)
    np.testing.assert_array_equal(load(checkpoint.window("grid"), (2, slice(1, 4))), grid[2, 1:4])


def test_details_tell_files_and_pieces_and_no_storage_is_called_shared_that_is_not(
    made: tuple[Path, dict[str, bytes]],
) -> None:
    grid = opened(made[0] / "dcp-two").details("grid")
    assert (grid["file"], grid["pieces"]) == ("__0_0.distcp", 4)
    zero = opened(made[0] / "zero-1")
    assert zero.details("fp32.enc.bias")["file"] == "zero_pp_rank_0_mp_rank_00_optim_states.pt"
    assert not any("shares storage with" in zero.details(name) for name in zero.windows if "step" not in name)
    assert opened(made[0] / "zero-2").details("fp32.enc.conv")["pieces"] == 2


def test_values_that_are_no_tensors_are_read_too(made: tuple[Path, dict[str, bytes]]) -> None:
    one, two = opened(made[0] / "dcp-one").objects, opened(made[0] / "dcp-two").objects
    assert (one["step"], one["note"], one["rates"]) == (3, "hello", [0.1, 0.2])
    assert one["optimizer.param_groups.0.params"] == ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]
    assert two == {"group.lr": 0.5, "group.betas": [0.9, 0.99]}


@pytest.mark.parametrize("file", [".metadata", "__0_0.distcp", "__1_0.distcp"])
def test_a_file_of_a_distributed_checkpoint_stands_for_all(made: tuple[Path, dict[str, bytes]], file: str) -> None:
    path = made[0] / "dcp-two" / file
    assert sniff(path) == ("checkpoint", "dcp")
    assert opened(path).facts.tensors == opened(path.parent).facts.tensors


def test_a_missing_rank_leaves_what_the_others_hold(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    (folder / "__1_0.distcp").unlink()
    checkpoint = opened(folder)
    assert [tensor.name for tensor in checkpoint.facts.tensors] == ["rows", "columns", "grid", "whole", "large"]
    assert load(checkpoint.window("whole")).tolist() == list(range(9))
    assert checkpoint.windows["rows"] == Unreadable("has a piece in __1_0.distcp, which is missing", "lost")
    assert said(checkpoint, "rows has a piece in __1_0.distcp, which is missing, and so have 3 others")
    lost = [record.sentence() for record in verify(folder).damaged]
    assert lost == [
        f"{name} has a piece in __1_0.distcp, which is missing" for name in ("rows", "columns", "grid", "large")
    ]


def test_a_rank_that_is_cut_off_is_told(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    rank = folder / "__1_0.distcp"
    rank.write_bytes(rank.read_bytes()[:1000])
    checkpoint = opened(folder)
    assert said(checkpoint, "beyond byte 1,000")
    assert load(checkpoint.window("whole")).tolist() == list(range(9))


def test_pieces_outside_the_folder_are_not_opened(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    shutil.copy(folder / "__1_0.distcp", folder.parent / "_0.distcp")
    metadata = folder / ".metadata"
    metadata.write_bytes(metadata.read_bytes().replace(b"__1_0.distcp", b"../_0.distcp"))
    checkpoint = opened(folder)
    assert said(checkpoint, "../_0.distcp, outside the folder")
    assert isinstance(checkpoint.windows["rows"], Unreadable)
    assert not checkpoint.lost(), "what was not opened is not lost"


def test_bytes_that_are_another_tensor_are_refused_when_read(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    metadata = folder / ".metadata"
    metadata.write_bytes(metadata.read_bytes().replace(b"\x8c\x05int64", b"\x8c\x07float64"))
    window = opened(folder).window("whole")
    with pytest.raises(DamagedError, match="float64"):
        load(window)


def test_metadata_cut_anywhere_is_an_error_or_a_part_with_a_note(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-one")
    metadata = folder / ".metadata"
    whole = metadata.read_bytes()
    outcomes = set()
    for length in range(0, len(whole), 64):
        metadata.write_bytes(whole[:length])
        try:
            checkpoint = opened(folder)
        except FileError:
            outcomes.add("refused")
        else:
            assert checkpoint.facts.notes
            outcomes.add("part")
    assert outcomes == {"refused", "part"}


def test_flipped_bytes_of_metadata_end_in_a_table_or_an_error(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    metadata = folder / ".metadata"
    whole = metadata.read_bytes()
    generator = np.random.default_rng(0)
    outcomes = set()
    for _ in range(400):
        mutant = bytearray(whole)
        for place in generator.integers(0, len(whole), 3):
            mutant[place] = generator.integers(0, 256)
        metadata.write_bytes(bytes(mutant))
        try:
            checkpoint = opened(folder)
            for window in checkpoint.windows.values():
                if isinstance(window, TensorWindow) and window.storage.plain_bytes < 1000:
                    load(window)
        except FileError:
            outcomes.add("refused")
        else:
            outcomes.add("table")
    assert outcomes == {"refused", "table"}


class _Evil:
    def __reduce__(self) -> Any:
        return print, ("it ran",)


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04N.", b"text", pickle.dumps({"state_dict_metadata": {}})], ids=range(4)
)
def test_what_is_no_metadata_is_refused(copied: Callable[[str], Path], content: bytes) -> None:
    folder = copied("dcp-two")
    (folder / ".metadata").write_bytes(content)
    with pytest.raises(DamagedError):
        opened(folder)


def test_a_pickle_that_would_run_something_runs_nothing(
    copied: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied("dcp-two")
    (folder / ".metadata").write_bytes(pickle.dumps(_Evil()))
    with pytest.raises(DamagedError, match="print"):
        opened(folder)
    assert capsys.readouterr().out == ""


def test_a_piece_alone_says_what_it_needs(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    (folder / ".metadata").unlink()
    with pytest.raises(MissingError, match="metadata"):
        opened(folder / "__0_0.distcp")


def test_a_piece_that_is_replaced_while_open_is_told(copied: Callable[[str], Path]) -> None:
    folder = copied("dcp-two")
    checkpoint = opened(folder)
    rank = folder / "__1_0.distcp"
    rank.write_bytes(rank.read_bytes())
    with pytest.raises(DamagedError, match=r"__1_0\.distcp: expected the file as it was"):
        load(checkpoint.window("rows"))
    assert load(checkpoint.window("whole")).tolist() == list(range(9))
    assert opened(folder) is not checkpoint


@pytest.mark.parametrize("name", CONTAINERS)
def test_opening_a_folder_can_be_cancelled(copied: Callable[[str], Path], name: str) -> None:
    with pytest.raises(WorkCancelled):
        opened(copied(name), Pulse(cancelled=lambda: True))


def test_a_trainers_folder_has_a_prefix_for_each_part(made: tuple[Path, dict[str, bytes]]) -> None:
    checkpoint = opened(made[0] / "run/checkpoint-3")
    roles = {tensor.name.partition(".")[0]: tensor.role for tensor in checkpoint.facts.tensors}
    assert roles["optimizer"] == "optimizer"
    assert roles["rng"] == "other"
    assert {tensor.role for tensor in checkpoint.facts.tensors if tensor.name.startswith("model.")} == {
        "weight",
        "buffer",
    }
    objects = checkpoint.objects
    assert objects["optimizer.param_groups.0.params"] == [0, 1, 2, 3, 4, 5]
    assert (objects["scheduler.T_max"], objects["scheduler.last_epoch"]) == (10, 3)
    assert objects["training_args.learning_rate"] == 1e-3
    assert (objects["trainer_state.global_step"], objects["trainer_state.epoch"]) == (3, 0.5)
    assert not any("log_history" in name for name in objects)
    assert any(name.startswith("__main__.Arguments") for name in checkpoint.facts.would_import)


def test_a_damaged_part_of_a_trainers_folder_leaves_the_others(copied: Callable[[str], Path]) -> None:
    folder = copied("run/checkpoint-3")
    (folder / "optimizer.pt").write_bytes(b"")
    (folder / "trainer_state.json").write_text("{")
    checkpoint = opened(folder)
    assert said(checkpoint, "optimizer.pt", "0 bytes")
    assert said(checkpoint, "trainer_state.json")
    assert any(name.startswith("model.") for name in checkpoint.windows)


def test_a_trainers_folder_brings_what_deepspeed_wrote_into_it(copied: Callable[[str], Path]) -> None:
    folder = copied("zero-2")
    (folder / "trainer_state.json").write_text('{"global_step": 10}')
    checkpoint = opened(folder)
    assert checkpoint.facts.container == "hf-trainer"
    assert "optimizer.state.enc.weight.exp_avg" in checkpoint.windows
    assert checkpoint.objects["trainer_state.global_step"] == 10
    (folder / "latest").write_text("elsewhere")
    assert said(opened(folder), "latest: expected the folder")


def test_an_adapter_names_its_base_model(made: tuple[Path, dict[str, bytes]]) -> None:
    checkpoint = opened(made[0] / "adapter")
    assert checkpoint.objects["adapter_config.r"] == 4
    assert checkpoint.objects["adapter_config.target_modules"] == ["q", "v"]
    assert said(checkpoint, "base/model-7b", "not here")


def test_an_adapter_without_weights_or_with_empty_ones_or_of_another_rank_says_so(
    copied: Callable[[str], Path],
) -> None:
    folder = copied("adapter")
    config = folder / "adapter_config.json"
    config.write_text(config.read_text().replace('"r": 4', '"r": 8'))
    assert said(opened(folder), "another rank than the 8")
    (folder / "adapter_model.bin").unlink()
    assert said(opened(folder), "only the adapter's settings")


def test_a_real_adapter_whose_run_saved_nothing_says_so(samples: Path, tmp_path: Path) -> None:
    for name in ("chatbotmodel/pytorch_model.bin", "myresult2/adapter_config.json"):
        source = samples / "checkpoints/tloen__alpaca-lora" / name
        shutil.copy(source, tmp_path / source.name.replace("pytorch_model", "adapter_model"))
    checkpoint = opened(tmp_path)
    assert checkpoint.facts.container == "peft"
    assert said(checkpoint, "saved an empty adapter")
    assert checkpoint.objects["adapter_config.peft_type"] == "LORA"


def test_master_weights_and_moments_stand_under_the_parameters_names(made: tuple[Path, dict[str, bytes]]) -> None:
    ways = {"zero-1": ("fp32", "optimizer"), "zero-2": ("fp32", "optimizer"), "zero-3": ("module", "weight")}
    for name, (master, role) in ways.items():
        checkpoint = opened(made[0] / name)
        roles = {tensor.name: tensor.role for tensor in checkpoint.facts.tensors}
        assert roles["module.enc.weight"] == "weight"
        assert roles[f"{master}.enc.weight"] == role
        assert roles["optimizer.state.enc.bias.exp_avg_sq"] == "optimizer"
        assert load(checkpoint.window("optimizer.state.enc.bias.step")) == 10
        objects = checkpoint.objects
        assert objects["optimizer.param_groups.0.params"] == ["enc.weight", "enc.conv", "scale"]
        assert objects["optimizer.param_groups.1.lr"] == 2e-3
        assert objects["global_steps"] == 10
        assert not any(name.startswith("param_shapes") for name in objects)
        assert not any("flat_groups" in tensor or "single_partition" in tensor for tensor in roles)


def test_a_tag_folder_is_the_same_checkpoint_as_the_folder_that_names_it(made: tuple[Path, dict[str, bytes]]) -> None:
    whole, tag = opened(made[0] / "zero-2"), opened(made[0] / "zero-2/global_step10")
    assert whole.facts.tensors == tag.facts.tensors


def test_a_missing_rank_of_zero_leaves_what_lies_on_the_others(copied: Callable[[str], Path]) -> None:
    folder = copied("zero-2")
    (folder / "global_step10/bf16_zero_pp_rank_1_mp_rank_00_optim_states.pt").unlink()
    checkpoint = opened(folder)
    assert said(checkpoint, "1 of 3 ranks are missing: 1")
    assert isinstance(checkpoint.windows["fp32.enc.conv"], Unreadable)  # it crosses from rank 1 to 2 and 3
    assert "rank 1" in str(checkpoint.windows["fp32.enc.conv"])
    assert load(checkpoint.window("fp32.scale")).shape == ()  # the last of the vector, on rank 2
    assert "fp32.enc.conv" in checkpoint.without_elements()
    assert "fp32.scale" not in checkpoint.without_elements()
    assert not verify(folder).sound


def test_without_names_the_flat_vectors_are_shown_as_they_are(copied: Callable[[str], Path]) -> None:
    folder = copied("zero-2")
    (folder / "global_step10/mp_rank_00_model_states.pt").unlink()
    checkpoint = opened(folder)
    assert said(checkpoint, "parameters have no names")
    assert "zero_rank_2.optimizer_state_dict.single_partition_of_fp32_groups.0" in checkpoint.windows


def test_a_latest_that_names_nothing_or_leaves_the_folder_is_refused(copied: Callable[[str], Path]) -> None:
    folder = copied("zero-1")
    for tag in ("global_step11", "../copy/global_step10", "/etc", "", "\0"):
        (folder / "latest").write_text(tag)
        assert folder_container(folder) == ""
        with pytest.raises(FileError):
            opened(folder)
    (folder / "latest").unlink()
    os.mkfifo(folder / "latest")  # nobody will ever write to it
    assert folder_container(folder) == ""


def test_a_folder_of_anything_else_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="open it as a run"):
        opened(tmp_path)
